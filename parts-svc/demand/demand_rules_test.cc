// The arithmetic of demand: windows, averages, seasons, spread.
#include "parts-svc/demand/demand_rules.h"

#include "gtest/gtest.h"
#include "parts-svc/policy/policy_rules.h"

namespace parts {
namespace {

const absl::CivilDay kToday(2026, 11, 21);

DemandHistory Known(absl::CivilDay since) {
  DemandHistory history;
  history.known_since = since;
  return history;
}
DemandHistory Steady(int64_t monthly_milli) {
  DemandHistory history = Known(absl::CivilDay(2020, 1, 1));
  history.demand_milli.fill(monthly_milli);
  return history;
}

// Handbook: P-06
TEST(DailyDemand, CountsTheDaysOfTheCurrentMonthAsFarAsItHasGone) {
  const DemandWindow window = WindowOf(Steady(30000), 3, kToday);
  EXPECT_EQ(window.demand_milli, 90000);
  EXPECT_EQ(window.days, 30 + 31 + 21);  // September, October, 21 days of November
}

TEST(DailyDemand, CountsOnlyTheDaysThePartIsInTheCatalogue) {
  DemandHistory history = Known(absl::CivilDay(2026, 11, 12));
  history.demand_milli[0] = 10000;
  for (const int months : {3, 6, 12}) {
    EXPECT_EQ(WindowOf(history, months, kToday).days, 10);
    EXPECT_EQ(WindowOf(history, months, kToday).demand_milli, 10000);
  }
}

TEST(DailyDemand, IsNeverNegativeWhenMoreCameBackThanWentOut) {
  DemandHistory history = Steady(0);
  history.demand_milli[0] = -5000;
  EXPECT_EQ(WindowOf(history, 3, kToday).demand_milli, 0);
}

TEST(DailyDemand, WeighsThreeSixAndTwelveMonths) {
  const v1::PartsPolicy policy = WithDefaults({});  // 50, 30, 20
  // 1, 2 and 3 pieces a day: 0.5 + 0.6 + 0.6.
  EXPECT_EQ(AverageDailyMicro({80000, 80}, {340000, 170}, {1050000, 350}, policy), 1700000);
}

TEST(DailyDemand, KeepsTheDigitsOfSlowParts) {
  const v1::PartsPolicy policy = WithDefaults({});
  EXPECT_EQ(AverageDailyMicro({0, 80}, {0, 170}, {1000, 350}, policy), 571);  // one piece in a year, a fifth of it
}

TEST(Season, ComparesTheComingMonthWithAnAverageOne) {
  DemandHistory history = Steady(10000);
  // December, one month ahead of November: eleven and twenty-three months ago.
  history.demand_milli[11] = 20000;
  history.demand_milli[23] = 20000;
  const int64_t total = 22 * 10000 + 2 * 20000;
  EXPECT_EQ(SeasonBasisPoints(history, kToday, 1), 40000 * 12 * 10000LL / total + 1);  // rounded half up
  EXPECT_LT(SeasonBasisPoints(history, kToday, 2), 10000);
}

TEST(Season, IsBoundedToHalfAndTwice) {
  DemandHistory history = Steady(1000);
  history.demand_milli[11] = 900000;
  EXPECT_EQ(SeasonBasisPoints(history, kToday, 1), 20000);
  EXPECT_EQ(SeasonBasisPoints(history, kToday, 2), 5000);
}

TEST(Season, IsUnknownForAPartThatIsYoungOrSeldomWanted) {
  DemandHistory young = Steady(10000);
  young.known_since = absl::CivilDay(2025, 6, 1);
  EXPECT_EQ(SeasonBasisPoints(young, kToday, 1), 10000);
  DemandHistory seldom = Steady(0);
  seldom.demand_milli[11] = 50000;
  EXPECT_EQ(SeasonBasisPoints(seldom, kToday, 1), 10000);
}

// Handbook: P-11
TEST(SpreadOfDemand, IsTheStandardDeviationInWholeNumbers) {
  DemandHistory history = Steady(0);
  for (int i = 1; i <= 12; ++i) history.demand_milli[i] = i % 2 == 0 ? 10000 : 30000;
  const DemandSpread spread = SpreadOf(history, kToday);
  EXPECT_EQ(spread.mean_milli, 20000);
  EXPECT_EQ(spread.deviation_milli, 10000);
  EXPECT_EQ(spread.variation_basis_points, 5000);
  EXPECT_EQ(SpreadOf(Steady(7000), kToday).deviation_milli, 0);
  EXPECT_EQ(SpreadOf(Steady(0), kToday).variation_basis_points, 0);
}

TEST(SpreadOfDemand, TakesOnlyTheMonthsThePartIsKnown) {
  DemandHistory history = Known(absl::CivilDay(2026, 8, 15));
  history.demand_milli[1] = history.demand_milli[2] = history.demand_milli[3] = 5000;
  EXPECT_EQ(SpreadOf(history, kToday).mean_milli, 5000);
  EXPECT_EQ(SpreadOf(history, kToday).deviation_milli, 0);
  EXPECT_EQ(SpreadOf(Known(kToday), kToday).mean_milli, 0);
}

TEST(IntegerRoot, IsExactBelowAndAtSquares) {
  EXPECT_EQ(RootOf(0), 0);
  EXPECT_EQ(RootOf(-4), 0);
  EXPECT_EQ(RootOf(1), 1);
  EXPECT_EQ(RootOf(99), 9);
  EXPECT_EQ(RootOf(100), 10);
  const __int128 large = static_cast<__int128>(1'000'000'000'007) * 1'000'000'000'007;
  EXPECT_EQ(RootOf(large), 1'000'000'000'007);
  EXPECT_EQ(RootOf(large - 1), 1'000'000'000'006);
}

TEST(Months, AreThoseOfTheStoresCalendar) {
  const absl::TimeZone shanghai = ZoneNamed("Asia/Shanghai");
  absl::Time time;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2026-10-31T17:00:00Z", &time, nullptr));
  EXPECT_EQ(FirstDay(MonthOf(time, shanghai)), "2026-11-01");
  EXPECT_EQ(MonthsBetween(MonthOn("2025-12-31"), MonthOn("2026-02-01")), 2);
}

}  // namespace
}  // namespace parts
