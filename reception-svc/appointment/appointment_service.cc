#include "reception-svc/appointment/appointment_service.h"

#include <utility>

#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "aftersales/workshop/v1/errors.pb.h"
#include "chassis/duties/duty_board.h"
#include "reception-svc/appointment/appointment_duties.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace crm = aftersales::crm::v1;
namespace options = aftersales::options::v1;
namespace parts = aftersales::parts::v1;

namespace {

constexpr std::string_view kDocument = "appointment";

chassis::DocumentRef RefTo(const v1::Appointment& appointment) {
  return {kDocument, appointment.appointment_id(), std::atoll(appointment.etag().c_str())};
}

}  // namespace

AppointmentService::AppointmentService(chassis::Rooms& rooms)
    : host_(rooms.host),
      store_(rooms.host.cipher()),
      prices_(rooms.host.cipher()),
      payments_(rooms.host.cipher()),
      holdings_(store_) {
  holdings_.Define(rooms.host.processes());
  rooms.rpcs.On(this, &AppointmentService::Book);
  rooms.rpcs.On(this, &AppointmentService::RecordDeposit);
  rooms.rpcs.On(this, &AppointmentService::RefundDeposit);
  rooms.host.duties().EndsBy(kRefundDuty, "RefundDeposit");
  rooms.rpcs.On(this, &AppointmentService::Confirm);
  rooms.rpcs.On(this, &AppointmentService::Reschedule);
  rooms.rpcs.On(this, &AppointmentService::Cancel);
  rooms.rpcs.On(this, &AppointmentService::RecordNoShow);
  rooms.rpcs.On(this, &AppointmentService::GetStatistics);
  rooms.rpcs.Standard<v1::Appointment>(store_.appointments);
  rooms.rpcs.Standard<v1::AppointmentDeposit>(store_.deposits);
  rooms.SignedDocument(std::string(kDocument),
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::Appointment appointment, store_.appointments.Get(session, store_id, id));
                         // Rescheduled since it was signed.
                         if (!appointment.has_confirmation()) return nullptr;
                         return std::make_unique<v1::Appointment>(std::move(appointment));
                       });
}

absl::StatusOr<v1::Appointment> AppointmentService::Book(chassis::Call& call,
                                                         const v1::BookAppointmentRequest& request) {
  RETURN_IF_ERROR(CheckBooking(request, call.Now()));
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  v1::Appointment appointment;
  RETURN_IF_ERROR(FillVehicle(call, request, appointment));
  RETURN_IF_ERROR(FillWishes(call, request, store, appointment));
  appointment.set_store_id(call.store_id());
  appointment.set_state(v1::Appointment::STATE_INITIATED);
  appointment.set_source(request.source());
  appointment.set_wishes(request.wishes());
  appointment.set_adviser(request.adviser().empty() ? call.actor().subject : request.adviser());
  *appointment.mutable_start_time() = request.start_time();
  appointment.set_currency_code(store.currency_code());
  appointment.set_pick_up_wanted(request.pick_up_wanted());
  appointment.set_pick_up_address(request.pick_up_address());
  appointment.set_booked_by(call.actor().subject);
  ASSIGN_OR_RETURN(std::string number, call.NextNumber("APT"));
  appointment.set_number(number);

  ASSIGN_OR_RETURN(v1::Appointment booked,
                   call.Transact<v1::Appointment>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Appointment> {
                     appointment.set_appointment_id(work.NewId());
                     appointment.set_holding_id(appointment.appointment_id());
                     for (v1::WantedPart& part : *appointment.mutable_parts()) part.set_line_id(work.NewId());
                     v1::AppointmentHolding holding = HoldingOf(appointment);
                     holding.set_bay_id(request.bay_id());
                     holding.set_wait_when_full(request.wait_when_full());
                     appointment.set_process_id(work.Start(kBookAppointment, appointment.appointment_id(), holding));
                     RETURN_IF_ERROR(store_.appointments.Insert(work, appointment));
                     return appointment;
                   }));
  return call.DriveToAnswer<v1::Appointment>(booked.process_id());
}

absl::Status AppointmentService::FillVehicle(chassis::Call& call, const v1::BookAppointmentRequest& request,
                                             v1::Appointment& appointment) {
  crm::GetCheckInSummaryRequest query;
  query.set_store_id(call.store_id());
  if (!request.vehicle_id().empty()) {
    query.set_vehicle_id(request.vehicle_id());
  } else {
    query.set_plate(request.plate());
  }
  absl::StatusOr<crm::CheckInSummary> summary = call.Ask<crm::CheckInSummary>(query);
  if (absl::IsNotFound(summary.status())) {
    if (!request.vehicle_id().empty()) {
      return chassis::Refuse(v1::ERROR_REASON_VEHICLE_UNKNOWN).At("vehicle_id", "档案中没有", "not in the archive");
    }
    if (request.contact_name().empty() || request.contact_phone().empty()) {
      return chassis::Refuse(v1::ERROR_REASON_APPOINTMENT_WITHOUT_CONTACT)
          .At(request.contact_name().empty() ? "contact_name" : "contact_phone", "未建档客户必填",
              "required of a customer without an archive");
    }
    appointment.set_customer_id(request.customer_id());
    appointment.set_plate(request.plate());
    appointment.set_model_code(request.model_code());
    appointment.set_contact_name(request.contact_name());
    appointment.set_contact_phone(request.contact_phone());
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(summary.status());
  if (!request.customer_id().empty() && request.customer_id() != summary->customer_id()) {
    return chassis::Refuse(v1::ERROR_REASON_CUSTOMER_NOT_OF_VEHICLE)
        .At("customer_id", "与车辆档案的客户不符", "is not the customer of the vehicle's archive");
  }
  appointment.set_customer_id(summary->customer_id());
  appointment.set_vehicle_id(summary->vehicle_id());
  appointment.set_plate(summary->plate());
  appointment.set_model_code(summary->model_code());
  appointment.set_model_name(summary->model_name());
  return absl::OkStatus();
}

absl::Status AppointmentService::FillWishes(chassis::Call& call, const v1::BookAppointmentRequest& request,
                                            const common::Store& store, v1::Appointment& appointment) {
  const std::vector<std::string> operations(request.operation_codes().begin(), request.operation_codes().end());
  const std::vector<std::string> packages(request.package_codes().begin(), request.package_codes().end());
  ASSIGN_OR_RETURN(PriceBook book, call.Read([&](chassis::sql::Session& session) {
    return prices_.Load(session, call.store_id(), appointment.model_code(), call.Now(), operations, packages);
  }));
  ASSIGN_OR_RETURN(std::vector<PartWanted> wanted, PartsWanted(book, request));
  std::vector<parts::PartOffer> offers;
  if (!wanted.empty()) {
    parts::LookUpPartsRequest query;
    query.set_store_id(call.store_id());
    query.set_model_code(appointment.model_code());
    for (const PartWanted& part : wanted) query.add_part_numbers(part.part_number);
    ASSIGN_OR_RETURN(parts::LookUpPartsResponse answer, call.Ask<parts::LookUpPartsResponse>(query));
    offers.assign(answer.offers().begin(), answer.offers().end());
  }
  return PriceAppointment(book, request, wanted, offers, store.settings(), appointment);
}

absl::StatusOr<v1::Appointment> AppointmentService::LockIdle(chassis::UnitOfWork& work,
                                                             const std::string& appointment_id,
                                                             std::initializer_list<int> states) const {
  ASSIGN_OR_RETURN(v1::Appointment appointment, store_.appointments.Lock(work, work.store_id(), appointment_id));
  RETURN_IF_ERROR(chassis::RequireState(appointment, states));
  if (!appointment.process_id().empty()) {
    return chassis::Refuse(common::ERROR_REASON_UNAVAILABLE).With("what", appointment.number()).RetryAfterMs(1000);
  }
  return appointment;
}

absl::StatusOr<v1::AppointmentDeposit> AppointmentService::RecordDeposit(chassis::Call& call,
                                                                         const v1::RecordDepositRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  ASSIGN_OR_RETURN(std::string number, call.NextNumber("DEP"));
  return call.Transact<v1::AppointmentDeposit>(
      [&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::AppointmentDeposit> {
        ASSIGN_OR_RETURN(v1::Appointment before,
                         LockIdle(work, request.appointment_id(),
                                  {v1::Appointment::STATE_INITIATED, v1::Appointment::STATE_CONFIRMED}));
        RETURN_IF_ERROR(CheckDeposit(before, request.amount()));
        const std::string today = chassis::CivilDate(work.now(), store.time_zone());
        RETURN_IF_ERROR(CheckDayOpen(work, today, "appointment_id"));
        v1::AppointmentDeposit deposit;
        deposit.set_store_id(call.store_id());
        deposit.set_appointment_deposit_id(work.NewId());
        deposit.set_number(number);
        deposit.set_appointment_id(before.appointment_id());
        deposit.set_state(v1::AppointmentDeposit::STATE_HELD);
        deposit.set_method(request.method());
        deposit.set_amount(request.amount());
        deposit.set_currency_code(store.currency_code());
        deposit.set_external_reference(request.external_reference());
        deposit.set_cashier(call.actor().subject);
        RETURN_IF_ERROR(store_.deposits.Insert(work, deposit));
        v1::Appointment appointment = before;
        appointment.set_deposit_held_amount(before.deposit_held_amount() + request.amount());
        RETURN_IF_ERROR(store_.appointments.Update(work, before, appointment));
        RETURN_IF_ERROR(Post(work, deposit, DepositMove::kReceived, today));
        return deposit;
      });
}

absl::StatusOr<v1::AppointmentDeposit> AppointmentService::RefundDeposit(chassis::Call& call,
                                                                         const v1::RefundDepositRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  return call.Transact<v1::AppointmentDeposit>(
      [&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::AppointmentDeposit> {
        ASSIGN_OR_RETURN(v1::AppointmentDeposit before,
                         store_.deposits.Lock(work, call.store_id(), request.appointment_deposit_id()));
        if (!before.refund_due()) {
          return chassis::Refuse(v1::ERROR_REASON_DEPOSIT_NOT_REFUNDABLE)
              .At("appointment_deposit_id", "不在待退状态", "is not due for a refund");
        }
        const std::string today = chassis::CivilDate(work.now(), store.time_zone());
        RETURN_IF_ERROR(CheckDayOpen(work, today, "appointment_deposit_id"));
        v1::AppointmentDeposit deposit = before;
        RETURN_IF_ERROR(chassis::MoveTo(deposit, v1::AppointmentDeposit::STATE_REFUNDED));
        deposit.set_refund_due(false);
        deposit.set_close_reference(request.close_reference());
        *deposit.mutable_close_time() = work.now_proto();
        RETURN_IF_ERROR(store_.deposits.Update(work, before, deposit));
        RETURN_IF_ERROR(Post(work, deposit, DepositMove::kRefunded, today));
        RETURN_IF_ERROR(work.CompleteDuties(kRefundDuty, deposit.appointment_deposit_id(), deposit.close_reference()));
        return deposit;
      });
}

absl::Status AppointmentService::CheckDayOpen(chassis::UnitOfWork& work, const std::string& business_date,
                                              std::string_view field) const {
  ASSIGN_OR_RETURN(const bool closed,
                   payments_.IsDayClosed(work.sql(), work.store_id(), work.actor().subject, business_date));
  return closed ? DayClosed(business_date, field) : absl::OkStatus();
}

absl::Status AppointmentService::Post(chassis::UnitOfWork& work, const Deposit& deposit, DepositMove move,
                                      const std::string& business_date) const {
  v1::LedgerEntry entry = DepositEntry(deposit, move, work.actor().subject, business_date);
  entry.set_ledger_entry_id(work.NewId());
  return payments_.entries.Insert(work, entry);
}

absl::StatusOr<v1::Appointment> AppointmentService::Confirm(chassis::Call& call,
                                                            const v1::ConfirmAppointmentRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  return call.Transact<v1::Appointment>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Appointment> {
    ASSIGN_OR_RETURN(v1::Appointment before,
                     LockIdle(work, request.appointment_id(),
                              {v1::Appointment::STATE_INITIATED, v1::Appointment::STATE_WAIT_LISTED}));
    if (!request.etag().empty() && request.etag() != before.etag()) return chassis::ChangedMeanwhile("预约");
    RETURN_IF_ERROR(CheckConfirmation(before, request.signature(), work.now()));
    v1::Appointment appointment = before;
    RETURN_IF_ERROR(chassis::MoveTo(appointment, v1::Appointment::STATE_CONFIRMED));
    *appointment.mutable_confirm_time() = work.now_proto();
    ASSIGN_OR_RETURN(*appointment.mutable_confirmation(), work.Sign(appointment, RefTo(before), request.signature()));
    RETURN_IF_ERROR(store_.appointments.Update(work, before, appointment));

    v1::AppointmentConfirmed confirmed;
    confirmed.set_appointment_id(appointment.appointment_id());
    confirmed.set_number(appointment.number());
    confirmed.set_customer_id(appointment.customer_id());
    confirmed.set_vehicle_id(appointment.vehicle_id());
    *confirmed.mutable_start_time() = appointment.start_time();
    work.Publish(confirmed, RefTo(appointment));
    work.Owe(
        AppointmentDuty(appointment, kReminderDuty, "R-04", ReminderTime(appointment, store.settings(), work.now())));
    work.Owe(AppointmentDuty(appointment, kWorkshopNoticeDuty, "R-04", EndOfDay(work.now(), store.time_zone())));
    return appointment;
  });
}

absl::StatusOr<v1::Appointment> AppointmentService::Reschedule(chassis::Call& call,
                                                               const v1::RescheduleAppointmentRequest& request) {
  if (chassis::FromProto(request.start_time()) <= call.Now()) {
    return chassis::Refuse(v1::ERROR_REASON_APPOINTMENT_IN_PAST).At("start_time", "须在将来", "must lie in the future");
  }
  ASSIGN_OR_RETURN(v1::Appointment moving,
                   call.Transact<v1::Appointment>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Appointment> {
                     ASSIGN_OR_RETURN(v1::Appointment before,
                                      LockIdle(work, request.appointment_id(),
                                               {v1::Appointment::STATE_INITIATED, v1::Appointment::STATE_WAIT_LISTED,
                                                v1::Appointment::STATE_CONFIRMED}));
                     v1::AppointmentHolding holding = HoldingOf(before);
                     holding.set_holding_id(work.NewId());
                     holding.set_bay_id(request.bay_id());
                     *holding.mutable_start_time() = request.start_time();
                     *holding.mutable_expire_time() =
                         chassis::ToProto(chassis::FromProto(request.start_time()) + kPartsHeldAfterStart);
                     holding.mutable_previous()->set_holding_id(before.holding_id());
                     holding.mutable_previous()->set_bay_id(before.bay_id());
                     holding.mutable_previous()->set_bay_name(before.bay_name());
                     *holding.mutable_previous()->mutable_start_time() = before.start_time();
                     if (before.has_end_time()) *holding.mutable_previous()->mutable_end_time() = before.end_time();
                     v1::Appointment appointment = before;
                     appointment.set_process_id(work.Start(kRescheduleAppointment, before.appointment_id(), holding));
                     work.Because(request.reason());
                     RETURN_IF_ERROR(store_.appointments.Update(work, before, appointment));
                     return appointment;
                   }));
  return call.DriveToAnswer<v1::Appointment>(moving.process_id());
}

absl::StatusOr<v1::Appointment> AppointmentService::Cancel(chassis::Call& call,
                                                           const v1::CancelAppointmentRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  ASSIGN_OR_RETURN(v1::Appointment closed,
                   call.Transact<v1::Appointment>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Appointment> {
                     ASSIGN_OR_RETURN(v1::Appointment before,
                                      LockIdle(work, request.appointment_id(),
                                               {v1::Appointment::STATE_INITIATED, v1::Appointment::STATE_WAIT_LISTED,
                                                v1::Appointment::STATE_CONFIRMED}));
                     return Close(work, before, v1::Appointment::STATE_CANCELLED,
                                  DepositAfterCancellation(before, request.initiator(), work.now()), request.reason(),
                                  chassis::CivilDate(work.now(), store.time_zone()));
                   }));
  return AfterClosing(call, closed);
}

absl::StatusOr<v1::Appointment> AppointmentService::RecordNoShow(chassis::Call& call,
                                                                 const v1::RecordNoShowRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  ASSIGN_OR_RETURN(v1::Appointment closed,
                   call.Transact<v1::Appointment>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Appointment> {
                     ASSIGN_OR_RETURN(v1::Appointment before,
                                      LockIdle(work, request.appointment_id(),
                                               {v1::Appointment::STATE_INITIATED, v1::Appointment::STATE_CONFIRMED}));
                     RETURN_IF_ERROR(CheckNoShow(before, work.now()));
                     return Close(work, before, v1::Appointment::STATE_NO_SHOW, DepositFate::kForfeit, request.reason(),
                                  chassis::CivilDate(work.now(), store.time_zone()));
                   }));
  return AfterClosing(call, closed);
}

absl::StatusOr<v1::Appointment> AppointmentService::Close(chassis::UnitOfWork& work, const Appointment& before,
                                                          Appointment::State target, DepositFate fate,
                                                          const std::string& reason,
                                                          const std::string& business_date) const {
  v1::Appointment appointment = before;
  RETURN_IF_ERROR(chassis::MoveTo(appointment, target));
  appointment.set_close_reason(reason);
  *appointment.mutable_close_time() = work.now_proto();
  work.Because(reason);
  RETURN_IF_ERROR(SettleDeposits(work, appointment, fate, reason, business_date));
  for (const std::string_view kind : {kReminderDuty, kWorkshopNoticeDuty}) {
    RETURN_IF_ERROR(work.WaiveDuties(kind, appointment.appointment_id(), reason));
  }
  v1::AppointmentHolding holding = HoldingOf(appointment);
  holding.set_reason(reason);
  appointment.set_process_id(work.StartBehind(kReleaseAppointment, appointment.appointment_id(), holding));
  RETURN_IF_ERROR(store_.appointments.Update(work, before, appointment));
  v1::AppointmentClosed closed;
  closed.set_appointment_id(appointment.appointment_id());
  closed.set_outcome(std::string(chassis::StateName(v1::Appointment::State_descriptor(), target)));
  // The reason is free text that may name people: it stays in the document (G-13).
  work.Publish(closed, RefTo(appointment));
  return appointment;
}

absl::Status AppointmentService::SettleDeposits(chassis::UnitOfWork& work, Appointment& appointment, DepositFate fate,
                                                const std::string& reason, const std::string& business_date) const {
  ASSIGN_OR_RETURN(std::vector<v1::AppointmentDeposit> held,
                   store_.Held(work.sql(), appointment.store_id(), appointment.appointment_id()));
  for (const v1::AppointmentDeposit& before : held) {
    v1::AppointmentDeposit deposit = before;
    deposit.set_close_reason(reason);
    if (fate == DepositFate::kRefund) {
      deposit.set_refund_due(true);
      common::Duty duty = AppointmentDuty(appointment, kRefundDuty, "R-03", work.now() + absl::Hours(24));
      duty.set_subject_kind("appointment_deposit");
      duty.set_subject_id(deposit.appointment_deposit_id());
      duty.set_subject_number(deposit.number());
      duty.clear_assignee();
      duty.set_assignee_role(options::ROLE_CASHIER);
      work.Owe(duty);
    } else {
      RETURN_IF_ERROR(chassis::MoveTo(deposit, v1::AppointmentDeposit::STATE_FORFEITED));
      *deposit.mutable_close_time() = work.now_proto();
      RETURN_IF_ERROR(Post(work, deposit, DepositMove::kForfeited, business_date));
    }
    RETURN_IF_ERROR(store_.deposits.Update(work, before, deposit));
    appointment.set_deposit_held_amount(appointment.deposit_held_amount() - deposit.amount());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Appointment> AppointmentService::AfterClosing(chassis::Call& call, const Appointment& closed) {
  // The cancellation stands whatever the peers answer now; the worker goes on until slot and parts are back.
  absl::StatusOr<v1::Appointment> released = call.DriveToAnswer<v1::Appointment>(closed.process_id());
  if (!released.ok()) return closed;
  RETURN_IF_ERROR(call.Conclude(*released));
  return released;
}

absl::StatusOr<v1::AppointmentStatistics> AppointmentService::GetStatistics(
    chassis::Call& call, const v1::GetAppointmentStatisticsRequest& request) {
  ASSIGN_OR_RETURN(common::Store store, call.Store());
  ASSIGN_OR_RETURN(absl::Time from, StartOfDay(request.start_date(), store.time_zone()));
  ASSIGN_OR_RETURN(absl::Time last_day, StartOfDay(request.end_date(), store.time_zone()));
  ASSIGN_OR_RETURN(std::vector<AppointmentStore::Count> counts, call.Read([&](chassis::sql::Session& session) {
    return store_.CountByState(session, call.store_id(), from,
                               EndOfDay(last_day, store.time_zone()) + absl::Seconds(1));
  }));
  v1::AppointmentStatistics statistics;
  for (const AppointmentStore::Count& count : counts) {
    statistics.set_appointments(statistics.appointments() + count.appointments);
    statistics.set_confirmed(statistics.confirmed() + count.confirmed);
    statistics.set_arrived(statistics.arrived() + count.arrived);
    v1::AppointmentStatistics::StateCount& entry = *statistics.add_states();
    entry.set_state(count.state);
    entry.set_source(count.source);
    entry.set_appointments(count.appointments);
  }
  statistics.set_show_rate_basis_points(ShareBasisPoints(statistics.arrived(), statistics.confirmed()));
  return statistics;
}

}  // namespace reception
