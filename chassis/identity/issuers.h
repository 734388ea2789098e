// Whose tokens a process accepts, as its settings say: one issuer in the short form (issuer, audience, jwks-file), or
// several in a JSON file (issuers-file):
//
//   [{"issuer": "https://login.group.example/realms/shop", "audiences": ["aftersales"],
//     "jwks": "https://login.group.example/realms/shop/protocol/openid-connect/certs",
//     "ca_file": "/etc/ca.crt", "algorithms": ["RS256"], "leeway_seconds": 30,
//     "claims": {"subject": "shop:{sub}", "roles": "realm_access.roles", "stores": "stores", "group_value": "*"},
//     "role_map": {"Serviceberater": "service_adviser"}}]
//
// Only issuer, audiences and jwks are demanded. A subject is unique for its issuer only: with several, all but one
// should put something before it, or a partner's li.na is ours. A name the file does not know stops the start-up: a
// misspelt limit must not be no limit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/config/config.h"
#include "chassis/identity/identity.h"

namespace chassis::identity {

// From config::IdentitySettings; names the one that is wrong. Short form and file together are refused.
absl::StatusOr<VerifierSettings> VerifierSettingsFrom(const config::Config& config);
absl::StatusOr<std::vector<IssuerSettings>> ParseIssuers(std::string_view json);

// The issuer a process names in the tokens it signs itself: own-issuer, or the only one of the short form.
std::string OwnIssuerIn(const config::Config& config);

}  // namespace chassis::identity
