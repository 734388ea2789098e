// Verifies tokens against the keys of the configured issuers. The token says which key and algorithm it claims; the
// key and the issuer's settings decide whether it may. Verified tokens are kept by digest, because callers send the
// same one again and again and a signature costs a hundred times a lookup; no lock is held while one is checked.
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "chassis/identity/claims.h"
#include "chassis/identity/identity.h"
#include "chassis/identity/issuer_keys.h"
#include "chassis/identity/key_fetch.h"
#include "chassis/identity/key_refresher.h"
#include "chassis/identity/revoked_tokens.h"
#include "chassis/identity/tokens.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/cache_figures.h"
#include "chassis/telemetry/log.h"

namespace chassis::identity {
namespace {

using nlohmann::json;

constexpr size_t kTokenBytesMax = 8192;
constexpr size_t kShards = 16;
constexpr size_t kEntriesPerShardMax = 640;
constexpr absl::Duration kLookInterval = absl::Seconds(1);

// ---------------------------------------------------------------- what was verified before

// Tokens by digest, in shards with a lock each.
class VerifiedTokens {
 public:
  explicit VerifiedTokens(telemetry::Metrics* metrics) : figures_(metrics, "token") {}
  // Another verifier may take over: what this one held is held no more.
  ~VerifiedTokens() {
    for (Shard& shard : shards_) {
      absl::MutexLock lock(&shard.mutex);
      figures_.HoldsMore(-static_cast<double>(shard.entries.size()));
    }
  }

  // Null when it is not known under these keys.
  std::shared_ptr<const Bearer> Find(const std::string& digest, int64_t keys_generation) {
    Shard& shard = shards_[static_cast<unsigned char>(digest[0]) % kShards];
    absl::MutexLock lock(&shard.mutex);
    const auto found = shard.entries.find(digest);
    if (found == shard.entries.end() || found->second.keys_generation != keys_generation) {
      figures_.Miss();
      return nullptr;
    }
    figures_.Hit();
    return found->second.bearer;
  }

  // `keys_generation` as it was before the keys were read that vouch for it.
  void Keep(std::string digest, std::shared_ptr<const Bearer> bearer, int64_t keys_generation, absl::Time now) {
    Shard& shard = shards_[static_cast<unsigned char>(digest[0]) % kShards];
    absl::MutexLock lock(&shard.mutex);
    const auto before = static_cast<double>(shard.entries.size());
    if (shard.entries.size() >= kEntriesPerShardMax) {
      for (auto entry = shard.entries.begin(); entry != shard.entries.end();) {
        const auto current = entry++;
        const bool over = current->second.bearer->identity.expire_time < now;
        if (over || current->second.keys_generation != keys_generation) shard.entries.erase(current);
      }
      if (shard.entries.size() >= kEntriesPerShardMax) shard.entries.clear();
    }
    shard.entries.insert_or_assign(std::move(digest), Entry{std::move(bearer), keys_generation});
    figures_.HoldsMore(static_cast<double>(shard.entries.size()) - before);
  }

 private:
  struct Entry {
    std::shared_ptr<const Bearer> bearer;
    int64_t keys_generation;
  };
  struct Shard {
    absl::Mutex mutex;
    absl::flat_hash_map<std::string, Entry> entries ABSL_GUARDED_BY(mutex);
  };
  std::array<Shard, kShards> shards_;
  telemetry::CacheFigures figures_;
};

// ---------------------------------------------------------------- a token's parts

std::vector<std::string_view> Parts(std::string_view token) {
  std::vector<std::string_view> parts;
  for (size_t from = 0;;) {
    const size_t dot = token.find('.', from);
    parts.push_back(token.substr(from, dot - from));
    if (dot == std::string_view::npos) return parts;
    from = dot + 1;
  }
}

// RFC 8725, 3.11: a token made for something else (a logout, a DPoP proof) is none of ours. Not every issuer says it.
bool IsAccessToken(const json& header) {
  const auto type = header.find("typ");
  if (type == header.end()) return true;
  if (!type->is_string()) return false;
  const std::string name = absl::AsciiStrToLower(type->get<std::string>());
  return name == "jwt" || name == "at+jwt" || name == "application/at+jwt";
}

struct Unverified {
  json header;
  std::string issuer;
};

absl::StatusOr<Unverified> Read(std::string_view token) {
  const std::vector<std::string_view> parts = Parts(token);
  if (parts.size() != 3) return Unauthenticated("不是令牌", "not a token");
  const std::optional<std::string> header = Base64UrlDecode(parts[0]);
  const std::optional<std::string> claims = Base64UrlDecode(parts[1]);
  const std::optional<std::string> signature = Base64UrlDecode(parts[2]);
  if (!header.has_value() || !claims.has_value() || !signature.has_value())
    return Unauthenticated("不是令牌", "not a token");
  Unverified unverified{ParseObject(*header), ""};
  const json said = ParseObject(*claims);
  if (!unverified.header.is_object() || !said.is_object()) return Unauthenticated("不是令牌", "not a token");
  if (unverified.header.contains("crit"))
    return Unauthenticated("令牌要求不支持的扩展", "the token demands an extension");
  if (!IsAccessToken(unverified.header)) return Unauthenticated("令牌类型不对", "the token is of another type");
  unverified.issuer = TextIn(said, "iss");
  return unverified;
}

bool Allows(const IssuerSettings& settings, const std::string& algorithm) {
  return settings.algorithms.empty() ||
         std::find(settings.algorithms.begin(), settings.algorithms.end(), algorithm) != settings.algorithms.end();
}

// ---------------------------------------------------------------- the verifier

class JwksVerifier : public TokenVerifier {
 public:
  JwksVerifier(std::vector<std::unique_ptr<IssuerKeys>> issuers, const VerifierSettings& settings)
      : issuers_(std::move(issuers)),
        revoked_(settings.revoked_tokens_file),
        verified_(settings.metrics),
        refresher_(Remote(issuers_), {settings.refresh_interval, settings.refetch_interval},
                   [this] { keys_generation_.fetch_add(1); }) {}

  absl::Status LoadRevoked() { return revoked_.Load(); }

  absl::StatusOr<Identity> Verify(std::string_view token, absl::Time now) override {
    if (token.empty()) return Unauthenticated("没有令牌", "no token");
    if (token.size() > kTokenBytesMax) return Unauthenticated("令牌过大", "the token is too large");
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
           reinterpret_cast<unsigned char*>(digest.data()));
    if (TimeToLook(now)) LookAtFiles();

    const int64_t generation = keys_generation_.load();
    std::shared_ptr<const Bearer> bearer = verified_.Find(digest, generation);
    if (bearer == nullptr) {
      ASSIGN_OR_RETURN(Bearer fresh, VerifyNew(token, now));
      bearer = std::make_shared<const Bearer>(std::move(fresh));
      verified_.Keep(std::move(digest), bearer, generation, now);
    }
    if (now > bearer->identity.expire_time + bearer->leeway)
      return Unauthenticated("令牌已过期", "the token has expired");
    if (revoked_.Has(bearer->token_id, now)) return Unauthenticated("令牌已被撤销", "the token was revoked");
    return bearer->identity;
  }

 private:
  static std::vector<IssuerKeys*> Remote(const std::vector<std::unique_ptr<IssuerKeys>>& issuers) {
    std::vector<IssuerKeys*> remote;
    for (const auto& issuer : issuers) {
      if (issuer->remote()) remote.push_back(issuer.get());
    }
    return remote;
  }

  // True for one caller per interval.
  bool TimeToLook(absl::Time now) {
    const int64_t now_ns = absl::ToUnixNanos(now);
    int64_t last_ns = last_look_ns_.load();
    if (now_ns >= last_ns && now_ns - last_ns < absl::ToInt64Nanoseconds(kLookInterval)) return false;
    return last_look_ns_.compare_exchange_strong(last_ns, now_ns);
  }

  void LookAtFiles() {
    bool changed = false;
    for (const auto& issuer : issuers_) changed |= issuer->LoadIfFileChanged();
    // A key that was withdrawn must not live on in what it once verified.
    if (changed) keys_generation_.fetch_add(1);
    revoked_.LoadIfChanged();
  }

  // The key and its set, which must live as long as it is used.
  struct Found {
    std::shared_ptr<const Keys> keys;
    const Key* key = nullptr;
  };
  Found Find(IssuerKeys& issuer, const std::string& id, absl::Time now) {
    for (const bool again : {false, true}) {
      Found found{issuer.InForce()};
      if (const auto entry = found.keys->find(id); entry != found.keys->end()) {
        found.key = &entry->second;
        return found;
      }
      if (again) break;
      // It may have come a moment ago. A file is read at once; an answer from afar helps the next caller.
      if (issuer.remote()) {
        refresher_.Want(issuer, now);
        break;
      }
      LookAtFiles();
    }
    return {};
  }

  absl::StatusOr<Bearer> VerifyNew(std::string_view token, absl::Time now) {
    ASSIGN_OR_RETURN(const Unverified unverified, Read(token));
    IssuerKeys* issuer = nullptr;
    for (const auto& candidate : issuers_) {
      if (candidate->settings().issuer == unverified.issuer) issuer = candidate.get();
    }
    if (issuer == nullptr) return Unauthenticated("不接受该签发方", "the issuer is not accepted");
    const Found found = Find(*issuer, TextIn(unverified.header, "kid"), now);
    if (found.key == nullptr) return Unauthenticated("不认识签名密钥", "the key is not known");
    const std::string algorithm = TextIn(unverified.header, "alg");
    if (!found.key->Allows(algorithm) || !Allows(issuer->settings(), algorithm)) {
      return Unauthenticated("不允许该签名算法", "the algorithm is not allowed");
    }
    const std::optional<std::string> payload = VerifiedPayload(token, *found.key);
    if (!payload.has_value()) return Unauthenticated("签名错误", "the signature is wrong");
    return BearerIn(ParseObject(*payload), issuer->settings(), now);
  }

  const std::vector<std::unique_ptr<IssuerKeys>> issuers_;
  RevokedTokens revoked_;
  VerifiedTokens verified_;
  std::atomic<int64_t> keys_generation_{0};
  std::atomic<int64_t> last_look_ns_{std::numeric_limits<int64_t>::min() / 2};
  KeyRefresher refresher_;  // last: its thread ends before what it touches
};

constexpr std::string_view kRolePrefix = "ROLE_";

absl::Status Check(const IssuerSettings& issuer, const std::set<std::string>& others) {
  if (issuer.issuer.empty() || issuer.audiences.empty()) {
    return absl::InvalidArgumentError("a token issuer needs a name and an audience");
  }
  for (const std::string& audience : issuer.audiences) {
    if (audience.empty()) return absl::InvalidArgumentError("a token issuer needs a name and an audience");
  }
  if (others.count(issuer.issuer) > 0) {
    return absl::InvalidArgumentError(absl::StrCat("the token issuer ", issuer.issuer, " stands there twice"));
  }
  for (const std::string& algorithm : issuer.algorithms) {
    if (algorithm != "RS256" && algorithm != "PS256" && algorithm != "ES256") {
      return absl::InvalidArgumentError(absl::StrCat("the algorithm ", algorithm, " is none of RS256, PS256, ES256"));
    }
  }
  if (IsUrl(issuer.jwks)) return CheckJwksUrl(issuer.jwks);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenVerifier>> MakeTokenVerifier(const VerifierSettings& settings) {
  if (settings.issuers.empty()) return absl::InvalidArgumentError("no token issuer is configured");
  std::vector<std::unique_ptr<IssuerKeys>> all;
  std::set<std::string> names;
  for (const IssuerSettings& issuer : settings.issuers) {
    RETURN_IF_ERROR(Check(issuer, names));
    names.insert(issuer.issuer);
    const FetchJwks fetch = settings.fetch ? settings.fetch : FetchOverHttp;
    auto keys = std::make_unique<IssuerKeys>(issuer, fetch, settings.metrics);
    bool changed = false;
    const absl::Status loaded = keys->Load(&changed);
    if (!loaded.ok() && !keys->remote()) return loaded;
    if (!loaded.ok()) {
      log::Error("the issuer's keys cannot be fetched yet: its tokens are refused",
                 {{"issuer", issuer.issuer}, {"why", std::string(loaded.message())}});
    }
    all.push_back(std::move(keys));
  }
  auto verifier = std::make_unique<JwksVerifier>(std::move(all), settings);
  RETURN_IF_ERROR(verifier->LoadRevoked());
  return verifier;
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
