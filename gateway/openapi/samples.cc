#include "gateway/openapi/samples.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "chassis/server/formats.h"
#include "chassis/server/standard.h"
#include "chassis/status/state.h"
#include "chassis/status/text.h"
#include "gateway/openapi/comments.h"
#include "gateway/openapi/rules.h"

namespace gateway::openapi {
namespace {

namespace options = aftersales::options::v1;
using Json = nlohmann::ordered_json;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Deep enough for every request of the suite; ends messages that hold themselves.
constexpr int kDepthMax = 6;

uint64_t Fnv1a(std::string_view text) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

// A UUIDv7 that is the same wherever a field of this name stands: examples fit together.
std::string SampleId(std::string name) {
  if (absl::EndsWith(name, "_ids")) name.pop_back();
  const uint64_t hash = Fnv1a(name);
  return absl::StrFormat("01930c5e-7a00-7%03x-8%03x-%012x", hash >> 52, hash >> 40 & 0xfff, hash & 0xffffffffffff);
}

bool IsLater(const std::string& name) {
  for (const char* word : {"end", "until", "due", "promised", "to_", "last", "expir"}) {
    if (absl::StrContains(name, word)) return true;
  }
  return false;
}

std::string SampleOfFormat(options::Format format, const std::string& name) {
  switch (format) {
    case options::FORMAT_UUID:
      return SampleId(name);
    case options::FORMAT_VIN:
      return "LSVAA4186C2184847";
    case options::FORMAT_PLATE:
      return "沪A12345";
    case options::FORMAT_PHONE:
      return "13800138000";
    case options::FORMAT_TROUBLE_CODE:
      return "P0301";
    case options::FORMAT_DATE:
      return IsLater(name) ? "2026-11-30" : "2026-11-21";
    case options::FORMAT_UNIFIED_SOCIAL_CREDIT_CODE:
      return "91310000607378597E";
    case options::FORMAT_CURRENCY:
      return "CNY";
    case options::FORMAT_TIME_ZONE:
      return "Asia/Shanghai";
    case options::FORMAT_TIME_OF_DAY:
      return IsLater(name) ? "18:00" : "09:00";
    default:
      return "";
  }
}

// Texts by what the field is called. One with a dot is a field of that message alone.
struct NamedSample {
  const char* name;
  const char* value;
};
constexpr NamedSample kTexts[] = {{"Store.code", "SH01"},
                                  {"Store.display_name", "上海浦东店"},
                                  {"Warehouse.code", "MAIN"},
                                  {"Warehouse.display_name", "配件主库"},
                                  {"Location.code", "A-01-02"},
                                  {"Supplier.code", "BOSCH-CN"},
                                  {"Supplier.name", "博世汽车部件（苏州）有限公司"},
                                  {"Buyer.code", "B-0107"},
                                  {"Buyer.name", "顺达汽修厂"},
                                  {"Bay.display_name", "快修 1 号工位"},
                                  {"Team.display_name", "机电一组"},
                                  {"PlanRepairRequest.method", "更换后复检"},
                                  {"part_number", "06A-115-561-B"},
                                  {"store_code", "SH01"},
                                  {"operation_code", "M-OIL-01"},
                                  {"model_code", "PASSAT-2024"},
                                  {"campaign_number", "RC-2026-011"},
                                  {"staff_number", "SH01-017"},
                                  {"lot_number", "L261121"},
                                  {"key_tag_number", "A17"},
                                  {"tracking_number", "SF1380013800001"},
                                  {"repair_order_number", "SH01-RO-20261121-0042"},
                                  {"number", "SH01-RO-20261121-0042"},
                                  {"code", "M-OIL-01"},
                                  {"plate", "沪A12345"},
                                  {"vin", "LSVAA4186C2184847"},
                                  {"etag", "3"},
                                  {"reason", "客户要求"},
                                  {"note", "请先联系客户"},
                                  {"notes", "请先联系客户"},
                                  {"name_zh", "机油滤清器"},
                                  {"name_en", "Oil filter"},
                                  {"zh", "机油液位"},
                                  {"en", "Oil level"},
                                  {"brand", "Bosch"},
                                  {"display_name", "浦东一部"},
                                  {"name", "张伟"},
                                  {"address", "上海市浦东新区世纪大道100号"},
                                  {"words", "冷车启动时有异响"},
                                  {"complaint", "冷车启动时有异响"},
                                  {"finding", "轴承磨损"},
                                  {"summary", "客户来电询问保养费用"},
                                  {"customer_requests", "更换机油，检查异响"},
                                  {"statement", "冷车启动时有异响"},
                                  {"evidence", "scan/2026/11/21/0042.png"},
                                  {"csv", "part_number,name_zh\n06A-115-561-B,机油滤清器\n"},
                                  {"order_by", "create_time desc"},
                                  {"assignee", "adviser-07"},
                                  {"adviser", "adviser-07"},
                                  {"given_by", "adviser-07"},
                                  {"received_by", "controller-01"},
                                  {"agent", "agent-03"},
                                  {"technician", "tech-11"},
                                  {"subject", "tech-11"},
                                  {"carrier", "顺丰速运"},
                                  {"bank_reference", "ICBC-20261121-000417"},
                                  {"reference", "SALE-20261121-07"},
                                  {"parking_place", "P2-14"},
                                  {"key_hook", "12"},
                                  {"key_tag", "A17"},
                                  {"media_type", "image/png"},
                                  {"file_name", "parts.csv"},
                                  {"outcome", "已联系，客户明天到店"},
                                  {"answer", "已说明费用"},
                                  {"title", "常规保养"},
                                  {"types", "VehicleDelivered"},
                                  {"category", "FILTER"},
                                  {"description", "更换机油机滤"}};

std::string KnownText(const FieldDescriptor* field) {
  const std::string& name = field->name();
  const std::string qualified = absl::StrCat(field->containing_type()->name(), ".", name);
  for (const NamedSample& sample : kTexts) {
    const bool fits = name == sample.name || qualified == sample.name;
    if (fits || absl::EndsWith(name, absl::StrCat("_", sample.name))) return sample.value;
  }
  return "";
}

std::string SampleText(const FieldDescriptor* field) {
  const options::Format format = FormatOf(field);
  const std::string formatted = SampleOfFormat(format, field->name());
  if (!formatted.empty()) return formatted;
  const size_t length_max = RulesOf(field).max_length() == 0 ? kTextCharactersMax : RulesOf(field).max_length();
  const std::string words = absl::AsciiStrToLower(Humanized(field->name()));
  std::string code = absl::AsciiStrToUpper(field->name());
  std::replace(code.begin(), code.end(), '_', '-');
  const std::string candidates[] = {KnownText(field), ShownValue(CommentOf(field)),
                                    format == options::FORMAT_CODE ? code : words};
  for (const std::string& text : candidates) {
    if (text.empty() || chassis::formats::CharacterCount(text) > length_max) continue;
    if (chassis::formats::Matches(format, text)) return text;
  }
  return std::string("A1").substr(0, length_max);
}

int64_t SampleNumber(const FieldDescriptor* field) {
  struct NamedNumber {
    const char* ending;
    int64_t value;
  };
  constexpr NamedNumber kNumbers[] = {{"_amount", 12800}, {"_price", 12800}, {"_milli", 1000}, {"_basis_points", 1300},
                                      {"_seconds", 600},  {"_minutes", 30},  {"_km", 35210},   {"_percent", 60},
                                      {"_page_size", 50}, {"_position", 0},  {"_revision", 0}, {"_days", 30},
                                      {"_wait_ms", 500},  {"_hours", 24},    {"_months", 12}};
  int64_t value = 1;
  for (const NamedNumber& number : kNumbers) {
    if (absl::EndsWith(absl::StrCat("_", field->name()), number.ending)) {
      value = number.value;
      break;
    }
  }
  const options::Rules& rules = RulesOf(field);
  if (rules.has_minimum()) value = std::max<int64_t>(value, rules.minimum());
  if (rules.has_maximum()) value = std::min<int64_t>(value, rules.maximum());
  return value;
}

std::string SampleEnum(const EnumDescriptor* type) {
  return type->value(type->value_count() > 1 && type->value(0)->number() == 0 ? 1 : 0)->name();
}

Json SampleMessage(const Descriptor* message, const std::set<std::string>& bound, bool partial, int depth);
Json SampleMask(const Descriptor* request);

// google.protobuf's own types have JSON forms of their own. null: not one of them.
Json SampleWellKnown(const FieldDescriptor* field) {
  const std::string& type = field->message_type()->full_name();
  if (type == "google.protobuf.Timestamp") {
    return IsLater(field->name()) ? "2026-11-21T09:30:00Z" : "2026-11-21T01:30:00Z";
  }
  if (type == "google.protobuf.Duration") return "600s";
  if (type == "google.protobuf.FieldMask") return SampleMask(field->containing_type());
  if (type == "google.protobuf.StringValue") return absl::AsciiStrToLower(Humanized(field->name()));
  if (type == "google.protobuf.BoolValue") return true;
  if (type == "google.protobuf.Int64Value" || type == "google.protobuf.UInt64Value") return "1";
  if (type == "google.protobuf.BytesValue") return "AQID";
  if (absl::StartsWith(type, "google.protobuf.") && absl::EndsWith(type, "Value") && type != "google.protobuf.Value") {
    return 1;
  }
  return nullptr;
}

Json SampleEntry(const FieldDescriptor* field, int depth) {
  switch (field->type()) {
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP: {
      const Json known = SampleWellKnown(field);
      return known.is_null() ? SampleMessage(field->message_type(), {}, IsPartial(field), depth + 1) : known;
    }
    case FieldDescriptor::TYPE_ENUM:
      return SampleEnum(field->enum_type());
    case FieldDescriptor::TYPE_STRING:
      return SampleText(field);
    case FieldDescriptor::TYPE_BYTES:
      return "AQID";
    case FieldDescriptor::TYPE_BOOL:
      return true;
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SINT64:
    case FieldDescriptor::TYPE_SFIXED64:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return absl::StrCat(SampleNumber(field));
    default:
      return SampleNumber(field);
  }
}

Json SampleField(const FieldDescriptor* field, int depth) {
  if (field->is_map()) {
    const Json value = SampleEntry(field->message_type()->map_value(), depth);
    return Json::object({{"key", value}});
  }
  const Json entry = SampleEntry(field, depth);
  return field->is_repeated() ? Json::array({entry}) : entry;
}

bool MayChange(const FieldDescriptor* field) {
  const options::Column& column = field->options().GetExtension(options::column);
  return !IsReadOnly(field) && !chassis::IsKey(field) && field->name() != "etag" && !column.immutable() &&
         !column.transient();
}

// The field an example of an update changes: a text if there is one, then any single value, then anything.
const FieldDescriptor* ChangedField(const Descriptor* record) {
  const FieldDescriptor* value = nullptr;
  const FieldDescriptor* any = nullptr;
  for (int i = 0; i < record->field_count(); ++i) {
    const FieldDescriptor* field = record->field(i);
    if (!MayChange(field)) continue;
    if (any == nullptr) any = field;
    if (field->is_repeated() || field->message_type() != nullptr) continue;
    if (field->type() == FieldDescriptor::TYPE_STRING && FormatOf(field) != options::FORMAT_UUID) return field;
    if (value == nullptr) value = field;
  }
  return value != nullptr ? value : any;
}

Json SamplePartial(const Descriptor* record, int depth) {
  Json sample = Json::object();
  if (record->FindFieldByName("etag") != nullptr) sample["etag"] = "3";
  if (const FieldDescriptor* changed = ChangedField(record)) sample[changed->json_name()] = SampleField(changed, depth);
  return sample;
}

Json SampleMask(const Descriptor* request) {
  for (int i = 0; i < request->field_count(); ++i) {
    if (!IsPartial(request->field(i))) continue;
    if (const FieldDescriptor* changed = ChangedField(request->field(i)->message_type())) return changed->json_name();
  }
  return "name";
}

// Says something where nothing is required: what has a shape or a closed set of values.
bool Tells(const FieldDescriptor* field) {
  if (IsReadOnly(field)) return false;
  const options::Format format = FormatOf(field);
  return field->enum_type() != nullptr || (format != options::FORMAT_UNSPECIFIED && format != options::FORMAT_UUID);
}

Json SampleMessage(const Descriptor* message, const std::set<std::string>& bound, bool partial, int depth) {
  if (depth > kDepthMax) return Json::object();
  if (partial) return SamplePartial(message, depth);
  Json sample = Json::object();
  bool says_something = false;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (bound.count(field->name()) > 0) continue;
    const bool is_mask =
        field->message_type() != nullptr && field->message_type()->full_name() == "google.protobuf.FieldMask";
    if (!is_mask && !IsRequired(field)) continue;
    sample[field->json_name()] = SampleField(field, depth);
    says_something |= field->name() != "request_id";
  }
  for (int i = 0; i < message->field_count() && !says_something; ++i) {
    const FieldDescriptor* field = message->field(i);
    if (bound.count(field->name()) == 0 && !sample.contains(field->json_name()) && Tells(field)) {
      sample[field->json_name()] = SampleField(field, depth);
    }
  }
  return sample;
}

}  // namespace

Json SampleOf(const FieldDescriptor* field) { return SampleField(field, 0); }

Json SampleBody(const Descriptor* message, const std::set<std::string>& bound) {
  return SampleMessage(message, bound, false, 0);
}

std::string SampleFilter(const Descriptor* record) {
  const FieldDescriptor* chosen = nullptr;
  for (int i = 0; i < record->field_count(); ++i) {
    const FieldDescriptor* field = record->field(i);
    if (!field->options().GetExtension(options::column).filterable()) continue;
    if (field->enum_type() != nullptr) {
      // Filters spell values as the tables do, without the enum's name.
      const auto* shown = field->enum_type()->FindValueByName(SampleEnum(field->enum_type()));
      const std::string value(chassis::StateName(field->enum_type(), shown->number()));
      return absl::StrCat(field->name(), " = \"", value, "\"");
    }
    if (chosen == nullptr) chosen = field;
  }
  if (chosen == nullptr) return "";
  const Json value = SampleOf(chosen);
  const bool is_plain = !value.is_string() || chosen->cpp_type() != FieldDescriptor::CPPTYPE_STRING;
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (chosen->message_type() != nullptr) return absl::StrCat(chosen->name(), " >= \"", text, "\"");
  return is_plain ? absl::StrCat(chosen->name(), " = ", text) : absl::StrCat(chosen->name(), " = \"", text, "\"");
}

}  // namespace gateway::openapi
