// Working stock on a real database: the store's goods in a technician's hands.
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "aftersales/parts/v1/stocktake.pb.h"
#include "aftersales/parts/v1/working_stock.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

class WorkingStocks : public PartsStore {
 protected:
  WorkingStocks() {
    hands_ = HandsOf("li.ming", "LM");
    filter_ = APart("F-1");
    Receive(filter_, 10000, 1000);
  }
  std::string HandsOf(const std::string& technician, const std::string& code) {
    v1::CreateLocationRequest request;
    request.mutable_location()->set_warehouse_id(warehouse_id_);
    request.mutable_location()->set_code(code);
    request.mutable_location()->set_kind(v1::Location::KIND_WORKING_STOCK);
    request.mutable_location()->set_holder(technician);
    return Must<v1::Location>(request).location_id();
  }
  v1::DrawWorkingStockRequest Draw(int64_t quantity_milli) {
    v1::DrawWorkingStockRequest request;
    request.set_location_id(hands_);
    request.set_technician("li.ming");
    auto& line = *request.add_lines();
    line.set_part_id(filter_.part_id());
    line.set_quantity_milli(quantity_milli);
    *request.mutable_technician_signature() = TechnicianSignature();
    return request;
  }
  v1::ReturnWorkingStockRequest Back(int64_t quantity_milli) {
    v1::ReturnWorkingStockRequest request;
    request.set_location_id(hands_);
    request.set_technician("li.ming");
    auto& line = *request.add_lines();
    line.set_part_id(filter_.part_id());
    line.set_quantity_milli(quantity_milli);
    line.set_location_id(bin_);
    *request.mutable_technician_signature() = TechnicianSignature();
    return request;
  }
  v1::WorkingStock Held() {
    v1::GetWorkingStockRequest request;
    request.set_technician("li.ming");
    return Must<v1::WorkingStock>(request);
  }
  v1::IssuePartsRequest FromHands(const v1::Reservation& reservation, int64_t quantity_milli) {
    v1::IssuePartsRequest request = Drawing(reservation, quantity_milli);
    request.mutable_lines(0)->set_location_id(hands_);
    return request;
  }

  std::string hands_;
  v1::Part filter_;
};

// Handbook: P-05, P-02
TEST_F(WorkingStocks, StayTheStoresAndServeNoReservation) {
  const auto note = Must<v1::WorkingStockNote>(Draw(4000));
  EXPECT_EQ(note.number().substr(0, 9), "SH01-WKS-");
  EXPECT_EQ(note.lines(0).location_id(), bin_);
  EXPECT_EQ(note.technician_signature().document_digest().size(), 32u);
  EXPECT_EQ(StockOf(filter_).on_hand_milli(), 6000);
  EXPECT_EQ(StockOf(filter_).owned_milli(), 10000);
  EXPECT_EQ(StockOf(filter_).value_amount(), 1000);
  ASSERT_EQ(Held().items_size(), 1);
  EXPECT_EQ(Held().items(0).on_hand_milli(), 4000);
  EXPECT_EQ(Held().items(0).part_number(), "F-1");
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(WorkingStocks, TakeNothingThatIsHeldForDocuments) {
  Reserve(NewId(), {{filter_, 8000}});
  EXPECT_TRUE(IsRefusal(Send<v1::WorkingStockNote>(Draw(4000)).status(), v1::ERROR_REASON_INSUFFICIENT_STOCK));
  Must<v1::WorkingStockNote>(Draw(2000));
}

TEST_F(WorkingStocks, ComeBackAndServeTheQueue) {
  Must<v1::WorkingStockNote>(Draw(10000));
  v1::CreateReservationRequest waiting = Holding(NewId(), {{filter_, 3000}});
  waiting.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  const auto held = Must<v1::Reservation>(waiting);
  EXPECT_TRUE(IsRefusal(Send<v1::WorkingStockNote>(Back(11000)).status(), v1::ERROR_REASON_BIN_SHORT));
  Must<v1::WorkingStockNote>(Back(4000));
  EXPECT_EQ(ReservationOf(held.reservation_id()).lines(0).reserved_milli(), 3000);
  EXPECT_EQ(StockOf(filter_).on_hand_milli(), 4000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(WorkingStocks, BelongToOneTechnicianWhoSigns) {
  v1::DrawWorkingStockRequest draw = Draw(1000);
  draw.set_technician("wang.wu");
  EXPECT_TRUE(
      IsRefusal(Send<v1::WorkingStockNote>(draw).status(), v1::STOCK_CONTROL_ERROR_REASON_NOT_HIS_WORKING_STOCK));
  draw = Draw(1000);
  draw.set_location_id(bin_);
  EXPECT_TRUE(
      IsRefusal(Send<v1::WorkingStockNote>(draw).status(), v1::STOCK_CONTROL_ERROR_REASON_NOT_HIS_WORKING_STOCK));
  draw = Draw(1000);
  draw.mutable_technician_signature()->set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_MANAGER);
  EXPECT_TRUE(IsRefusal(Send<v1::WorkingStockNote>(draw).status(), v1::ERROR_REASON_SIGNER_NOT_TECHNICIAN));
  v1::CreateLocationRequest nobodys;
  nobodys.mutable_location()->set_warehouse_id(warehouse_id_);
  nobodys.mutable_location()->set_code("XX");
  nobodys.mutable_location()->set_kind(v1::Location::KIND_WORKING_STOCK);
  EXPECT_TRUE(IsRefusal(Send<v1::Location>(nobodys).status(), v1::STOCK_CONTROL_ERROR_REASON_HOLDER_REQUIRED));
  nobodys.mutable_location()->set_kind(v1::Location::KIND_STOCK);
  nobodys.mutable_location()->set_holder("li.ming");
  nobodys.clear_request_id();
  EXPECT_TRUE(IsRefusal(Send<v1::Location>(nobodys).status(), v1::STOCK_CONTROL_ERROR_REASON_HOLDER_REQUIRED));
}

TEST_F(WorkingStocks, AreIssuedToAnOrderThatHoldsThePart) {
  Must<v1::WorkingStockNote>(Draw(4000));
  const auto held = Reserve(NewId(), {{filter_, 2000}});
  const auto note = Must<v1::Issue>(FromHands(held, 1000));
  EXPECT_EQ(note.lines(0).location_id(), hands_);
  EXPECT_EQ(note.cost_amount(), 100);
  // The shelf keeps what was held for the line: it is free again.
  EXPECT_EQ(StockOf(filter_).on_hand_milli(), 6000);
  EXPECT_EQ(StockOf(filter_).reserved_milli(), 1000);
  EXPECT_EQ(StockOf(filter_).owned_milli(), 9000);
  EXPECT_EQ(Held().items(0).on_hand_milli(), 3000);
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(FromHands(held, 2000)).status(), v1::ERROR_REASON_ISSUE_EXCEEDS_RESERVATION));
  Must<v1::Issue>(Bringing(note, 1000));
  EXPECT_EQ(Held().items(0).on_hand_milli(), 4000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(WorkingStocks, ServeALineThatWaits) {
  Must<v1::WorkingStockNote>(Draw(10000));
  v1::CreateReservationRequest waiting = Holding(NewId(), {{filter_, 3000}});
  waiting.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  const auto held = Must<v1::Reservation>(waiting);
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(Drawing(held, 1000)).status(), v1::ERROR_REASON_NOTHING_RESERVED));
  Must<v1::Issue>(FromHands(held, 3000));
  EXPECT_EQ(ReservationOf(held.reservation_id()).state(), v1::Reservation::STATE_CONSUMED);
  EXPECT_EQ(StockOf(filter_).short_milli(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(WorkingStocks, FreeGoodsForOthersWhoWait) {
  Must<v1::WorkingStockNote>(Draw(8000));
  const auto first = Reserve(NewId(), {{filter_, 2000}});
  v1::CreateReservationRequest waiting = Holding(NewId(), {{filter_, 2000}});
  waiting.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  const auto second = Must<v1::Reservation>(waiting);
  Must<v1::Issue>(FromHands(first, 2000));
  EXPECT_EQ(ReservationOf(second.reservation_id()).lines(0).reserved_milli(), 2000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-10, P-05
TEST_F(WorkingStocks, AreCountedWithTheStore) {
  Must<v1::WorkingStockNote>(Draw(4000));
  v1::PlanStocktakeRequest plan;
  plan.set_kind(v1::Stocktake::KIND_FULL);
  v1::StartStocktakeRequest start;
  start.set_stocktake_id(Must<v1::Stocktake>(plan).stocktake_id());
  EXPECT_EQ(Must<v1::Stocktake>(start).line_count(), 2);
  v1::RecordCountsRequest counts;
  counts.set_stocktake_id(start.stocktake_id());
  v1::ListStocktakeLinesRequest list;
  list.set_stocktake_id(start.stocktake_id());
  for (const std::string who : {"wang.fang", "li.na"}) {
    identity_.subject = who;
    counts.clear_lines();
    const auto sheet = Must<v1::ListStocktakeLinesResponse>(list);
    for (const auto& line : sheet.stocktake_lines()) {
      if (line.state() == v1::StocktakeLine::STATE_COUNTED) continue;
      auto& counted = *counts.add_lines();
      counted.set_stocktake_line_id(line.stocktake_line_id());
      counted.set_counted_milli(line.location_id() == hands_ ? 3000 : 6000);
    }
    Must<v1::RecordCountsResponse>(counts);
    v1::FinishCountingRequest finish;
    finish.set_stocktake_id(start.stocktake_id());
    Must<v1::Stocktake>(finish);
  }
  identity_.subject = "zhang.lei";
  v1::ApproveStocktakeRequest approve;
  approve.set_stocktake_id(start.stocktake_id());
  approve.set_reason("used without a paper");
  EXPECT_EQ(Must<v1::Stocktake>(approve).loss_amount(), 100);
  EXPECT_EQ(Held().items(0).on_hand_milli(), 3000);
  EXPECT_EQ(StockOf(filter_).on_hand_milli(), 6000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(WorkingStocks, OfAnotherTechnicianAreNotIssued) {
  const std::string others = HandsOf("wang.wu", "WW");
  const auto held = Reserve(NewId(), {{filter_, 2000}});
  v1::IssuePartsRequest request = Drawing(held, 1000);
  request.mutable_lines(0)->set_location_id(others);
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(request).status(), v1::STOCK_CONTROL_ERROR_REASON_NOT_HIS_WORKING_STOCK));
}

}  // namespace
}  // namespace parts
