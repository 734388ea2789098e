#include "chassis/identity/issuers.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "chassis/config/watched_file.h"
#include "chassis/identity/key_fetch.h"
#include "chassis/identity/tokens.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"

namespace chassis::identity {
namespace {

using nlohmann::json;

constexpr size_t kIssuersFileBytesMax = 1 << 18;
constexpr size_t kIssuersMax = 32;
constexpr int64_t kLeewaySecondsMax = 300;

absl::Status Wrong(std::string_view where, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("issuers: ", Absl(where), " ", Absl(why)));
}

absl::Status OnlyKnown(const json& object, const std::set<std::string>& names, std::string_view where) {
  if (!object.is_object()) return Wrong(where, "is no object");
  for (const auto& [name, value] : object.items()) {
    if (names.count(name) == 0) return Wrong(where, absl::StrCat("has the unknown name ", name));
  }
  return absl::OkStatus();
}

absl::Status ReadText(const json& object, const char* name, std::string& text) {
  const auto found = object.find(name);
  if (found == object.end()) return absl::OkStatus();
  if (!found->is_string() || found->get<std::string>().empty()) return Wrong(name, "must be a text");
  text = found->get<std::string>();
  return absl::OkStatus();
}

absl::Status ReadTexts(const json& object, const char* name, std::vector<std::string>& texts) {
  const auto found = object.find(name);
  if (found == object.end()) return absl::OkStatus();
  if (!found->is_array()) return Wrong(name, "must be a list of texts");
  for (const json& entry : *found) {
    if (!entry.is_string() || entry.get<std::string>().empty()) return Wrong(name, "must be a list of texts");
    texts.push_back(entry.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status ReadClaims(const json& object, ClaimNames& claims) {
  const auto found = object.find("claims");
  if (found == object.end()) return absl::OkStatus();
  RETURN_IF_ERROR(OnlyKnown(*found, {"subject", "roles", "stores", "group_value"}, "claims"));
  RETURN_IF_ERROR(ReadText(*found, "subject", claims.subject));
  RETURN_IF_ERROR(ReadText(*found, "roles", claims.roles));
  RETURN_IF_ERROR(ReadText(*found, "stores", claims.stores));
  return ReadText(*found, "group_value", claims.group_value);
}

absl::Status ReadRoles(const json& object, std::map<std::string, std::string>& roles) {
  const auto found = object.find("role_map");
  if (found == object.end()) return absl::OkStatus();
  if (!found->is_object() || found->empty()) return Wrong("role_map", "must name at least one role");
  for (const auto& [theirs, ours] : found->items()) {
    if (!ours.is_string() || RoleNamed(ours.get<std::string>()) == aftersales::options::v1::ROLE_UNSPECIFIED) {
      return Wrong("role_map", absl::StrCat(theirs, " is mapped to no role of the suite"));
    }
    roles[theirs] = ours.get<std::string>();
  }
  return absl::OkStatus();
}

absl::StatusOr<IssuerSettings> ReadIssuer(const json& object) {
  RETURN_IF_ERROR(OnlyKnown(
      object, {"issuer", "audiences", "jwks", "ca_file", "algorithms", "leeway_seconds", "claims", "role_map"},
      "an issuer"));
  IssuerSettings settings;
  RETURN_IF_ERROR(ReadText(object, "issuer", settings.issuer));
  RETURN_IF_ERROR(ReadTexts(object, "audiences", settings.audiences));
  RETURN_IF_ERROR(ReadText(object, "jwks", settings.jwks));
  RETURN_IF_ERROR(ReadText(object, "ca_file", settings.ca_file));
  RETURN_IF_ERROR(ReadTexts(object, "algorithms", settings.algorithms));
  RETURN_IF_ERROR(ReadClaims(object, settings.claims));
  RETURN_IF_ERROR(ReadRoles(object, settings.role_map));
  if (const auto leeway = object.find("leeway_seconds"); leeway != object.end()) {
    if (!leeway->is_number_unsigned() || leeway->get<int64_t>() > kLeewaySecondsMax) {
      return Wrong("leeway_seconds", absl::StrCat("must be 0 to ", kLeewaySecondsMax));
    }
    settings.leeway = absl::Seconds(leeway->get<int64_t>());
  }
  if (object.contains("algorithms") && settings.algorithms.empty()) return Wrong("algorithms", "names none");
  return settings;
}

}  // namespace

absl::StatusOr<std::vector<IssuerSettings>> ParseIssuers(std::string_view text) {
  const json list = ParseStrictly(text);
  if (!list.is_array() || list.empty()) return Wrong("the file", "is no list of issuers in strict JSON");
  if (list.size() > kIssuersMax) return Wrong("the file", absl::StrCat("has more than ", kIssuersMax, " issuers"));
  std::vector<IssuerSettings> issuers;
  for (const json& entry : list) {
    ASSIGN_OR_RETURN(IssuerSettings issuer, ReadIssuer(entry));
    issuers.push_back(std::move(issuer));
  }
  return issuers;
}

absl::StatusOr<VerifierSettings> VerifierSettingsFrom(const config::Config& config) {
  VerifierSettings settings;
  settings.revoked_tokens_file = config.Text("revoked-tokens-file");
  settings.refresh_interval = config.Duration("jwks-refresh");
  settings.refetch_interval = config.Duration("jwks-refetch-min");
  const std::string file = config.Text("issuers-file");
  if (file.empty()) {
    settings.issuers.push_back({config.Text("issuer"), {config.Text("audience")}, config.Text("jwks-file")});
    return settings;
  }
  if (!config.Text("issuer").empty() || !config.Text("jwks-file").empty()) {
    return absl::InvalidArgumentError("settings issuers-file and issuer or jwks-file exclude each other");
  }
  ASSIGN_OR_RETURN(const std::string content, config::WatchedFile(file).Read(kIssuersFileBytesMax));
  ASSIGN_OR_RETURN(settings.issuers, ParseIssuers(content));
  return settings;
}

std::string OwnIssuerIn(const config::Config& config) {
  return config.Text("own-issuer").empty() ? config.Text("issuer") : config.Text("own-issuer");
}

}  // namespace chassis::identity
