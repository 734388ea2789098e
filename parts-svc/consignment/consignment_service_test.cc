// Consignment on a real database: a station's account from the first shipment to its statement.
#include "aftersales/parts/v1/consignment.pb.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "parts-svc/sale/sales_for_test.h"

namespace parts {
namespace {

class Consignment : public SalesCounter {
 protected:
  Consignment() {
    buyer_ = ABuyer("PD", 0, 30);
    v1::CreateLocationRequest open;
    open.mutable_location()->set_warehouse_id(warehouse_id_);
    open.mutable_location()->set_code("PD");
    open.mutable_location()->set_kind(v1::Location::KIND_CONSIGNMENT);
    open.mutable_location()->set_station_name("浦东服务站");
    open.mutable_location()->set_buyer_id(buyer_.buyer_id());
    station_ = Must<v1::Location>(open).location_id();
    filter_ = APart("F-1");
    Receive(filter_, 10000, 1000);
  }
  static aftersales::common::v1::Signature StaffSignature() {
    auto signature = TechnicianSignature();
    signature.set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_MANAGER);
    return signature;
  }
  template <typename Request>
  Request Carrying(int64_t quantity_milli) {
    Request request;
    request.set_location_id(station_);
    auto& line = *request.add_lines();
    line.set_part_id(filter_.part_id());
    line.set_quantity_milli(quantity_milli);
    return request;
  }
  v1::ShipConsignmentRequest Shipment(int64_t quantity_milli) {
    auto request = Carrying<v1::ShipConsignmentRequest>(quantity_milli);
    *request.mutable_signature() = StaffSignature();
    return request;
  }
  v1::ReturnConsignmentRequest Back(int64_t quantity_milli) {
    auto request = Carrying<v1::ReturnConsignmentRequest>(quantity_milli);
    request.mutable_lines(0)->set_location_id(bin_);
    *request.mutable_signature() = StaffSignature();
    return request;
  }
  v1::ReportConsumptionRequest Used(int64_t quantity_milli, v1::ReportConsumptionRequest::Use use) {
    auto request = Carrying<v1::ReportConsumptionRequest>(quantity_milli);
    request.set_use(use);
    request.set_reference("PD-2026-11");
    return request;
  }
  void AWholesalePrice(int64_t amount) {
    v1::SetPartPriceRequest request;
    request.set_part_id(filter_.part_id());
    request.set_price_level(v1::PRICE_LEVEL_WHOLESALE);
    request.set_unit_price_amount(amount);
    request.set_reason("price list");
    Must<v1::PartPrice>(request);
  }
  v1::ConsignmentStatement Statement(absl::Time from, absl::Time to) {
    v1::GetConsignmentStatementRequest request;
    request.set_location_id(station_);
    *request.mutable_from_time() = chassis::ToProto(from);
    *request.mutable_to_time() = chassis::ToProto(to);
    return Must<v1::ConsignmentStatement>(request);
  }

  v1::Buyer buyer_;
  std::string station_;
  v1::Part filter_;
};

// Handbook: P-02
TEST_F(Consignment, IsSoldAtTheWholesalePriceWhenTheStationReportsIt) {
  const auto shipped = Must<v1::ConsignmentNote>(Shipment(6000));
  EXPECT_EQ(shipped.number().substr(0, 9), "SH01-CSG-");
  EXPECT_EQ(shipped.station_name(), "浦东服务站");
  EXPECT_EQ(StockOf(filter_).on_hand_milli(), 4000);
  EXPECT_EQ(StockOf(filter_).owned_milli(), 10000);
  EXPECT_TRUE(IsRefusal(Send<v1::ConsignmentNote>(Used(2000, v1::ReportConsumptionRequest::USE_SALE)).status(),
                        v1::ERROR_REASON_PART_HAS_NO_PRICE));
  AWholesalePrice(250);
  const auto sold = Must<v1::ConsignmentNote>(Used(2000, v1::ReportConsumptionRequest::USE_SALE));
  EXPECT_EQ(sold.cost_amount(), 200);
  EXPECT_EQ(sold.charge_amount(), 500);
  EXPECT_EQ(sold.tax_amount(), 65);
  EXPECT_EQ(StockOf(filter_).owned_milli(), 8000);
  EXPECT_EQ(StockOf(filter_).value_amount(), 800);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-02, P-12
TEST_F(Consignment, IsOwedByTheBuyerTheStationIsOnceItWasSold) {
  AWholesalePrice(250);
  Must<v1::ConsignmentNote>(Shipment(6000));
  const auto sold = Must<v1::ConsignmentNote>(Used(2000, v1::ReportConsumptionRequest::USE_SALE));
  v1::GetReceivableRequest get;
  get.set_receivable_id(sold.receivable_id());
  const auto receivable = Must<v1::Receivable>(get);
  EXPECT_EQ(receivable.number(), sold.receivable_number());
  EXPECT_EQ(receivable.buyer_id(), buyer_.buyer_id());
  EXPECT_EQ(receivable.consignment_note_id(), sold.consignment_note_id());
  EXPECT_EQ(receivable.gross_amount(), 565) << "more than his credit, but the goods are gone";
  EXPECT_EQ(receivable.due_date(), "2026-12-21");
  EXPECT_EQ(Count("duty WHERE kind = 'receivable_due' AND state = 'OPEN'"), 1);
  auto used = Used(1000, v1::ReportConsumptionRequest::USE_INTERNAL);
  used.set_order_id(NewId());
  EXPECT_TRUE(Must<v1::ConsignmentNote>(used).receivable_id().empty()) << "nobody bought it";
  EXPECT_EQ(Differences(), std::vector<std::string>());
  Execute("UPDATE sales_receivable SET gross_amount = 500, open_amount = 500");
  EXPECT_EQ(Differences().size(), 1u);
}

// Handbook: P-02
TEST_F(Consignment, IsNotSoldByAStationNobodyKnowsAsABuyer) {
  AWholesalePrice(250);
  station_ = ABin("XH", v1::Location::KIND_CONSIGNMENT);
  Must<v1::ConsignmentNote>(Shipment(2000));
  EXPECT_TRUE(IsRefusal(Send<v1::ConsignmentNote>(Used(1000, v1::ReportConsumptionRequest::USE_SALE)).status(),
                        v1::STOCK_CONTROL_ERROR_REASON_STATION_WITHOUT_BUYER));
  v1::GetLocationRequest get;
  get.set_location_id(station_);
  v1::UpdateLocationRequest update;
  *update.mutable_location() = Must<v1::Location>(get);
  update.mutable_update_mask()->add_paths("buyer_id");
  update.mutable_location()->set_buyer_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::Location>(update).status(), v1::SALES_ERROR_REASON_BUYER_UNKNOWN));
  update.mutable_location()->set_buyer_id(buyer_.buyer_id());
  Must<v1::Location>(update);
  Must<v1::ConsignmentNote>(Used(1000, v1::ReportConsumptionRequest::USE_SALE));
}

TEST_F(Consignment, IsUsedUpForAnOrderOfThisStore) {
  Must<v1::ConsignmentNote>(Shipment(6000));
  auto used = Used(1000, v1::ReportConsumptionRequest::USE_INTERNAL);
  EXPECT_TRUE(IsRefusal(Send<v1::ConsignmentNote>(used).status(), v1::STOCK_CONTROL_ERROR_REASON_ORDER_REQUIRED));
  used.set_order_id(NewId());
  const auto note = Must<v1::ConsignmentNote>(used);
  EXPECT_EQ(note.cost_amount(), 100);
  EXPECT_EQ(note.charge_amount(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Consignment, HoldsNoMoreThanTheAccount) {
  Must<v1::ConsignmentNote>(Shipment(2000));
  auto used = Used(3000, v1::ReportConsumptionRequest::USE_INTERNAL);
  used.set_order_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::ConsignmentNote>(used).status(), v1::ERROR_REASON_BIN_SHORT));
  EXPECT_TRUE(IsRefusal(Send<v1::ConsignmentNote>(Back(3000)).status(), v1::ERROR_REASON_BIN_SHORT));
  EXPECT_TRUE(IsRefusal(Send<v1::ConsignmentNote>(Shipment(9000)).status(), v1::ERROR_REASON_BIN_SHORT));
  Reserve(NewId(), {{filter_, 8000}});
  EXPECT_TRUE(IsRefusal(Send<v1::ConsignmentNote>(Shipment(1000)).status(), v1::ERROR_REASON_INSUFFICIENT_STOCK));
}

TEST_F(Consignment, IsForStationsAndSignedByTheStaff) {
  v1::ShipConsignmentRequest shipment = Shipment(1000);
  shipment.set_location_id(bin_);
  EXPECT_TRUE(IsRefusal(Send<v1::ConsignmentNote>(shipment).status(), v1::STOCK_CONTROL_ERROR_REASON_NOT_CONSIGNMENT));
  shipment = Shipment(1000);
  shipment.mutable_signature()->set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_CUSTOMER);
  EXPECT_TRUE(IsRefusal(Send<v1::ConsignmentNote>(shipment).status(), v1::STOCK_CONTROL_ERROR_REASON_SIGNER_NOT_STAFF));
}

TEST_F(Consignment, HasAStatementThatAddsUp) {
  AWholesalePrice(250);
  Must<v1::ConsignmentNote>(Shipment(3000));
  clock_.Advance(absl::Hours(1));
  const absl::Time from = clock_.Now();
  Must<v1::ConsignmentNote>(Shipment(4000));
  Must<v1::ConsignmentNote>(Used(2000, v1::ReportConsumptionRequest::USE_SALE));
  auto used = Used(1000, v1::ReportConsumptionRequest::USE_INTERNAL);
  used.set_order_id(NewId());
  Must<v1::ConsignmentNote>(used);
  Must<v1::ConsignmentNote>(Back(500 * 2));
  clock_.Advance(absl::Hours(1));
  const absl::Time to = clock_.Now();
  Must<v1::ConsignmentNote>(Shipment(1000));
  const auto statement = Statement(from, to);
  ASSERT_EQ(statement.lines_size(), 1);
  const auto& line = statement.lines(0);
  EXPECT_EQ(line.opening_milli(), 3000);
  EXPECT_EQ(line.shipped_milli(), 4000);
  EXPECT_EQ(line.sold_milli(), 2000);
  EXPECT_EQ(line.used_milli(), 1000);
  EXPECT_EQ(line.returned_milli(), 1000);
  EXPECT_EQ(line.adjusted_milli(), 0);
  EXPECT_EQ(line.closing_milli(), 3000);
  EXPECT_EQ(statement.charge_amount(), 500);
  EXPECT_EQ(statement.tax_amount(), 65);
  EXPECT_EQ(statement.currency_code(), "CNY");
  v1::GetConsignmentStatementRequest backwards;
  backwards.set_location_id(station_);
  *backwards.mutable_from_time() = chassis::ToProto(to);
  *backwards.mutable_to_time() = chassis::ToProto(from);
  EXPECT_TRUE(
      IsRefusal(Send<v1::ConsignmentStatement>(backwards).status(), v1::STOCK_CONTROL_ERROR_REASON_STATEMENT_PERIOD));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

}  // namespace
}  // namespace parts
