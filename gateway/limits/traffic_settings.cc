#include "gateway/limits/traffic_settings.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/config/watched_file.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"

namespace gateway {
namespace {

constexpr size_t kRatesFileBytesMax = 1 << 16;

absl::Status InRange(const chassis::config::Config& config, const char* name, int64_t least, int64_t most) {
  const int64_t value = config.Int(name);
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("setting ", name, " must be ", least, " to ", most));
}

std::string SettingOf(RatedBy by, CallClass call_class) {
  return absl::StrCat("rate-", std::string(Name(by)), "-", std::string(Name(call_class)));
}

// Every rate by its setting's name.
template <typename Each>
absl::Status ForEachRate(RateLimits::Rates& rates, const Each& each) {
  for (size_t by = 0; by < kRatedByCount; ++by) {
    for (size_t i = 0; i < kCallClassCount; ++i) {
      RETURN_IF_ERROR(each(SettingOf(static_cast<RatedBy>(by), static_cast<CallClass>(i)), rates[by][i]));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<RateLimits::Rates> RatesFrom(const chassis::config::Config& config) {
  const std::string file = config.Text("rates-file");
  RateLimits::Rates rates;
  RETURN_IF_ERROR(ForEachRate(rates, [&](const std::string& name, Rate& rate) -> absl::Status {
    const std::string text = config.Text(name);
    if (!file.empty() && !text.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("settings rates-file and ", name, " exclude each other"));
    }
    ASSIGN_OR_RETURN(rate, ParseRate(name, text));
    return absl::OkStatus();
  }));
  if (file.empty()) return rates;
  ASSIGN_OR_RETURN(const std::string text, chassis::config::WatchedFile(file).Read(kRatesFileBytesMax));
  return ParseRateLines(text);
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
      {"rates-file", "",
       "the six as `rate-client-read = 50/100` lines, instead of them; read again when it changes, buckets stay"},
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
  ASSIGN_OR_RETURN(const RateLimits::Rates rates, RatesFrom(config));
  RETURN_IF_ERROR(InRange(config, "rate-buckets-max", 16, 10'000'000));
  return std::make_unique<RateLimits>(rates, config.Int("rate-buckets-max"));
}

absl::StatusOr<RateLimits::Rates> ParseRateLines(std::string_view text) {
  std::map<std::string, std::string> given;
  int64_t number = 0;
  const auto wrong = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("rates: line ", number, ": ", why));
  };
  RateLimits::Rates rates;
  for (absl::string_view line : absl::StrSplit(chassis::Absl(text), '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (line.empty()) continue;
    const size_t equals = line.find('=');
    if (equals == absl::string_view::npos) return wrong("expected `name = rate`");
    const std::string named(absl::StripAsciiWhitespace(line.substr(0, equals)));
    const absl::string_view value = absl::StripAsciiWhitespace(line.substr(equals + 1));
    if (!given.emplace(named, std::string(value)).second) return wrong(absl::StrCat(named, " twice"));
    bool known = false;
    const absl::Status read = ForEachRate(rates, [&](const std::string& name, Rate& rate) -> absl::Status {
      if (name != named) return absl::OkStatus();
      known = true;
      ASSIGN_OR_RETURN(rate, ParseRate(name, chassis::Std(value)));
      return absl::OkStatus();
    });
    if (!read.ok()) return wrong(read.message());
    if (!known) return wrong(absl::StrCat("there is no rate ", named));
  }
  return rates;
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
