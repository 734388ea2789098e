// The settings of rates, shares and circuit breakers, and what they mean.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/config/config.h"
#include "gateway/admission.h"
#include "gateway/limits/breaker.h"
#include "gateway/limits/rate_limits.h"

namespace gateway {

std::vector<chassis::config::Setting> TrafficSettings();

// Each names the setting that is wrong.
absl::StatusOr<std::unique_ptr<RateLimits>> RateLimitsFrom(const chassis::config::Config& config);
// `rate-client-read = 50/100` per line, # begins a comment; what no line names is unlimited. Errors name the line.
absl::StatusOr<RateLimits::Rates> ParseRateLines(std::string_view text);
absl::StatusOr<Admission::Shares> SharesFrom(const chassis::config::Config& config);
absl::StatusOr<Breaker::Settings> BreakerSettingsFrom(const chassis::config::Config& config);

}  // namespace gateway
