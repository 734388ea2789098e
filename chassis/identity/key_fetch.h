// Fetches an issuer's JWK set over HTTP, within limits of time and size. Nothing is followed: no redirect, no other
// protocol; the server's certificate is checked.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chassis/identity/identity.h"

namespace chassis::identity {

// "https://..." or "http://...": not a file.
bool IsUrl(const std::string& jwks);
// OK for https, and for http on loopback; without user, password and fragment.
absl::Status CheckJwksUrl(const std::string& url);
// The body of a 200. Blocks for a few seconds at most. From any thread.
absl::StatusOr<std::string> FetchOverHttp(const IssuerSettings& issuer);

}  // namespace chassis::identity
