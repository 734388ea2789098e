// Verifies tokens against the JWK sets of the configured issuers. The token says which key and algorithm it claims;
// the key decides whether it may. Verified tokens are kept by digest, because callers send the same one again and
// again and a signature costs a hundred times a lookup.
#include <openssl/sha.h>
#include <sys/stat.h>

#include <fstream>
#include <mutex>
#include <sstream>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "chassis/identity/identity.h"
#include "chassis/identity/tokens.h"
#include "chassis/server/formats.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"

namespace chassis::identity {
namespace {

namespace common = aftersales::common::v1;
using nlohmann::json;

constexpr size_t kTokenBytesMax = 8192;
constexpr size_t kSubjectBytesMax = 200;
constexpr size_t kStoresMax = 1000;
constexpr size_t kCacheEntriesMax = 10000;
constexpr size_t kKeySetBytesMax = 1 << 20;
constexpr absl::Duration kLeeway = absl::Seconds(30);
constexpr absl::Duration kLookInterval = absl::Seconds(1);

absl::Status Unauthenticated(std::string_view why) {
  return Refuse(common::ERROR_REASON_UNAUTHENTICATED).With("why", why);
}

std::string TextIn(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// NumericDate; whole seconds and fractions both occur.
std::optional<absl::Time> TimeIn(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!(seconds >= 0 && seconds < 1e11)) return std::nullopt;
  return absl::FromUnixMicros(static_cast<int64_t>(seconds * 1e6));
}

bool Names(const json& claims, const char* name, const std::string& value) {
  const auto found = claims.find(name);
  if (found == claims.end()) return false;
  if (found->is_string()) return *found == value;
  if (!found->is_array()) return false;
  for (const json& entry : *found) {
    if (entry.is_string() && entry == value) return true;
  }
  return false;
}

// The keys of one issuer, read again when their file changes.
class KeySet {
 public:
  explicit KeySet(IssuerSettings settings) : settings_(std::move(settings)) {}
  const IssuerSettings& settings() const { return settings_; }

  absl::Status Load() {
    struct stat now {};
    if (::stat(settings_.jwks_file.c_str(), &now) != 0) {
      return absl::NotFoundError(absl::StrCat("cannot read the keys ", settings_.jwks_file));
    }
    seen_ = now;
    std::ifstream file(settings_.jwks_file, std::ios::binary);
    std::stringstream content;
    content << file.rdbuf();
    if (content.str().size() > kKeySetBytesMax) return absl::InvalidArgumentError("the key set is too large");
    const json set = ParseObject(content.str());
    const auto listed = set.is_object() ? set.find("keys") : set.end();
    if (!set.is_object() || listed == set.end() || !listed->is_array()) {
      return absl::InvalidArgumentError(absl::StrCat(settings_.jwks_file, " is no JWK set"));
    }
    absl::flat_hash_map<std::string, Key> keys;
    for (const json& entry : *listed) {
      absl::StatusOr<Key> key = ReadKey(entry);
      if (!key.ok()) {
        // Issuers publish keys for other purposes beside those for signatures.
        log::Warning("key left out", {{"file", settings_.jwks_file}, {"why", std::string(key.status().message())}});
        continue;
      }
      const std::string id = key->id;
      if (!keys.emplace(id, *std::move(key)).second) {
        return absl::InvalidArgumentError(absl::StrCat(settings_.jwks_file, " has two keys ", id));
      }
    }
    if (keys.empty()) return absl::InvalidArgumentError(absl::StrCat(settings_.jwks_file, " holds no usable key"));
    keys_ = std::move(keys);
    return absl::OkStatus();
  }

  // True when other keys than before are in force.
  bool Refresh() {
    struct stat now {};
    if (::stat(settings_.jwks_file.c_str(), &now) != 0) return false;
    const bool same = now.st_ino == seen_.st_ino && now.st_size == seen_.st_size &&
                      now.st_mtim.tv_sec == seen_.st_mtim.tv_sec && now.st_mtim.tv_nsec == seen_.st_mtim.tv_nsec;
    if (same) return false;
    if (const absl::Status status = Load(); !status.ok()) {
      log::Error("new keys refused, the old ones stay", {{"why", std::string(status.message())}});
      return false;
    }
    return true;
  }

  const Key* Find(const std::string& id) const {
    const auto found = keys_.find(id);
    return found == keys_.end() ? nullptr : &found->second;
  }

 private:
  const IssuerSettings settings_;
  struct stat seen_ {};
  absl::flat_hash_map<std::string, Key> keys_;
};

std::vector<std::string_view> Parts(std::string_view token) {
  std::vector<std::string_view> parts;
  for (size_t from = 0;;) {
    const size_t dot = token.find('.', from);
    parts.push_back(token.substr(from, dot - from));
    if (dot == std::string_view::npos) return parts;
    from = dot + 1;
  }
}

class JwksVerifier : public TokenVerifier {
 public:
  explicit JwksVerifier(std::vector<std::unique_ptr<KeySet>> issuers) : issuers_(std::move(issuers)) {}

  absl::StatusOr<Identity> Verify(std::string_view token, absl::Time now) override {
    if (token.empty()) return Unauthenticated("no token");
    if (token.size() > kTokenBytesMax) return Unauthenticated("the token is too large");
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
           reinterpret_cast<unsigned char*>(digest.data()));

    std::lock_guard<std::mutex> lock(mutex_);
    LookForNewKeys(now, kLookInterval);
    if (const auto known = verified_.find(digest); known != verified_.end()) {
      if (now <= known->second.expire_time + kLeeway) return known->second;
      verified_.erase(known);
      return Unauthenticated("the token has expired");
    }
    ASSIGN_OR_RETURN(Identity identity, VerifyNew(token, now));
    Keep(std::move(digest), identity, now);
    return identity;
  }

 private:
  void LookForNewKeys(absl::Time now, absl::Duration interval) {
    if (now - last_look_ < interval && now >= last_look_) return;
    last_look_ = now;
    bool changed = false;
    for (const auto& issuer : issuers_) changed |= issuer->Refresh();
    // A key that was withdrawn must not live on in what it once verified.
    if (changed) verified_.clear();
  }

  absl::StatusOr<Identity> VerifyNew(std::string_view token, absl::Time now) {
    const std::vector<std::string_view> parts = Parts(token);
    if (parts.size() != 3) return Unauthenticated("not a token");
    const std::optional<std::string> header_text = Base64UrlDecode(parts[0]);
    const std::optional<std::string> claims_text = Base64UrlDecode(parts[1]);
    if (!header_text.has_value() || !claims_text.has_value()) return Unauthenticated("not a token");
    const json header = ParseObject(*header_text);
    const json unverified = ParseObject(*claims_text);
    if (!header.is_object() || !unverified.is_object()) return Unauthenticated("not a token");
    if (header.contains("crit")) return Unauthenticated("the token demands an extension");

    KeySet* issuer = nullptr;
    for (const auto& candidate : issuers_) {
      if (candidate->settings().issuer == TextIn(unverified, "iss")) issuer = candidate.get();
    }
    if (issuer == nullptr) return Unauthenticated("the issuer is not accepted");
    const std::string key_id = TextIn(header, "kid");
    const Key* key = issuer->Find(key_id);
    if (key == nullptr) {
      // A key may have come a moment ago.
      LookForNewKeys(now, absl::ZeroDuration());
      key = issuer->Find(key_id);
    }
    if (key == nullptr) return Unauthenticated("the key is not known");
    if (!key->Allows(TextIn(header, "alg"))) return Unauthenticated("the algorithm is not allowed");
    const std::optional<std::string> payload = VerifiedPayload(token, *key);
    if (!payload.has_value()) return Unauthenticated("the signature is wrong");
    return IdentityIn(ParseObject(*payload), issuer->settings(), now);
  }

  static absl::StatusOr<Identity> IdentityIn(const json& claims, const IssuerSettings& settings, absl::Time now) {
    if (!claims.is_object() || TextIn(claims, "iss") != settings.issuer)
      return Unauthenticated("the issuer is not accepted");
    if (!Names(claims, "aud", settings.audience)) return Unauthenticated("the token is for another audience");
    const std::optional<absl::Time> expire = TimeIn(claims, "exp");
    if (!expire.has_value()) return Unauthenticated("the token does not say when it expires");
    if (now > *expire + kLeeway) return Unauthenticated("the token has expired");
    for (const char* name : {"nbf", "iat"}) {
      if (!claims.contains(name)) continue;
      const std::optional<absl::Time> from = TimeIn(claims, name);
      if (!from.has_value()) return Unauthenticated(absl::StrCat("the claim ", name, " is no time"));
      if (*from > now + kLeeway) return Unauthenticated("the token is not valid yet");
    }
    Identity identity;
    identity.expire_time = *expire;
    identity.subject = TextIn(claims, "sub");
    if (identity.subject.empty() || identity.subject.size() > kSubjectBytesMax)
      return Unauthenticated("the subject is missing");
    if (const auto roles = claims.find("roles"); roles != claims.end() && roles->is_array()) {
      for (const json& name : *roles) {
        // Names this version does not know give no right.
        const auto role =
            name.is_string() ? RoleNamed(name.get<std::string>()) : aftersales::options::v1::ROLE_UNSPECIFIED;
        if (role != aftersales::options::v1::ROLE_UNSPECIFIED) identity.roles.insert(role);
      }
    }
    if (const auto stores = claims.find("stores"); stores != claims.end() && stores->is_array()) {
      if (stores->size() > kStoresMax) return Unauthenticated("the token names too many stores");
      for (const json& store : *stores) {
        if (!store.is_string()) continue;
        const std::string id = store.get<std::string>();
        if (id == "*") {
          identity.group = true;
        } else if (formats::IsUuid(id)) {
          identity.store_ids.insert(id);
        }
      }
    }
    return identity;
  }

  void Keep(std::string digest, const Identity& identity, absl::Time now) {
    if (verified_.size() >= kCacheEntriesMax) {
      for (auto entry = verified_.begin(); entry != verified_.end();) {
        const auto current = entry++;
        if (current->second.expire_time < now) verified_.erase(current);
      }
      if (verified_.size() >= kCacheEntriesMax) verified_.clear();
    }
    verified_.emplace(std::move(digest), identity);
  }

  std::mutex mutex_;
  const std::vector<std::unique_ptr<KeySet>> issuers_;
  absl::Time last_look_ = absl::InfinitePast();
  absl::flat_hash_map<std::string, Identity> verified_;
};

constexpr std::string_view kRolePrefix = "ROLE_";

}  // namespace

absl::StatusOr<std::unique_ptr<TokenVerifier>> MakeTokenVerifier(const std::vector<IssuerSettings>& issuers) {
  if (issuers.empty()) return absl::InvalidArgumentError("no token issuer is configured");
  std::vector<std::unique_ptr<KeySet>> sets;
  for (const IssuerSettings& settings : issuers) {
    if (settings.issuer.empty() || settings.audience.empty()) {
      return absl::InvalidArgumentError("a token issuer needs a name and an audience");
    }
    sets.push_back(std::make_unique<KeySet>(settings));
    RETURN_IF_ERROR(sets.back()->Load());
  }
  return std::make_unique<JwksVerifier>(std::move(sets));
}

std::string RoleName(aftersales::options::v1::Role role) {
  std::string name = aftersales::options::v1::Role_Name(role).substr(kRolePrefix.size());
  for (char& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return name;
}

aftersales::options::v1::Role RoleNamed(std::string_view name) {
  std::string value(kRolePrefix);
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') return aftersales::options::v1::ROLE_UNSPECIFIED;
    value.push_back(static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
  }
  aftersales::options::v1::Role role;
  return aftersales::options::v1::Role_Parse(value, &role) ? role : aftersales::options::v1::ROLE_UNSPECIFIED;
}

}  // namespace chassis::identity
