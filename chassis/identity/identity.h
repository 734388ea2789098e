// Who calls, and what that allows (G-01, G-02).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/options/v1/options.pb.h"

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

// Verifies tokens of the configured issuers. Claims: sub, aud, iss, exp, nbf, iat, roles (["service_adviser"]),
// stores (["<uuid>"] or ["*"] for the group). Algorithms: RS256, PS256, ES256 per issuer's keys; nothing else.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // Refuses with ERROR_REASON_UNAUTHENTICATED naming what is wrong, never echoing the token.
  virtual absl::StatusOr<Identity> Verify(std::string_view token, absl::Time now) = 0;
};

struct IssuerSettings {
  std::string issuer;
  std::string audience;
  std::string jwks_file;
};
absl::StatusOr<std::unique_ptr<TokenVerifier>> MakeTokenVerifier(const std::vector<IssuerSettings>& issuers);

// Signs tokens with a private JWK: a service's own token towards its peers, and the development issuer.
struct TokenRequest {
  std::string subject;
  std::vector<std::string> roles;
  std::vector<std::string> stores;
  absl::Time issue_time;
  absl::Duration lifetime = absl::Hours(1);
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
