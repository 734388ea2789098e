// Key files for development and tests, where this suite is its own issuer. Real keys come from the group's issuer.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace chassis::identity {

// A new P-256 key with this id, as private JWK: what LoadTokenIssuer reads.
std::string NewPrivateJwk(const std::string& key_id);
// The JWK set with the public halves of these keys: what MakeTokenVerifier reads.
absl::StatusOr<std::string> PublicJwks(const std::vector<std::string>& private_jwks);

}  // namespace chassis::identity
