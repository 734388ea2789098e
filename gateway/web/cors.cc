#include "gateway/web/cors.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/status/text.h"

namespace gateway::web {
namespace {

constexpr char kAllowedHeaders[] =
    "authorization, content-type, accept-language, grpc-timeout, last-event-id, traceparent, x-grpc-web, x-request-id, "
    "x-user-agent";
constexpr char kExposedHeaders[] =
    "content-disposition, content-language, grpc-message, grpc-status, grpc-status-details-bin, ratelimit-limit, "
    "ratelimit-remaining, ratelimit-reset, retry-after, traceparent, www-authenticate, x-request-id";
constexpr char kMaxAgeSeconds[] = "600";

// scheme://host[:port], nothing behind it, in lower case as browsers send it.
bool IsOrigin(absl::string_view text) {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, "https://") && !absl::ConsumePrefix(&rest, "http://")) return false;
  return !rest.empty() && std::all_of(rest.begin(), rest.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

}  // namespace

absl::StatusOr<Cors> Cors::Make(std::string_view origins) {
  Cors cors;
  for (const absl::string_view part : absl::StrSplit(chassis::Absl(origins), ',', absl::SkipWhitespace())) {
    const absl::string_view origin = absl::StripAsciiWhitespace(part);
    if (!IsOrigin(origin)) {
      return absl::InvalidArgumentError(
          absl::StrCat("cors-origins: \"", origin, "\" is no origin such as https://desk.example"));
    }
    cors.origins_.emplace_back(origin);
  }
  return cors;
}

bool Cors::Allows(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

bool Cors::IsPreflight(const HttpRequest& request) {
  return request.method == "OPTIONS" && request.Count("origin") > 0 &&
         request.Count("access-control-request-method") > 0;
}

HttpAnswer Cors::Preflight(const HttpRequest& request, std::string_view allowed_methods) const {
  const std::string_view origin = request.Field("origin");
  HttpAnswer answer;
  answer.status = 403;
  answer.fields = {{"Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}};
  if (request.Count("origin") != 1 || !Allows(origin)) return answer;
  answer.status = 204;
  answer.fields.emplace_back("Access-Control-Allow-Origin", std::string(origin));
  answer.fields.emplace_back("Access-Control-Allow-Methods", std::string(allowed_methods));
  answer.fields.emplace_back("Access-Control-Allow-Headers", kAllowedHeaders);
  answer.fields.emplace_back("Access-Control-Max-Age", kMaxAgeSeconds);
  return answer;
}

Fields Cors::FieldsFor(const HttpRequest& request) const {
  if (origins_.empty()) return {};
  Fields fields = {{"Vary", "Origin"}};
  const std::string_view origin = request.Field("origin");
  if (request.Count("origin") == 1 && Allows(origin)) {
    fields.emplace_back("Access-Control-Allow-Origin", std::string(origin));
    fields.emplace_back("Access-Control-Expose-Headers", kExposedHeaders);
  }
  return fields;
}

}  // namespace gateway::web
