#include "reception-svc/delivery/delivery_rules.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/stores/stores.h"
#include "gtest/gtest.h"
#include "reception-svc/orders_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
using chassis::IsRefusal;

BusinessFile ACompleteFile() {
  BusinessFile file;
  file.visit.set_number("SH01-VIS-20261121-0001");
  file.walk_around.emplace();
  v1::Belongings& belongings = file.belongings.emplace();
  auto& umbrella = *belongings.add_items();
  umbrella.set_description("umbrella");
  umbrella.set_count(2);
  file.custody.emplace();
  file.order = ACompletedOrder();
  file.order.set_state(v1::RepairOrder::STATE_SETTLED);
  v1::Settlement& settlement = file.settlement.emplace();
  settlement.set_settlement_id("bill");
  settlement.set_total_amount(33900);
  v1::SettlementLine& labour = *settlement.add_lines();
  labour.set_kind(v1::LINE_KIND_LABOUR);
  labour.set_code("BRK-101");
  labour.set_quantity_milli(1000);
  v1::SettlementLine& part = *settlement.add_lines();
  part.set_kind(v1::LINE_KIND_PART);
  part.set_code("FLT-1");
  part.set_quantity_milli(2000);
  v1::SettlementLine& unused = *settlement.add_lines();
  unused.set_kind(v1::LINE_KIND_PART);
  v1::DeclinedWork& declined = *settlement.add_declined_works();
  declined.set_description("front brake pads worn");
  declined.set_safety_critical(true);
  declined.set_offered_amount(45200);
  file.gate_pass.emplace().set_gate_pass_id("pass");
  return file;
}

v1::DeliverVehicleRequest ACompleteDelivery() {
  v1::DeliverVehicleRequest request;
  request.set_work_explained(true);
  request.set_joint_walk_around(true);
  request.set_keys_returned(true);
  request.set_papers_returned(true);
  request.set_old_parts_outcome(v1::OLD_PARTS_OUTCOME_HANDED_OVER);
  request.set_odometer_km(48215);
  v1::ReturnedItem& item = *request.add_returned_items();
  item.set_name("umbrella");
  item.set_count(2);
  *request.mutable_signature() = ByCustomer();
  return request;
}

TEST(Delivery, TakesACompleteFileAndEverythingReturned) {
  EXPECT_TRUE(CheckDelivery(ACompleteDelivery(), ACompleteFile()).ok());
}

TEST(Delivery, NamesEveryStepThatWasNotTaken) {
  auto request = ACompleteDelivery();
  request.set_work_explained(false);
  request.set_keys_returned(false);
  const absl::Status status = CheckDelivery(request, ACompleteFile());
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_DELIVERY_INCOMPLETE));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("missing"), "work_explained, keys_returned");
}

TEST(Delivery, ReturnsBelongingsItemByItem) {
  auto request = ACompleteDelivery();
  request.mutable_returned_items(0)->set_count(1);
  const absl::Status status = CheckDelivery(request, ACompleteFile());
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_BELONGINGS_MISSING));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("items"), "umbrella x1");
}

TEST(Delivery, NeedsTheGatePassAndTheSettlement) {
  BusinessFile file = ACompleteFile();
  file.gate_pass.reset();
  EXPECT_TRUE(IsRefusal(CheckDelivery(ACompleteDelivery(), file), v1::ERROR_REASON_GATE_PASS_MISSING));
  file = ACompleteFile();
  file.order.clear_handover();
  EXPECT_TRUE(IsRefusal(CheckDelivery(ACompleteDelivery(), file), v1::ERROR_REASON_BUSINESS_FILE_INCOMPLETE));
  file = ACompleteFile();
  file.order.set_state(v1::RepairOrder::STATE_COMPLETED);
  EXPECT_FALSE(CheckDelivery(ACompleteDelivery(), file).ok());
}

TEST(Delivery, IsSignedByTheCustomer) {
  auto request = ACompleteDelivery();
  request.mutable_signature()->set_signer_role(common::Signature::SIGNER_ROLE_SERVICE_ADVISER);
  EXPECT_TRUE(IsRefusal(CheckDelivery(request, ACompleteFile()), v1::ERROR_REASON_CUSTOMER_MUST_SIGN));
}

TEST(Delivery, TreatsOldPartsAsWished) {
  auto request = ACompleteDelivery();
  request.set_old_parts_outcome(v1::OLD_PARTS_OUTCOME_SHOWN);
  EXPECT_TRUE(IsRefusal(CheckDelivery(request, ACompleteFile()), v1::ERROR_REASON_OLD_PARTS_AGAINST_WISH));
  BusinessFile file = ACompleteFile();
  file.order.set_old_parts_wish(v1::OLD_PARTS_WISH_INSPECT_AND_LEAVE);
  EXPECT_TRUE(CheckDelivery(request, file).ok());
  request.set_old_parts_outcome(v1::OLD_PARTS_OUTCOME_DISCARDED);
  EXPECT_TRUE(IsRefusal(CheckDelivery(request, file), v1::ERROR_REASON_OLD_PARTS_AGAINST_WISH));
}

TEST(Delivery, DoesNotTurnTheOdometerBack) {
  auto request = ACompleteDelivery();
  request.set_odometer_km(48209);
  EXPECT_TRUE(IsRefusal(CheckDelivery(request, ACompleteFile()), v1::ERROR_REASON_ODOMETER_BELOW_CHECK_IN));
}

// Handbook: R-45.
TEST(NextMaintenance, IsAYearOrTenThousandKilometresAfterMaintenance) {
  v1::RepairOrder order = ACompletedOrder();
  order.set_work_kind(common::WORK_KIND_MAINTENANCE);
  aftersales::crm::v1::CheckInSummary known;
  known.set_next_maintenance_date("2026-12-01");
  const NextMaintenance next = NextMaintenanceAfter(order, 48215, kToday, known, chassis::WithDefaults({}));
  EXPECT_EQ(next.date, "2027-11-21");
  EXPECT_EQ(next.km, 58215);
}

TEST(NextMaintenance, StaysWhatItWasAfterARepair) {
  aftersales::crm::v1::CheckInSummary known;
  known.set_next_maintenance_date("2026-12-01");
  known.set_next_maintenance_km(50000);
  EXPECT_EQ(NextMaintenanceAfter(ACompletedOrder(), 48215, kToday, known, chassis::WithDefaults({})).km, 50000);
  EXPECT_EQ(NextMaintenanceAfter(ACompletedOrder(), 48215, kToday, {}, chassis::WithDefaults({})).km, 58215);
}

// Handbook: R-45.
TEST(Guarantee, IsTheLawsForTheRepairClass) {
  EXPECT_EQ(GuaranteeOf(v1::REPAIR_CLASS_MINOR).days, 10);
  EXPECT_EQ(GuaranteeOf(v1::REPAIR_CLASS_MINOR).km, 2000);
  EXPECT_EQ(GuaranteeOf(v1::REPAIR_CLASS_FIRST_LEVEL_MAINTENANCE).km, 2000);
  EXPECT_EQ(GuaranteeOf(v1::REPAIR_CLASS_SECOND_LEVEL_MAINTENANCE).days, 30);
  EXPECT_EQ(GuaranteeOf(v1::REPAIR_CLASS_ASSEMBLY).km, 20000);
  EXPECT_EQ(GuaranteeOf(v1::REPAIR_CLASS_COMPLETE).days, 100);
}

TEST(Delivery, TellsGuaranteeAndNextMaintenance) {
  const v1::Delivery delivery =
      MakeDelivery(ACompleteDelivery(), ACompleteFile(), {"2027-11-21", 58215}, "Asia/Shanghai", kNow);
  EXPECT_EQ(delivery.guarantee_until_date(), "2026-12-01");
  EXPECT_EQ(delivery.guarantee_until_km(), 50210);
  EXPECT_EQ(delivery.next_maintenance_km(), 58215);
}

// Handbook.
TEST(VehicleDelivered, HoldsWhatWasDoneAndWhatWasDeclined) {
  const BusinessFile file = ACompleteFile();
  const v1::Delivery delivery = MakeDelivery(ACompleteDelivery(), file, {"2027-11-21", 58215}, "Asia/Shanghai", kNow);
  const v1::VehicleDelivered fact = DeliveredFact(file, delivery, kNow);
  ASSERT_EQ(fact.works_size(), 1);
  EXPECT_EQ(fact.works(0).operation_code(), "BRK-101");
  ASSERT_EQ(fact.parts_size(), 1);
  EXPECT_EQ(fact.parts(0).quantity_milli(), 2000);
  ASSERT_EQ(fact.declined_size(), 1);
  EXPECT_TRUE(fact.declined(0).safety_critical());
  EXPECT_EQ(fact.total_amount(), 33900);
}

}  // namespace
}  // namespace reception
