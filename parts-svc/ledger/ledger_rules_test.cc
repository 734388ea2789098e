// The arithmetic of stock.
#include "parts-svc/ledger/ledger_rules.h"

#include <gtest/gtest.h>

#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "chassis/status/refusal.h"
#include "parts-svc/location/location_rules.h"

namespace parts {
namespace {

v1::PartStock Stock(int64_t owned_milli, int64_t value_amount) {
  v1::PartStock stock;
  stock.set_owned_milli(owned_milli);
  stock.set_value_amount(value_amount);
  return stock;
}

v1::Location Bin(const std::string& id, v1::Location::Kind kind) {
  v1::Location location;
  location.set_location_id(id);
  location.set_code(id);
  location.set_kind(kind);
  return location;
}

v1::StockMovement Movement(const std::string& from, const std::string& to, int64_t quantity_milli, int64_t cost) {
  v1::StockMovement movement;
  movement.set_part_id("filter");
  movement.set_from_location_id(from);
  movement.set_to_location_id(to);
  movement.set_quantity_milli(quantity_milli);
  movement.set_cost_amount(cost);
  return movement;
}

TEST(MovingAverage, IssuesAtValueDividedByQuantity) { EXPECT_EQ(CostOf(Stock(3000, 1000), 1000), 333); }

TEST(MovingAverage, LastPieceTakesTheWholeRestSoThatNothingOnHandIsWorthNothing) {
  v1::PartStock stock = Stock(3000, 1000);
  int64_t issued = 0;
  for (int piece = 0; piece < 3; ++piece) {
    const int64_t cost = CostOf(stock, 1000);
    issued += cost;
    stock.set_owned_milli(stock.owned_milli() - 1000);
    stock.set_value_amount(stock.value_amount() - cost);
  }
  EXPECT_EQ(issued, 1000);
  EXPECT_EQ(stock.owned_milli(), 0);
  EXPECT_EQ(stock.value_amount(), 0);
}

TEST(MovingAverage, NeverDriftsOverManyReceiptsAndIssues) {
  v1::PartStock stock = Stock(0, 0);
  int64_t in = 0, out = 0;
  for (int round = 1; round <= 1000; ++round) {
    stock.set_owned_milli(stock.owned_milli() + 700);
    stock.set_value_amount(stock.value_amount() + round * 7);
    in += round * 7;
    const int64_t cost = CostOf(stock, 500);
    stock.set_owned_milli(stock.owned_milli() - 500);
    stock.set_value_amount(stock.value_amount() - cost);
    out += cost;
  }
  EXPECT_EQ(in - out, stock.value_amount());
  EXPECT_GE(stock.value_amount(), 0);
}

TEST(MovingAverage, GoodsFoundWhereThereWereNoneAreWorthNothing) { EXPECT_EQ(CostOfFound(Stock(0, 0), 2000), 0); }

TEST(Movement, OutOfTheSupplierIntoABinRaisesOnHandAndValue) {
  const Places places{{"SUPPLIER", Bin("SUPPLIER", v1::Location::KIND_SUPPLIER)},
                      {"A1", Bin("A1", v1::Location::KIND_STOCK)}};
  const Effect effect = EffectOf({Movement("SUPPLIER", "A1", 5000, 900)}, places);
  EXPECT_EQ(effect.stocks.at("filter").on_hand_milli, 5000);
  EXPECT_EQ(effect.stocks.at("filter").owned_milli, 5000);
  EXPECT_EQ(effect.stocks.at("filter").value_amount, 900);
  EXPECT_EQ(effect.balances.at({"filter", "A1"}), 5000);
  EXPECT_EQ(effect.balances.size(), 1u) << "accounts have no balance";
}

TEST(Movement, IntoQuarantineLowersOnHandAndLeavesValue) {
  const Places places{{"A1", Bin("A1", v1::Location::KIND_STOCK)}, {"Q1", Bin("Q1", v1::Location::KIND_QUARANTINE)}};
  const Effect effect = EffectOf({Movement("A1", "Q1", 2000, 360)}, places);
  EXPECT_EQ(effect.stocks.at("filter").on_hand_milli, -2000);
  EXPECT_EQ(effect.stocks.at("filter").owned_milli, 0);
  EXPECT_EQ(effect.stocks.at("filter").value_amount, 0);
  EXPECT_EQ(effect.stocks.at("filter").NeededMilli(), 2000);
}

TEST(Movement, BetweenStockBinsLeavesTheStoresStockAlone) {
  const Places places{{"A1", Bin("A1", v1::Location::KIND_STOCK)}, {"A2", Bin("A2", v1::Location::KIND_STOCK)}};
  EXPECT_TRUE(EffectOf({Movement("A1", "A2", 2000, 360)}, places).stocks.at("filter").IsNothing());
}

TEST(Bin, OfOldPartsOrClosedTakesNoStock) {
  EXPECT_TRUE(
      chassis::IsRefusal(CheckBin(Bin("O1", v1::Location::KIND_OLD_PARTS), "f"), v1::ERROR_REASON_LOCATION_KIND));
  v1::Location closed = Bin("A1", v1::Location::KIND_STOCK);
  closed.set_closed(true);
  EXPECT_TRUE(chassis::IsRefusal(CheckBin(closed, "f"), v1::ERROR_REASON_LOCATION_CLOSED));
}

TEST(TrackedPart, NeedsItsSerialNumberAndComesOneByOne) {
  v1::Part part;
  part.set_tracking(v1::Part::TRACKING_SERIAL);
  EXPECT_TRUE(chassis::IsRefusal(CheckBatch(part, 1000, "", "lines[0]"), v1::ERROR_REASON_BATCH_REQUIRED));
  EXPECT_TRUE(chassis::IsRefusal(CheckBatch(part, 2000, "S1", "lines[0]"), v1::ERROR_REASON_SERIAL_IS_ONE_PIECE));
  EXPECT_TRUE(CheckBatch(part, 1000, "S1", "lines[0]").ok());
}

TEST(Location, OfAnOutsideAccountIsNotMadeByPeople) {
  v1::Location location = Bin("X", v1::Location::KIND_WORKSHOP);
  location.set_warehouse_id("w");
  EXPECT_TRUE(chassis::IsRefusal(CheckNewLocation(location), v1::ERROR_REASON_LOCATION_KIND));
}

TEST(Location, ThatHoldsStockStaysOpenAndKeepsItsKind) {
  const v1::Location before = Bin("A1", v1::Location::KIND_STOCK);
  v1::Location after = before;
  after.set_closed(true);
  EXPECT_TRUE(chassis::IsRefusal(CheckChangedLocation(before, after, Content::kHoldsStock),
                                 v1::ERROR_REASON_LOCATION_HOLDS_STOCK));
  EXPECT_TRUE(CheckChangedLocation(before, after, Content::kEmptied).ok());
}

// Handbook: P-02, P-03
TEST(Location, ThatWasUsedKeepsWhatItsMovementsMeant) {
  const v1::Location before = Bin("A1", v1::Location::KIND_STOCK);
  v1::Location after = before;
  for (const auto kind : {v1::Location::KIND_OLD_PARTS, v1::Location::KIND_IN_TRANSIT}) {
    after.set_kind(kind);
    EXPECT_TRUE(CheckChangedLocation(before, after, Content::kNeverUsed).ok());
    EXPECT_TRUE(chassis::IsRefusal(CheckChangedLocation(before, after, Content::kEmptied),
                                   v1::STOCK_CONTROL_ERROR_REASON_LOCATION_WAS_USED));
    EXPECT_TRUE(chassis::IsRefusal(CheckChangedLocation(after, before, Content::kEmptied),
                                   v1::STOCK_CONTROL_ERROR_REASON_LOCATION_WAS_USED));
  }
  after.set_kind(v1::Location::KIND_QUARANTINE);
  EXPECT_TRUE(CheckChangedLocation(before, after, Content::kEmptied).ok());
}

// Handbook: P-02, P-13
TEST(Location, OfGoodsInTransitIsTouchedByTransfersOnly) {
  EXPECT_TRUE(
      chassis::IsRefusal(CheckBin(Bin("T1", v1::Location::KIND_IN_TRANSIT), "f"), v1::ERROR_REASON_LOCATION_KIND));
}

}  // namespace
}  // namespace parts
