// What the gateway itself says when it ends a call. Services are called by their package in either language.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace gateway {

// Something overloaded, too large or away, as people call it.
struct Thing {
  std::string_view en;
  std::string_view zh;
};
inline Thing Named(std::string_view package) { return {package, package}; }
inline constexpr Thing kTheGateway = {"the gateway", "网关"};

absl::Status Overloaded(Thing what);
absl::Status Unavailable(Thing what);
absl::Status TooLarge(Thing what, int64_t limit_bytes);
absl::Status Unauthenticated(std::string_view zh, std::string_view en);
absl::Status DeadlinePassed();
absl::Status MethodUnknown();
// `retry_after` is how long the caller should wait at least.
absl::Status RateLimited(Thing what, absl::Duration retry_after);
absl::Status CircuitOpen(Thing what, absl::Duration retry_after);
absl::Status Shed();

}  // namespace gateway
