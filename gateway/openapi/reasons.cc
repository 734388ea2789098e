#include "gateway/openapi/reasons.h"

#include <algorithm>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "aftersales/options/v1/options.pb.h"
#include "gateway/openapi/comments.h"

namespace gateway::openapi {
namespace {

namespace options = aftersales::options::v1;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FileDescriptor;
using Json = nlohmann::ordered_json;

constexpr char kCommonDomain[] = "common.aftersales";
constexpr std::string_view kReasonPrefix = "ERROR_REASON_";

constexpr Code kCodes[] = {{1, "CANCELLED", 499},           {2, "UNKNOWN", 500},
                           {3, "INVALID_ARGUMENT", 400},    {4, "DEADLINE_EXCEEDED", 504},
                           {5, "NOT_FOUND", 404},           {6, "ALREADY_EXISTS", 409},
                           {7, "PERMISSION_DENIED", 403},   {8, "RESOURCE_EXHAUSTED", 429},
                           {9, "FAILED_PRECONDITION", 400}, {10, "ABORTED", 409},
                           {11, "OUT_OF_RANGE", 400},       {12, "UNIMPLEMENTED", 501},
                           {13, "INTERNAL", 500},           {14, "UNAVAILABLE", 503},
                           {15, "DATA_LOSS", 500},          {16, "UNAUTHENTICATED", 401}};

// "aftersales.reception.v1" -> "reception.aftersales", as services name it in ErrorInfo.
std::string DomainOf(const std::string& package) {
  const std::vector<std::string> names = absl::StrSplit(package, '.');
  return names.size() == 3 ? absl::StrCat(names[1], ".", names[0]) : package;
}

std::string ShortName(const std::string& name) {
  const size_t prefix = name.find(kReasonPrefix);
  return prefix == std::string::npos ? name : name.substr(prefix + kReasonPrefix.size());
}

// What the door itself refuses has HTTP statuses closer than those of its codes.
int HttpOf(const std::string& domain, const std::string& name, int code) {
  struct Closer {
    std::string_view name;
    int http;
  };
  constexpr Closer kCloser[] = {
      {"METHOD_UNKNOWN", 404}, {"HTTP_METHOD", 405}, {"NOT_ACCEPTABLE", 406}, {"TOO_LARGE", 413}, {"MEDIA_TYPE", 415}};
  for (const Closer& closer : kCloser) {
    if (domain == kCommonDomain && name == closer.name) return closer.http;
  }
  return CodeOf(code).http;
}

// What the places of a text may hold; others stay as they are.
std::string Filled(const std::string& text) {
  return absl::StrReplaceAll(text, {{"{plate}", "沪A12345"},
                                    {"{field}", "phone"},
                                    {"{why}", "the token has expired"},
                                    {"{seconds}", "2"},
                                    {"{limit}", "1048576"},
                                    {"{id}", "01930c5e-7a00-7c1b-8f3e-0a4d6b52e911"},
                                    {"{incident}", "01930c5e-7a00-7c1b-8f3e-0a4d6b52e911"},
                                    {"{state}", "CLOSED"},
                                    {"{need}", "OPEN"},
                                    {"{roles}", "service_adviser, service_manager"}});
}

Json Detail(const char* type, Json content) {
  Json detail = {{"@type", absl::StrCat("type.googleapis.com/google.rpc.", type)}};
  detail.update(content);
  return detail;
}

Json DetailSchema(const char* type, const char* words, Json properties) {
  Json all = {{"@type", {{"type", "string"}, {"const", absl::StrCat("type.googleapis.com/google.rpc.", type)}}}};
  all.update(properties);
  return {{"type", "object"}, {"description", words}, {"required", Json::array({"@type"})}, {"properties", all}};
}

Json Text(const char* words) { return {{"type", "string"}, {"description", words}}; }
Json ListOf(Json properties) {
  return {{"type", "array"}, {"items", {{"type", "object"}, {"properties", std::move(properties)}}}};
}

Json DetailSchemas() {
  return Json::array(
      {DetailSchema("ErrorInfo", "Always there: what programs decide by.",
                    {{"reason", Text("Such as VEHICLE_ALREADY_HERE; x-error-reasons of this document lists all.")},
                     {"domain", Text("Whose reason it is, such as reception.aftersales.")},
                     {"metadata",
                      {{"type", "object"},
                       {"description", "What the text was filled with; `handbook` is the rule's row."},
                       {"additionalProperties", {{"type", "string"}}}}}}),
       DetailSchema("LocalizedMessage", "Always there: the text for people, in the caller's language.",
                    {{"locale", Text("zh-CN or en, by Accept-Language.")}, {"message", Text("The text.")}}),
       DetailSchema(
           "BadRequest", "With INVALID_ARGUMENT: every field that is wrong, the first 20.",
           {{"fieldViolations", ListOf({{"field", Text("Path in the request, such as lines[2].quantity_milli.")},
                                        {"description", Text("What is wrong with it.")}})}}),
       DetailSchema("PreconditionFailure", "With FAILED_PRECONDITION: what stands in the way.",
                    {{"violations", ListOf({{"type", Text("The reason.")},
                                            {"subject", Text("What it is about: a field or a record.")},
                                            {"description", Text("In the caller's language.")}})}}),
       DetailSchema("RetryInfo", "Repeating helps, after this time; Retry-After says the same.",
                    {{"retryDelay", Text("Such as 0.500s.")}})});
}

}  // namespace

const Code& CodeOf(int number) {
  for (const Code& code : kCodes) {
    if (code.number == number) return code;
  }
  return kCodes[1];
}

std::string Reason::Key() const { return absl::StrCat(domain, ".", name); }

Reasons::Reasons(const std::vector<const FileDescriptor*>& files) {
  for (const FileDescriptor* file : files) {
    for (int e = 0; e < file->enum_type_count(); ++e) {
      const EnumDescriptor* type = file->enum_type(e);
      for (int v = 0; v < type->value_count(); ++v) {
        const EnumValueDescriptor* value = type->value(v);
        if (!value->options().HasExtension(options::text)) continue;
        const options::Text& text = value->options().GetExtension(options::text);
        const std::string domain = DomainOf(file->package());
        const std::string name = ShortName(value->name());
        Reason reason{domain,    name,      text.code(),     HttpOf(domain, name, text.code()),
                      text.zh(), text.en(), text.handbook(), type->name()};
        by_key_.emplace(reason.Key(), std::move(reason));
      }
    }
  }
}

std::vector<const Reason*> Reasons::NamedIn(std::string_view text, const std::string& package) const {
  std::vector<const Reason*> named;
  static const std::regex capitals("\\b[A-Z][A-Z0-9_]{2,}\\b");
  const std::string searched(text);
  for (std::sregex_iterator at(searched.begin(), searched.end(), capitals), end; at != end; ++at) {
    for (const std::string& domain : {DomainOf(package), std::string(kCommonDomain)}) {
      const auto found = by_key_.find(absl::StrCat(domain, ".", at->str()));
      if (found == by_key_.end()) continue;
      if (std::find(named.begin(), named.end(), &found->second) == named.end()) named.push_back(&found->second);
      break;
    }
  }
  return named;
}

Json ErrorExample(const Reason& reason) {
  const Code& code = CodeOf(reason.code);
  Json info = {{"reason", reason.name}, {"domain", reason.domain}, {"metadata", Json::object()}};
  if (!reason.handbook.empty()) info["metadata"]["handbook"] = reason.handbook;
  const std::string message = Filled(reason.en);
  Json details =
      Json::array({Detail("ErrorInfo", info), Detail("LocalizedMessage", {{"locale", "en"}, {"message", message}})});
  if (code.number == 8 || code.number == 14) details.push_back(Detail("RetryInfo", {{"retryDelay", "2s"}}));
  return {{"error", {{"code", reason.http}, {"status", code.name}, {"message", message}, {"details", details}}}};
}

Json ErrorSchema() {
  Json statuses = Json::array();
  for (const Code& code : kCodes) statuses.push_back(code.name);
  return {{"type", "object"},
          {"description", "What went wrong, the same content as over gRPC (google.rpc.Status, AIP-193)."},
          {"required", Json::array({"error"})},
          {"properties",
           {{"error",
             {{"type", "object"},
              {"required", Json::array({"code", "status", "message"})},
              {"properties",
               {{"code", {{"type", "integer"}, {"description", "The HTTP status."}}},
                {"status", {{"type", "string"}, {"enum", statuses}}},
                {"message", Text("For developers, in English; people are shown LocalizedMessage.")},
                {"details", {{"type", "array"}, {"items", {{"anyOf", DetailSchemas()}}}}}}}}}}}};
}

}  // namespace gateway::openapi
