// The ledger room on a real database.
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "chassis/records/table_check.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

class Ledger : public PartsStore {
 protected:
  v1::MoveStockRequest Moving(const v1::Part& part, const std::string& to, int64_t quantity_milli) {
    v1::MoveStockRequest request;
    request.set_reason("put-away");
    auto& line = *request.add_lines();
    line.set_part_id(part.part_id());
    line.set_from_location_id(bin_);
    line.set_to_location_id(to);
    line.set_quantity_milli(quantity_milli);
    return request;
  }
  v1::AdjustStockRequest Adjusting(const v1::Part& part, int64_t difference_milli) {
    v1::AdjustStockRequest request;
    request.set_reason("count of 21 November");
    auto& line = *request.add_lines();
    line.set_part_id(part.part_id());
    line.set_location_id(bin_);
    line.set_difference_milli(difference_milli);
    return request;
  }
};

TEST_F(Ledger, TablesAgreeWithTheirMessages) {
  const absl::Status status = pool_->Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const auto differences, chassis::records::TableDifferences(session, "aftersales.parts.v1"));
    EXPECT_EQ(differences, std::vector<std::string>());
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(Ledger, EveryRpcOfTheCommonGroundIsThere) {
  // The office's RPCs (duties, events, audit) belong to the chassis; everything else is answered by a room.
  const std::string missing(rpcs_.Complete().message());
  for (const char* service : {"CatalogueService", "LocationService", "LedgerService", "ReservationService",
                              "IssueService", "OrderPartsService"}) {
    EXPECT_EQ(missing.find(absl::StrCat("v1.", service)), std::string::npos) << missing;
  }
}

TEST_F(Ledger, ReceiptRaisesStockAndValueAndLeavesADocument) {
  const v1::Part filter = APart("F-1");
  const auto document = Must<v1::StockDocument>(Receipt(filter, 4000, 1000));
  EXPECT_EQ(document.number().substr(0, 9), "SH01-RCV-");
  ASSERT_EQ(document.movements_size(), 1);
  EXPECT_EQ(document.movements(0).document_id(), document.stock_document_id());
  const v1::PartStock stock = StockOf(filter);
  EXPECT_EQ(stock.on_hand_milli(), 4000);
  EXPECT_EQ(stock.value_amount(), 1000);
  EXPECT_EQ(stock.average_unit_amount(), 250);
  ASSERT_EQ(stock.balances_size(), 1);
  EXPECT_EQ(stock.balances(0).location_code(), "A1");
  v1::GetStockDocumentRequest get;
  get.set_stock_document_id(document.stock_document_id());
  EXPECT_EQ(Must<v1::StockDocument>(get).movements_size(), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Ledger, AReceiptIntoNothingTakesTheReceiptsCost) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 1000, 333);
  Must<v1::StockDocument>(Adjusting(filter, -1000));
  EXPECT_EQ(StockOf(filter).value_amount(), 0);
  Receive(filter, 2000, 800);
  EXPECT_EQ(StockOf(filter).average_unit_amount(), 400);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Ledger, OpeningStockIsForTheManager) {
  const v1::Part filter = APart("F-1");
  v1::ReceiveStockRequest request = Receipt(filter, 1000, 100);
  request.set_source(v1::ReceiveStockRequest::SOURCE_OPENING);
  identity_.roles = {aftersales::options::v1::ROLE_PARTS_CLERK};
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(request).status(), v1::ERROR_REASON_OPENING_BY_MANAGER));
  identity_.roles = {aftersales::options::v1::ROLE_PARTS_MANAGER};
  EXPECT_EQ(Must<v1::StockDocument>(request).kind(), v1::DOCUMENT_KIND_OPENING);
}

TEST_F(Ledger, RefusesPartsAndBinsItDoesNotKnow) {
  const v1::Part filter = APart("F-1");
  v1::ReceiveStockRequest request = Receipt(filter, 1000, 100);
  request.mutable_lines(0)->set_part_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(request).status(), v1::ERROR_REASON_PART_UNKNOWN));
  request = Receipt(filter, 1000, 100);
  request.mutable_lines(0)->set_location_id(NewId());
  EXPECT_EQ(Send<v1::StockDocument>(request).status().code(), absl::StatusCode::kNotFound);
  request.mutable_lines(0)->set_location_id(ABin("O1", v1::Location::KIND_OLD_PARTS));
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(request).status(), v1::ERROR_REASON_LOCATION_KIND));
  request = Receipt(filter, 1500, 100);
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(request).status(), v1::ERROR_REASON_QUANTITY_STEP));
  EXPECT_EQ(Count("stock_movement"), 0);
}

TEST_F(Ledger, SellsOilByTheTenthOfALitre) {
  v1::Part oil = PartNamed("OIL");
  oil.set_unit(v1::Part::UNIT_LITRE);
  oil.set_step_milli(100);
  oil = Create(oil);
  Receive(oil, 200000, 1240000);
  const auto held = Reserve(NewId(), {{oil, 4300}});
  EXPECT_EQ(Must<v1::Issue>(Drawing(held, 4300)).cost_amount(), 26660);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Ledger, MovesReservedGoodsBetweenBinsButNotIntoQuarantine) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 300);
  Reserve(NewId(), {{filter, 2000}});
  const std::string other = ABin("A2"), quarantine = ABin("Q1", v1::Location::KIND_QUARANTINE);
  Must<v1::StockDocument>(Moving(filter, other, 1000));
  const auto status = Send<v1::StockDocument>(Moving(filter, quarantine, 2000)).status();
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_INSUFFICIENT_STOCK)) << status;
  Must<v1::StockDocument>(Moving(filter, quarantine, 1000));
  const v1::PartStock stock = StockOf(filter);
  EXPECT_EQ(stock.on_hand_milli(), 2000);
  EXPECT_EQ(stock.owned_milli(), 3000);
  EXPECT_EQ(stock.value_amount(), 300);
  EXPECT_EQ(stock.available_milli(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Ledger, NeverTakesMoreFromABinThanItHolds) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 1000, 300);
  const std::string first = bin_;
  bin_ = ABin("A2");
  Receive(filter, 5000, 300);
  const std::string second = bin_;
  bin_ = first;
  const auto status = Send<v1::StockDocument>(Moving(filter, second, 2000)).status();
  ASSERT_TRUE(IsRefusal(status, v1::ERROR_REASON_BIN_SHORT)) << status;
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("on_hand"), "1000");
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Ledger, WritesOffTheMissingAtTheAverageButNotWhatIsReserved) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 1000);
  Reserve(NewId(), {{filter, 2000}});
  EXPECT_TRUE(
      IsRefusal(Send<v1::StockDocument>(Adjusting(filter, -2000)).status(), v1::ERROR_REASON_INSUFFICIENT_STOCK));
  const auto document = Must<v1::StockDocument>(Adjusting(filter, -1000));
  EXPECT_EQ(document.movements(0).cost_amount(), 333);
  EXPECT_EQ(StockOf(filter).value_amount(), 667);
  Must<v1::StockDocument>(Adjusting(filter, 1000));
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 3000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Ledger, AdjustmentNeedsAReason) {
  v1::AdjustStockRequest request = Adjusting(APart("F-1"), 1000);
  request.clear_reason();
  EXPECT_FALSE(Send<v1::StockDocument>(request).ok());
}

TEST_F(Ledger, ListsMovementsByPartAndDocument) {
  const v1::Part filter = APart("F-1"), pad = APart("P-1");
  Receive(filter, 3000, 1000);
  Receive(pad, 3000, 1000);
  v1::ListStockMovementsRequest list;
  list.set_filter(absl::StrCat("part_id = \"", filter.part_id(), "\""));
  EXPECT_EQ(Must<v1::ListStockMovementsResponse>(list).stock_movements_size(), 1);
  v1::ListPartStocksRequest stocks;
  stocks.set_order_by("part_number");
  const auto all = Must<v1::ListPartStocksResponse>(stocks);
  ASSERT_EQ(all.part_stocks_size(), 2);
  EXPECT_EQ(all.part_stocks(0).available_milli(), 3000);
}

class Locations : public PartsStore {};

TEST_F(Locations, ThatHoldStockStayOpen) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 1000, 100);
  v1::GetLocationRequest get;
  get.set_location_id(bin_);
  v1::UpdateLocationRequest update;
  *update.mutable_location() = Must<v1::Location>(get);
  update.mutable_location()->set_closed(true);
  update.mutable_update_mask()->add_paths("closed");
  EXPECT_TRUE(IsRefusal(Send<v1::Location>(update).status(), v1::ERROR_REASON_LOCATION_HOLDS_STOCK));
}

// Handbook: P-02, P-03
TEST_F(Locations, ThatWereUsedDoNotBecomeAnOldPartStore) {
  const v1::Part filter = APart("F-1");
  const std::string other = ABin("A2");
  Receive(filter, 1000, 100);
  v1::MoveStockRequest move;
  move.set_reason("cleared");
  auto& line = *move.add_lines();
  line.set_part_id(filter.part_id());
  line.set_from_location_id(bin_);
  line.set_to_location_id(other);
  line.set_quantity_milli(1000);
  Must<v1::StockDocument>(move);
  v1::GetLocationRequest get;
  get.set_location_id(bin_);
  v1::UpdateLocationRequest update;
  *update.mutable_location() = Must<v1::Location>(get);
  update.mutable_location()->set_kind(v1::Location::KIND_OLD_PARTS);
  update.mutable_update_mask()->add_paths("kind");
  EXPECT_TRUE(IsRefusal(Send<v1::Location>(update).status(), v1::STOCK_CONTROL_ERROR_REASON_LOCATION_WAS_USED));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-02, P-13
TEST_F(Locations, InTransitAreMovedByTransfersOnly) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 1000, 100);
  const std::string transit = ABin("T1", v1::Location::KIND_IN_TRANSIT);
  v1::MoveStockRequest move;
  move.set_reason("put aside");
  auto& line = *move.add_lines();
  line.set_part_id(filter.part_id());
  line.set_from_location_id(bin_);
  line.set_to_location_id(transit);
  line.set_quantity_milli(1000);
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(move).status(), v1::ERROR_REASON_LOCATION_KIND));
  v1::ReceiveStockRequest receipt = Receipt(filter, 1000, 100);
  receipt.mutable_lines(0)->set_location_id(transit);
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(receipt).status(), v1::ERROR_REASON_LOCATION_KIND));
  v1::AdjustStockRequest adjust;
  adjust.set_reason("found");
  auto& found = *adjust.add_lines();
  found.set_part_id(filter.part_id());
  found.set_location_id(transit);
  found.set_difference_milli(1000);
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(adjust).status(), v1::ERROR_REASON_LOCATION_KIND));
}

TEST_F(Locations, ClosedTakeNothingIn) {
  const v1::Part filter = APart("F-1");
  v1::GetLocationRequest get;
  get.set_location_id(bin_);
  v1::UpdateLocationRequest update;
  *update.mutable_location() = Must<v1::Location>(get);
  update.mutable_location()->set_closed(true);
  update.mutable_update_mask()->add_paths("closed");
  Must<v1::Location>(update);
  EXPECT_TRUE(
      IsRefusal(Send<v1::StockDocument>(Receipt(filter, 1000, 100)).status(), v1::ERROR_REASON_LOCATION_CLOSED));
}

TEST_F(Locations, OfAnAccountAreNotMadeByPeople) {
  v1::CreateLocationRequest request;
  request.mutable_location()->set_warehouse_id(warehouse_id_);
  request.mutable_location()->set_code("S9");
  request.mutable_location()->set_kind(v1::Location::KIND_SUPPLIER);
  EXPECT_TRUE(IsRefusal(Send<v1::Location>(request).status(), v1::ERROR_REASON_LOCATION_KIND));
  request.mutable_location()->set_kind(v1::Location::KIND_CONSIGNMENT);
  EXPECT_FALSE(Send<v1::Location>(request).ok()) << "a consignment account names its station";
  request.mutable_location()->set_code("A1");
  request.mutable_location()->set_kind(v1::Location::KIND_STOCK);
  EXPECT_EQ(Send<v1::Location>(request).status().code(), absl::StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace parts
