#include "aftersales/reception/v1/appointment.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/payment.pb.h"
#include "chassis/office/office.h"
#include "reception-svc/reception_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
namespace workshop = aftersales::workshop::v1;

class AppointmentRoom : public testing::Test {
 protected:
  AppointmentRoom() {
    desk.AdoptPrices();
    auto& vehicle = desk.neighbours.vehicles_by_plate["沪A12345"];
    vehicle.set_vehicle_id("a0000000-0000-7000-8000-000000000001");
    vehicle.set_customer_id("c0000000-0000-7000-8000-000000000001");
    vehicle.set_plate("沪A12345");
    vehicle.set_vin("LSVAL41Z882104202");
    vehicle.set_model_code("E6");
    vehicle.set_customer_name("王建华");
    Offer("OIL-5W30", "d0000000-0000-7000-8000-000000000001", 9800, 100000, false);
    Offer("PACK-60", "d0000000-0000-7000-8000-000000000002", 5000000, 0, true);
  }

  void Offer(const std::string& number, const std::string& id, int64_t price, int64_t available_milli,
             bool high_value) {
    auto& offer = desk.neighbours.offers[number];
    offer.set_part_id(id);
    offer.set_part_number(number);
    offer.set_display_name(number);
    offer.set_unit_price_amount(price);
    offer.set_tax_basis_points(1300);
    offer.set_available_milli(available_milli);
    offer.set_high_value(high_value);
  }

  v1::BookAppointmentRequest AnOilChange() {
    v1::BookAppointmentRequest request;
    request.set_source(v1::Appointment::SOURCE_PHONE);
    request.set_plate("沪A12345");
    request.add_package_codes("PKG-MINOR");
    *request.mutable_start_time() = chassis::ToProto(desk.clock.Now() + absl::Hours(48));
    return request;
  }
  v1::BookAppointmentRequest ABatteryPack() {
    v1::BookAppointmentRequest request = AnOilChange();
    request.add_operation_codes("PACK");
    request.add_parts()->set_part_number("PACK-60");
    request.mutable_parts(0)->set_quantity_milli(1000);
    return request;
  }
  absl::StatusOr<v1::Appointment> Book(const v1::BookAppointmentRequest& request) {
    return desk.Do<v1::Appointment>(options::ROLE_SERVICE_ADVISER, request);
  }
  absl::StatusOr<v1::Appointment> Confirm(const v1::Appointment& appointment) {
    v1::ConfirmAppointmentRequest request;
    request.set_appointment_id(appointment.appointment_id());
    common::Signature& signature = *request.mutable_signature();
    signature.set_signer_name("王建华");
    signature.set_signer_role(common::Signature::SIGNER_ROLE_CUSTOMER);
    signature.set_method(common::Signature::AUTHORIZATION_METHOD_SMS_TEXT_LINK);
    signature.set_evidence("sms:123456");
    return desk.Do<v1::Appointment>(options::ROLE_SERVICE_ADVISER, request);
  }
  absl::StatusOr<v1::AppointmentDeposit> Deposit(const v1::Appointment& appointment, int64_t amount) {
    v1::RecordDepositRequest request;
    request.set_appointment_id(appointment.appointment_id());
    request.set_method(v1::AppointmentDeposit::METHOD_WECHAT_PAY);
    request.set_amount(amount);
    return desk.Do<v1::AppointmentDeposit>(options::ROLE_CASHIER, request);
  }
  absl::StatusOr<v1::Appointment> Cancel(const v1::Appointment& appointment) {
    v1::CancelAppointmentRequest request;
    request.set_appointment_id(appointment.appointment_id());
    request.set_initiator(v1::CancelAppointmentRequest::INITIATOR_CUSTOMER);
    request.set_reason("出差");
    return desk.Do<v1::Appointment>(options::ROLE_SERVICE_ADVISER, request);
  }

  DeskForTest desk;
};

TEST_F(AppointmentRoom, HoldsBayAndPartsAndPricesTheWishes) {
  const auto appointment = Book(AnOilChange());
  ASSERT_TRUE(appointment.ok()) << appointment.status();
  EXPECT_EQ(appointment->state(), v1::Appointment::STATE_INITIATED);
  EXPECT_EQ(appointment->number(), "SH01-APT-20261121-0001");
  EXPECT_EQ(appointment->bay_name(), "机修一工位");
  EXPECT_EQ(appointment->total_amount(), 16800 + 2184 + 44100 + 5733);
  EXPECT_EQ(appointment->process_id(), "") << "nothing is under way any more";
  EXPECT_TRUE(desk.neighbours.slot_holders.contains(appointment->holding_id()));
  EXPECT_EQ(desk.neighbours.reserved_lines[appointment->holding_id()], 1);
}

TEST_F(AppointmentRoom, StoresNothingWhenTheSlotIsTaken) {
  ASSERT_TRUE(Book(AnOilChange()).ok());
  const auto second = Book(AnOilChange());
  EXPECT_TRUE(chassis::IsRefusal(second.status(), workshop::ERROR_REASON_SLOT_TAKEN)) << second.status();
  EXPECT_EQ(desk.Count("appointment"), 1);
  EXPECT_EQ(desk.neighbours.reserved_lines.size(), 1u);
}

TEST_F(AppointmentRoom, GivesTheBayBackWhenPartsAreRefused) {
  desk.neighbours.parts_refusal = absl::FailedPreconditionError("no such part");
  EXPECT_FALSE(Book(AnOilChange()).ok());
  EXPECT_TRUE(desk.neighbours.slot_holders.empty());
  EXPECT_EQ(desk.Count("appointment"), 0);
}

TEST_F(AppointmentRoom, WaitsForASlotWhenTheCustomerWantsTo) {
  const auto first = Book(AnOilChange());
  v1::BookAppointmentRequest patient = AnOilChange();
  patient.set_wait_when_full(true);
  const auto waiting = Book(patient);
  ASSERT_TRUE(waiting.ok()) << waiting.status();
  EXPECT_EQ(waiting->state(), v1::Appointment::STATE_WAIT_LISTED);
  EXPECT_TRUE(chassis::IsRefusal(Confirm(*waiting).status(), v1::ERROR_REASON_SLOT_NOT_HELD));

  ASSERT_TRUE(Cancel(*first).ok());
  v1::RescheduleAppointmentRequest reschedule;
  reschedule.set_appointment_id(waiting->appointment_id());
  *reschedule.mutable_start_time() = waiting->start_time();
  reschedule.set_reason("有空位");
  const auto moved = desk.Do<v1::Appointment>(options::ROLE_SERVICE_ADVISER, reschedule);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->state(), v1::Appointment::STATE_INITIATED);
  EXPECT_TRUE(desk.neighbours.slot_holders.contains(moved->holding_id()));
}

TEST_F(AppointmentRoom, FinishesABookingThatAnOutageInterrupted) {
  desk.neighbours.workshop_down = absl::UnavailableError("workshop is restarting");
  EXPECT_TRUE(absl::IsUnavailable(Book(AnOilChange()).status()));
  EXPECT_EQ(desk.Count("appointment WHERE process_id IS NOT NULL"), 1);
  desk.neighbours.workshop_down = absl::OkStatus();
  desk.clock.Advance(absl::Minutes(2));
  ASSERT_TRUE(desk.processes.TurnOnce().ok());
  EXPECT_EQ(desk.Count("appointment WHERE process_id IS NULL AND bay_id IS NOT NULL"), 1);
  EXPECT_EQ(desk.neighbours.slot_holders.size(), 1u);
}

TEST_F(AppointmentRoom, ConfirmsHighValuePartsOnlyWithHalfTheirPriceDeposited) {
  const auto appointment = Book(ABatteryPack());
  ASSERT_TRUE(appointment.ok()) << appointment.status();
  EXPECT_EQ(appointment->deposit_required_amount(), 2825000);
  EXPECT_TRUE(chassis::IsRefusal(Confirm(*appointment).status(), v1::ERROR_REASON_DEPOSIT_MISSING));
  ASSERT_TRUE(Deposit(*appointment, 2824999).ok());
  EXPECT_TRUE(chassis::IsRefusal(Confirm(*appointment).status(), v1::ERROR_REASON_DEPOSIT_MISSING));
  ASSERT_TRUE(Deposit(*appointment, 1).ok());
  const auto confirmed = Confirm(*appointment);
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_EQ(confirmed->state(), v1::Appointment::STATE_CONFIRMED);
  EXPECT_FALSE(confirmed->confirmation().document_digest().empty());
  EXPECT_EQ(desk.Count("duty WHERE kind = 'appointment_reminder' AND due_time = '2026-11-22 01:00:00'"), 1);
  EXPECT_EQ(desk.Count("duty WHERE kind = 'appointment_workshop_notice'"), 1);
  EXPECT_EQ(desk.Count("outbox WHERE type = 'AppointmentConfirmed'"), 1);
  EXPECT_EQ(desk.Count("ledger_entry WHERE credit_account = 'DEPOSIT' AND debit_account = 'WECHAT_PAY'"), 2);

  const auto checks = chassis::VerifyChassisLedgers(
      desk.host, {desk.rooms.signed_documents.begin(), desk.rooms.signed_documents.end()}, desk.store_id);
  ASSERT_TRUE(checks.ok()) << checks.status();
  for (const common::LedgerCheck& check : *checks) EXPECT_EQ(check.difference_count(), 0) << check.DebugString();
}

// Handbook.
TEST_F(AppointmentRoom, TakesAndGivesNoDepositAfterTheCashiersDayIsClosed) {
  const auto appointment = Book(ABatteryPack());
  ASSERT_TRUE(appointment.ok()) << appointment.status();
  ASSERT_TRUE(Deposit(*appointment, 1000000).ok());
  v1::CloseCashierDayRequest close;
  close.set_business_date("2026-11-21");
  close.add_counted()->set_method(v1::PAYMENT_METHOD_WECHAT_PAY);
  close.mutable_counted(0)->set_amount(1000000);
  ASSERT_TRUE(desk.Do<v1::CashClose>(options::ROLE_CASHIER, close).ok());
  EXPECT_TRUE(chassis::IsRefusal(Deposit(*appointment, 1000000).status(), v1::ERROR_REASON_CASH_DAY_CLOSED));
  EXPECT_EQ(desk.Count("appointment_deposit"), 1);
  desk.clock.Advance(absl::Hours(24));
  EXPECT_TRUE(Deposit(*appointment, 1000000).ok()) << "tomorrow is another day";
}

TEST_F(AppointmentRoom, MovesToAnotherSlotAndMustBeConfirmedAgain) {
  desk.neighbours.bays = 2;
  const auto appointment = Confirm(*Book(AnOilChange()));
  ASSERT_TRUE(appointment.ok()) << appointment.status();
  v1::RescheduleAppointmentRequest request;
  request.set_appointment_id(appointment->appointment_id());
  *request.mutable_start_time() = chassis::ToProto(desk.clock.Now() + absl::Hours(72));
  request.set_reason("客户改期");
  const auto moved = desk.Do<v1::Appointment>(options::ROLE_SERVICE_ADVISER, request);
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->state(), v1::Appointment::STATE_INITIATED);
  EXPECT_EQ(moved->reschedule_count(), 1);
  EXPECT_FALSE(moved->has_confirmation());
  EXPECT_EQ(moved->start_time().seconds(), request.start_time().seconds());
  EXPECT_NE(moved->holding_id(), appointment->holding_id());
  EXPECT_EQ(desk.neighbours.slot_holders, std::set<std::string>{moved->holding_id()});
  EXPECT_EQ(desk.neighbours.reserved_lines.size(), 1u);
  EXPECT_TRUE(desk.neighbours.reserved_lines.contains(moved->holding_id()));
  EXPECT_EQ(desk.Count("duty WHERE state = 'OPEN' AND kind LIKE 'appointment%'"), 0);
}

TEST_F(AppointmentRoom, KeepsTheOldSlotWhenTheNewOneIsTaken) {
  const auto appointment = Confirm(*Book(AnOilChange()));
  v1::RescheduleAppointmentRequest request;
  request.set_appointment_id(appointment->appointment_id());
  *request.mutable_start_time() = chassis::ToProto(desk.clock.Now() + absl::Hours(72));
  request.set_reason("客户改期");
  EXPECT_TRUE(chassis::IsRefusal(desk.Do<v1::Appointment>(options::ROLE_SERVICE_ADVISER, request).status(),
                                 workshop::ERROR_REASON_SLOT_TAKEN));
  v1::GetAppointmentRequest get;
  get.set_appointment_id(appointment->appointment_id());
  const auto kept = desk.Do<v1::Appointment>(options::ROLE_SERVICE_ADVISER, get);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->state(), v1::Appointment::STATE_CONFIRMED);
  EXPECT_EQ(kept->start_time().seconds(), appointment->start_time().seconds());
  EXPECT_EQ(desk.neighbours.slot_holders, std::set<std::string>{kept->holding_id()});
}

TEST_F(AppointmentRoom, PaysTheDepositBackAfterAnEarlyCancellation) {
  const auto appointment = Book(ABatteryPack());
  const auto deposit = Deposit(*appointment, 2825000);
  ASSERT_TRUE(deposit.ok()) << deposit.status();
  v1::RefundDepositRequest refund;
  refund.set_appointment_deposit_id(deposit->appointment_deposit_id());
  refund.set_close_reference("WX-REFUND-1");
  EXPECT_TRUE(chassis::IsRefusal(desk.Do<v1::AppointmentDeposit>(options::ROLE_CASHIER, refund).status(),
                                 v1::ERROR_REASON_DEPOSIT_NOT_REFUNDABLE));

  const auto cancelled = Cancel(*appointment);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->state(), v1::Appointment::STATE_CANCELLED);
  EXPECT_TRUE(desk.neighbours.slot_holders.empty());
  EXPECT_TRUE(desk.neighbours.reserved_lines.empty());
  EXPECT_EQ(desk.Count("duty WHERE kind = 'deposit_refund' AND state = 'OPEN'"), 1);

  const auto refunded = desk.Do<v1::AppointmentDeposit>(options::ROLE_CASHIER, refund);
  ASSERT_TRUE(refunded.ok()) << refunded.status();
  EXPECT_EQ(refunded->state(), v1::AppointmentDeposit::STATE_REFUNDED);
  EXPECT_EQ(desk.Count("duty WHERE kind = 'deposit_refund' AND state = 'DONE'"), 1);
}

TEST_F(AppointmentRoom, ForfeitsTheDepositOfANoShowAndCountsTheShowRate) {
  const auto appointment = Book(ABatteryPack());
  ASSERT_TRUE(Deposit(*appointment, 2825000).ok());
  ASSERT_TRUE(Confirm(*appointment).ok());
  v1::RecordNoShowRequest no_show;
  no_show.set_appointment_id(appointment->appointment_id());
  no_show.set_reason("电话无人接听");
  EXPECT_TRUE(chassis::IsRefusal(desk.Do<v1::Appointment>(options::ROLE_SERVICE_ADVISER, no_show).status(),
                                 v1::ERROR_REASON_NO_SHOW_TOO_EARLY));
  desk.clock.Advance(absl::Hours(49));
  const auto missed = desk.Do<v1::Appointment>(options::ROLE_SERVICE_ADVISER, no_show);
  ASSERT_TRUE(missed.ok()) << missed.status();
  EXPECT_EQ(missed->state(), v1::Appointment::STATE_NO_SHOW);
  EXPECT_EQ(desk.Count("appointment_deposit WHERE state = 'FORFEITED'"), 1);

  v1::GetAppointmentStatisticsRequest ask;
  ask.set_start_date("2026-11-23");
  ask.set_end_date("2026-11-23");
  const auto statistics = desk.Do<v1::AppointmentStatistics>(options::ROLE_SERVICE_MANAGER, ask);
  ASSERT_TRUE(statistics.ok()) << statistics.status();
  EXPECT_EQ(statistics->confirmed(), 1);
  EXPECT_EQ(statistics->arrived(), 0);
  EXPECT_EQ(statistics->show_rate_basis_points(), 0);
}

TEST_F(AppointmentRoom, KnowsVehiclesOnlyFromTheArchive) {
  v1::BookAppointmentRequest request = AnOilChange();
  request.set_vehicle_id("a0000000-0000-7000-8000-00000000000f");
  EXPECT_TRUE(chassis::IsRefusal(Book(request).status(), v1::ERROR_REASON_VEHICLE_UNKNOWN));
  request = AnOilChange();
  request.set_customer_id("c0000000-0000-7000-8000-00000000000f");
  EXPECT_TRUE(chassis::IsRefusal(Book(request).status(), v1::ERROR_REASON_CUSTOMER_NOT_OF_VEHICLE));
  EXPECT_EQ(desk.Count("appointment"), 0);
}

TEST_F(AppointmentRoom, AsksAnUnknownCustomerForNameAndTelephone) {
  v1::BookAppointmentRequest request = AnOilChange();
  request.set_plate("沪B54321");
  EXPECT_TRUE(chassis::IsRefusal(Book(request).status(), v1::ERROR_REASON_APPOINTMENT_WITHOUT_CONTACT));
  request.set_contact_name("李四");
  request.set_contact_phone("13800001234");
  const auto appointment = Book(request);
  ASSERT_TRUE(appointment.ok()) << appointment.status();
  EXPECT_EQ(desk.Count("appointment WHERE contact_phone LIKE '%13800001234%'"), 0) << "encrypted at rest";
}

}  // namespace
}  // namespace reception
