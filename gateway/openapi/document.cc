#include "gateway/openapi/document.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "aftersales/options/v1/options.pb.h"
#include "aftersales/options/v1/traffic.pb.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "gateway/openapi/bindings.h"
#include "gateway/openapi/comments.h"
#include "gateway/openapi/operation.h"
#include "gateway/openapi/reasons.h"
#include "gateway/openapi/schemas.h"
#include "google/protobuf/descriptor.h"

namespace gateway::openapi {
namespace {

using chassis::Absl;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using Json = nlohmann::ordered_json;

constexpr char kWelcome[] =
    "Every call of the suite as REST, made from the same descriptors as its gRPC form: what a call means, who may make "
    "it and how it is refused is the same over both.\n\n"
    "- **Identity**: `Authorization: Bearer <JWT>`. Each operation names the roles (岗位) that may call it; the stores "
    "stand in the token. What you may not see answers 404.\n"
    "- **JSON** is proto3 JSON: lowerCamelCase out, both spellings in; 64-bit integers are strings; unknown fields are "
    "refused. Unset scalars are present in answers.\n"
    "- **Amounts** are integers in the smallest unit of the store's currency, quantities in thousandths (`...Milli`), "
    "rates in basis points, times RFC 3339 in UTC, civil dates `YYYY-MM-DD` in the store's time zone.\n"
    "- **Repeating** a command with the same `requestId` and content is always safe: it gives the first answer.\n"
    "- **Refusals** are `{\"error\": ...}`; programs decide by `ErrorInfo.reason` (all are listed in "
    "`x-error-reasons`), people read `LocalizedMessage` in Chinese or English by `Accept-Language`.\n"
    "- **Streams** come as lines of JSON, or as server-sent events with `Accept: text/event-stream`.";

// Rows of a package are told apart by its short name: "reception".
std::string ShortPackage(const std::string& package) {
  const std::vector<std::string> names = absl::StrSplit(package, '.');
  return names.size() == 3 ? names[1] : package;
}

Json Header(const char* words, Json schema, Json example) {
  return {{"description", words}, {"schema", std::move(schema)}, {"example", example}};
}
Json HeaderParameter(const char* name, const char* words, Json schema, const char* example) {
  return {
      {"name", name},      {"in", "header"}, {"required", false}, {"description", words}, {"schema", std::move(schema)},
      {"example", example}};
}

Json StandardParameters() {
  const Json text = {{"type", "string"}};
  return {
      {"XRequestId", HeaderParameter("X-Request-Id", "Names this request in logs; made up when absent, answered back.",
                                     {{"type", "string"}, {"maxLength", 64}}, "till-3-000417")},
      {"AcceptLanguage",
       HeaderParameter("Accept-Language", "Language of texts for people: zh-CN or en.", text, "zh-CN")},
      {"Traceparent", HeaderParameter("traceparent", "W3C trace context; the call continues this trace.", text,
                                      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")},
      {"LastEventId",
       HeaderParameter("Last-Event-ID", "With text/event-stream: go on after this event.", text, "417")}};
}

Json StandardHeaders() {
  const Json text = {{"type", "string"}};
  const Json number = {{"type", "integer"}, {"minimum", 0}};
  return {{"XRequestId", Header("The request's name in logs.", text, "till-3-000417")},
          {"RetryAfter", Header("Seconds after which repeating helps.", number, 2)},
          {"RateLimitLimit", Header("Where a rate is set: calls allowed at once.", number, 100)},
          {"RateLimitRemaining", Header("Calls left of them.", number, 0)},
          {"RateLimitReset", Header("Seconds until they are all there again.", number, 2)},
          {"ContentDisposition", Header("Name of the file.", text, "attachment; filename=\"parts.csv\"")}};
}

// Answers every operation may give; those with reasons of their own say so themselves.
struct StandardError {
  const char* name;
  const char* words;
  const char* reason;  // of the common ones, shown as example
};
constexpr StandardError kStandardErrors[] = {
    {"InvalidArgument", "The request is not what it must be; every bad field is named.", "INVALID_FIELD"},
    {"Unauthenticated", "No token, or one that does not hold.", "UNAUTHENTICATED"},
    {"PermissionDenied", "The token's roles may not do this.", "ROLE_NOT_ALLOWED"},
    {"NotFound", "There is no such thing, or none you may see.", "NOT_FOUND"},
    {"Conflict", "Exists already, was changed meanwhile, or the `requestId` was used for something else.",
     "CHANGED_MEANWHILE"},
    {"TooLarge", "The body is larger than the door takes.", "TOO_LARGE"},
    {"MediaType", "The body must be what Content-Type of this operation says.", "MEDIA_TYPE"},
    {"TooManyRequests", "Over a limit, or the system is busy: repeat after Retry-After.", "OVERLOADED"},
    {"Internal", "A fault of the suite; the incident number finds it in the logs.", "INTERNAL"},
    {"Unavailable", "A service cannot be reached: repeat with the same `requestId`.", "UNAVAILABLE"},
    {"DeadlineExceeded", "Not done in time, and unknown whether it will be: repeat with the same `requestId`.",
     "DEADLINE"}};

std::string CommonKey(const char* reason) { return absl::StrCat("common.aftersales.", reason); }

Json StandardResponses() {
  Json responses = Json::object();
  for (const StandardError& error : kStandardErrors) {
    Json headers = {{"X-Request-Id", ComponentRef("headers", "XRequestId")}};
    const std::string_view name = error.name;
    if (name == "TooManyRequests" || name == "Unavailable")
      headers["Retry-After"] = ComponentRef("headers", "RetryAfter");
    if (name == "TooManyRequests") {
      headers["RateLimit-Limit"] = ComponentRef("headers", "RateLimitLimit");
      headers["RateLimit-Remaining"] = ComponentRef("headers", "RateLimitRemaining");
      headers["RateLimit-Reset"] = ComponentRef("headers", "RateLimitReset");
    }
    const Json example = {{error.reason, ComponentRef("examples", CommonKey(error.reason))}};
    responses[error.name] = {
        {"description", error.words},
        {"headers", headers},
        {"content", {{"application/json", {{"schema", ComponentRef("schemas", "Error")}, {"examples", example}}}}}};
  }
  return responses;
}

class Assembly {
 public:
  Assembly(std::vector<const FileDescriptor*> files, const DescriptorPool& pool)
      : files_(std::move(files)), reasons_(files_), roles_(pool), operations_(schemas_, reasons_, roles_) {}

  absl::StatusOr<Json> Make() {
    for (const FileDescriptor* file : files_) {
      for (int s = 0; s < file->service_count(); ++s) RETURN_IF_ERROR(Add(file->service(s)));
    }
    Json document = {{"openapi", "3.1.0"},
                     {"info", {{"title", "After-sales suite"}, {"version", "v1"}, {"description", kWelcome}}},
                     {"servers", Json::array({{{"url", "/"}, {"description", "The door this document came from."}}})},
                     {"security", Json::array({{{"bearer", Json::array()}}})},
                     {"tags", tags_},
                     {"x-tagGroups", Groups()},
                     {"paths", paths_},
                     {"components", Components()},
                     {"x-error-reasons", AllReasons()}};
    return document;
  }

 private:
  absl::Status Add(const ServiceDescriptor* service) {
    const std::string package = ShortPackage(service->file()->package());
    const std::string tag = absl::StrCat(package, ".", service->name());
    bool has_rules = false;
    for (int m = 0; m < service->method_count(); ++m) {
      const MethodDescriptor* method = service->method(m);
      ASSIGN_OR_RETURN(const std::vector<Binding> bindings, BindingsOf(method));
      for (size_t place = 0; place < bindings.size(); ++place) {
        has_rules = true;
        Json operation = operations_.Of(method, bindings[place]);
        // The same service name stands in several packages, so the id carries both.
        std::string id = absl::StrCat(package, "_", service->name(), "_", method->name());
        if (place > 0) absl::StrAppend(&id, "_", place + 1);
        operation["tags"] = Json::array({tag});
        operation["operationId"] = id;
        RETURN_IF_ERROR(Place(bindings[place], method, std::move(operation)));
      }
    }
    if (!has_rules) return absl::OkStatus();
    tags_.push_back({{"name", tag}, {"description", ServiceComment(service)}});
    groups_[package].push_back(tag);
    return absl::OkStatus();
  }

  absl::Status Place(const Binding& binding, const MethodDescriptor* method, Json operation) {
    Json& path = paths_[binding.path];
    if (path.is_null()) {
      path = {{"parameters",
               Json::array({ComponentRef("parameters", "XRequestId"), ComponentRef("parameters", "AcceptLanguage"),
                            ComponentRef("parameters", "Traceparent")})}};
    }
    if (path.contains(binding.verb)) {
      return absl::InvalidArgumentError(
          absl::StrCat(method->full_name(), ": another method has ", binding.verb, " ", binding.path));
    }
    path[binding.verb] = std::move(operation);
    return absl::OkStatus();
  }

  Json Groups() const {
    Json groups = Json::array();
    for (const auto& [package, tags] : groups_) groups.push_back({{"name", package}, {"tags", tags}});
    return groups;
  }

  Json Components() {
    Json examples = Json::object();
    std::set<std::string> shown = operations_.reasons_shown();
    for (const StandardError& error : kStandardErrors) shown.insert(CommonKey(error.reason));
    for (const std::string& key : shown) {
      const auto reason = reasons_.all().find(key);
      if (reason == reasons_.all().end()) continue;
      examples[key] = {{"summary", reason->second.zh}, {"value", ErrorExample(reason->second)}};
    }
    Json schemas = Json::object();
    for (auto& [name, schema] : schemas_.Take()) schemas[name] = std::move(schema);
    schemas["Error"] = ErrorSchema();
    Json responses = StandardResponses();
    // A set of descriptors without the common reasons has no examples to show.
    for (auto& response : responses) {
      Json& content = response["content"]["application/json"];
      if (!examples.contains(ReferredExample(content))) content.erase("examples");
    }
    return {{"securitySchemes", {{"bearer", roles_.SecurityScheme()}}},
            {"parameters", StandardParameters()},
            {"headers", StandardHeaders()},
            {"responses", std::move(responses)},
            {"examples", std::move(examples)},
            {"schemas", std::move(schemas)}};
  }

  static std::string ReferredExample(const Json& content) {
    const std::string reference = content["examples"].begin().value()["$ref"];
    return reference.substr(reference.rfind('/') + 1);
  }

  Json AllReasons() const {
    Json all = Json::array();
    for (const auto& [key, reason] : reasons_.all()) {
      const Code& code = CodeOf(reason.code);
      all.push_back({{"domain", reason.domain},
                     {"reason", reason.name},
                     {"status", code.name},
                     {"http", reason.http},
                     {"handbook", reason.handbook},
                     {"zh", reason.zh},
                     {"en", reason.en}});
    }
    return all;
  }

  const std::vector<const FileDescriptor*> files_;
  Schemas schemas_;
  const Reasons reasons_;
  const Roles roles_;
  Operations operations_;
  Json paths_ = Json::object();
  Json tags_ = Json::array();
  std::map<std::string, std::vector<std::string>> groups_;
};

}  // namespace

absl::StatusOr<Json> Document(const FileDescriptorSet& set) {
  DescriptorPool pool;
  std::vector<const FileDescriptor*> files;
  for (const FileDescriptorProto& described : set.file()) {
    const FileDescriptor* file = pool.BuildFile(described);
    if (file == nullptr) return absl::InvalidArgumentError(described.name() + " does not fit the files before it");
    files.push_back(file);
  }
  // By name, so that the order of the document does not hang on who includes whom.
  std::sort(files.begin(), files.end(),
            [](const FileDescriptor* a, const FileDescriptor* b) { return a->name() < b->name(); });
  return Assembly(std::move(files), pool).Make();
}

}  // namespace gateway::openapi
