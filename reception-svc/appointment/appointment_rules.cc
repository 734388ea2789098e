#include "reception-svc/appointment/appointment_rules.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace parts = aftersales::parts::v1;

namespace {

absl::Status CheckStartTime(const google::protobuf::Timestamp& start_time, absl::Time now) {
  if (chassis::FromProto(start_time) > now) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_APPOINTMENT_IN_PAST).At("start_time", "须在将来", "must lie in the future");
}

absl::Status AddService(const PriceBook& book, std::string_view code, std::string_view package_code,
                        v1::Appointment& appointment) {
  ASSIGN_OR_RETURN(v1::LabourOperation operation, book.Operation(code));
  ASSIGN_OR_RETURN(int64_t labour_amount, book.LabourAmountOf(operation));
  v1::WantedService& service = *appointment.add_services();
  service.set_operation_code(operation.code());
  service.set_package_code(std::string(package_code));
  service.set_description(operation.display_name());
  service.set_skill(operation.skill());
  service.set_standard_minutes(operation.standard_minutes());
  service.set_labour_amount(labour_amount);
  return absl::OkStatus();
}

void AddPart(const PartWanted& wanted, const parts::PartOffer& offer, v1::Appointment& appointment) {
  v1::WantedPart& part = *appointment.add_parts();
  part.set_part_id(offer.part_id());
  part.set_part_number(offer.part_number());
  part.set_display_name(offer.display_name());
  part.set_quantity_milli(wanted.quantity_milli);
  part.set_unit_price_amount(offer.unit_price_amount());
  part.set_parts_amount(chassis::Extend(offer.unit_price_amount(), wanted.quantity_milli));
  part.set_tax_amount(chassis::Portion(part.parts_amount(), offer.tax_basis_points()));
  part.set_high_value(offer.high_value());
  part.set_package_code(wanted.package_code);
  part.set_operation_code(wanted.operation_code);
}

// A part is short when all of its lines together want more than there is.
void MarkShortParts(const std::vector<parts::PartOffer>& offers, v1::Appointment& appointment) {
  std::map<std::string, int64_t> wanted_milli;
  for (const v1::WantedPart& part : appointment.parts()) wanted_milli[part.part_id()] += part.quantity_milli();
  for (int i = 0; i < appointment.parts_size(); ++i) {
    v1::WantedPart& part = *appointment.mutable_parts(i);
    part.set_short_at_booking(offers[i].available_milli() < wanted_milli[part.part_id()]);
  }
}

// The skill most of the work needs; the first named wins a tie.
common::Skill PrincipalSkill(const v1::Appointment& appointment) {
  std::map<int, int> minutes;
  for (const v1::WantedService& service : appointment.services())
    minutes[service.skill()] += service.standard_minutes();
  common::Skill principal = common::SKILL_UNSPECIFIED;
  int most = 0;
  for (const v1::WantedService& service : appointment.services()) {
    if (minutes[service.skill()] > most) {
      most = minutes[service.skill()];
      principal = service.skill();
    }
  }
  return principal;
}

void SumUp(const common::StoreSettings& settings, v1::Appointment& appointment) {
  int minutes = 0;
  int64_t labour = 0, parts_amount = 0, tax = 0, to_bring_in = 0;
  for (const v1::WantedService& service : appointment.services()) {
    minutes += service.standard_minutes();
    labour += service.labour_amount();
    tax += chassis::Portion(service.labour_amount(), settings.tax_basis_points());
  }
  for (const v1::WantedPart& part : appointment.parts()) {
    parts_amount += part.parts_amount();
    tax += part.tax_amount();
    if (part.high_value() && part.short_at_booking()) to_bring_in += part.parts_amount() + part.tax_amount();
  }
  appointment.set_estimated_minutes(minutes);
  appointment.set_labour_amount(labour);
  appointment.set_parts_amount(parts_amount);
  appointment.set_tax_amount(tax);
  appointment.set_total_amount(labour + parts_amount + tax);
  appointment.set_deposit_required_amount(chassis::Portion(to_bring_in, settings.deposit_basis_points()));
}

v1::LedgerAccount AccountOf(v1::AppointmentDeposit::Method method) {
  switch (method) {
    case v1::AppointmentDeposit::METHOD_CARD:
      return v1::LEDGER_ACCOUNT_CARD;
    case v1::AppointmentDeposit::METHOD_WECHAT_PAY:
      return v1::LEDGER_ACCOUNT_WECHAT_PAY;
    case v1::AppointmentDeposit::METHOD_ALIPAY:
      return v1::LEDGER_ACCOUNT_ALIPAY;
    default:
      return v1::LEDGER_ACCOUNT_CASH;
  }
}

absl::TimeZone Zone(std::string_view time_zone) {
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(std::string(time_zone), &zone);
  return zone;
}

}  // namespace

absl::StatusOr<std::vector<PartWanted>> PartsWanted(const PriceBook& book, const v1::BookAppointmentRequest& request) {
  std::vector<PartWanted> wanted;
  for (const std::string& package_code : request.package_codes()) {
    ASSIGN_OR_RETURN(v1::ServicePackage package, book.Package(package_code));
    for (const v1::ServicePackage::Part& part : package.parts()) {
      const bool first = part.operation_code().empty() && !package.operation_codes().empty();
      wanted.push_back({part.part_number(), part.quantity_milli(), package_code,
                        first ? package.operation_codes(0) : part.operation_code()});
    }
  }
  for (const v1::BookAppointmentRequest::Part& part : request.parts()) {
    wanted.push_back({part.part_number(), part.quantity_milli(), "", ""});
  }
  return wanted;
}

absl::Status PriceAppointment(const PriceBook& book, const v1::BookAppointmentRequest& request,
                              const std::vector<PartWanted>& parts, const std::vector<parts::PartOffer>& offers,
                              const common::StoreSettings& settings, v1::Appointment& appointment) {
  if (offers.size() != parts.size()) return absl::InternalError("an offer per wanted part was expected");
  for (const std::string& package_code : request.package_codes()) {
    ASSIGN_OR_RETURN(v1::ServicePackage package, book.Package(package_code));
    for (const std::string& code : package.operation_codes()) {
      RETURN_IF_ERROR(AddService(book, code, package_code, appointment));
    }
  }
  for (const std::string& code : request.operation_codes()) RETURN_IF_ERROR(AddService(book, code, "", appointment));
  for (size_t i = 0; i < parts.size(); ++i) AddPart(parts[i], offers[i], appointment);
  MarkShortParts(offers, appointment);
  appointment.set_skill(PrincipalSkill(appointment));
  SumUp(settings, appointment);
  return absl::OkStatus();
}

absl::Status CheckBooking(const v1::BookAppointmentRequest& request, absl::Time now) {
  if (request.operation_codes().empty() && request.package_codes().empty()) {
    return chassis::Refuse(v1::ERROR_REASON_APPOINTMENT_WITHOUT_SERVICE)
        .At("operation_codes", "项目和套餐均为空", "neither operations nor packages are named");
  }
  if (request.vehicle_id().empty() && request.plate().empty()) {
    return chassis::InvalidField("plate", "须提供车辆档案或车牌", "name the vehicle by its archive or its plate");
  }
  if (request.pick_up_wanted() && request.pick_up_address().empty()) {
    return chassis::Refuse(v1::ERROR_REASON_PICK_UP_ADDRESS_MISSING)
        .At("pick_up_address", "上门取车需要地址", "needed to fetch the vehicle");
  }
  return CheckStartTime(request.start_time(), now);
}

int SlotMinutes(int estimated_minutes) {
  const int quarters = (estimated_minutes + 14) / 15;
  return std::clamp(quarters * 15, kSlotMinutesMin, kSlotMinutesMax);
}

absl::Status CheckConfirmation(const v1::Appointment& appointment, const common::Signature& signature, absl::Time now) {
  if (appointment.bay_id().empty()) {
    return chassis::Refuse(v1::ERROR_REASON_SLOT_NOT_HELD)
        .At("appointment_id", "候补或办理中的预约没有工位", "wait-listed or not yet booked: no bay is held");
  }
  RETURN_IF_ERROR(CheckStartTime(appointment.start_time(), now));
  if (appointment.deposit_held_amount() < appointment.deposit_required_amount()) {
    return chassis::Refuse(v1::ERROR_REASON_DEPOSIT_MISSING)
        .With("required", appointment.deposit_required_amount())
        .With("held", appointment.deposit_held_amount())
        .At("appointment_id", "订金不足", "the deposit is not complete");
  }
  if (!IsCustomers(signature)) {
    return chassis::Refuse(v1::ERROR_REASON_CUSTOMER_MUST_SIGN)
        .At("signature.signer_role", "须为客户或其代理人", "must be the customer or a representative");
  }
  return absl::OkStatus();
}

absl::Time ReminderTime(const v1::Appointment& appointment, const common::StoreSettings& settings, absl::Time now) {
  const absl::Time start = chassis::FromProto(appointment.start_time());
  return std::max(now, start - absl::Hours(settings.appointment_reminder_hours()));
}

absl::Time EndOfDay(absl::Time now, std::string_view time_zone) {
  const absl::TimeZone zone = Zone(time_zone);
  const absl::CivilDay tomorrow = absl::ToCivilDay(now, zone) + 1;
  return absl::FromCivil(tomorrow, zone) - absl::Seconds(1);
}

absl::StatusOr<absl::Time> StartOfDay(std::string_view date, std::string_view time_zone) {
  absl::Time start;
  std::string error;
  if (absl::ParseTime("%Y-%m-%d", std::string(date), Zone(time_zone), &start, &error)) return start;
  return absl::InvalidArgumentError(error);
}

absl::Status CheckDeposit(const v1::Appointment& appointment, int64_t amount) {
  int64_t limit = 0;
  for (const v1::WantedPart& part : appointment.parts()) limit += part.parts_amount() + part.tax_amount();
  if (appointment.deposit_held_amount() + amount <= limit) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_DEPOSIT_TOO_HIGH)
      .With("limit", limit)
      .At("amount", "超过配件价款", "exceeds the price of the parts");
}

DepositFate DepositAfterCancellation(const v1::Appointment& appointment,
                                     v1::CancelAppointmentRequest::Initiator initiator, absl::Time now) {
  if (initiator == v1::CancelAppointmentRequest::INITIATOR_STORE) return DepositFate::kRefund;
  const bool in_time = now + kRefundNotice <= chassis::FromProto(appointment.start_time());
  return in_time ? DepositFate::kRefund : DepositFate::kForfeit;
}

absl::Status CheckNoShow(const v1::Appointment& appointment, absl::Time now) {
  if (now >= chassis::FromProto(appointment.start_time()) + kNoShowGrace) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_NO_SHOW_TOO_EARLY)
      .With("minutes", absl::ToInt64Minutes(kNoShowGrace))
      .At("appointment_id", "预约时间未过", "the time has not passed yet");
}

v1::LedgerEntry DepositEntry(const v1::AppointmentDeposit& deposit, DepositMove move, const std::string& cashier,
                             const std::string& business_date) {
  v1::LedgerEntry entry;
  entry.set_store_id(deposit.store_id());
  entry.set_amount(deposit.amount());
  entry.set_cashier(cashier);
  entry.set_business_date(business_date);
  switch (move) {
    case DepositMove::kReceived:
      entry.set_debit_account(AccountOf(deposit.method()));
      entry.set_credit_account(v1::LEDGER_ACCOUNT_DEPOSIT);
      break;
    case DepositMove::kRefunded:
      entry.set_debit_account(v1::LEDGER_ACCOUNT_DEPOSIT);
      entry.set_credit_account(AccountOf(deposit.method()));
      break;
    case DepositMove::kForfeited:
      entry.set_debit_account(v1::LEDGER_ACCOUNT_DEPOSIT);
      entry.set_credit_account(v1::LEDGER_ACCOUNT_SALES);
      break;
  }
  return entry;
}

bool IsCustomers(const common::Signature& signature) {
  return signature.signer_role() == common::Signature::SIGNER_ROLE_CUSTOMER ||
         signature.signer_role() == common::Signature::SIGNER_ROLE_CUSTOMER_REPRESENTATIVE;
}

int32_t ShareBasisPoints(int64_t part, int64_t whole) {
  if (whole == 0) return 0;
  return static_cast<int32_t>(chassis::MulDiv(part, chassis::kBasisPoints, whole));
}

}  // namespace reception
