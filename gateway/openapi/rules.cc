#include "gateway/openapi/rules.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "chassis/server/standard.h"

namespace gateway::openapi {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::FieldDescriptor;

bool IsRecord(const google::protobuf::Descriptor* message) { return message->options().HasExtension(options::table); }

}  // namespace

const options::Rules& RulesOf(const FieldDescriptor* field) { return field->options().GetExtension(options::rules); }

options::Format FormatOf(const FieldDescriptor* field) {
  const options::Format format = RulesOf(field).format();
  const std::string& name = field->name();
  const bool is_id = name == "id" || absl::EndsWith(name, "_id") || absl::EndsWith(name, "_ids");
  return format == options::FORMAT_UNSPECIFIED && is_id && field->type() == FieldDescriptor::TYPE_STRING
             ? options::FORMAT_UUID
             : format;
}

bool IsRequired(const FieldDescriptor* field) {
  if (!RulesOf(field).required() || chassis::IsOutputOnly(field)) return false;
  return !(IsRecord(field->containing_type()) && chassis::IsKey(field));
}

bool IsReadOnly(const FieldDescriptor* field) {
  if (chassis::IsOutputOnly(field)) return true;
  return IsRecord(field->containing_type()) && chassis::IsKey(field) && FormatOf(field) == options::FORMAT_UUID;
}

bool IsPartial(const FieldDescriptor* field) {
  if (field->message_type() == nullptr || !IsRecord(field->message_type())) return false;
  const google::protobuf::Descriptor* request = field->containing_type();
  for (int i = 0; i < request->field_count(); ++i) {
    const google::protobuf::Descriptor* type = request->field(i)->message_type();
    if (type != nullptr && type->full_name() == "google.protobuf.FieldMask") return true;
  }
  return false;
}

std::string_view PatternFor(options::Format format) {
  switch (format) {
    case options::FORMAT_UUID:
      return "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";
    case options::FORMAT_VIN:
      return "^[A-HJ-NPR-Z0-9]{17}$";
    case options::FORMAT_PLATE:
      // Ordinary and new-energy plates, those with a Chinese ending, cross-border ones, embassies.
      return "^((京|津|沪|渝|冀|豫|云|辽|黑|湘|皖|鲁|新|苏|浙|赣|鄂|桂|甘|晋|蒙|陕|吉|闽|贵|粤|青|藏|川|宁|琼)"
             "[A-HJ-NP-Z]([A-HJ-NP-Z0-9]{5}|[A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK]|"
             "[A-HJ-NP-Z0-9]{4}(挂|学|警|领))|粤Z[A-HJ-NP-Z0-9]{4}(港|澳)|使[0-9]{6}|[0-9]{6}使)$";
    case options::FORMAT_PHONE:
      return "^((\\+86)?1[3-9][0-9]{9}|0[0-9]{2,3}-?[2-9][0-9]{6,7})$";
    case options::FORMAT_TROUBLE_CODE:
      return "^[PBCU][0-3][0-9A-F]{3}$";
    case options::FORMAT_UNIFIED_SOCIAL_CREDIT_CODE:
      return "^[0-9A-HJ-NP-RTUWXY]{18}$";
    case options::FORMAT_CURRENCY:
      return "^[A-Z]{3}$";
    case options::FORMAT_CODE:
      return "^[A-Z0-9._/-]+$";
    case options::FORMAT_TIME_OF_DAY:
      return "^([01][0-9]|2[0-3]):[0-5][0-9]$";
    default:
      return "";
  }
}

std::string_view SchemaFormatFor(options::Format format) {
  switch (format) {
    case options::FORMAT_UUID:
      return "uuid";
    case options::FORMAT_DATE:
      return "date";
    default:
      return "";
  }
}

}  // namespace gateway::openapi
