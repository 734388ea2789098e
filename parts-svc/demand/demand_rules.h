// The arithmetic of demand (P-06): months of the store's calendar, the weighted daily average, the season, how much
// demand sways. Pure, integers only: quantities in thousandths, daily figures in millionths of the unit.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "aftersales/parts/v1/demand.pb.h"
#include "aftersales/parts/v1/policy.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// Whole months that planning looks back, besides the current one.
inline constexpr int kHistoryMonths = 24;

// What a part's months were, with those of the parts whose place it took. Index 0 is the current month, which is not
// over; 1 the one before it.
struct DemandHistory {
  std::array<int64_t, kHistoryMonths + 1> demand_milli{};
  std::array<int64_t, kHistoryMonths + 1> cost_amount{};  // of regular demand: without special orders
  absl::CivilDay known_since;                             // the oldest of them is in the catalogue since
};

absl::TimeZone ZoneNamed(const std::string& name);
absl::CivilMonth MonthOf(absl::Time time, const absl::TimeZone& zone);
std::string FirstDay(absl::CivilMonth month);         // "2026-11-01"
absl::CivilMonth MonthOn(std::string_view iso_date);  // of a valid "2026-11-17"
// Months from `earlier` to `later`; 0 when they are the same.
int MonthsBetween(absl::CivilMonth earlier, absl::CivilMonth later);

// Orders and sales without special orders, and lost sales.
void Derive(v1::PartDemand& demand);

struct DemandWindow {
  int64_t demand_milli = 0;
  int32_t days = 1;
};
// Demand of the current month and the `months - 1` before it, up to today, and the days it was counted in: those the
// part has been in the catalogue, at least one. Never below 0, whatever came back.
DemandWindow WindowOf(const DemandHistory& history, int months, absl::CivilDay today);

// Weighted average of the daily demand over 3, 6 and 12 months; the policy's weights add up to 100.
int64_t AverageDailyMicro(const DemandWindow& three, const DemandWindow& six, const DemandWindow& twelve,
                          const v1::PartsPolicy& policy);

// What the month `months_ahead` of now takes, compared with an average month, by the last 24 whole months; at least
// half, at most twice. 10000 for a part not known that long or wanted in less than half of the months: no season.
int32_t SeasonBasisPoints(const DemandHistory& history, absl::CivilDay today, int months_ahead);

struct DemandSpread {
  int64_t mean_milli = 0;
  int64_t deviation_milli = 0;         // standard deviation, of all months
  int64_t variation_basis_points = 0;  // deviation over mean; 0 without demand
};
// Over the last 12 whole months, or as many as the part is known.
DemandSpread SpreadOf(const DemandHistory& history, absl::CivilDay today);

// The largest integer whose square is not above `value`.
int64_t RootOf(__int128 value);

}  // namespace parts
