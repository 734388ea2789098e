#include "reception-svc/appointment/appointment_rules.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/stores/stores.h"
#include "chassis/time/clock.h"
#include "gtest/gtest.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace parts = aftersales::parts::v1;

absl::Time At(std::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error)) << error;
  return time;
}

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

common::StoreSettings Settings() { return chassis::WithDefaults({}); }

v1::LabourOperation Operation(std::string_view code, common::Skill skill, int minutes) {
  v1::LabourOperation operation;
  operation.set_code(std::string(code));
  operation.set_model_group("*");
  operation.set_skill(skill);
  operation.set_standard_minutes(minutes);
  *operation.mutable_effective_time() = chassis::ToProto(kNow - absl::Hours(1));
  return operation;
}

v1::LabourRate Rate(common::Skill skill, int64_t hourly_amount) {
  v1::LabourRate rate;
  rate.set_skill(skill);
  rate.set_hourly_amount(hourly_amount);
  *rate.mutable_effective_time() = chassis::ToProto(kNow - absl::Hours(1));
  return rate;
}

v1::ServicePackage MinorService() {
  v1::ServicePackage package;
  package.set_code("PKG-MINOR");
  package.set_model_group("*");
  package.add_operation_codes("OIL");
  v1::ServicePackage::Part& oil = *package.add_parts();
  oil.set_part_number("OIL-5W30");
  oil.set_quantity_milli(4500);
  *package.mutable_effective_time() = chassis::ToProto(kNow - absl::Hours(1));
  return package;
}

PriceBook Book() {
  return PriceBook(
      "A3L", kNow,
      {Operation("OIL", common::SKILL_MAINTENANCE, 36), Operation("BATTERY", common::SKILL_HIGH_VOLTAGE, 180)},
      {Rate(common::SKILL_MAINTENANCE, 28000), Rate(common::SKILL_HIGH_VOLTAGE, 60000)}, {MinorService()});
}

parts::PartOffer Offer(std::string_view number, int64_t price, int64_t available_milli) {
  parts::PartOffer offer;
  offer.set_part_id(std::string(number) + "-id");
  offer.set_part_number(std::string(number));
  offer.set_unit_price_amount(price);
  offer.set_tax_basis_points(1300);
  offer.set_available_milli(available_milli);
  return offer;
}

parts::PartOffer HighValue(parts::PartOffer offer) {
  offer.set_high_value(true);
  return offer;
}

v1::BookAppointmentRequest ARequest() {
  v1::BookAppointmentRequest request;
  request.set_plate("沪A12345");
  request.add_package_codes("PKG-MINOR");
  *request.mutable_start_time() = chassis::ToProto(kNow + absl::Hours(48));
  return request;
}

v1::BookAppointmentRequest WithBatteryPack() {
  v1::BookAppointmentRequest request = ARequest();
  request.add_operation_codes("BATTERY");
  request.add_parts()->set_part_number("PACK");
  request.mutable_parts(0)->set_quantity_milli(1000);
  return request;
}

v1::Appointment Priced(const v1::BookAppointmentRequest& request, const std::vector<parts::PartOffer>& offers) {
  v1::Appointment appointment;
  const absl::Status priced =
      PriceAppointment(Book(), request, *PartsWanted(Book(), request), offers, Settings(), appointment);
  EXPECT_TRUE(priced.ok()) << priced;
  return appointment;
}

TEST(PriceAppointment, TakesPackagesPartsAndOperationsFromThePriceList) {
  const v1::Appointment appointment =
      Priced(WithBatteryPack(), {Offer("OIL-5W30", 9800, 100000), Offer("PACK", 5000000, 1000)});
  EXPECT_EQ(appointment.services_size(), 2);
  EXPECT_EQ(appointment.estimated_minutes(), 216);
  EXPECT_EQ(appointment.labour_amount(), 16800 + 180000);
  EXPECT_EQ(appointment.parts_amount(), 44100 + 5000000);
  EXPECT_EQ(appointment.tax_amount(), 2184 + 23400 + 5733 + 650000);
  EXPECT_EQ(appointment.total_amount(),
            appointment.labour_amount() + appointment.parts_amount() + appointment.tax_amount());
  EXPECT_EQ(appointment.skill(), common::SKILL_HIGH_VOLTAGE) << "the skill most of the work needs";
}

TEST(PriceAppointment, AsksHalfThePriceOfHighValuePartsThatMustBeBroughtIn) {
  const v1::Appointment appointment =
      Priced(WithBatteryPack(), {Offer("OIL-5W30", 9800, 0), HighValue(Offer("PACK", 5000000, 0))});
  EXPECT_EQ(appointment.deposit_required_amount(), (5000000 + 650000) / 2);
}

TEST(PriceAppointment, AsksNoDepositForHighValuePartsInStock) {
  const v1::Appointment appointment =
      Priced(WithBatteryPack(), {Offer("OIL-5W30", 9800, 0), HighValue(Offer("PACK", 5000000, 1000))});
  EXPECT_EQ(appointment.deposit_required_amount(), 0);
}

TEST(PriceAppointment, CountsAllLinesOfAPartBeforeItCallsItInStock) {
  v1::BookAppointmentRequest request = ARequest();
  request.add_parts()->set_part_number("OIL-5W30");
  request.mutable_parts(0)->set_quantity_milli(1000);
  const v1::Appointment appointment = Priced(request, {Offer("OIL-5W30", 9800, 5000), Offer("OIL-5W30", 9800, 5000)});
  EXPECT_TRUE(appointment.parts(0).short_at_booking());
  EXPECT_TRUE(appointment.parts(1).short_at_booking());
}

TEST(PriceAppointment, RefusesWhatThePriceListDoesNotHold) {
  v1::BookAppointmentRequest request = ARequest();
  request.add_operation_codes("MAGIC");
  v1::Appointment appointment;
  EXPECT_TRUE(chassis::IsRefusal(PriceAppointment(Book(), request, *PartsWanted(Book(), request),
                                                  {Offer("OIL-5W30", 9800, 5000)}, Settings(), appointment),
                                 v1::ERROR_REASON_OPERATION_UNKNOWN));
  request.add_package_codes("PKG-NONE");
  EXPECT_TRUE(chassis::IsRefusal(PartsWanted(Book(), request).status(), v1::ERROR_REASON_PACKAGE_UNKNOWN));
}

TEST(CheckBooking, RefusesAnEmptyWishAPastTimeAndAFetchWithoutAddress) {
  EXPECT_TRUE(CheckBooking(ARequest(), kNow).ok());
  v1::BookAppointmentRequest empty = ARequest();
  empty.clear_package_codes();
  EXPECT_TRUE(chassis::IsRefusal(CheckBooking(empty, kNow), v1::ERROR_REASON_APPOINTMENT_WITHOUT_SERVICE));
  EXPECT_TRUE(
      chassis::IsRefusal(CheckBooking(ARequest(), kNow + absl::Hours(48)), v1::ERROR_REASON_APPOINTMENT_IN_PAST));
  v1::BookAppointmentRequest fetch = ARequest();
  fetch.set_pick_up_wanted(true);
  EXPECT_TRUE(chassis::IsRefusal(CheckBooking(fetch, kNow), v1::ERROR_REASON_PICK_UP_ADDRESS_MISSING));
}

TEST(SlotMinutes, RoundsUpToQuartersWithinTheWorkshopsLimits) {
  EXPECT_EQ(SlotMinutes(6), 15);
  EXPECT_EQ(SlotMinutes(60), 60);
  EXPECT_EQ(SlotMinutes(61), 75);
  EXPECT_EQ(SlotMinutes(3000), 600);
}

v1::Appointment ABookedAppointment() {
  v1::Appointment appointment;
  appointment.set_state(v1::Appointment::STATE_INITIATED);
  appointment.set_bay_id("00000000-0000-7000-8000-000000000001");
  *appointment.mutable_start_time() = chassis::ToProto(kNow + absl::Hours(48));
  return appointment;
}

common::Signature CustomersSignature() {
  common::Signature signature;
  signature.set_signer_role(common::Signature::SIGNER_ROLE_CUSTOMER);
  return signature;
}

TEST(CheckConfirmation, NeedsABayTheWholeDepositAndTheCustomersSignature) {
  v1::Appointment appointment = ABookedAppointment();
  EXPECT_TRUE(CheckConfirmation(appointment, CustomersSignature(), kNow).ok());

  appointment.set_deposit_required_amount(1000);
  appointment.set_deposit_held_amount(999);
  EXPECT_TRUE(
      chassis::IsRefusal(CheckConfirmation(appointment, CustomersSignature(), kNow), v1::ERROR_REASON_DEPOSIT_MISSING));
  appointment.set_deposit_held_amount(1000);
  EXPECT_TRUE(CheckConfirmation(appointment, CustomersSignature(), kNow).ok());

  common::Signature advisers;
  advisers.set_signer_role(common::Signature::SIGNER_ROLE_SERVICE_ADVISER);
  EXPECT_TRUE(chassis::IsRefusal(CheckConfirmation(appointment, advisers, kNow), v1::ERROR_REASON_CUSTOMER_MUST_SIGN));

  appointment.clear_bay_id();
  EXPECT_TRUE(
      chassis::IsRefusal(CheckConfirmation(appointment, CustomersSignature(), kNow), v1::ERROR_REASON_SLOT_NOT_HELD));
}

TEST(ReminderTime, LiesADayBeforeOrAtOnce) {
  const v1::Appointment appointment = ABookedAppointment();
  EXPECT_EQ(ReminderTime(appointment, Settings(), kNow), kNow + absl::Hours(24));
  EXPECT_EQ(ReminderTime(appointment, Settings(), kNow + absl::Hours(40)), kNow + absl::Hours(40));
}

TEST(CheckDeposit, TakesNoMoreThanThePartsCost) {
  v1::Appointment appointment =
      Priced(WithBatteryPack(), {Offer("OIL-5W30", 10000, 0), HighValue(Offer("PACK", 5000000, 0))});
  const int64_t limit = 45000 + 5850 + 5650000;
  EXPECT_TRUE(CheckDeposit(appointment, limit).ok());
  appointment.set_deposit_held_amount(1);
  EXPECT_TRUE(chassis::IsRefusal(CheckDeposit(appointment, limit), v1::ERROR_REASON_DEPOSIT_TOO_HIGH));
}

TEST(DepositAfterCancellation, IsPaidBackWhenCancelledADayAheadOrByTheStore) {
  const v1::Appointment appointment = ABookedAppointment();
  using Request = v1::CancelAppointmentRequest;
  EXPECT_EQ(DepositAfterCancellation(appointment, Request::INITIATOR_CUSTOMER, kNow + absl::Hours(24)),
            DepositFate::kRefund);
  EXPECT_EQ(DepositAfterCancellation(appointment, Request::INITIATOR_CUSTOMER, kNow + absl::Hours(25)),
            DepositFate::kForfeit);
  EXPECT_EQ(DepositAfterCancellation(appointment, Request::INITIATOR_STORE, kNow + absl::Hours(47)),
            DepositFate::kRefund);
}

TEST(CheckNoShow, WaitsHalfAnHour) {
  const v1::Appointment appointment = ABookedAppointment();
  EXPECT_TRUE(chassis::IsRefusal(CheckNoShow(appointment, kNow + absl::Hours(48)), v1::ERROR_REASON_NO_SHOW_TOO_EARLY));
  EXPECT_TRUE(CheckNoShow(appointment, kNow + absl::Hours(48) + kNoShowGrace).ok());
}

TEST(Days, BeginAndEndInTheStoresTimeZone) {
  EXPECT_EQ(*StartOfDay("2026-11-21", "Asia/Shanghai"), At("2026-11-20T16:00:00Z"));
  EXPECT_EQ(EndOfDay(At("2026-11-21T03:00:00Z"), "Asia/Shanghai"), At("2026-11-21T15:59:59Z"));
}

TEST(DepositEntry, MovesMoneyInAndOut) {
  v1::AppointmentDeposit deposit;
  deposit.set_amount(500);
  deposit.set_method(v1::AppointmentDeposit::METHOD_ALIPAY);
  const v1::LedgerEntry in = DepositEntry(deposit, DepositMove::kReceived, "cashier-1", "2026-11-21");
  EXPECT_EQ(in.debit_account(), v1::LEDGER_ACCOUNT_ALIPAY);
  EXPECT_EQ(in.credit_account(), v1::LEDGER_ACCOUNT_DEPOSIT);
  const v1::LedgerEntry out = DepositEntry(deposit, DepositMove::kRefunded, "cashier-1", "2026-11-21");
  EXPECT_EQ(out.debit_account(), in.credit_account());
  EXPECT_EQ(out.credit_account(), in.debit_account());
}

TEST(AppointmentStates, LetNobodyConfirmWhatIsOver) {
  v1::Appointment appointment = ABookedAppointment();
  appointment.set_state(v1::Appointment::STATE_CANCELLED);
  EXPECT_FALSE(chassis::MoveTo(appointment, v1::Appointment::STATE_CONFIRMED).ok());
}

}  // namespace
}  // namespace reception
