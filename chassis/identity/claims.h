// What a token whose signature is good says about its bearer, and whether that holds now. Pure: claims in, identity
// out.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/identity/identity.h"
#include "nlohmann/json.hpp"

namespace chassis::identity {

struct Bearer {
  Identity identity;
  std::string token_id;  // claim jti, "" without one
  absl::Duration leeway;
};

// Refuses with ERROR_REASON_UNAUTHENTICATED.
absl::StatusOr<Bearer> BearerIn(const nlohmann::json& claims, const IssuerSettings& settings, absl::Time now);
// With what is wrong in both languages.
absl::Status Unauthenticated(std::string_view zh, std::string_view en);

}  // namespace chassis::identity
