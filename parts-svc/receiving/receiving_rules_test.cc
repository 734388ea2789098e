// The receipt's arithmetic without a database: what is excess, what is missing, what it costs, who pays the rest.
#include "parts-svc/receiving/receiving_rules.h"

#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"
#include "gtest/gtest.h"
#include "parts-svc/receiving/cost_rules.h"

namespace parts {
namespace {

using chassis::IsRefusal;
using Difference = v1::GoodsReceiptDifference;

v1::PartStock Stock(int64_t owned_milli, int64_t value_amount) {
  v1::PartStock stock;
  stock.set_owned_milli(owned_milli);
  stock.set_value_amount(value_amount);
  return stock;
}

// Handbook: P-03.
TEST(ShareCost, IsAllForTheGoodsWhileTheyAreAllHere) {
  const CostShares shares = ShareCost(Stock(10000, 1000), 10000, 333);
  EXPECT_EQ(shares.stock_amount, 333);
  EXPECT_EQ(shares.variance_amount, 0);
}

TEST(ShareCost, OfGoodsThatAreGoneIsVariance) {
  const CostShares shares = ShareCost(Stock(0, 0), 10000, 333);
  EXPECT_EQ(shares.stock_amount, 0);
  EXPECT_EQ(shares.variance_amount, 333);
}

TEST(ShareCost, SplitsWithoutLosingACent) {
  const CostShares shares = ShareCost(Stock(4000, 400), 12000, 1000);
  EXPECT_EQ(shares.stock_amount, 333);
  EXPECT_EQ(shares.variance_amount, 667);
}

TEST(ShareCost, NeverTakesMoreOutOfTheGoodsThanTheyAreWorth) {
  const CostShares shares = ShareCost(Stock(10000, 50), 10000, -80);
  EXPECT_EQ(shares.stock_amount, -50);
  EXPECT_EQ(shares.variance_amount, -30);
}

TEST(NextShare, MakesTheWholeHoweverItIsTaken) {
  int64_t total = 0, before = 0;
  for (const int64_t quantity : {1000, 3000, 1000, 2000}) {
    total += NextShare(1000, 7000, before, quantity);
    before += quantity;
  }
  EXPECT_EQ(total, 1000);
}

class Receipts : public testing::Test {
 protected:
  Receipts() {
    AddPart("p1", "F-1");
    AddPart("p2", "F-2");
    order_.set_number("SH01-PO-1");
    order_.set_state(v1::PurchaseOrder::STATE_SENT);
    auto& line = *order_.add_lines();
    line.set_purchase_order_line_id("o1");
    line.set_part_id("p1");
    line.set_quantity_milli(10000);
    line.set_open_milli(10000);
    line.set_unit_price_amount(100);
    receipt_.set_store_id("s");
    receipt_.set_number("GRN-1");
    receipt_.set_purchase_order_id("o");
    for (const auto& [id, kind] : {std::pair("bin", v1::Location::KIND_STOCK), {"q", v1::Location::KIND_QUARANTINE}}) {
      places_[id].set_location_id(id);
      places_[id].set_kind(kind);
    }
  }
  void AddPart(const std::string& id, const std::string& number) {
    v1::Part& part = parts_[id];
    part.set_part_id(id);
    part.set_part_number(number);
    part.set_unit(v1::Part::UNIT_PIECE);
    Complete(part);
    stocks_[id].set_part_id(id);
  }
  std::string NewId() { return ids_.NewId(); }
  // Counts one line per pair of order line (or part) and quantity.
  absl::Status CountAll(const std::vector<std::pair<std::string, int64_t>>& told) {
    CountedLines counted;
    for (const auto& [what, quantity] : told) {
      v1::CountedLine& line = *counted.Add();
      (what[0] == 'o' ? *line.mutable_purchase_order_line_id() : *line.mutable_part_id()) = what;
      line.set_counted_milli(quantity);
      if (!batch_.empty()) line.set_batch_code(batch_ + std::to_string(counted.size()));
    }
    auto lines =
        Count(counted, receipt_.purchase_order_id().empty() ? nullptr : &order_, parts_, [&] { return NewId(); });
    if (!lines.ok()) return lines.status();
    *receipt_.mutable_lines() = {lines->begin(), lines->end()};
    return absl::OkStatus();
  }
  absl::Status InspectAll(int64_t rejected_milli = 0, const std::string& quarantine = "q") {
    v1::InspectGoodsReceiptRequest request;
    request.set_location_id("bin");
    request.set_quarantine_location_id(quarantine);
    if (rejected_milli > 0) {
      auto& line = *request.add_lines();
      line.set_goods_receipt_line_id(receipt_.lines(0).goods_receipt_line_id());
      line.set_accepted_milli(receipt_.lines(0).counted_milli() - rejected_milli);
      line.set_rejected_milli(rejected_milli);
      line.set_reject_reason("broken");
    }
    return Inspect(request, places_, receipt_);
  }
  void Price() {
    PriceReceipt(
        stocks_, [&] { return NewId(); }, receipt_);
  }

  chassis::CountingIds ids_;
  std::string batch_;
  PartsById parts_;
  Places places_;
  StocksByPart stocks_;
  v1::PurchaseOrder order_;
  v1::GoodsReceipt receipt_;
};

// Handbook: P-09.
TEST_F(Receipts, AsOrderedHaveNoDifference) {
  ASSERT_TRUE(CountAll({{"o1", 10000}}).ok());
  ASSERT_TRUE(InspectAll().ok());
  Price();
  EXPECT_EQ(receipt_.lines(0).accepted_milli(), 10000);
  EXPECT_EQ(receipt_.lines(0).cost_amount(), 1000);
  EXPECT_EQ(receipt_.lines(0).billable_milli(), 10000);
  EXPECT_TRUE(receipt_.differences().empty());
  EXPECT_EQ(ReceiptMovements(receipt_).size(), 1u);
}

TEST_F(Receipts, MissWhatTheOrderHasOpenAndNobodyBrought) {
  ASSERT_TRUE(CountAll({{"o1", 7000}}).ok());
  ASSERT_TRUE(InspectAll().ok());
  Price();
  ASSERT_EQ(receipt_.differences_size(), 1);
  EXPECT_EQ(receipt_.differences(0).kind(), Difference::KIND_SHORT);
  EXPECT_EQ(receipt_.differences(0).quantity_milli(), 3000);
  EXPECT_EQ(receipt_.differences(0).cost_amount(), 300);
}

TEST_F(Receipts, OfSeveralBatchesMissOnlyWhatAllOfThemMiss) {
  parts_["p1"].set_tracking(v1::Part::TRACKING_BATCH);
  batch_ = "B";
  ASSERT_TRUE(CountAll({{"o1", 4000}, {"o1", 5000}}).ok());
  ASSERT_TRUE(InspectAll().ok());
  Price();
  ASSERT_EQ(receipt_.differences_size(), 1);
  EXPECT_EQ(receipt_.differences(0).quantity_milli(), 1000);
  EXPECT_EQ(receipt_.lines(0).accepted_milli(), 4000);
  EXPECT_EQ(receipt_.lines(1).accepted_milli(), 5000);
}

TEST_F(Receipts, PutWhatIsTooMuchAndWhatIsRejectedAside) {
  ASSERT_TRUE(CountAll({{"o1", 13000}}).ok());
  ASSERT_TRUE(InspectAll(1000).ok());
  Price();
  const v1::GoodsReceiptLine& line = receipt_.lines(0);
  EXPECT_EQ(line.accepted_milli(), 10000);
  EXPECT_EQ(line.rejected_milli(), 1000);
  EXPECT_EQ(line.excess_milli(), 2000);
  EXPECT_EQ(line.cost_amount(), 1000);
  EXPECT_EQ(line.quarantine_cost_amount(), 300);
  ASSERT_EQ(receipt_.differences_size(), 2);
  EXPECT_EQ(receipt_.differences(0).kind(), Difference::KIND_DAMAGED);
  EXPECT_EQ(receipt_.differences(0).cost_amount(), 100);
  EXPECT_EQ(receipt_.differences(1).kind(), Difference::KIND_OVER);
  EXPECT_EQ(receipt_.differences(1).cost_amount(), 200);
  EXPECT_EQ(ReceiptMovements(receipt_).size(), 2u);
}

TEST_F(Receipts, TakeAPartNobodyOrderedAtTheAverageSoThatItChangesNothing) {
  stocks_["p2"] = Stock(3000, 1000);
  ASSERT_TRUE(CountAll({{"o1", 10000}, {"p2", 3000}}).ok());
  ASSERT_TRUE(InspectAll().ok());
  Price();
  EXPECT_EQ(receipt_.lines(1).quarantine_cost_amount(), 1000);
  ASSERT_EQ(receipt_.differences_size(), 1);
  EXPECT_EQ(receipt_.differences(0).kind(), Difference::KIND_WRONG_PART);
}

TEST_F(Receipts, KeepTheCentWhenACostSplits) {
  order_.mutable_lines(0)->set_unit_price_amount(333);
  order_.mutable_lines(0)->set_open_milli(2000);
  parts_["p1"].set_step_milli(1);
  ASSERT_TRUE(CountAll({{"o1", 2999}}).ok());
  ASSERT_TRUE(InspectAll().ok());
  Price();
  EXPECT_EQ(receipt_.cost_amount(), 999);
  EXPECT_EQ(receipt_.lines(0).cost_amount() + receipt_.lines(0).quarantine_cost_amount(), 999);
}

TEST_F(Receipts, AreLookedAtAgainWhenAnotherOneCameInBetween) {
  ASSERT_TRUE(CountAll({{"o1", 10000}}).ok());
  ASSERT_TRUE(InspectAll(0, "").ok());
  order_.mutable_lines(0)->set_open_milli(6000);
  ShareWithOrder(order_, receipt_);
  EXPECT_EQ(receipt_.lines(0).accepted_milli(), 6000);
  EXPECT_EQ(receipt_.lines(0).excess_milli(), 4000);
  EXPECT_TRUE(IsRefusal(CheckPlaces(places_, receipt_), v1::RECEIVING_ERROR_REASON_QUARANTINE_BIN_NEEDED));
}

TEST_F(Receipts, RefuseWhatDoesNotAddUp) {
  EXPECT_TRUE(IsRefusal(CountAll({{"oX", 1000}}), v1::RECEIVING_ERROR_REASON_RECEIPT_ORDER_LINE));
  EXPECT_TRUE(IsRefusal(CountAll({{"o1", 1000}, {"o1", 1000}}), v1::RECEIVING_ERROR_REASON_COUNTED_TWICE));
  ASSERT_TRUE(CountAll({{"o1", 0}}).ok());
  EXPECT_TRUE(IsRefusal(InspectAll(), v1::RECEIVING_ERROR_REASON_NOTHING_COUNTED));
  ASSERT_TRUE(CountAll({{"o1", 10000}}).ok());
  EXPECT_TRUE(IsRefusal(InspectAll(1000, ""), v1::RECEIVING_ERROR_REASON_QUARANTINE_BIN_NEEDED));
  EXPECT_TRUE(IsRefusal(InspectAll(1000, "bin"), v1::RECEIVING_ERROR_REASON_QUARANTINE_BIN_NEEDED));
  ASSERT_TRUE(CountAll({{"o1", 10000}}).ok());
  v1::InspectGoodsReceiptRequest request;
  EXPECT_TRUE(IsRefusal(Inspect(request, places_, receipt_), v1::RECEIVING_ERROR_REASON_PUT_AWAY_BIN_NEEDED));
  auto& line = *request.add_lines();
  line.set_goods_receipt_line_id("nobody");
  EXPECT_TRUE(IsRefusal(Inspect(request, places_, receipt_), v1::RECEIVING_ERROR_REASON_RECEIPT_LINE_UNKNOWN));
  line.set_goods_receipt_line_id(receipt_.lines(0).goods_receipt_line_id());
  line.set_accepted_milli(9000);
  EXPECT_TRUE(IsRefusal(Inspect(request, places_, receipt_), v1::RECEIVING_ERROR_REASON_INSPECTION_DOES_NOT_ADD_UP));
  line.set_rejected_milli(1000);
  EXPECT_TRUE(IsRefusal(Inspect(request, places_, receipt_), v1::RECEIVING_ERROR_REASON_REJECT_REASON_NEEDED));
}

TEST_F(Receipts, WithoutAnOrderTakeEverythingAtTheGivenPrice) {
  receipt_.clear_purchase_order_id();
  CountedLines counted;
  v1::CountedLine& line = *counted.Add();
  line.set_part_id("p1");
  line.set_counted_milli(4000);
  line.set_unit_cost_amount(25);
  const auto lines = Count(counted, nullptr, parts_, [&] { return NewId(); });
  ASSERT_TRUE(lines.ok());
  *receipt_.add_lines() = lines->front();
  ASSERT_TRUE(InspectAll().ok());
  Price();
  EXPECT_EQ(receipt_.lines(0).cost_amount(), 100);
  EXPECT_TRUE(receipt_.differences().empty());
}

TEST(Settlement, SuitsTheKindOfDifference) {
  v1::SettleReceiptDifferenceRequest request;
  Difference difference;
  difference.set_kind(Difference::KIND_SHORT);
  request.set_settlement(Difference::SETTLEMENT_RETURN);
  EXPECT_TRUE(
      IsRefusal(CheckSettlement(request, difference), v1::RECEIVING_ERROR_REASON_SETTLEMENT_NOT_FOR_DIFFERENCE));
  request.set_settlement(Difference::SETTLEMENT_CREDIT);
  EXPECT_TRUE(IsRefusal(CheckSettlement(request, difference), v1::RECEIVING_ERROR_REASON_CREDIT_NOTE_NEEDED));
  request.set_credit_note_number("CN-1");
  request.set_credit_amount(100);
  EXPECT_TRUE(CheckSettlement(request, difference).ok());
  difference.set_kind(Difference::KIND_DAMAGED);
  EXPECT_TRUE(
      IsRefusal(CheckSettlement(request, difference), v1::RECEIVING_ERROR_REASON_SETTLEMENT_NOT_FOR_DIFFERENCE));
  difference.set_settlement(Difference::SETTLEMENT_RETURN);
  EXPECT_TRUE(IsRefusal(CheckSettlement(request, difference), v1::RECEIVING_ERROR_REASON_DIFFERENCE_SETTLED));
}

TEST(ReceiptOf, AnOrderThatWasNotSentIsRefused) {
  v1::PurchaseOrder order;
  for (const auto state :
       {v1::PurchaseOrder::STATE_DRAFT, v1::PurchaseOrder::STATE_SUBMITTED, v1::PurchaseOrder::STATE_APPROVED,
        v1::PurchaseOrder::STATE_RECEIVED, v1::PurchaseOrder::STATE_CLOSED, v1::PurchaseOrder::STATE_CANCELLED}) {
    order.set_state(state);
    EXPECT_TRUE(IsRefusal(CheckOrderTakesGoods(order), v1::RECEIVING_ERROR_REASON_ORDER_TAKES_NO_GOODS));
  }
}

}  // namespace
}  // namespace parts
