// Classes, indicators and transfer proposals in numbers.
#include "parts-svc/indicators/indicators_rules.h"

#include "aftersales/parts/v1/planning_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "parts-svc/policy/policy_rules.h"

namespace parts {
namespace {

using chassis::IsRefusal;

const absl::TimeZone kZone = ZoneNamed("Asia/Shanghai");
const absl::CivilDay kToday(2026, 11, 21);
const absl::Time kNow = absl::FromCivil(absl::CivilHour(2026, 11, 21, 9), kZone);

PartFacts APart() {
  PartFacts part;
  part.part_number = "F-1";
  part.create_time = absl::FromCivil(absl::CivilDay(2020, 1, 1), kZone);
  part.history.known_since = absl::CivilDay(2020, 1, 1);
  return part;
}
v1::PartFigure FigureOf(const PartFacts& part) {
  v1::ReplenishmentRun run;
  TakeFigures(WithDefaults({}), run);
  return parts::FigureOf(part, run, WithDefaults({}), kNow, kZone);
}
absl::Time DaysAgo(int days) { return absl::FromCivil(kToday - days, kZone) + absl::Hours(10); }

// Handbook: P-11
TEST(AbcClasses, GiveTheLargestTheirShareOfTheConsumption) {
  const v1::PartsPolicy policy = WithDefaults({});  // 80 and 95 percent
  v1::PartEvaluation evaluation;
  evaluation.set_consumption_amount(1000);
  std::vector<v1::PartFigure::AbcClass> classes;
  for (const int64_t amount : {600, 190, 100, 60, 50, 0}) classes.push_back(Rank(amount, policy, evaluation));
  using F = v1::PartFigure;
  EXPECT_EQ(classes, (std::vector<F::AbcClass>{F::ABC_CLASS_A, F::ABC_CLASS_A, F::ABC_CLASS_A, F::ABC_CLASS_B,
                                               F::ABC_CLASS_C, F::ABC_CLASS_C}));
  EXPECT_EQ(evaluation.class_a_count(), 3);
  EXPECT_EQ(evaluation.ranked_amount(), 1000);
}

TEST(AbcClasses, PutTheOnlyPartSoldIntoA) {
  EXPECT_EQ(AbcClassOf(5, 0, 5, WithDefaults({})), v1::PartFigure::ABC_CLASS_A);
  EXPECT_EQ(AbcClassOf(0, 0, 0, WithDefaults({})), v1::PartFigure::ABC_CLASS_C);
}

// Handbook: P-11
TEST(XyzClasses, GoByTheVariationOfTheMonthsDemand) {
  PartFacts steady = APart(), swaying = APart(), chance = APart();
  for (int i = 1; i <= 12; ++i) {
    steady.history.demand_milli[i] = 10000;
    swaying.history.demand_milli[i] = i % 2 == 0 ? 2000 : 18000;
  }
  chance.history.demand_milli[4] = 30000;
  EXPECT_EQ(FigureOf(steady).xyz_class(), v1::PartFigure::XYZ_CLASS_X);
  EXPECT_EQ(FigureOf(swaying).variation_basis_points(), 8000);
  EXPECT_EQ(FigureOf(swaying).xyz_class(), v1::PartFigure::XYZ_CLASS_Y);
  EXPECT_EQ(FigureOf(chance).xyz_class(), v1::PartFigure::XYZ_CLASS_Z);
  EXPECT_EQ(FigureOf(APart()).xyz_class(), v1::PartFigure::XYZ_CLASS_Z);
}

// Handbook: P-11
TEST(StockClasses, TellSlowFromDeadByTheDaysNobodyAsked) {
  PartFacts part = APart();
  part.on_hand_milli = part.available_milli = 5000;
  part.last_demand_time = DaysAgo(179);
  EXPECT_EQ(FigureOf(part).stock_class(), v1::PartFigure::STOCK_CLASS_ACTIVE);
  part.last_demand_time = DaysAgo(180);
  EXPECT_EQ(FigureOf(part).stock_class(), v1::PartFigure::STOCK_CLASS_SLOW);
  part.last_demand_time = DaysAgo(365);
  EXPECT_EQ(FigureOf(part).stock_class(), v1::PartFigure::STOCK_CLASS_DEAD);
  EXPECT_EQ(FigureOf(part).idle_days(), 365);
  part.on_hand_milli = 0;
  EXPECT_EQ(FigureOf(part).stock_class(), v1::PartFigure::STOCK_CLASS_NONE);
}

TEST(StockClasses, CountFromTheFirstReceiptForWhatNobodyEverAskedFor) {
  PartFacts part = APart();
  part.on_hand_milli = 5000;
  part.first_receipt_time = DaysAgo(20);
  EXPECT_EQ(FigureOf(part).idle_days(), 20);
  EXPECT_EQ(FigureOf(part).stock_class(), v1::PartFigure::STOCK_CLASS_ACTIVE);
}

TEST(PartFigures, TellCoverShortageAndSurplus) {
  PartFacts part = APart();
  part.on_hand_milli = part.available_milli = 40000;
  EXPECT_FALSE(FigureOf(part).has_cover_days());
  EXPECT_EQ(FigureOf(part).surplus_milli(), 40000);  // nobody wants it
  part.history.demand_milli[0] = 21000;              // one a day this month
  const v1::PartFigure wanted = FigureOf(part);
  EXPECT_EQ(wanted.cover_days(), 40000 * 1000 / wanted.daily_micro());
  EXPECT_EQ(wanted.shortage_milli(), 0);
  EXPECT_LT(wanted.surplus_milli(), 40000);
  part.available_milli = 0;
  EXPECT_GT(FigureOf(part).shortage_milli(), 0);
  EXPECT_EQ(FigureOf(part).surplus_milli(), 0);
}

v1::StockMonth Month(const std::string& month, int64_t value_change, int64_t cost, int64_t special) {
  v1::StockMonth one;
  one.set_month(month);
  one.set_value_change_amount(value_change);
  one.set_cost_amount(cost);
  one.set_special_order_cost_amount(special);
  one.set_requested_line_count(10);
  one.set_served_line_count(9);
  return one;
}
const v1::Indicator& Named(const std::vector<v1::Indicator>& all, const std::string& key) {
  for (const auto& one : all) {
    if (one.key() == key) return one;
  }
  ADD_FAILURE() << key;
  return all.front();
}

// Handbook: P-18
TEST(Indicators, DivideTheCostOfTwelveMonthsByTheAverageStockValue) {
  IndicatorFacts facts;
  facts.months = {Month("2025-06-01", 1000, 0, 0), Month("2026-01-01", 0, 1500, 300), Month("2026-11-01", 0, 500, 0)};
  facts.dead = {3, 250};
  facts.active = {7, 750};
  facts.promised_line_count = 4;
  facts.on_time_line_count = 3;
  facts.counted_line_count = 200;
  facts.deviating_line_count = 3;
  const auto period = PeriodOf("", "", absl::CivilMonth(kToday));
  ASSERT_TRUE(period.ok());
  const auto all = IndicatorsOf(facts, *period, kToday);
  EXPECT_EQ(Named(all, "average_stock_value").value(), 1000);
  EXPECT_EQ(Named(all, "turnover").value(), 20000);       // twice
  EXPECT_EQ(Named(all, "true_turnover").value(), 17000);  // without what was ordered for one customer
  EXPECT_EQ(Named(all, "fill_rate").value(), 9000);
  EXPECT_EQ(Named(all, "stock_value").value(), 1000);
  EXPECT_EQ(Named(all, "dead_stock").value(), 250);
  EXPECT_EQ(Named(all, "dead_stock_share").value(), 2500);
  EXPECT_EQ(Named(all, "supplier_on_time").value(), 7500);
  EXPECT_EQ(Named(all, "count_accuracy").value(), 9850);
  EXPECT_EQ(Named(all, "days_of_cover").value(), (1000 * 355 + 1000) / 2000);
  for (const auto& one : all) {
    EXPECT_FALSE(one.formula_zh().empty() || one.formula_en().empty() || one.drill_down_method().empty()) << one.key();
  }
}

TEST(Indicators, SayNothingWhereThereIsNothingToDivideBy) {
  const auto all = IndicatorsOf({}, *PeriodOf("", "", absl::CivilMonth(kToday)), kToday);
  EXPECT_FALSE(Named(all, "turnover").has_value());
  EXPECT_FALSE(Named(all, "fill_rate").has_value());
  EXPECT_EQ(Named(all, "stock_value").value(), 0);
}

TEST(Indicators, RefuseMonthsInTheWrongOrderOrTooMany) {
  const absl::CivilMonth current(kToday);
  EXPECT_TRUE(
      IsRefusal(PeriodOf("2026-05-01", "2026-04-30", current).status(), v1::PLANNING_ERROR_REASON_MONTHS_REVERSED));
  EXPECT_TRUE(IsRefusal(PeriodOf("2020-01-01", "", current).status(), v1::PLANNING_ERROR_REASON_MONTHS_REVERSED));
  EXPECT_EQ(FirstDay(PeriodOf("", "2026-04-30", current)->from), "2025-05-01");
}

// Handbook: P-11, P-13
TEST(TransferProposals, TakeWhatLiesIdleLongestAndUseEachSpareOnce) {
  const std::vector<Lack> lacks = {{"p1", "F-1", 4500, 1000}, {"p2", "F-2", 1000, 1000}};
  const auto proposals =
      MatchTransfers(lacks, {{"near", "F-1", 9000, 10}, {"dusty", "F-1", 3000, 400}, {"near", "F-3", 5000, 900}});
  ASSERT_EQ(proposals.size(), 2u);
  EXPECT_EQ(proposals[0].from_store_id(), "dusty");
  EXPECT_EQ(proposals[0].quantity_milli(), 3000);
  EXPECT_EQ(proposals[1].from_store_id(), "near");
  EXPECT_EQ(proposals[1].quantity_milli(), 2000);
}

TEST(Csv, QuotesWhatNeedsItAndDisarmsFormulas) {
  EXPECT_EQ(CsvField("plain"), "plain");
  EXPECT_EQ(CsvField("-5.5"), "-5.5");
  EXPECT_EQ(CsvField("a,\"b\""), "\"a,\"\"b\"\"\"");
  EXPECT_EQ(CsvField("=1+2"), "'=1+2");
}

}  // namespace
}  // namespace parts
