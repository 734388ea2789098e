#include "gateway/openapi/operation.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "aftersales/options/v1/traffic.pb.h"
#include "gateway/openapi/comments.h"
#include "gateway/openapi/rules.h"
#include "gateway/openapi/samples.h"

namespace gateway::openapi {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using Json = nlohmann::ordered_json;

const options::Access& AccessOf(const MethodDescriptor* method) {
  return method->options().GetExtension(options::access);
}
const options::Traffic& TrafficOf(const MethodDescriptor* method) {
  return method->options().GetExtension(options::traffic);
}

// Values that a query parameter can hold: single ones, and those of google.protobuf that are text in JSON.
bool IsQueryValue(const FieldDescriptor* field) {
  if (field->message_type() == nullptr) return true;
  const std::string& type = field->message_type()->full_name();
  if (type == "google.protobuf.Timestamp" || type == "google.protobuf.Duration" || type == "google.protobuf.FieldMask")
    return true;
  return absl::StartsWith(type, "google.protobuf.") && absl::EndsWith(type, "Value") &&
         type != "google.protobuf.Value" && type != "google.protobuf.ListValue";
}

// The record a List answers with.
const Descriptor* ListedRecord(const MethodDescriptor* method) {
  const Descriptor* answer = method->output_type();
  for (int i = 0; i < answer->field_count(); ++i) {
    const Descriptor* type = answer->field(i)->message_type();
    if (answer->field(i)->is_repeated() && type != nullptr && type->options().HasExtension(options::table)) return type;
  }
  return nullptr;
}

std::string FilterWords(const Descriptor* record) {
  std::vector<std::string> fields;
  for (int i = 0; i < record->field_count(); ++i) {
    const FieldDescriptor* field = record->field(i);
    const auto& key = record->options().GetExtension(options::table).key();
    const bool is_key = std::find(key.begin(), key.end(), field->name()) != key.end();
    const options::Column& column = field->options().GetExtension(options::column);
    if (column.filterable() || (is_key && field->name() != "store_id")) fields.push_back("`" + field->name() + "`");
    if (column.blind_index()) fields.push_back("`" + field->name() + "` (= only)");
  }
  std::string words = "Comparisons (`=` `!=` `<` `<=` `>` `>=`) joined by AND; at most 20.";
  if (!fields.empty()) absl::StrAppend(&words, " Fields: ", absl::StrJoin(fields, ", "), ".");
  return words;
}

// What a parameter says stands beside its schema, not in it.
Json Parameter(const std::string& name, const char* in, Json schema, bool required) {
  Json parameter = {{"name", name}, {"in", in}, {"required", required}};
  if (schema.contains("description")) {
    parameter["description"] = schema["description"];
    schema.erase("description");
  }
  if (schema.contains("deprecated")) {
    parameter["deprecated"] = true;
    schema.erase("deprecated");
  }
  parameter["schema"] = std::move(schema);
  return parameter;
}

class QueryReader {
 public:
  QueryReader(const MethodDescriptor* method, const Binding& binding, Schemas& schemas)
      : method_(method), derives_mask_(binding.verb == "patch" && !binding.body.empty()), schemas_(schemas) {
    for (const PathVariable& variable : binding.variables) bound_.insert(variable.field_path);
    if (!binding.body.empty()) bound_.insert(binding.body);
  }

  Json Read() {
    if (bound_.count("*") == 0) Walk(method_->input_type(), "");
    return std::move(parameters_);
  }

 private:
  void Walk(const Descriptor* message, const std::string& above) {
    if (std::find(open_.begin(), open_.end(), message) != open_.end()) return;
    open_.push_back(message);
    for (int i = 0; i < message->field_count(); ++i) {
      const FieldDescriptor* field = message->field(i);
      const std::string path = above + field->name();
      if (bound_.count(path) > 0 || field->is_map()) continue;
      if (IsQueryValue(field)) {
        Add(field, path);
      } else if (!field->is_repeated() && !absl::StartsWith(field->message_type()->full_name(), "google.protobuf.")) {
        Walk(field->message_type(), path + ".");
      }
    }
    open_.pop_back();
  }

  void Add(const FieldDescriptor* field, const std::string& path) {
    const bool derived = derives_mask_ && path == "update_mask";
    Json parameter = Parameter(JsonPath(path), "query", schemas_.Field(field, Schemas::Use::kRequest),
                               IsRequired(field) && !derived);
    if (field->is_repeated()) parameter["style"] = "form", parameter["explode"] = true;
    const Descriptor* record = path == "filter" ? ListedRecord(method_) : nullptr;
    if (record != nullptr) {
      parameter["description"] = FilterWords(record);
      if (const std::string sample = SampleFilter(record); !sample.empty()) parameter["example"] = sample;
    } else if (field->name() != "page_token" && field->name() != "filter" && field->name() != "order_by") {
      parameter["example"] = SampleOf(field);
    }
    parameters_.push_back(std::move(parameter));
  }

  const MethodDescriptor* const method_;
  const bool derives_mask_;  // a PATCH says by its body which fields it means
  Schemas& schemas_;
  std::set<std::string> bound_;
  std::vector<const Descriptor*> open_;  // messages hold themselves in places
  Json parameters_ = Json::array();
};

Json PathParameter(const PathVariable& variable, Schemas& schemas) {
  Json schema = {{"type", "string"}};
  if (variable.field != nullptr) schema = schemas.Field(variable.field, Schemas::Use::kRequest);
  schema.erase("readOnly");
  if (!variable.pattern.empty()) schema["pattern"] = variable.pattern;
  Json parameter = Parameter(variable.parameter, "path", std::move(schema), true);
  if (variable.field != nullptr && variable.pattern.empty()) parameter["example"] = SampleOf(variable.field);
  return parameter;
}

Json NamesOf(const google::protobuf::RepeatedField<int>& roles) {
  Json names = Json::array();
  for (const int role : roles) names.push_back(Roles::TokenName(role));
  return names;
}

const char* StandardResponse(int http) {
  switch (http) {
    case 400:
      return "InvalidArgument";
    case 401:
      return "Unauthenticated";
    case 403:
      return "PermissionDenied";
    case 404:
      return "NotFound";
    case 409:
      return "Conflict";
    case 413:
      return "TooLarge";
    case 415:
      return "MediaType";
    case 429:
      return "TooManyRequests";
    case 503:
      return "Unavailable";
    case 504:
      return "DeadlineExceeded";
    default:
      return "Internal";
  }
}

std::set<int> ExpectedErrors(const MethodDescriptor* method, const Binding& binding) {
  std::set<int> expected = {400, 401, 403, 429, 500, 503, 504};
  if (!binding.variables.empty()) expected.insert(404);
  if (method->input_type()->FindFieldByName("request_id") != nullptr) expected.insert(409);
  if (!binding.body.empty()) expected.insert({413, 415});
  return expected;
}

}  // namespace

Roles::Roles(const google::protobuf::DescriptorPool& pool) {
  const EnumDescriptor* type = pool.FindEnumTypeByName(options::Role_descriptor()->full_name());
  for (int i = 0; type != nullptr && i < type->value_count(); ++i) {
    if (type->value(i)->number() != 0) words_.emplace_back(type->value(i)->number(), CommentOf(type->value(i)));
  }
}

std::string Roles::TokenName(int role) {
  const std::string name = options::Role_Name(static_cast<options::Role>(role));
  return absl::AsciiStrToLower(absl::StripPrefix(name, "ROLE_"));
}

std::string Roles::Shown(int role) const {
  for (const auto& [number, words] : words_) {
    if (number == role && !words.empty()) return absl::StrCat(words, " `", TokenName(role), "`");
  }
  return absl::StrCat("`", TokenName(role), "`");
}

Json Roles::SecurityScheme() const {
  std::string words =
      "A JWT of the group's issuer, in `Authorization: Bearer`. Its claims name the subject, the stores and the roles "
      "(岗位); each operation lists in `x-roles` which of them may call it, any one suffices:\n";
  for (const auto& [number, comment] : words_) absl::StrAppend(&words, "\n- `", TokenName(number), "` ", comment);
  return {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}, {"description", words}};
}

Json Operations::Of(const MethodDescriptor* method, const Binding& binding) {
  const std::string comment = CommentOf(method);
  const options::Access& access = AccessOf(method);
  // Filled in by the caller; here for their place.
  Json operation = {{"tags", nullptr}, {"operationId", nullptr}, {"summary", Humanized(method->name())}};
  operation["description"] = Description(method);
  if (method->options().deprecated()) operation["deprecated"] = true;
  if (Json parameters = Parameters(method, binding); !parameters.empty())
    operation["parameters"] = std::move(parameters);
  if (!binding.body.empty()) operation["requestBody"] = RequestBody(method, binding);
  operation["responses"] = Responses(method, binding);
  operation["x-grpc-method"] = absl::StrCat(method->service()->full_name(), "/", method->name());
  operation["x-roles"] = NamesOf(access.roles());
  if (access.unmasked_roles_size() > 0) operation["x-unmasked-roles"] = NamesOf(access.unmasked_roles());
  operation["x-scope"] = access.scope() == options::SCOPE_GROUP ? "group" : "store";
  if (const auto rows = HandbookRows(comment); !rows.empty()) operation["x-handbook"] = rows;
  const options::Priority priority = TrafficOf(method).priority();
  if (priority == options::PRIORITY_ESSENTIAL) operation["x-priority"] = "essential";
  if (priority == options::PRIORITY_DEFERRABLE) operation["x-priority"] = "deferrable";
  return operation;
}

std::string Operations::Description(const MethodDescriptor* method) const {
  std::string text = CommentOf(method);
  const options::Access& access = AccessOf(method);
  std::vector<std::string> shown;
  for (const int role : access.roles()) shown.push_back(roles_.Shown(role));
  if (!shown.empty()) {
    absl::StrAppend(&text, text.empty() ? "" : "\n\n", "**Roles**: ", absl::StrJoin(shown, ", "),
                    access.scope() == options::SCOPE_GROUP ? "; acting for the whole group." : ".");
  }
  shown.clear();
  for (const int role : access.unmasked_roles()) shown.push_back(roles_.Shown(role));
  if (!shown.empty()) absl::StrAppend(&text, "\n\n**Personal data in clear** for: ", absl::StrJoin(shown, ", "), ".");
  if (method->server_streaming()) {
    absl::StrAppend(&text, "\n\nThe answer is a stream: lines of JSON, or server-sent events with ",
                    "`Accept: text/event-stream`.");
  }
  if (!TrafficOf(method).resume_field().empty()) {
    absl::StrAppend(&text, " To go on after a break, send the last `", JsonPath(TrafficOf(method).position_field()),
                    "` as `", JsonPath(TrafficOf(method).resume_field()),
                    "`, or the last event's id as Last-Event-ID.");
  }
  return text;
}

Json Operations::Parameters(const MethodDescriptor* method, const Binding& binding) {
  Json parameters = Json::array();
  for (const PathVariable& variable : binding.variables) parameters.push_back(PathParameter(variable, schemas_));
  for (Json& parameter : QueryReader(method, binding, schemas_).Read()) parameters.push_back(std::move(parameter));
  if (method->server_streaming() && !TrafficOf(method).resume_field().empty()) {
    parameters.push_back(ComponentRef("parameters", "LastEventId"));
  }
  return parameters;
}

Json Operations::RequestBody(const MethodDescriptor* method, const Binding& binding) {
  std::set<std::string> bound;
  for (const PathVariable& variable : binding.variables) bound.insert(variable.field_path);
  Json media;
  if (binding.body == "*") {
    media = {{"schema", schemas_.Body(method->input_type(), bound)},
             {"example", SampleBody(method->input_type(), bound)}};
  } else {
    const FieldDescriptor* field = method->input_type()->FindFieldByName(binding.body);
    media = {{"schema", schemas_.BodyField(field, bound)}, {"example", SampleOf(field)}};
  }
  Json body = {{"required", true}};
  if (method->client_streaming()) body["description"] = "One message per line, each like the schema.";
  body["content"][method->client_streaming() ? "application/x-ndjson" : "application/json"] = std::move(media);
  return body;
}

Json Operations::Success(const MethodDescriptor* method, const Binding& binding) {
  const Descriptor* answer = method->output_type();
  const std::string name = answer->name();
  Json content = Json::object();
  Json headers = {{"X-Request-Id", ComponentRef("headers", "XRequestId")},
                  {"RateLimit-Limit", ComponentRef("headers", "RateLimitLimit")},
                  {"RateLimit-Remaining", ComponentRef("headers", "RateLimitRemaining")},
                  {"RateLimit-Reset", ComponentRef("headers", "RateLimitReset")}};
  Json schema = schemas_.Answer(answer);
  if (!binding.response_body.empty()) {
    schema = schemas_.Field(answer->FindFieldByName(binding.response_body), Schemas::Use::kAnswer);
  }
  const options::File& file = answer->options().GetExtension(options::file);
  const bool is_file = answer->options().HasExtension(options::file);
  if (is_file) {
    const std::string media_type = file.media_type_field().empty() ? file.media_type() : "*/*";
    content[media_type] = {{"schema", {{"type", "string"}, {"format", "binary"}}}};
    headers["Content-Disposition"] = ComponentRef("headers", "ContentDisposition");
  }
  if (!method->server_streaming()) {
    content["application/json"] = {{"schema", schema}};
  } else {
    content["application/x-ndjson"] = {{"schema", schemas_.Line(answer)}};
    content["text/event-stream"] = {
        {"schema",
         {{"type", "string"},
          {"description", absl::StrCat("`data` of each event is a ", name, "; an event `error` ends a failed stream.")},
          {"contentMediaType", "application/json"},
          {"contentSchema", schema}}}};
  }
  return {{"description", is_file                      ? "The file."
                          : method->server_streaming() ? "The stream."
                                                       : Humanized(name) + "."},
          {"headers", std::move(headers)},
          {"content", std::move(content)}};
}

Json Operations::Refused(int http, const std::vector<const Reason*>& reasons) {
  std::vector<std::string> lines;
  Json examples = Json::object();
  for (const Reason* reason : reasons) {
    lines.push_back(absl::StrCat("- `", reason->name, "` ", reason->handbook.empty() ? "" : reason->handbook + " ",
                                 reason->zh, " / ", reason->en));
    examples[reason->name] = ComponentRef("examples", reason->Key());
    reasons_shown_.insert(reason->Key());
  }
  Json refused = {
      {"description", absl::StrJoin(lines, "\n")},
      {"headers", {{"X-Request-Id", ComponentRef("headers", "XRequestId")}}},
      {"content",
       {{"application/json", {{"schema", ComponentRef("schemas", "Error")}, {"examples", std::move(examples)}}}}}};
  if (http == 429 || http == 503) refused["headers"]["Retry-After"] = ComponentRef("headers", "RetryAfter");
  return refused;
}

Json Operations::Responses(const MethodDescriptor* method, const Binding& binding) {
  Json responses = {{"200", Success(method, binding)}};
  std::map<int, std::vector<const Reason*>> by_status;
  for (const Reason* reason : reasons_.NamedIn(CommentOf(method), method->file()->package())) {
    by_status[reason->http].push_back(reason);
  }
  std::set<int> expected = ExpectedErrors(method, binding);
  for (const auto& [http, reasons] : by_status) expected.insert(http);
  for (const int http : expected) {
    const auto own = by_status.find(http);
    responses[absl::StrCat(http)] =
        own != by_status.end() ? Refused(http, own->second) : ComponentRef("responses", StandardResponse(http));
  }
  return responses;
}

}  // namespace gateway::openapi
