// The arithmetic of demand; see demand_rules.h.
#include "parts-svc/demand/demand_rules.h"

#include <algorithm>

#include "chassis/status/text.h"
#include "chassis/time/amounts.h"

namespace parts {
namespace {

constexpr int kSeasonMonthsMin = kHistoryMonths / 2;
constexpr int32_t kSeasonFloor = 5000;
constexpr int32_t kSeasonCeiling = 20000;
constexpr int kSpreadMonths = 12;

int64_t NotBelowZero(int64_t value) { return std::max<int64_t>(value, 0); }

}  // namespace

absl::TimeZone ZoneNamed(const std::string& name) {
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone) ? zone : absl::UTCTimeZone();
}

absl::CivilMonth MonthOf(absl::Time time, const absl::TimeZone& zone) { return absl::ToCivilMonth(time, zone); }

std::string FirstDay(absl::CivilMonth month) { return absl::FormatCivilTime(absl::CivilDay(month)); }

absl::CivilMonth MonthOn(std::string_view iso_date) {
  absl::CivilDay day;
  return absl::ParseCivilTime(chassis::Absl(iso_date), &day) ? absl::CivilMonth(day) : absl::CivilMonth();
}

int MonthsBetween(absl::CivilMonth earlier, absl::CivilMonth later) { return static_cast<int>(later - earlier); }

void Derive(v1::PartDemand& demand) {
  demand.set_demand_milli(demand.order_milli() + demand.sale_milli() - demand.special_order_milli() +
                          demand.lost_milli());
}

DemandWindow WindowOf(const DemandHistory& history, int months, absl::CivilDay today) {
  DemandWindow window;
  for (int i = 0; i < months && i <= kHistoryMonths; ++i) window.demand_milli += history.demand_milli[i];
  window.demand_milli = NotBelowZero(window.demand_milli);
  const absl::CivilDay begin = std::max(absl::CivilDay(absl::CivilMonth(today) - (months - 1)), history.known_since);
  window.days = static_cast<int32_t>(std::max<int64_t>(today - begin + 1, 1));
  return window;
}

int64_t AverageDailyMicro(const DemandWindow& three, const DemandWindow& six, const DemandWindow& twelve,
                          const v1::PartsPolicy& policy) {
  const auto daily = [](const DemandWindow& window) {
    return chassis::MulDiv(window.demand_milli, chassis::kMilli, window.days);
  };
  return chassis::MulDiv(daily(three) * policy.demand_weight_3_months() + daily(six) * policy.demand_weight_6_months() +
                             daily(twelve) * policy.demand_weight_12_months(),
                         1, 100);
}

int32_t SeasonBasisPoints(const DemandHistory& history, absl::CivilDay today, int months_ahead) {
  const absl::CivilDay needed = absl::CivilDay(absl::CivilMonth(today) - kHistoryMonths);
  int64_t total = 0;
  int wanted_months = 0;
  for (int i = 1; i <= kHistoryMonths; ++i) {
    total += NotBelowZero(history.demand_milli[i]);
    if (history.demand_milli[i] > 0) ++wanted_months;
  }
  if (history.known_since > needed || wanted_months < kSeasonMonthsMin) return chassis::kBasisPoints;
  // The same month of the calendar one and two years before; within the year to come its index lies in 1..12.
  const int one_year_ago = 12 - months_ahead % 12;
  const int64_t that_month =
      NotBelowZero(history.demand_milli[one_year_ago]) + NotBelowZero(history.demand_milli[one_year_ago + 12]);
  const int64_t season = chassis::MulDiv(that_month * (kHistoryMonths / 2), chassis::kBasisPoints, total);
  return static_cast<int32_t>(std::clamp<int64_t>(season, kSeasonFloor, kSeasonCeiling));
}

DemandSpread SpreadOf(const DemandHistory& history, absl::CivilDay today) {
  const int known = MonthsBetween(absl::CivilMonth(history.known_since), absl::CivilMonth(today));
  const int months = std::clamp(known, 0, kSpreadMonths);
  DemandSpread spread;
  if (months == 0) return spread;
  int64_t sum = 0;
  for (int i = 1; i <= months; ++i) sum += NotBelowZero(history.demand_milli[i]);
  // n * sum(x^2) - sum(x)^2 over n^2 is the variance: whole numbers until the root.
  __int128 squares = 0;
  for (int i = 1; i <= months; ++i) {
    const __int128 value = NotBelowZero(history.demand_milli[i]);
    squares += value * value;
  }
  const int64_t scaled_deviation = RootOf(squares * months - static_cast<__int128>(sum) * sum);
  spread.mean_milli = chassis::MulDiv(sum, 1, months);
  spread.deviation_milli = chassis::MulDiv(scaled_deviation, 1, months);
  if (sum > 0) spread.variation_basis_points = chassis::MulDiv(scaled_deviation, chassis::kBasisPoints, sum);
  return spread;
}

int64_t RootOf(__int128 value) {
  if (value <= 0) return 0;
  // Newton's steps fall until they reach the root.
  __int128 root = value;
  __int128 next = (value + 1) / 2;
  while (next < root) {
    root = next;
    next = (root + value / root) / 2;
  }
  return static_cast<int64_t>(root);
}

}  // namespace parts
