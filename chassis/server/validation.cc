#include "chassis/server/validation.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/server/formats.h"
#include "chassis/server/standard.h"
#include "chassis/status/refusal.h"
#include "chassis/status/text.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace chassis {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kTextCharactersMax = 4000;
constexpr size_t kBytesMax = 65536;
constexpr int kItemsMax = 1000;
constexpr int kViolationsMax = 20;              // all of them travel in one trailer, which is limited to 8 KB
constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01
constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31

struct MessagePlan;

struct FieldPlan {
  const FieldDescriptor* field;
  bool required;
  std::optional<int64_t> minimum;
  std::optional<int64_t> maximum;
  size_t length_max;
  int items_max;
  options::Format format;
  const MessagePlan* nested = nullptr;
};

struct MessagePlan {
  std::vector<FieldPlan> fields;
  const FieldDescriptor* update_mask = nullptr;
};

// Plans live for the life of the program; message types refer to each other and sometimes to themselves.
class Plans {
 public:
  const MessagePlan* Of(const Descriptor* type) {
    {
      std::shared_lock<std::shared_mutex> lock(mutex_);
      if (const auto found = complete_.find(type); found != complete_.end()) return found->second;
    }
    std::unique_lock<std::shared_mutex> lock(mutex_);
    const MessagePlan* plan = Compile(type);
    complete_[type] = plan;
    return plan;
  }

 private:
  const MessagePlan* Compile(const Descriptor* type) {
    std::unique_ptr<MessagePlan>& slot = plans_[type];
    if (slot != nullptr) return slot.get();
    slot = std::make_unique<MessagePlan>();
    MessagePlan* plan = slot.get();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (field->message_type() == google::protobuf::FieldMask::descriptor() && !field->is_repeated()) {
        plan->update_mask = field;
      }
      plan->fields.push_back(FieldPlanOf(field));
    }
    return plan;
  }

  FieldPlan FieldPlanOf(const FieldDescriptor* field) {
    const options::Rules& rules = field->options().GetExtension(options::rules);
    FieldPlan plan;
    plan.field = field;
    const bool is_record = field->containing_type()->options().HasExtension(options::table);
    // What the service fills cannot be demanded of the caller.
    plan.required = rules.required() && !IsOutputOnly(field) && !(is_record && IsKey(field));
    if (rules.has_minimum()) plan.minimum = rules.minimum();
    if (rules.has_maximum()) plan.maximum = rules.maximum();
    if (field->name() == "page_size" && !plan.minimum.has_value()) plan.minimum = 0;
    plan.length_max = rules.max_length() != 0                        ? rules.max_length()
                      : field->type() == FieldDescriptor::TYPE_BYTES ? kBytesMax
                                                                     : kTextCharactersMax;
    plan.items_max = rules.max_items() == 0 ? kItemsMax : static_cast<int>(rules.max_items());
    plan.format = rules.format();
    const bool named_id =
        field->name() == "id" || absl::EndsWith(field->name(), "_id") || absl::EndsWith(field->name(), "_ids");
    if (plan.format == options::FORMAT_UNSPECIFIED && named_id && field->type() == FieldDescriptor::TYPE_STRING) {
      plan.format = options::FORMAT_UUID;
    }
    const bool opaque = field->message_type() == nullptr || field->is_map() ||
                        (absl::StartsWith(field->message_type()->full_name(), "google.protobuf.") &&
                         field->message_type() != google::protobuf::Timestamp::descriptor());
    if (!opaque) plan.nested = Compile(field->message_type());
    return plan;
  }

  std::shared_mutex mutex_;
  std::map<const Descriptor*, std::unique_ptr<MessagePlan>> plans_;
  absl::flat_hash_map<const Descriptor*, const MessagePlan*> complete_;
};

Plans& AllPlans() {
  static auto* plans = new Plans;
  return *plans;
}

// The way to the value under check; written out only when something is wrong.
struct Path {
  const Path* above = nullptr;
  std::string_view name;
  int index = -1;

  std::string Text() const {
    std::string text = above == nullptr ? "" : above->Text();
    absl::StrAppend(&text, text.empty() ? "" : ".", Absl(name));
    if (index >= 0) absl::StrAppend(&text, "[", index, "]");
    return text;
  }
};

class Check {
 public:
  void Walk(const MessagePlan& plan, const Message& message, const Path* above, const std::set<std::string>* demanded) {
    const Reflection* reflection = message.GetReflection();
    std::optional<std::set<std::string>> masked;
    if (plan.update_mask != nullptr) masked = MaskedFields(message, plan.update_mask);
    for (const FieldPlan& field : plan.fields) {
      const Path path{above, field.field->name()};
      const bool required = field.required && (demanded == nullptr || demanded->count(field.field->name()) > 0);
      if (field.field->is_repeated()) {
        CheckList(field, message, path, required);
        continue;
      }
      const bool filled =
          reflection->HasField(message, field.field) && !(field.field->has_presence() && IsZero(field, message));
      if (required && !filled) {
        Add(path, "必填", "is required");
        continue;
      }
      if (field.field->message_type() != nullptr) {
        if (!filled || field.nested == nullptr) continue;
        const Message& nested = reflection->GetMessage(message, field.field);
        if (field.field->message_type() == google::protobuf::Timestamp::descriptor()) {
          CheckTime(static_cast<const google::protobuf::Timestamp&>(nested), path);
        } else {
          // The resource of an update needs only what its mask names.
          const bool is_resource =
              masked.has_value() && field.field->message_type()->options().HasExtension(options::table);
          const bool whole = is_resource && masked->count("*") > 0;
          Walk(*field.nested, nested, &path, is_resource && !whole ? &*masked : nullptr);
        }
        continue;
      }
      if (!reflection->HasField(message, field.field)) continue;
      CheckScalar(field, message, -1, path);
    }
  }

  absl::Status Result() && {
    if (!refusal_.has_value()) return absl::OkStatus();
    return *std::move(refusal_);
  }

 private:
  static std::set<std::string> MaskedFields(const Message& message, const FieldDescriptor* mask_field) {
    std::set<std::string> names;
    if (!message.GetReflection()->HasField(message, mask_field)) return names;
    const auto& mask =
        static_cast<const google::protobuf::FieldMask&>(message.GetReflection()->GetMessage(message, mask_field));
    for (const std::string& path : mask.paths()) names.insert(path.substr(0, path.find('.')));
    return names;
  }

  // `required` and `optional` together: present but empty text or unspecified enum is not filled.
  static bool IsZero(const FieldPlan& plan, const Message& message) {
    const Reflection* reflection = message.GetReflection();
    if (plan.field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      std::string scratch;
      return reflection->GetStringReference(message, plan.field, &scratch).empty();
    }
    if (plan.field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM)
      return reflection->GetEnumValue(message, plan.field) == 0;
    return false;
  }

  void CheckList(const FieldPlan& plan, const Message& message, const Path& path, bool required) {
    const Reflection* reflection = message.GetReflection();
    const int size = reflection->FieldSize(message, plan.field);
    if (required && size == 0) return Add(path, "至少需要一项", "needs at least one entry");
    if (size > plan.items_max) {
      return Add(path, absl::StrCat("最多 ", plan.items_max, " 项"),
                 absl::StrCat("may have at most ", plan.items_max, " entries"));
    }
    if (plan.field->is_map()) return;
    for (int i = 0; i < size && count_ < kViolationsMax; ++i) {
      const Path entry{path.above, path.name, i};
      if (plan.field->message_type() == nullptr) {
        CheckScalar(plan, message, i, entry);
      } else if (plan.nested != nullptr) {
        const Message& nested = reflection->GetRepeatedMessage(message, plan.field, i);
        if (plan.field->message_type() == google::protobuf::Timestamp::descriptor()) {
          CheckTime(static_cast<const google::protobuf::Timestamp&>(nested), entry);
        } else {
          Walk(*plan.nested, nested, &entry, nullptr);
        }
      }
    }
  }

  // `index` is -1 for a singular field.
  void CheckScalar(const FieldPlan& plan, const Message& message, int index, const Path& path) {
    const Reflection* r = message.GetReflection();
    const FieldDescriptor* f = plan.field;
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text = index < 0 ? r->GetStringReference(message, f, &scratch)
                                            : r->GetRepeatedStringReference(message, f, index, &scratch);
        return CheckText(plan, text, index >= 0, path);
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = index < 0 ? r->GetEnumValue(message, f) : r->GetRepeatedEnumValue(message, f, index);
        if (f->enum_type()->FindValueByNumber(value) == nullptr || (index >= 0 && value == 0)) {
          Add(path, absl::StrCat("没有取值 ", value), absl::StrCat("has no value ", value));
        }
        return;
      }
      case FieldDescriptor::CPPTYPE_INT32:
        return CheckRange(plan, index < 0 ? r->GetInt32(message, f) : r->GetRepeatedInt32(message, f, index), path);
      case FieldDescriptor::CPPTYPE_INT64:
        return CheckRange(plan, index < 0 ? r->GetInt64(message, f) : r->GetRepeatedInt64(message, f, index), path);
      case FieldDescriptor::CPPTYPE_UINT32:
        return CheckRange(plan, index < 0 ? r->GetUInt32(message, f) : r->GetRepeatedUInt32(message, f, index), path);
      default:
        return;
    }
  }

  void CheckText(const FieldPlan& plan, const std::string& text, bool is_entry, const Path& path) {
    if (text.empty()) {
      if (is_entry) Add(path, "不能为空", "must not be empty");
      return;
    }
    const bool is_bytes = plan.field->type() == FieldDescriptor::TYPE_BYTES;
    // Bytes are never fewer than characters, so most texts need no counting.
    const bool too_long =
        text.size() > plan.length_max && (is_bytes || formats::CharacterCount(text) > plan.length_max);
    if (too_long) {
      return Add(path, absl::StrCat("最长 ", plan.length_max, is_bytes ? " 字节" : " 个字符"),
                 absl::StrCat("may hold at most ", plan.length_max, is_bytes ? " bytes" : " characters"));
    }
    if (!is_bytes && text.find('\0') != std::string::npos)
      return Add(path, "含有非法字符", "holds a forbidden character");
    if (formats::Matches(plan.format, text)) return;
    const formats::Description description = formats::Describe(plan.format);
    Add(path, description.zh, description.en);
  }

  void CheckRange(const FieldPlan& plan, int64_t value, const Path& path) {
    if (plan.minimum.has_value() && value < *plan.minimum) {
      Add(path, absl::StrCat("不能小于 ", *plan.minimum), absl::StrCat("must not be less than ", *plan.minimum));
    } else if (plan.maximum.has_value() && value > *plan.maximum) {
      Add(path, absl::StrCat("不能大于 ", *plan.maximum), absl::StrCat("must not be more than ", *plan.maximum));
    }
  }

  void CheckTime(const google::protobuf::Timestamp& time, const Path& path) {
    const bool valid = time.seconds() >= kFirstSecond && time.seconds() <= kLastSecond && time.nanos() >= 0 &&
                       time.nanos() < 1'000'000'000;
    if (!valid) Add(path, "不是有效时间", "is no valid time");
  }

  void Add(const Path& path, std::string_view zh, std::string_view en) {
    if (++count_ > kViolationsMax) return;
    if (!refusal_.has_value()) refusal_ = Refuse(aftersales::common::v1::ERROR_REASON_INVALID_FIELD);
    std::move(*refusal_).At(path.Text(), zh, en);
  }

  std::optional<Refusal> refusal_;
  int count_ = 0;
};

}  // namespace

absl::Status Validate(const Message& request) {
  Check check;
  check.Walk(*AllPlans().Of(request.GetDescriptor()), request, nullptr, nullptr);
  return std::move(check).Result();
}

void PrepareValidation(const Descriptor* request) { AllPlans().Of(request); }

}  // namespace chassis
