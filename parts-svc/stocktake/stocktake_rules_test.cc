// Counting while the store works: what is held against what.
#include "parts-svc/stocktake/stocktake_rules.h"

#include <gtest/gtest.h>

#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"

namespace parts {
namespace {

using chassis::IsRefusal;

const absl::Time kStart = absl::FromUnixSeconds(1795222800);

v1::Stocktake Counting() {
  v1::Stocktake stocktake;
  stocktake.set_state(v1::Stocktake::STATE_COUNTING);
  *stocktake.mutable_start_time() = chassis::ToProto(kStart);
  return stocktake;
}
v1::StocktakeLine Line(const std::string& id = "line") {
  v1::StocktakeLine line;
  line.set_stocktake_line_id(id);
  line.set_part_id("filter");
  line.set_part_number("F-1");
  line.set_location_id("A1");
  line.set_state(v1::StocktakeLine::STATE_OPEN);
  return line;
}
v1::StockMovement Moved(const std::string& from, const std::string& to, int64_t quantity_milli, absl::Time time) {
  v1::StockMovement movement;
  movement.set_part_id("filter");
  movement.set_from_location_id(from);
  movement.set_to_location_id(to);
  movement.set_quantity_milli(quantity_milli);
  *movement.mutable_create_time() = chassis::ToProto(time);
  return movement;
}
StocksByPart Worth(int64_t owned_milli, int64_t value_amount) {
  StocksByPart stocks;
  stocks["filter"].set_owned_milli(owned_milli);
  stocks["filter"].set_value_amount(value_amount);
  return stocks;
}

// Handbook: P-10
TEST(StocktakeRules, HoldACountAgainstTheAccountOfItsMoment) {
  v1::StocktakeLine line = Line();
  const absl::Time counted = kStart + absl::Minutes(10);
  ASSERT_TRUE(Count(Counting(), 7000, counted, counted, "wang", line).ok());
  // 9 on the account now; after the count 5 came in and 3 went out: it was 7 then.
  Hold(line, {{{"filter", "A1", ""}, 9000}},
       {Moved("supplier", "A1", 5000, counted + absl::Minutes(1)),
        Moved("A1", "workshop", 3000, counted + absl::Minutes(2)), Moved("A1", "workshop", 4000, counted),
        Moved("B1", "workshop", 1000, counted + absl::Minutes(3))},
       Worth(9000, 9000));
  EXPECT_EQ(line.expected_milli(), 7000);
  EXPECT_EQ(line.difference_milli(), 0);
}

TEST(StocktakeRules, ValueADifferenceAtTheAverage) {
  v1::StocktakeLine line = Line();
  ASSERT_TRUE(Count(Counting(), 5000, kStart, kStart, "wang", line).ok());
  Hold(line, {{{"filter", "A1", ""}, 8000}}, {}, Worth(10000, 2500));
  EXPECT_EQ(line.difference_milli(), -3000);
  EXPECT_EQ(line.difference_amount(), -750);
}

TEST(StocktakeRules, TakeBatchesForThemselves) {
  v1::StocktakeLine line = Line();
  line.set_batch_code("L1");
  ASSERT_TRUE(Count(Counting(), 2000, kStart, kStart, "wang", line).ok());
  Hold(line, {{{"filter", "A1", ""}, 8000}, {{"filter", "A1", "L1"}, 3000}}, {}, Worth(8000, 800));
  EXPECT_EQ(line.expected_milli(), 3000);
  EXPECT_EQ(line.difference_milli(), -1000);
}

TEST(StocktakeRules, RefuseACountBeforeTheStartOrInTheFuture) {
  v1::StocktakeLine line = Line();
  const absl::Time now = kStart + absl::Minutes(5);
  EXPECT_TRUE(IsRefusal(Count(Counting(), 1000, kStart - absl::Seconds(1), now, "wang", line),
                        v1::STOCK_CONTROL_ERROR_REASON_COUNT_TIME));
  EXPECT_TRUE(IsRefusal(Count(Counting(), 1000, now + absl::Seconds(1), now, "wang", line),
                        v1::STOCK_CONTROL_ERROR_REASON_COUNT_TIME));
}

TEST(StocktakeRules, LetACountBeCorrectedWithinItsRoundOnly) {
  v1::StocktakeLine line = Line();
  ASSERT_TRUE(Count(Counting(), 1000, kStart, kStart, "wang", line).ok());
  ASSERT_TRUE(Count(Counting(), 2000, kStart, kStart, "wang", line).ok());
  EXPECT_EQ(line.counted_milli(), 2000);
  v1::Stocktake again = Counting();
  again.set_state(v1::Stocktake::STATE_RECOUNTING);
  EXPECT_TRUE(
      IsRefusal(Count(again, 3000, kStart, kStart, "li", line), aftersales::common::v1::ERROR_REASON_WRONG_STATE));
}

TEST(StocktakeRules, WantAnotherPersonForTheRecount) {
  v1::StocktakeLine line = Line();
  line.set_state(v1::StocktakeLine::STATE_RECOUNT);
  line.set_first_counter("wang");
  v1::Stocktake again = Counting();
  again.set_state(v1::Stocktake::STATE_RECOUNTING);
  EXPECT_TRUE(IsRefusal(Count(again, 1000, kStart, kStart, "wang", line), v1::STOCK_CONTROL_ERROR_REASON_SAME_COUNTER));
  EXPECT_TRUE(Count(again, 1000, kStart, kStart, "li", line).ok());
}

TEST(StocktakeRules, CountAgainWhatIsBeyondBothTolerances) {
  v1::PartsPolicy policy;
  v1::StocktakeLine line = Line();
  line.set_difference_milli(-1000);
  line.set_difference_amount(0);
  EXPECT_TRUE(Deviates(line, policy));
  policy.set_recount_tolerance_milli(1000);
  EXPECT_FALSE(Deviates(line, policy));
  line.set_difference_milli(-2000);
  line.set_difference_amount(-300);
  policy.set_recount_tolerance_amount(300);
  EXPECT_FALSE(Deviates(line, policy));
  line.set_difference_amount(-301);
  EXPECT_TRUE(Deviates(line, policy));
}

TEST(StocktakeRules, WantAScopeThatFitsItsKind) {
  v1::PlanStocktakeRequest request;
  request.set_kind(v1::Stocktake::KIND_CYCLIC);
  EXPECT_TRUE(IsRefusal(CheckScope(request), v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_SCOPE));
  request.set_part_class(v1::Stocktake::PART_CLASS_A);
  EXPECT_TRUE(CheckScope(request).ok());
  request.add_part_ids("filter");
  EXPECT_TRUE(IsRefusal(CheckScope(request), v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_SCOPE));
  v1::PlanStocktakeRequest full;
  full.set_kind(v1::Stocktake::KIND_FULL);
  EXPECT_TRUE(CheckScope(full).ok());
  full.set_warehouse_id("w");
  EXPECT_TRUE(CheckScope(full).ok());
  full.add_location_ids("A1");
  EXPECT_TRUE(IsRefusal(CheckScope(full), v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_SCOPE));
}

TEST(StocktakeRules, TellHowAccurateTheAccountWas) {
  std::vector<v1::StocktakeLine> lines = {Line("a"), Line("b"), Line("c")};
  lines[0].set_expected_milli(4000);
  lines[1].set_expected_milli(4000);
  lines[1].set_difference_milli(1000);
  lines[1].set_difference_amount(100);
  lines[2].set_expected_milli(2000);
  lines[2].set_difference_milli(-500);
  lines[2].set_difference_amount(-50);
  lines[2].set_first_counter("wang");
  v1::Stocktake stocktake;
  SumUp(lines, Worth(10000, 1000), stocktake);
  EXPECT_EQ(stocktake.line_count(), 3);
  EXPECT_EQ(stocktake.deviating_line_count(), 2);
  EXPECT_EQ(stocktake.recounted_line_count(), 1);
  EXPECT_EQ(stocktake.accuracy_basis_points(), 3333);
  EXPECT_EQ(stocktake.book_amount(), 1000);
  EXPECT_EQ(stocktake.gain_amount(), 100);
  EXPECT_EQ(stocktake.loss_amount(), 50);
}

TEST(StocktakeRules, PostLineByLineSoThatTheLastPieceTakesTheRest) {
  std::vector<v1::StocktakeLine> lines = {Line("a"), Line("b")};
  lines[0].set_difference_milli(-1000);
  lines[1].set_difference_milli(-2000);
  lines[1].set_location_id("A2");
  const auto movements = Adjustments(lines, "variance", Worth(3000, 100));
  ASSERT_EQ(movements.size(), 2u);
  EXPECT_EQ(movements[0].cost_amount(), 33);
  EXPECT_EQ(movements[1].cost_amount(), 67);
  EXPECT_EQ(movements[1].to_location_id(), "variance");
  EXPECT_EQ(lines[1].difference_amount(), -67);
}

TEST(StocktakeRules, TakeMissingGoodsBackFromTheLatestNeed) {
  std::vector<v1::Reservation> reservations(2);
  for (int i = 0; i < 2; ++i) {
    auto& line = *reservations[i].add_lines();
    line.set_part_id("filter");
    line.set_reserved_milli(2000);
    *line.mutable_needed_time() = chassis::ToProto(kStart + absl::Hours(i));
  }
  const StockDeltas deltas = FallShort(reservations, {{"filter", 3000}});
  EXPECT_EQ(reservations[1].lines(0).reserved_milli(), 0);
  EXPECT_EQ(reservations[1].lines(0).short_milli(), 2000);
  EXPECT_EQ(reservations[0].lines(0).reserved_milli(), 1000);
  EXPECT_EQ(reservations[0].lines(0).short_milli(), 1000);
  EXPECT_EQ(deltas.at("filter").reserved_milli, -3000);
  EXPECT_EQ(deltas.at("filter").short_milli, 3000);
}

}  // namespace
}  // namespace parts
