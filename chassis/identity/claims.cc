#include "chassis/identity/claims.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/identity/tokens.h"
#include "chassis/server/formats.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"

namespace chassis::identity {
namespace {

using nlohmann::json;

constexpr size_t kSubjectBytesMax = 200;
constexpr size_t kTokenIdBytesMax = 200;
constexpr size_t kStoresMax = 1000;
constexpr size_t kRolesMax = 200;
constexpr double kSecondsMax = 1e11;

// NumericDate; whole seconds and fractions both occur.
std::optional<absl::Time> TimeIn(const json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds < kSecondsMax)) return std::nullopt;
  return absl::FromUnixMicros(static_cast<int64_t>(seconds * 1e6));
}

absl::Status CheckTimes(const json& claims, absl::Duration leeway, absl::Time now, absl::Time* expire) {
  const std::optional<absl::Time> until = TimeIn(claims, "exp");
  if (!until.has_value()) return Unauthenticated("令牌没有写明有效期", "the token does not say when it expires");
  if (now > *until + leeway) return Unauthenticated("令牌已过期", "the token has expired");
  for (const char* name : {"nbf", "iat"}) {
    if (!claims.contains(name)) continue;
    const std::optional<absl::Time> from = TimeIn(claims, name);
    if (!from.has_value())
      return Unauthenticated(absl::StrCat("令牌声明 ", name, " 不是时间"),
                             absl::StrCat("the claim ", name, " is no time"));
    if (*from > now + leeway) return Unauthenticated("令牌尚未生效", "the token is not valid yet");
  }
  *expire = *until;
  return absl::OkStatus();
}

// A text or a list of texts; nothing else in the list.
bool MadeFor(const json& claims, const std::vector<std::string>& audiences) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  const auto ours = [&](const json& entry) {
    return std::find(audiences.begin(), audiences.end(), entry.get<std::string>()) != audiences.end();
  };
  if (found->is_string()) return ours(*found);
  if (!found->is_array()) return false;
  bool named = false;
  for (const json& entry : *found) {
    if (!entry.is_string()) return false;
    named |= ours(entry);
  }
  return named;
}

// By its whole name, then as a path through objects, whose names may have dots themselves (Kubernetes has
// "kubernetes.io"): the longest that is there counts. Null when there is nothing. `name` comes from the settings.
const json* ClaimAt(const json& claims, const std::string& name) {
  if (!claims.is_object()) return nullptr;
  if (const auto whole = claims.find(name); whole != claims.end()) return &*whole;
  for (size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    const auto step = claims.find(name.substr(0, dot));
    if (step != claims.end()) return ClaimAt(*step, name.substr(dot + 1));
  }
  return nullptr;
}

// A list of texts, or texts with spaces between them as in `scope`. What is no text gives no right.
std::vector<std::string> TextsAt(const json& claims, const std::string& name) {
  const json* claim = ClaimAt(claims, name);
  if (claim == nullptr) return {};
  if (claim->is_string()) return absl::StrSplit(claim->get<std::string>(), ' ', absl::SkipEmpty());
  std::vector<std::string> texts;
  if (!claim->is_array()) return texts;
  for (const json& entry : *claim) {
    if (entry.is_string()) texts.push_back(entry.get<std::string>());
  }
  return texts;
}

// Names nobody maps or this version does not know give no right.
aftersales::options::v1::Role RoleOf(const std::string& theirs, const IssuerSettings& settings) {
  if (settings.role_map.empty()) return RoleNamed(theirs);
  const auto ours = settings.role_map.find(theirs);
  return ours == settings.role_map.end() ? aftersales::options::v1::ROLE_UNSPECIFIED : RoleNamed(ours->second);
}

// "partner:{email}": what stands before the claim, and its name; a bare name has nothing before it.
struct SubjectForm {
  std::string before;
  std::string claim;
};
SubjectForm FormOf(const std::string& setting) {
  const size_t open = setting.find('{');
  if (open == std::string::npos || setting.back() != '}') return {"", setting};
  return {setting.substr(0, open), setting.substr(open + 1, setting.size() - open - 2)};
}

bool IsSubject(const std::string& text) {
  return !text.empty() && text.size() <= kSubjectBytesMax &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace

absl::Status Unauthenticated(std::string_view zh, std::string_view en) {
  return Refuse(aftersales::common::v1::ERROR_REASON_UNAUTHENTICATED).With("why", en).With("why_zh", zh);
}

absl::StatusOr<Bearer> BearerIn(const json& claims, const IssuerSettings& settings, absl::Time now) {
  if (!claims.is_object() || TextIn(claims, "iss") != settings.issuer) {
    return Unauthenticated("不接受该签发方", "the issuer is not accepted");
  }
  if (!MadeFor(claims, settings.audiences))
    return Unauthenticated("令牌不是签发给本系统的", "the token is for another audience");
  Bearer bearer;
  bearer.leeway = settings.leeway;
  RETURN_IF_ERROR(CheckTimes(claims, settings.leeway, now, &bearer.identity.expire_time));
  if (const auto id = claims.find("jti"); id != claims.end()) {
    if (!id->is_string() || id->get<std::string>().size() > kTokenIdBytesMax) {
      return Unauthenticated("令牌声明 jti 不是文本", "the claim jti is no text");
    }
    bearer.token_id = id->get<std::string>();
  }
  const SubjectForm wanted = FormOf(settings.claims.subject);
  const json* subject = ClaimAt(claims, wanted.claim);
  if (subject == nullptr || !subject->is_string() || !IsSubject(subject->get<std::string>())) {
    return Unauthenticated("令牌没有写明主体", "the subject is missing");
  }
  bearer.identity.subject = wanted.before + subject->get<std::string>();
  const std::vector<std::string> roles = TextsAt(claims, settings.claims.roles);
  if (roles.size() > kRolesMax) return Unauthenticated("令牌中的岗位过多", "the token names too many roles");
  for (const std::string& name : roles) {
    const auto role = RoleOf(name, settings);
    if (role != aftersales::options::v1::ROLE_UNSPECIFIED) bearer.identity.roles.insert(role);
  }
  const std::vector<std::string> stores = TextsAt(claims, settings.claims.stores);
  if (stores.size() > kStoresMax) return Unauthenticated("令牌中的门店过多", "the token names too many stores");
  for (const std::string& id : stores) {
    if (id == settings.claims.group_value) {
      bearer.identity.group = true;
    } else if (formats::IsUuid(id)) {
      bearer.identity.store_ids.insert(id);
    }
  }
  return bearer;
}

}  // namespace chassis::identity
