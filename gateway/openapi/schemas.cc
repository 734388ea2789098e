#include "gateway/openapi/schemas.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/server/formats.h"
#include "chassis/status/text.h"
#include "gateway/openapi/comments.h"
#include "gateway/openapi/rules.h"

namespace gateway::openapi {
namespace {

namespace options = aftersales::options::v1;
using chassis::Absl;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using Json = nlohmann::ordered_json;

void AddSentence(std::string& text, std::string_view sentence) {
  if (sentence.empty()) return;
  absl::StrAppend(&text, text.empty() ? "" : "\n\n", Absl(sentence));
}

// Fields every message of the suite means alike and therefore does not explain each time.
std::string_view StandardWords(const FieldDescriptor* field) {
  struct Known {
    std::string_view name;
    std::string_view words;
  };
  static constexpr Known kKnown[] = {
      {"request_id",
       "A new UUID for each intention. The same id with the same content again gives the first answer and "
       "changes nothing, so repeat it after a timeout; with other content it is REQUEST_ID_REUSED."},
      {"etag", "Version of the record as text. Send back what was read; CHANGED_MEANWHILE when it is not current."},
      {"page_size", "Entries wanted: 0 means 50, more than 500 counts as 500."},
      {"page_token", "`nextPageToken` of the page before, with the same filter and order; empty for the first page."},
      {"next_page_token", "Token of the next page; empty on the last."},
      {"order_by", "Fields to sort by, comma separated, each with ` desc` if wanted; at most 4. Those of `filter`."},
      {"update_mask", "Which fields to change, comma separated; `*` means all. Absent: those that are filled."},
      {"store_id", "The store (门店); the caller's identity must name it."},
      {"number", "The document's number for people."},
      {"create_time", "When it was created."},
      {"update_time", "When it was last changed."}};
  for (const Known& known : kKnown) {
    if (field->name() == known.name) return known.words;
  }
  return "";
}

std::string_view PrivacyWords(options::Privacy privacy) {
  switch (privacy) {
    case options::PRIVACY_NAME:
      return "Personal data: masked as 张** for roles that do not need it.";
    case options::PRIVACY_PHONE:
      return "Personal data: masked as 138****0000 for roles that do not need it.";
    case options::PRIVACY_ADDRESS:
      return "Personal data: masked after its first 6 characters for roles that do not need it.";
    case options::PRIVACY_ID_NUMBER:
      return "Personal data: masked but for its last 4 characters for roles that do not need it.";
    case options::PRIVACY_TEXT:
      return "Personal data: hidden whole from roles that do not need it.";
    default:
      return "";
  }
}

std::string Described(const FieldDescriptor* field, Schemas::Use use) {
  std::string text = CommentOf(field);
  AddSentence(text, text.empty() ? StandardWords(field) : "");
  if (use == Schemas::Use::kAnswer) AddSentence(text, PrivacyWords(field->options().GetExtension(options::privacy)));
  if (use == Schemas::Use::kRequest && field->options().GetExtension(options::column).immutable()) {
    AddSentence(text, "Set once, when the record is created.");
  }
  if (const auto* oneof = field->real_containing_oneof(); oneof != nullptr && use == Schemas::Use::kRequest) {
    std::vector<std::string> others;
    for (int i = 0; i < oneof->field_count(); ++i)
      others.push_back(absl::StrCat("`", oneof->field(i)->json_name(), "`"));
    AddSentence(text, absl::StrCat("Only one of ", absl::StrJoin(others, ", "), "."));
  }
  return text;
}

void AddTextRules(const FieldDescriptor* field, Json& schema) {
  const options::Rules& rules = RulesOf(field);
  const options::Format format = FormatOf(field);
  if (IsRequired(field) && !field->is_repeated()) schema["minLength"] = 1;
  // A pattern of fixed length says it already.
  const bool has_length = format == options::FORMAT_UNSPECIFIED || format == options::FORMAT_CODE;
  if (has_length)
    schema["maxLength"] = rules.max_length() == 0 ? kTextCharactersMax : static_cast<int>(rules.max_length());
  if (const std::string_view pattern = PatternFor(format); !pattern.empty()) schema["pattern"] = pattern;
}

Json TextSchema(const FieldDescriptor* field, Schemas::Use use) {
  Json schema = {{"type", "string"}};
  const options::Format format = FormatOf(field);
  // An unset id or date comes back as "", and a masked phone number is none any more.
  if (const std::string_view shape = SchemaFormatFor(format); !shape.empty()) schema["format"] = shape;
  if (use == Schemas::Use::kRequest) AddTextRules(field, schema);
  return schema;
}

Json BytesSchema(const FieldDescriptor* field, Schemas::Use use) {
  Json schema = {{"type", "string"}, {"contentEncoding", "base64"}};
  if (use != Schemas::Use::kRequest) return schema;
  const int64_t bytes = RulesOf(field).max_length() == 0 ? kBytesMax : RulesOf(field).max_length();
  schema["maxLength"] = (bytes + 2) / 3 * 4;
  return schema;
}

Json IntegerSchema(const FieldDescriptor* field, Schemas::Use use) {
  Json schema = {{"type", "integer"}};
  const bool is_unsigned = field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32;
  schema["format"] = is_unsigned ? "int64" : "int32";
  const options::Rules& rules = RulesOf(field);
  if (is_unsigned) {
    schema["minimum"] = 0;
    schema["maximum"] = 4294967295;
  }
  if (use != Schemas::Use::kRequest) return schema;
  if (rules.has_minimum()) {
    schema["minimum"] = rules.minimum();
  } else if (field->name() == "page_size") {
    schema["minimum"] = 0;
  }
  if (rules.has_maximum()) schema["maximum"] = rules.maximum();
  return schema;
}

// JSON numbers lose digits beyond 2^53, so 64 bits travel as text; bounds of numbers become words.
Json LongSchema(const FieldDescriptor* field, Schemas::Use use) {
  const bool is_unsigned = field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
  Json schema = {{"type", "string"},
                 {"format", is_unsigned ? "uint64" : "int64"},
                 {"pattern", is_unsigned ? "^[0-9]{1,20}$" : "^-?[0-9]{1,19}$"}};
  const options::Rules& rules = RulesOf(field);
  if (use == Schemas::Use::kRequest && rules.has_minimum()) schema["x-minimum"] = rules.minimum();
  if (use == Schemas::Use::kRequest && rules.has_maximum()) schema["x-maximum"] = rules.maximum();
  return schema;
}

// Types with a JSON form of their own; null when `type` is none of them.
Json WellKnown(const std::string& type) {
  const auto nullable = [](Json schema) {
    schema["type"] = Json::array({schema["type"], "null"});
    return schema;
  };
  if (!absl::StartsWith(type, "google.protobuf.")) return nullptr;
  const std::string name = type.substr(sizeof("google.protobuf.") - 1);
  if (name == "Timestamp") return {{"type", "string"}, {"format", "date-time"}};
  if (name == "Duration") return {{"type", "string"}, {"pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$"}};
  if (name == "FieldMask") return {{"type", "string"}, {"description", "Paths in lowerCamelCase, comma separated."}};
  if (name == "Empty") return {{"type", "object"}};
  if (name == "Struct") return {{"type", "object"}, {"additionalProperties", true}};
  if (name == "Value") return Json{{"description", "Any JSON value."}};
  if (name == "ListValue") return {{"type", "array"}, {"items", Json::object()}};
  if (name == "Any") {
    return {{"type", "object"},
            {"properties", {{"@type", {{"type", "string"}, {"description", "URL that ends in the message's name."}}}}},
            {"required", Json::array({"@type"})},
            {"additionalProperties", true}};
  }
  if (name == "StringValue") return nullable({{"type", "string"}});
  if (name == "BytesValue") return nullable({{"type", "string"}, {"contentEncoding", "base64"}});
  if (name == "BoolValue") return nullable({{"type", "boolean"}});
  if (name == "DoubleValue" || name == "FloatValue") return nullable({{"type", "number"}});
  if (name == "Int32Value" || name == "UInt32Value") return nullable({{"type", "integer"}});
  if (name == "Int64Value" || name == "UInt64Value") return nullable({{"type", "string"}, {"format", "int64"}});
  return nullptr;
}

// "- `STATE_OPEN` 待办. What the comment says. Next: `STATE_DONE`."
std::string ValueLine(const EnumValueDescriptor* value) {
  const options::State& state = value->options().GetExtension(options::state);
  std::vector<std::string> sentences;
  for (const std::string& words : {state.zh(), CommentOf(value)}) {
    if (!words.empty()) sentences.emplace_back(absl::StripSuffix(words, "."));
  }
  if (state.next_size() > 0) sentences.push_back(absl::StrCat("Next: `", absl::StrJoin(state.next(), "`, `"), "`"));
  if (value->options().deprecated()) sentences.push_back("Deprecated");
  return absl::StrCat("- `", value->name(), "`", sentences.empty() ? "" : " ", absl::StrJoin(sentences, ". "));
}

Json EnumSchema(const EnumDescriptor* type) {
  Json schema = {{"type", "string"}};
  Json names = Json::array();
  std::string text = CommentOf(type);
  std::vector<std::string> lines;
  for (int i = 0; i < type->value_count(); ++i) {
    names.push_back(type->value(i)->name());
    lines.push_back(ValueLine(type->value(i)));
  }
  AddSentence(text, absl::StrJoin(lines, "\n"));
  schema["description"] = text;
  schema["enum"] = std::move(names);
  if (type->options().deprecated()) schema["deprecated"] = true;
  return schema;
}

// "customer." of "customer.customer_id" under "customer": what is bound inside a field.
std::set<std::string> BoundInside(const std::set<std::string>& bound, const std::string& field) {
  std::set<std::string> inside;
  for (const std::string& path : bound) {
    if (absl::StartsWith(path, field + ".")) inside.insert(path.substr(field.size() + 1));
  }
  return inside;
}

}  // namespace

std::string SchemaName(const std::string& full_name) {
  return std::string(absl::StripPrefix(full_name, "aftersales."));
}

Json ComponentRef(std::string_view kind, std::string_view name) {
  return {{"$ref", absl::StrCat("#/components/", Absl(kind), "/", Absl(name))}};
}

Json Schemas::Reference(const std::string& name, Wanted wanted) {
  if (named_.insert(name).second) wanted_.emplace_back(name, wanted);
  return ComponentRef("schemas", name);
}

Json Schemas::Message(const Descriptor* message, Use use, bool partial) {
  Json known = WellKnown(message->full_name());
  if (!known.is_null()) return known;
  const char* suffix = use == Use::kAnswer ? "" : partial ? "-update" : "-input";
  return Reference(SchemaName(message->full_name()) + suffix, {message, nullptr, use, partial});
}

Json Schemas::Entry(const FieldDescriptor* field, Use use, const Cut& inner) {
  switch (field->type()) {
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return inner.bound.empty() ? Message(field->message_type(), use, inner.partial)
                                 : Object(field->message_type(), use, inner);
    case FieldDescriptor::TYPE_ENUM:
      return Reference(SchemaName(field->enum_type()->full_name()), {nullptr, field->enum_type()});
    case FieldDescriptor::TYPE_STRING:
      return TextSchema(field, use);
    case FieldDescriptor::TYPE_BYTES:
      return BytesSchema(field, use);
    case FieldDescriptor::TYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::TYPE_DOUBLE:
      return {{"type", "number"}, {"format", "double"}};
    case FieldDescriptor::TYPE_FLOAT:
      return {{"type", "number"}, {"format", "float"}};
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SINT64:
    case FieldDescriptor::TYPE_SFIXED64:
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return LongSchema(field, use);
    default:
      return IntegerSchema(field, use);
  }
}

Json Schemas::FieldOf(const FieldDescriptor* field, Use use, const Cut& inner) {
  Json schema;
  if (field->is_map()) {
    schema = {{"type", "object"}, {"additionalProperties", Entry(field->message_type()->map_value(), use, {})}};
  } else if (field->is_repeated()) {
    schema = {{"type", "array"}, {"items", Entry(field, use, inner)}};
    if (use == Use::kRequest) {
      if (IsRequired(field)) schema["minItems"] = 1;
      schema["maxItems"] = RulesOf(field).max_items() == 0 ? kItemsMax : static_cast<int>(RulesOf(field).max_items());
    }
  } else {
    schema = Entry(field, use, inner);
  }
  const std::string text = Described(field, use);
  if (!text.empty()) schema["description"] = text;
  if (use == Use::kRequest && IsReadOnly(field)) schema["readOnly"] = true;
  if (field->options().deprecated()) schema["deprecated"] = true;
  return schema;
}

Json Schemas::Field(const FieldDescriptor* field, Use use) { return FieldOf(field, use, {}); }

Json Schemas::Object(const Descriptor* message, Use use, const Cut& cut) {
  Json schema = {{"type", "object"}};
  if (const std::string text = CommentOf(message); !text.empty()) schema["description"] = text;
  Json properties = Json::object();
  Json required = Json::array();
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (cut.bound.count(field->name()) > 0) continue;
    Cut inner{BoundInside(cut.bound, field->name()), use == Use::kRequest && IsPartial(field)};
    properties[field->json_name()] = FieldOf(field, use, inner);
    const bool demanded = use == Use::kAnswer ? !field->has_presence() : IsRequired(field) && !cut.partial;
    if (demanded) required.push_back(field->json_name());
  }
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  if (message->options().deprecated()) schema["deprecated"] = true;
  return schema;
}

Json Schemas::Answer(const Descriptor* message) { return Message(message, Use::kAnswer, false); }

Json Schemas::Body(const Descriptor* message, const std::set<std::string>& bound) {
  const Json schema = Object(message, Use::kRequest, {bound, false});
  // Bindings of one method may leave out different fields.
  for (int place = 1;; ++place) {
    const std::string name = absl::StrCat(SchemaName(message->full_name()), place == 1 ? "" : absl::StrCat("-", place));
    const auto [known, fresh] = made_.emplace(name, schema);
    named_.insert(name);
    if (fresh || known->second == schema) return ComponentRef("schemas", name);
  }
}

Json Schemas::BodyField(const FieldDescriptor* field, const std::set<std::string>& bound) {
  return FieldOf(field, Use::kRequest, {BoundInside(bound, field->name()), IsPartial(field)});
}

Json Schemas::Line(const Descriptor* message) {
  const std::string name = SchemaName(message->full_name()) + "-line";
  named_.insert(name);
  made_[name] = {{"type", "object"},
                 {"description", "One line: an answer, or at the end what went wrong."},
                 {"properties", {{"result", Answer(message)}, {"error", ComponentRef("schemas", "Error")}}}};
  return ComponentRef("schemas", name);
}

std::map<std::string, Json> Schemas::Take() {
  while (!wanted_.empty()) {
    const auto [name, wanted] = wanted_.back();
    wanted_.pop_back();
    made_[name] =
        wanted.values != nullptr ? EnumSchema(wanted.values) : Object(wanted.message, wanted.use, {{}, wanted.partial});
  }
  return std::move(made_);
}

}  // namespace gateway::openapi
