#include "gateway/limits/traffic_settings.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace gateway {
namespace {

absl::Status InRange(const chassis::config::Config& config, const char* name, int64_t least, int64_t most) {
  const int64_t value = config.Int(name);
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("setting ", name, " must be ", least, " to ", most));
}

absl::StatusOr<RateLimits::ByClass> RatesOf(const chassis::config::Config& config, const char* by) {
  RateLimits::ByClass rates;
  for (size_t i = 0; i < kCallClassCount; ++i) {
    const std::string name = absl::StrCat("rate-", by, "-", std::string(Name(static_cast<CallClass>(i))));
    ASSIGN_OR_RETURN(rates[i], ParseRate(name, config.Text(name)));
  }
  return rates;
}

}  // namespace

std::vector<chassis::config::Setting> TrafficSettings() {
  return {
      {"rate-client-read", "", "reading calls of one caller: a second / at once, as 50/100; empty: unlimited"},
      {"rate-client-write", "", "the same for changing calls"},
      {"rate-client-report", "", "the same for calls nobody waits for (DEFERRABLE)"},
      {"rate-store-read", "", "reading calls for one store, whoever calls"},
      {"rate-store-write", "", "the same for changing calls"},
      {"rate-store-report", "", "the same for calls nobody waits for"},
      {"rate-buckets-max", "100000", "callers, and stores, whose rates are remembered per kind of call"},
      {"share-deferrable", "60", "percent of the places that DEFERRABLE calls may fill; beyond it they are refused"},
      {"share-normal", "90", "percent of the places that all but ESSENTIAL calls may fill"},
      {"breaker-failures", "20",
       "failed calls within breaker-window after which a service is left alone; 0: it never is"},
      {"breaker-share", "50", "percent of the calls that ended in the window that must have failed, too"},
      {"breaker-window", "10s", "window in which failures are counted"},
      {"breaker-open", "2s", "how long a service is left alone before some calls try it"},
      {"breaker-probes", "3", "calls that try it at once"},
  };
}

absl::StatusOr<std::unique_ptr<RateLimits>> RateLimitsFrom(const chassis::config::Config& config) {
  ASSIGN_OR_RETURN(const RateLimits::ByClass client, RatesOf(config, "client"));
  ASSIGN_OR_RETURN(const RateLimits::ByClass store, RatesOf(config, "store"));
  RETURN_IF_ERROR(InRange(config, "rate-buckets-max", 16, 10'000'000));
  return std::make_unique<RateLimits>(client, store, config.Int("rate-buckets-max"));
}

absl::StatusOr<Admission::Shares> SharesFrom(const chassis::config::Config& config) {
  RETURN_IF_ERROR(InRange(config, "share-deferrable", 1, 100));
  RETURN_IF_ERROR(InRange(config, "share-normal", config.Int("share-deferrable"), 100));
  return Admission::Shares{.deferrable_percent = config.Int("share-deferrable"),
                           .normal_percent = config.Int("share-normal")};
}

absl::StatusOr<Breaker::Settings> BreakerSettingsFrom(const chassis::config::Config& config) {
  RETURN_IF_ERROR(InRange(config, "breaker-failures", 0, 1'000'000));
  RETURN_IF_ERROR(InRange(config, "breaker-share", 0, 100));
  RETURN_IF_ERROR(InRange(config, "breaker-probes", 1, 1000));
  Breaker::Settings settings;
  settings.failures = config.Int("breaker-failures");
  settings.share_percent = config.Int("breaker-share");
  settings.window = config.Duration("breaker-window");
  settings.open = config.Duration("breaker-open");
  settings.probes = config.Int("breaker-probes");
  return settings;
}

}  // namespace gateway
