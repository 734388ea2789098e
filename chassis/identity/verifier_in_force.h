// The verifier of a process, as its settings say: with issuers-file the file is read again when it changes, and from
// then on tokens are taken as it says, while calls go on. A file that is wrong changes nothing.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "chassis/config/config.h"
#include "chassis/identity/identity.h"
#include "chassis/telemetry/metrics.h"

namespace chassis::identity {

// `read` hears of each time the file was read again, on a thread of the verifier's. `metrics` may be null; both outlive
// the verifier. Errors are those of the first reading.
absl::StatusOr<std::unique_ptr<TokenVerifier>> MakeVerifierInForce(const config::Config& config,
                                                                   telemetry::Metrics* metrics,
                                                                   std::function<void(const absl::Status&)> read = {});

}  // namespace chassis::identity
