// Who calls, and what that allows (G-01, G-02).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/options/v1/options.pb.h"

namespace chassis::telemetry {
class Metrics;
}

namespace chassis::identity {

struct Identity {
  std::string subject;
  std::set<aftersales::options::v1::Role> roles;
  std::set<std::string> store_ids;
  bool group = false;  // acts for every store
  absl::Time expire_time;

  bool Has(aftersales::options::v1::Role role) const { return roles.count(role) > 0; }
  bool ActsFor(const std::string& store_id) const { return group || store_ids.count(store_id) > 0; }
};

// Verifies tokens of the configured issuers, as RFC 7519 and RFC 8725 ask. Registered claims: iss, sub, aud, exp (all
// demanded), nbf, iat, jti. Roles (["service_adviser"]) and stores (["<uuid>"] or ["*"] for the group) stand in the
// claims the issuer's settings name. Algorithms: RS256, PS256, ES256 as the key and the issuer's list allow; nothing
// else, and never what the token alone asks for. From any thread; no lock is held while a signature is checked.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // Refuses with ERROR_REASON_UNAUTHENTICATED naming what is wrong, never echoing the token.
  virtual absl::StatusOr<Identity> Verify(std::string_view token, absl::Time now) = 0;
};

// Which claim says what. A name is looked for as it stands, then as a path: "realm_access.roles".
struct ClaimNames {
  std::string subject = "sub";
  std::string roles = "roles";
  std::string stores = "stores";
  std::string group_value = "*";  // a store of this name stands for all
};

struct IssuerSettings {
  std::string issuer;                  // claim iss, exactly
  std::vector<std::string> audiences;  // one of them must stand in claim aud
  // Its public keys as JWK set: a file, read again when it changes, or a URL, fetched again in the background. https;
  // http on loopback only.
  std::string jwks;
  std::string ca_file;                  // who vouches for the URL's server; empty: the system's own list
  std::vector<std::string> algorithms;  // empty: RS256, PS256, ES256
  absl::Duration leeway = absl::Seconds(30);
  ClaimNames claims;
  // The issuer's names of roles to ours. When there are any, only these give roles: an issuer can be kept from
  // making itself a service of the suite.
  std::map<std::string, std::string> role_map;
};

using FetchJwks = std::function<absl::StatusOr<std::string>(const IssuerSettings& issuer)>;

struct VerifierSettings {
  std::vector<IssuerSettings> issuers;
  // One `jti [time it may be forgotten, RFC 3339]` per line, # begins a comment; read again when it changes. Empty:
  // none is revoked.
  std::string revoked_tokens_file;
  absl::Duration refresh_interval = absl::Minutes(5);   // of keys behind a URL
  absl::Duration refetch_interval = absl::Seconds(30);  // between fetches for the sake of a key nobody knows
  FetchJwks fetch;                                      // empty: over HTTP
  telemetry::Metrics* metrics = nullptr;                // outlives the verifier; null: nothing is counted
};

// Reads the keys. A file that cannot be read or holds no usable key stops it; a URL that does not answer does not:
// its tokens are refused until it does.
absl::StatusOr<std::unique_ptr<TokenVerifier>> MakeTokenVerifier(const VerifierSettings& settings);

// Signs tokens with a private JWK: a service's own token towards its peers, the gateway's for machines that show a
// certificate, and the development issuer.
struct TokenRequest {
  std::string subject;
  std::vector<std::string> roles;
  std::vector<std::string> stores;
  absl::Time issue_time;
  absl::Duration lifetime = absl::Hours(1);
  std::string token_id;  // claim jti; empty: none
};
class TokenIssuer {
 public:
  virtual ~TokenIssuer() = default;
  virtual std::string Issue(const TokenRequest& request) = 0;
};
absl::StatusOr<std::unique_ptr<TokenIssuer>> LoadTokenIssuer(const std::string& private_jwk_file,
                                                             const std::string& issuer, const std::string& audience);

std::string RoleName(aftersales::options::v1::Role role);  // "service_adviser"
aftersales::options::v1::Role RoleNamed(std::string_view name);

}  // namespace chassis::identity
