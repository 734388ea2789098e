// The order from its first line to its signature, on a real schema.
#include "gmock/gmock.h"
#include "reception-svc/repairs_for_test.h"

namespace reception {
namespace {

using chassis::IsRefusal;
using testing::IsEmpty;

class RepairOrderRoom : public testing::Test {
 protected:
  RepairDesk desk;
};

// Handbook, G-06, G-08.
TEST_F(RepairOrderRoom, OpensAnOrderPricedFromThePriceListAndDecidesPlainCoverage) {
  const v1::RepairOrder order = desk.ADraftOrder();
  EXPECT_EQ(order.number(), "SH01-RO-20261121-0001");
  EXPECT_EQ(order.state(), v1::RepairOrder::STATE_DRAFT);
  ASSERT_EQ(order.lines_size(), 2);
  EXPECT_EQ(order.labour_amount(), 16800);
  EXPECT_EQ(order.parts_amount(), 36000);
  EXPECT_EQ(order.total_amount(), 59664);
  EXPECT_EQ(order.plate(), RepairDesk::kPlate);
  EXPECT_EQ(order.odometer_km(), 48210);
  EXPECT_EQ(order.lines(0).coverage(), v1::COVERAGE_OUT_OF_WARRANTY);
  const v1::RepairOrder stored = desk.OrderNow(order.repair_order_id());
  EXPECT_EQ(stored.SerializeAsString(), order.SerializeAsString());
}

TEST_F(RepairOrderRoom, OpensNoOrderBeforeTheCheckInIsComplete) {
  v1::RecordArrivalRequest arrival;
  arrival.set_plate(RepairDesk::kPlate);
  const auto visit = desk.Must<v1::Visit>(options::ROLE_GATE_GUARD, arrival);
  const auto order = desk.Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, desk.OrderRequest(visit));
  EXPECT_FALSE(order.ok());
  EXPECT_EQ(desk.Count("repair_order"), 0);
}

TEST_F(RepairOrderRoom, OpensOneOrderPerVisit) {
  const v1::Visit visit = desk.ACheckedInVisit();
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, desk.OrderRequest(visit));
  const auto second = desk.Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, desk.OrderRequest(visit));
  EXPECT_TRUE(IsRefusal(second.status(), v1::ERROR_REASON_VISIT_HAS_ORDER)) << second.status();
  EXPECT_EQ(desk.Count("repair_order"), 1);
}

TEST_F(RepairOrderRoom, StoresNothingOfAnOrderWithAnUnlistedOperation) {
  auto request = desk.OrderRequest(desk.ACheckedInVisit());
  request.add_lines()->set_operation_code("NO-SUCH");
  const auto order = desk.Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  EXPECT_TRUE(IsRefusal(order.status(), v1::ERROR_REASON_OPERATION_UNKNOWN));
  EXPECT_EQ(desk.Count("repair_order"), 0);
  EXPECT_EQ(desk.Count("repair_order_line"), 0);
}

TEST_F(RepairOrderRoom, LeavesCoverageInsideTheWarrantyToThePerson) {
  auto& vehicle = desk.neighbours.vehicles_by_plate[RepairDesk::kPlate];
  vehicle.set_warranty_start_date("2025-01-01");
  vehicle.set_warranty_end_date("2028-01-01");
  v1::RepairOrder order = desk.Prepared(desk.ADraftOrder());
  EXPECT_TRUE(IsRefusal(desk.Sign(order).status(), v1::ERROR_REASON_COVERAGE_MISSING));
  v1::DecideCoverageRequest request;
  request.set_repair_order_id(order.repair_order_id());
  for (const auto& line : order.lines()) {
    auto& decision = *request.add_decisions();
    decision.set_line_id(line.line_id());
    decision.set_coverage(v1::COVERAGE_OUT_OF_WARRANTY);
    decision.set_reason("maintenance is the customer's");
  }
  order = desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  // Who pays did not move, so the estimate stands.
  EXPECT_EQ(order.state(), v1::RepairOrder::STATE_ESTIMATED);
  EXPECT_TRUE(desk.Sign(order).ok());
}

TEST_F(RepairOrderRoom, ANewPayerTakesANewEstimate) {
  auto& vehicle = desk.neighbours.vehicles_by_plate[RepairDesk::kPlate];
  vehicle.set_warranty_end_date("2028-01-01");
  const v1::RepairOrder order = desk.Prepared(desk.ADraftOrder());
  v1::DecideCoverageRequest request;
  request.set_repair_order_id(order.repair_order_id());
  auto& decision = *request.add_decisions();
  decision.set_line_id(order.lines(0).line_id());
  decision.set_coverage(v1::COVERAGE_IN_WARRANTY);
  decision.set_reason("defect of the part");
  const auto decided = desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  EXPECT_EQ(decided.state(), v1::RepairOrder::STATE_DRAFT);
  EXPECT_EQ(decided.customer_amount(), 40680);
}

// Handbook: R-22.
TEST_F(RepairOrderRoom, KeepsEveryVersionOfTheEstimate) {
  v1::RepairOrder order = desk.Prepared(desk.ADraftOrder());
  v1::AddOrderLinesRequest more;
  more.set_repair_order_id(order.repair_order_id());
  auto& part = *more.add_lines()->mutable_part();
  part.set_part_number("PAD-1");
  part.set_supply_source(common::SUPPLY_SOURCE_STORE_ORIGINAL);
  part.set_quantity_milli(1000);
  order = desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, more);
  EXPECT_EQ(order.state(), v1::RepairOrder::STATE_DRAFT);
  EXPECT_TRUE(IsRefusal(desk.Sign(order).status(), v1::ERROR_REASON_ESTIMATE_MISSING));
  order = desk.Prepared(order);
  EXPECT_EQ(order.estimate_count(), 2);
  v1::ListEstimatesRequest list;
  list.set_filter(absl::StrCat("repair_order_id = \"", order.repair_order_id(), "\""));
  const auto estimates = desk.Must<v1::ListEstimatesResponse>(options::ROLE_SERVICE_ADVISER, list);
  ASSERT_EQ(estimates.estimates_size(), 2);
  EXPECT_EQ(estimates.estimates(0).total_amount(), 59664);
  EXPECT_EQ(estimates.estimates(1).total_amount(), 59664 + 33900);
}

// Handbook: R-23, G-04.
TEST_F(RepairOrderRoom, TheNoGuaranteeClauseIsAcknowledgedSeparately) {
  auto request = desk.OrderRequest(desk.ACheckedInVisit());
  auto& part = *request.add_lines()->mutable_part();
  part.set_part_number("PAD-X");
  part.set_supply_source(common::SUPPLY_SOURCE_STORE_AFTERMARKET);
  part.set_quantity_milli(1000);
  v1::RepairOrder order = desk.Prepared(desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request));
  EXPECT_TRUE(IsRefusal(desk.Sign(order).status(), v1::ERROR_REASON_DISCLAIMER_MISSING));
  v1::AcknowledgeDisclaimerRequest acknowledge;
  acknowledge.set_repair_order_id(order.repair_order_id());
  acknowledge.set_clause(v1::CLAUSE_NO_GUARANTEE);
  *acknowledge.mutable_signature() = ByCustomer();
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, acknowledge);
  const auto is_signed = desk.Sign(order);
  ASSERT_TRUE(is_signed.ok()) << is_signed.status();
  EXPECT_EQ(desk.Count("signed_document WHERE document_kind IN ('estimate', 'repair_order')"), 2);
}

TEST_F(RepairOrderRoom, PromisesFeasibleTimePlusMargin) {
  const v1::RepairOrder order = desk.Prepared(desk.ADraftOrder());
  EXPECT_EQ(chassis::FromProto(order.feasible_time()), desk.clock.Now() + absl::Hours(2));
  // 20 % of 36 minutes, up to the next quarter.
  EXPECT_EQ(chassis::FromProto(order.promised_time()), desk.clock.Now() + absl::Minutes(135));
  v1::SetPromisedTimeRequest earlier;
  earlier.set_repair_order_id(order.repair_order_id());
  *earlier.mutable_promised_time() = chassis::ToProto(desk.clock.Now() + absl::Hours(1));
  earlier.set_reason("the customer flies at noon");
  EXPECT_TRUE(IsRefusal(desk.Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, earlier).status(),
                        v1::ERROR_REASON_PROMISE_BEFORE_FEASIBLE));
  EXPECT_EQ(desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_MANAGER, earlier).promise_reason(),
            "the customer flies at noon");
}

TEST_F(RepairOrderRoom, WaitsForPartsThatAreExpected) {
  auto& oil = desk.neighbours.offers["OIL-5W30"];
  oil.set_available_milli(1000);
  *oil.mutable_expect_time() = chassis::ToProto(desk.clock.Now() + absl::Hours(24));
  EXPECT_EQ(chassis::FromProto(desk.Prepared(desk.ADraftOrder()).feasible_time()), desk.clock.Now() + absl::Hours(26));
}

// Handbook: R-26, G-03, G-04.
TEST_F(RepairOrderRoom, TheSignatureCoversExactlyThisVersion) {
  const v1::RepairOrder order = desk.Signed();
  EXPECT_EQ(order.state(), v1::RepairOrder::STATE_SIGNED);
  EXPECT_EQ(order.signature().document_digest().size(), 32u);
  EXPECT_EQ(order.lines(0).authorization(), v1::AUTHORIZATION_APPROVED);
  v1::ReviseRepairOrderRequest revise;
  revise.set_repair_order_id(order.repair_order_id());
  revise.set_reason("one line more");
  const auto revised = desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, revise);
  EXPECT_EQ(revised.revision(), 2);
  EXPECT_FALSE(revised.has_signature());
  EXPECT_TRUE(desk.Sign(desk.Prepared(revised)).ok());
  EXPECT_EQ(desk.Count("signed_document WHERE document_kind = 'repair_order'"), 2);
}

// Handbook: G-03, G-04.
TEST_F(RepairOrderRoom, VerifyFindsAnOrderWhoseLinesWereChangedBehindItsBack) {
  desk.Signed();
  EXPECT_THAT(desk.Differences(), IsEmpty());
  desk.Execute("UPDATE repair_order_line SET gross_amount = gross_amount - 100 WHERE kind = 'PART'");
  EXPECT_EQ(desk.Differences().size(), 2u);  // the sums, and the signature
}

TEST_F(RepairOrderRoom, ARevisedOrderNoLongerAnswersForItsOldSignature) {
  v1::ReviseRepairOrderRequest revise;
  revise.set_repair_order_id(desk.Signed().repair_order_id());
  revise.set_reason("one line more");
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, revise);
  EXPECT_THAT(desk.Differences(), IsEmpty());
}

// Handbook: G-13.
TEST_F(RepairOrderRoom, PersonalDataIsNotInTheTablesInClear) {
  desk.Signed();
  EXPECT_EQ(desk.Count("repair_order WHERE INSTR(authorization_contact, '13800138000') > 0 OR "
                       "INSTR(customer_requests, '异响') > 0 OR INSTR(signature, '王建华') > 0"),
            0);
}

}  // namespace
}  // namespace reception
