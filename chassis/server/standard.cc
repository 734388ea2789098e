#include "chassis/server/standard.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/privacy/masking.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/field_mask_util.h"
#include "google/protobuf/util/message_differencer.h"

namespace chassis {

namespace options = aftersales::options::v1;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::Reflection;

bool IsOutputOnly(const FieldDescriptor* field) {
  if (field->options().GetExtension(options::column).output_only()) return true;
  return field->name() == "state" && field->enum_type() != nullptr && field->enum_type()->name() == "State" &&
         field->containing_type()->options().HasExtension(options::table);
}

bool IsKey(const FieldDescriptor* field) {
  const auto& key = field->containing_type()->options().GetExtension(options::table).key();
  return std::find(key.begin(), key.end(), field->name()) != key.end();
}

namespace {

// A key the service makes itself: a UUID.
bool IsGeneratedKey(const FieldDescriptor* field) {
  const options::Format format = field->options().GetExtension(options::rules).format();
  if (format != options::FORMAT_UNSPECIFIED && format != options::FORMAT_UUID) return false;
  return field->type() == FieldDescriptor::TYPE_STRING &&
         (field->name() == "id" || absl::EndsWith(field->name(), "_id"));
}

// "RepairOrder" as people read it: "repair order".
std::string Words(std::string_view camel) {
  std::string words;
  for (const char c : camel) {
    if (c >= 'A' && c <= 'Z') {
      if (!words.empty()) words.push_back(' ');
      words.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      words.push_back(c);
    }
  }
  return words;
}

bool IsListOf(const std::string& method, const std::string& resource) {
  if (!absl::StartsWith(method, "List")) return false;
  const std::string_view plural = std::string_view(method).substr(4);
  return plural == resource + "s" || plural == resource + "es" ||
         (absl::EndsWith(resource, "y") && plural == resource.substr(0, resource.size() - 1) + "ies");
}

const FieldDescriptor* OnlyFieldOf(const Descriptor* container, const Descriptor* type, bool repeated) {
  const FieldDescriptor* found = nullptr;
  for (int i = 0; i < container->field_count(); ++i) {
    const FieldDescriptor* field = container->field(i);
    if (field->message_type() != type || field->is_repeated() != repeated) continue;
    if (found != nullptr) return nullptr;
    found = field;
  }
  return found;
}

std::string TextOf(const Message& message, const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->type() != FieldDescriptor::TYPE_STRING || field->is_repeated()) return "";
  return message.GetReflection()->GetString(message, field);
}

bool SameValue(const Message& a, const Message& b, const FieldDescriptor* field) {
  google::protobuf::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {field}, {field});
}

bool IsFilled(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0 : reflection->HasField(message, field);
}

// Children that came without a key get one.
void FillChildKeys(UnitOfWork& work, Message& record) {
  const Reflection* reflection = record.GetReflection();
  for (int i = 0; i < record.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = record.GetDescriptor()->field(i);
    if (!field->options().GetExtension(options::column).child()) continue;
    const auto& key = field->message_type()->options().GetExtension(options::table).key();
    if (key.empty()) continue;
    const FieldDescriptor* last = field->message_type()->FindFieldByName(key[key.size() - 1]);
    if (last == nullptr || !IsGeneratedKey(last)) continue;
    for (int n = 0; n < reflection->FieldSize(record, field); ++n) {
      Message* child = reflection->MutableRepeatedMessage(&record, field, n);
      if (child->GetReflection()->GetString(*child, last).empty()) {
        child->GetReflection()->SetString(child, last, work.NewId());
      }
      FillChildKeys(work, *child);
    }
  }
}

}  // namespace

struct StandardMethods::Resource {
  const Descriptor* type;
  const records::TableMapper* table;
  Check check;
  std::vector<const FieldDescriptor*> key;
  const FieldDescriptor* etag = nullptr;
  std::string number_kind;
  std::string what;

  // Key values in order, each taken from the request or, where the request has no such field, from the record.
  std::vector<std::string> KeyOf(const Message& request, const Message* record) const {
    std::vector<std::string> values;
    for (const FieldDescriptor* field : key) {
      const bool in_request = request.GetDescriptor()->FindFieldByName(field->name()) != nullptr;
      values.push_back(in_request || record == nullptr ? TextOf(request, field->name())
                                                       : TextOf(*record, field->name()));
    }
    return values;
  }

  absl::Status Get(Call& call, const Message& request, Message& response) const {
    return call.Read(
        [&](sql::Session& session) { return table->Get(session, KeyOf(request, nullptr), false, response); });
  }

  absl::Status List(Call& call, const Message& request, Message& response, const FieldDescriptor* items) const {
    records::ListQuery query = records::QueryFrom(request);
    query.scope = TextOf(request, key.front()->name());
    std::string next_page_token;
    const Reflection* reflection = response.GetReflection();
    absl::Status status = call.Read([&](sql::Session& session) {
      return table->List(
          session, query, [&] { return reflection->AddMessage(&response, items); }, next_page_token);
    });
    RETURN_IF_ERROR(status);
    reflection->SetString(&response, response.GetDescriptor()->FindFieldByName("next_page_token"), next_page_token);
    return absl::OkStatus();
  }

  absl::Status Create(Call& call, const Message& request, Message& response, const FieldDescriptor* body) const {
    const Message& given = request.GetReflection()->GetMessage(request, body);
    RETURN_IF_ERROR(CheckCreate(request, given, body->name()));
    std::string number;
    if (!number_kind.empty()) {
      ASSIGN_OR_RETURN(number, call.NextNumber(number_kind));
    }
    absl::StatusOr<std::string> reply = call.TransactBytes([&](UnitOfWork& work) -> absl::StatusOr<std::string> {
      std::unique_ptr<Message> record(given.New());
      record->CopyFrom(given);
      const Reflection* reflection = record->GetReflection();
      for (const FieldDescriptor* field : key) {
        if (request.GetDescriptor()->FindFieldByName(field->name()) != nullptr) {
          reflection->SetString(record.get(), field, TextOf(request, field->name()));
        } else if (IsGeneratedKey(field)) {
          reflection->SetString(record.get(), field, work.NewId());
        }
      }
      if (!number.empty()) reflection->SetString(record.get(), type->FindFieldByName("number"), number);
      FillChildKeys(work, *record);
      if (check) RETURN_IF_ERROR(check(work, nullptr, *record));
      RETURN_IF_ERROR(AsRefusal(table->Insert(work, *record), *record));
      return record->SerializeAsString();
    });
    if (!reply.ok()) return reply.status();
    return response.ParseFromString(*reply) ? absl::OkStatus() : absl::InternalError("stored reply does not parse");
  }

  absl::Status Update(Call& call, const Message& request, Message& response, const FieldDescriptor* body,
                      const FieldDescriptor* mask_field) const {
    const Message& given = request.GetReflection()->GetMessage(request, body);
    const auto& mask = static_cast<const FieldMask&>(request.GetReflection()->GetMessage(request, mask_field));
    if (etag != nullptr && TextOf(given, "etag").empty()) {
      return InvalidField(absl::StrCat(body->name(), ".etag"), "必填：请带上读取时的 etag",
                          "is required: the etag you read");
    }
    RETURN_IF_ERROR(CheckMask(mask));
    absl::StatusOr<std::string> reply = call.TransactBytes([&](UnitOfWork& work) -> absl::StatusOr<std::string> {
      std::unique_ptr<Message> before(given.New());
      RETURN_IF_ERROR(table->Get(work.sql(), KeyOf(request, &given), false, *before));
      if (etag != nullptr && TextOf(*before, "etag") != TextOf(given, "etag")) return ChangedMeanwhile(what);
      FieldMask effective;
      RETURN_IF_ERROR(EffectiveMask(mask, given, *before, body->name(), effective));
      std::unique_ptr<Message> after(before->New());
      after->CopyFrom(*before);
      google::protobuf::util::FieldMaskUtil::MergeOptions merge;
      merge.set_replace_message_fields(true);
      merge.set_replace_repeated_fields(true);
      google::protobuf::util::FieldMaskUtil::MergeMessageTo(given, effective, merge, after.get());
      FillChildKeys(work, *after);
      if (check) RETURN_IF_ERROR(check(work, before.get(), *after));
      RETURN_IF_ERROR(AsRefusal(table->Update(work, *before, *after), *after));
      return after->SerializeAsString();
    });
    if (!reply.ok()) return reply.status();
    return response.ParseFromString(*reply) ? absl::OkStatus() : absl::InternalError("stored reply does not parse");
  }

 private:
  // What the service fills must come empty.
  absl::Status CheckCreate(const Message& request, const Message& given, const std::string& body) const {
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (!IsFilled(given, field)) continue;
      const bool in_request = IsKey(field) && request.GetDescriptor()->FindFieldByName(field->name()) != nullptr;
      if (in_request && TextOf(given, field->name()) == TextOf(request, field->name())) continue;
      const bool by_service =
          IsOutputOnly(field) || field == etag || in_request || (IsKey(field) && IsGeneratedKey(field));
      if (by_service) {
        return InvalidField(absl::StrCat(body, ".", field->name()), "由系统填写，请留空",
                            "is filled by the service: leave it empty");
      }
    }
    return absl::OkStatus();
  }

  // Every path exists and names something a caller may change.
  absl::Status CheckMask(const FieldMask& mask) const {
    for (const std::string& path : mask.paths()) {
      if (path == "*") continue;
      const Descriptor* container = type;
      const std::vector<std::string> names = absl::StrSplit(path, '.');
      for (size_t i = 0; i < names.size(); ++i) {
        const FieldDescriptor* field = container == nullptr ? nullptr : container->FindFieldByName(names[i]);
        if (field == nullptr || (i + 1 < names.size() && field->is_repeated())) {
          return InvalidField("update_mask", absl::StrCat("没有字段 ", path), absl::StrCat("there is no field ", path));
        }
        const bool fixed = IsOutputOnly(field) || field->options().GetExtension(options::column).immutable() ||
                           (i == 0 && (field == etag || IsKey(field)));
        if (fixed) {
          return InvalidField("update_mask", absl::StrCat("字段 ", path, " 不可修改"),
                              absl::StrCat("the field ", path, " cannot be changed"));
        }
        container = field->message_type();
      }
    }
    return absl::OkStatus();
  }

  // Without a mask every filled field counts; "*" means all fields, filled or not.
  absl::Status EffectiveMask(const FieldMask& mask, const Message& given, const Message& before,
                             const std::string& body, FieldMask& effective) const {
    const bool whole = mask.paths_size() == 1 && mask.paths(0) == "*";
    if (!whole && mask.paths_size() > 0) {
      for (const std::string& path : mask.paths()) {
        const FieldDescriptor* field = type->FindFieldByName(path);
        if (field == nullptr || !IsMaskedEcho(given, before, field)) effective.add_paths(path);
      }
      return absl::OkStatus();
    }
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (field == etag || IsKey(field) || IsOutputOnly(field)) continue;
      if (!whole && !IsFilled(given, field)) continue;
      if (field->options().GetExtension(options::column).immutable()) {
        if (!IsFilled(given, field) || SameValue(given, before, field)) continue;
        return InvalidField(absl::StrCat(body, ".", field->name()), "不可修改", "cannot be changed");
      }
      if (IsMaskedEcho(given, before, field)) continue;
      effective.add_paths(field->name());
    }
    return absl::OkStatus();
  }

  // A caller who saw a masked value and sends the whole record back must not overwrite the true one with asterisks.
  static bool IsMaskedEcho(const Message& given, const Message& before, const FieldDescriptor* field) {
    const options::Privacy kind = field->options().GetExtension(options::privacy);
    if (kind == options::PRIVACY_UNSPECIFIED || field->type() != FieldDescriptor::TYPE_STRING || field->is_repeated()) {
      return false;
    }
    const std::string stored = TextOf(before, field->name());
    return !stored.empty() && TextOf(given, field->name()) == privacy::Masked(stored, kind);
  }

  // A duplicate is named by what people know the record by; the table only knows the unique key.
  absl::Status AsRefusal(absl::Status status, const Message& record) const {
    if (!absl::IsAlreadyExists(status)) return status;
    for (const char* name : {"code", "number", "name", "display_name"}) {
      const std::string value = TextOf(record, name);
      const FieldDescriptor* field = type->FindFieldByName(name);
      if (!value.empty() && field->options().GetExtension(options::privacy) == options::PRIVACY_UNSPECIFIED) {
        return AlreadyExists(what, value);
      }
    }
    return AlreadyExists(what, TextOf(record, key.back()->name()));
  }
};

StandardMethods::StandardMethods(const Descriptor* type, const records::TableMapper& table, Check check) {
  auto resource = std::make_shared<Resource>();
  resource->type = type;
  resource->table = &table;
  resource->check = std::move(check);
  const options::Table& option = type->options().GetExtension(options::table);
  for (const std::string& name : option.key()) resource->key.push_back(type->FindFieldByName(name));
  resource->etag = type->FindFieldByName("etag");
  resource->number_kind = type->FindFieldByName("number") == nullptr ? "" : option.number_kind();
  resource->what = Words(type->name());
  resource_ = std::move(resource);
}

StandardMethods::Handler StandardMethods::HandlerOf(const MethodDescriptor* method) const {
  if (method->server_streaming() || method->client_streaming()) return nullptr;
  const Descriptor* type = resource_->type;
  const auto resource = resource_;
  if (IsListOf(method->name(), type->name())) {
    const FieldDescriptor* items = OnlyFieldOf(method->output_type(), type, true);
    const bool pages = method->output_type()->FindFieldByName("next_page_token") != nullptr;
    if (items == nullptr || !pages) return nullptr;
    return [resource, items](Call& call, const Message& request, Message& response) {
      return resource->List(call, request, response, items);
    };
  }
  if (method->output_type() != type) return nullptr;
  if (method->name() == absl::StrCat("Get", type->name())) {
    return [resource](Call& call, const Message& request, Message& response) {
      return resource->Get(call, request, response);
    };
  }
  const FieldDescriptor* body = OnlyFieldOf(method->input_type(), type, false);
  if (body == nullptr) return nullptr;
  if (method->name() == absl::StrCat("Create", type->name())) {
    return [resource, body](Call& call, const Message& request, Message& response) {
      return resource->Create(call, request, response, body);
    };
  }
  const FieldDescriptor* mask = OnlyFieldOf(method->input_type(), FieldMask::descriptor(), false);
  if (method->name() != absl::StrCat("Update", type->name()) || mask == nullptr) return nullptr;
  return [resource, body, mask](Call& call, const Message& request, Message& response) {
    return resource->Update(call, request, response, body, mask);
  };
}

}  // namespace chassis
