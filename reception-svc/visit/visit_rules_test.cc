#include "reception-svc/visit/visit_rules.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/stores/stores.h"
#include "chassis/time/clock.h"
#include "gtest/gtest.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace crm = aftersales::crm::v1;

const absl::Time kArrival = absl::FromUnixSeconds(1'790'000'000);
const common::StoreSettings kSettings = chassis::WithDefaults({});

v1::Visit AWaitingVisit() {
  v1::Visit visit;
  visit.set_visit_id("visit-1");
  visit.set_state(v1::Visit::STATE_WAITING);
  visit.set_plate("沪A12345");
  visit.set_present_plate("沪A12345");
  *visit.mutable_arrival_time() = chassis::ToProto(kArrival);
  return visit;
}

v1::Visit AnOpenVisit() {
  v1::Visit visit = AWaitingVisit();
  visit.set_state(v1::Visit::STATE_OPEN);
  return visit;
}

v1::Appointment AConfirmedAppointment() {
  v1::Appointment appointment;
  appointment.set_appointment_id("appointment-1");
  appointment.set_number("SH01-APT-20261121-0001");
  appointment.set_state(v1::Appointment::STATE_CONFIRMED);
  appointment.set_plate("沪A12345");
  appointment.set_customer_id("customer-1");
  appointment.set_vehicle_id("vehicle-1");
  appointment.set_adviser("adviser-1");
  return appointment;
}

TEST(Arrive, TurnsAnAppointmentIntoTheVisitWithoutTypingAgain) {
  v1::Appointment appointment = AConfirmedAppointment();
  v1::Visit visit = AWaitingVisit();
  ASSERT_TRUE(Arrive(appointment, visit, kArrival).ok());
  EXPECT_EQ(visit.customer_id(), "customer-1");
  EXPECT_EQ(visit.vehicle_id(), "vehicle-1");
  EXPECT_EQ(visit.adviser(), "adviser-1");
  EXPECT_EQ(visit.appointment_id(), "appointment-1");
  EXPECT_EQ(appointment.state(), v1::Appointment::STATE_ARRIVED);
  EXPECT_EQ(appointment.visit_id(), "visit-1");
}

TEST(Arrive, RefusesAnotherVehiclesAppointment) {
  v1::Appointment appointment = AConfirmedAppointment();
  appointment.set_plate("沪B54321");
  v1::Visit visit = AWaitingVisit();
  EXPECT_TRUE(chassis::IsRefusal(Arrive(appointment, visit, kArrival), v1::ERROR_REASON_APPOINTMENT_OF_OTHER_VEHICLE));
}

TEST(Greet, IsInTimeUpToTheStoresSeconds) {
  v1::Visit visit = AWaitingVisit();
  ASSERT_TRUE(Greet(visit, "adviser-1", "", "", kSettings, kArrival + absl::Seconds(10)).ok());
  EXPECT_TRUE(visit.greeted_in_time());
  EXPECT_EQ(visit.greeting_seconds(), 10);
  EXPECT_EQ(visit.adviser(), "adviser-1");

  v1::Visit late = AWaitingVisit();
  ASSERT_TRUE(Greet(late, "adviser-1", "", "", kSettings, kArrival + absl::Seconds(11)).ok());
  EXPECT_FALSE(late.greeted_in_time());
}

TEST(Greet, KeepsTheOrderOfArrivalUnlessThereIsAReason) {
  v1::Visit visit = AWaitingVisit();
  EXPECT_TRUE(chassis::IsRefusal(Greet(visit, "adviser-1", "沪B54321", "", kSettings, kArrival),
                                 v1::ERROR_REASON_GREETING_OUT_OF_ORDER));
  visit = AWaitingVisit();
  ASSERT_TRUE(Greet(visit, "adviser-1", "沪B54321", "急救车辆", kSettings, kArrival).ok());
  EXPECT_EQ(visit.out_of_order_reason(), "急救车辆");
}

crm::CheckInSummary ASummary() {
  crm::CheckInSummary summary;
  summary.set_customer_id("customer-1");
  summary.set_vehicle_id("vehicle-1");
  summary.set_plate("沪A12345");
  summary.set_vin("LSVAL41Z882104202");
  return summary;
}

TEST(Link, TakesCustomerAndVehicleFromTheArchive) {
  v1::Visit visit = AnOpenVisit();
  ASSERT_TRUE(Link(visit, ASummary(), "customer-1", "").ok());
  EXPECT_EQ(visit.vehicle_id(), "vehicle-1");
  EXPECT_EQ(visit.vin(), "LSVAL41Z882104202");
}

TEST(Link, RefusesAnotherCustomersVehicle) {
  v1::Visit visit = AnOpenVisit();
  EXPECT_TRUE(chassis::IsRefusal(Link(visit, ASummary(), "customer-2", ""), v1::ERROR_REASON_CUSTOMER_NOT_OF_VEHICLE));
}

TEST(Link, TakesAnotherPlateOnlyWithAReason) {
  crm::CheckInSummary summary = ASummary();
  summary.set_plate("沪A1234S");
  v1::Visit visit = AnOpenVisit();
  EXPECT_TRUE(chassis::IsRefusal(Link(visit, summary, "customer-1", ""), v1::ERROR_REASON_PLATE_DIFFERS));
  ASSERT_TRUE(Link(visit, summary, "customer-1", "门卫看错").ok());
  EXPECT_EQ(visit.plate(), "沪A1234S");
  EXPECT_EQ(visit.present_plate(), "沪A1234S");
}

v1::RecordWalkAroundRequest AWalkAround() {
  v1::RecordWalkAroundRequest request;
  request.add_covers(v1::WalkAround::COVER_SEAT);
  request.add_covers(v1::WalkAround::COVER_STEERING_WHEEL);
  request.add_covers(v1::WalkAround::COVER_FLOOR_MAT);
  request.set_odometer_km(48210);
  return request;
}

TEST(WalkAround, NeedsTheThreePieceSet) {
  EXPECT_TRUE(CheckWalkAround(AWalkAround(), 0).ok());
  v1::RecordWalkAroundRequest request = AWalkAround();
  request.mutable_covers()->RemoveLast();
  request.add_covers(v1::WalkAround::COVER_GEAR_LEVER);
  EXPECT_TRUE(chassis::IsRefusal(CheckWalkAround(request, 0), v1::ERROR_REASON_COVERS_MISSING));
}

TEST(WalkAround, ReadsNoLessThanLastTimeWithoutAReason) {
  v1::RecordWalkAroundRequest request = AWalkAround();
  EXPECT_TRUE(CheckWalkAround(request, 48210).ok());
  EXPECT_TRUE(chassis::IsRefusal(CheckWalkAround(request, 48211), v1::ERROR_REASON_ODOMETER_LOWER));
  request.set_odometer_reason("更换仪表");
  EXPECT_TRUE(CheckWalkAround(request, 48211).ok());
}

v1::RecordBelongingsRequest ABelongingsList() {
  v1::RecordBelongingsRequest request;
  request.set_valuables_advice_given(true);
  request.mutable_signature()->set_signer_role(common::Signature::SIGNER_ROLE_CUSTOMER);
  return request;
}

TEST(Belongings, NeedAdviceASealForTheBoxAndTheCustomersSignature) {
  EXPECT_TRUE(CheckBelongings(ABelongingsList()).ok());
  v1::RecordBelongingsRequest request = ABelongingsList();
  request.set_valuables_advice_given(false);
  EXPECT_TRUE(chassis::IsRefusal(CheckBelongings(request), v1::ERROR_REASON_VALUABLES_ADVICE_MISSING));
  request = ABelongingsList();
  request.add_items()->set_in_box(true);
  EXPECT_TRUE(chassis::IsRefusal(CheckBelongings(request), v1::ERROR_REASON_BOX_SEAL_MISSING));
  request.set_box_seal_number("S-0815");
  EXPECT_TRUE(CheckBelongings(request).ok());
  request.mutable_signature()->set_signer_role(common::Signature::SIGNER_ROLE_SERVICE_ADVISER);
  EXPECT_TRUE(chassis::IsRefusal(CheckBelongings(request), v1::ERROR_REASON_CUSTOMER_MUST_SIGN));
}

TEST(CheckIn, NamesWhatIsMissingBeforeARepairOrder) {
  v1::Visit visit = AnOpenVisit();
  EXPECT_EQ(MissingFromCheckIn(visit, true, false, false).size(), 3u);
  EXPECT_TRUE(chassis::IsRefusal(CheckCheckedIn(visit, true, true, true), v1::ERROR_REASON_CUSTOMER_NOT_LINKED));
  ASSERT_TRUE(Link(visit, ASummary(), "customer-1", "").ok());
  EXPECT_TRUE(chassis::IsRefusal(CheckCheckedIn(visit, true, false, true), v1::ERROR_REASON_CHECK_IN_INCOMPLETE));
  EXPECT_TRUE(CheckCheckedIn(visit, true, true, true).ok());
}

TEST(CheckIn, RestsOnceThereIsARepairOrder) {
  v1::Visit visit = AnOpenVisit();
  EXPECT_TRUE(CheckStillOpen(visit).ok());
  visit.set_repair_order_id("order-1");
  EXPECT_TRUE(chassis::IsRefusal(CheckStillOpen(visit), v1::ERROR_REASON_VISIT_HAS_REPAIR_ORDER));
}

TEST(Closing, IsTheDeliverysWhereThereIsARepairOrder) {
  v1::Visit visit = AnOpenVisit();
  EXPECT_TRUE(CheckClosing(visit, v1::Visit::OUTCOME_ANSWERED).ok());
  EXPECT_TRUE(
      chassis::IsRefusal(CheckClosing(visit, v1::Visit::OUTCOME_DELIVERED), v1::ERROR_REASON_OUTCOME_NOT_FOR_CLOSING));
  visit.set_repair_order_id("order-1");
  EXPECT_TRUE(
      chassis::IsRefusal(CheckClosing(visit, v1::Visit::OUTCOME_ANSWERED), v1::ERROR_REASON_VISIT_HAS_REPAIR_ORDER));
}

}  // namespace
}  // namespace reception
