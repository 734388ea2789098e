#include "reception-svc/appointment/appointment_holding.h"

#include "aftersales/workshop/v1/errors.pb.h"
#include "aftersales/workshop/v1/schedule.pb.h"
#include "chassis/host/host.h"
#include "chassis/status/status.h"
#include "reception-svc/appointment/appointment_duties.h"
#include "reception-svc/appointment/appointment_rules.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace parts = aftersales::parts::v1;
namespace workshop = aftersales::workshop::v1;

v1::AppointmentHolding HoldingOf(const v1::Appointment& appointment) {
  v1::AppointmentHolding holding;
  holding.set_appointment_id(appointment.appointment_id());
  holding.set_appointment_number(appointment.number());
  holding.set_holding_id(appointment.holding_id());
  holding.set_skill(appointment.skill());
  holding.set_bay_id(appointment.bay_id());
  *holding.mutable_start_time() = appointment.start_time();
  holding.set_duration_minutes(SlotMinutes(appointment.estimated_minutes()));
  *holding.mutable_expire_time() =
      chassis::ToProto(chassis::FromProto(appointment.start_time()) + kPartsHeldAfterStart);
  for (const v1::WantedPart& wanted : appointment.parts()) {
    v1::AppointmentHolding::Part& part = *holding.add_parts();
    part.set_line_id(wanted.line_id());
    part.set_part_id(wanted.part_id());
    part.set_quantity_milli(wanted.quantity_milli());
  }
  return holding;
}

void AppointmentHoldings::Define(chassis::Processes& processes) const {
  using chassis::ProcessContext;
  const auto hold_slot = [this](ProcessContext& at) { return HoldSlot(at); };
  const auto undo_slot = [this](ProcessContext& at) {
    return ReleaseSlot(at, at.Data<v1::AppointmentHolding>().holding_id());
  };
  const auto reserve = [this](ProcessContext& at) { return ReserveParts(at); };
  const auto undo_parts = [this](ProcessContext& at) {
    return CancelParts(at, at.Data<v1::AppointmentHolding>().holding_id());
  };
  // The parts' reservation was moved over by reserve_parts; only the bay is left to give back.
  const auto release_previous = [this](ProcessContext& at) {
    return ReleaseSlot(at, at.Data<v1::AppointmentHolding>().previous().holding_id());
  };
  processes.Define(
      {.kind = std::string(kBookAppointment),
       .steps = {{"hold_slot", hold_slot, undo_slot}, {"reserve_parts", reserve, undo_parts}},
       .finish = [this](chassis::UnitOfWork& work, const ProcessContext& at) { return FinishBooking(work, at); },
       .abandon = [this](chassis::UnitOfWork& work, const ProcessContext& at,
                         const absl::Status& why) { return AbandonBooking(work, at, why); }});
  // Nothing after reserve_parts is ever refused, so it needs no undoing.
  processes.Define(
      {.kind = std::string(kRescheduleAppointment),
       .steps = {{"hold_slot", hold_slot, undo_slot},
                 {"reserve_parts", reserve, nullptr},
                 {"release_previous", release_previous, nullptr}},
       .finish = [this](chassis::UnitOfWork& work, const ProcessContext& at) { return FinishReschedule(work, at); },
       .abandon = [this](chassis::UnitOfWork& work, const ProcessContext& at,
                         const absl::Status&) { return AbandonReschedule(work, at); }});
  processes.Define({.kind = std::string(kReleaseAppointment),
                    .steps = {{"release_slot", undo_slot, nullptr}, {"cancel_parts", undo_parts, nullptr}},
                    .finish =
                        [this](chassis::UnitOfWork& work, const ProcessContext& at) {
                          return SettleAndAnswer(work, at, [](v1::Appointment&) { return absl::OkStatus(); });
                        },
                    .abandon = nullptr});
}

absl::Status AppointmentHoldings::HoldSlot(chassis::ProcessContext& at) const {
  const auto data = at.Data<v1::AppointmentHolding>();
  workshop::HoldSlotRequest request;
  request.set_store_id(at.store_id);
  request.set_request_id(at.StepRequestId());
  request.set_holder_id(data.holding_id());
  request.set_skill(data.skill());
  request.set_bay_id(data.bay_id());
  *request.mutable_start_time() = data.start_time();
  request.set_duration_minutes(data.duration_minutes());
  ASSIGN_OR_RETURN(workshop::SlotHold hold, at.host.peers().Call<workshop::SlotHold>(at.peer, request));
  // The bay is known only now; kept at once, because the process's own data does not change.
  return at.host.CommitInBackground(at.store_id, "process/hold_slot", [&](chassis::UnitOfWork& work) -> absl::Status {
    ASSIGN_OR_RETURN(v1::Appointment before, store_.appointments.Lock(work, at.store_id, data.appointment_id()));
    v1::Appointment appointment = before;
    appointment.set_bay_id(hold.bay_id());
    appointment.set_bay_name(hold.bay_name());
    *appointment.mutable_start_time() = hold.start_time();
    *appointment.mutable_end_time() = hold.end_time();
    appointment.set_holding_id(data.holding_id());
    return store_.appointments.Update(work, before, appointment);
  });
}

absl::Status AppointmentHoldings::ReleaseSlot(chassis::ProcessContext& at, const std::string& holding_id) const {
  if (holding_id.empty()) return absl::OkStatus();
  workshop::ReleaseSlotRequest request;
  request.set_store_id(at.store_id);
  request.set_request_id(at.StepRequestId());
  request.set_holder_id(holding_id);
  return at.host.peers().Call<workshop::ReleaseSlotResponse>(at.peer, request).status();
}

parts::CreateReservationRequest HoldingReservation(const std::string& store_id, const v1::AppointmentHolding& data) {
  parts::CreateReservationRequest request;
  request.set_store_id(store_id);
  request.set_holder_kind(parts::Reservation::HOLDER_KIND_APPOINTMENT);
  request.set_holder_id(data.holding_id());
  request.set_holder_number(data.appointment_number());
  *request.mutable_expire_time() = data.expire_time();
  // What must be brought in waits for its delivery: that is what the deposit is for.
  request.set_shortage_policy(parts::SHORTAGE_POLICY_QUEUE);
  request.set_replaces_holder_id(data.previous().holding_id());
  for (const v1::AppointmentHolding::Part& part : data.parts()) {
    parts::CreateReservationRequest::Line& line = *request.add_lines();
    line.set_holder_line_id(part.line_id());
    line.set_part_id(part.part_id());
    line.set_quantity_milli(part.quantity_milli());
    *line.mutable_needed_time() = data.start_time();
  }
  return request;
}

absl::Status AppointmentHoldings::ReserveParts(chassis::ProcessContext& at) const {
  const auto data = at.Data<v1::AppointmentHolding>();
  if (data.parts().empty()) return absl::OkStatus();
  parts::CreateReservationRequest request = HoldingReservation(at.store_id, data);
  request.set_request_id(at.StepRequestId());
  return at.host.peers().Call<parts::Reservation>(at.peer, request).status();
}

absl::Status AppointmentHoldings::CancelParts(chassis::ProcessContext& at, const std::string& holding_id) const {
  const auto data = at.Data<v1::AppointmentHolding>();
  if (data.parts().empty() || holding_id.empty()) return absl::OkStatus();
  parts::CancelReservationRequest request;
  request.set_store_id(at.store_id);
  request.set_request_id(at.StepRequestId());
  request.set_holder_id(holding_id);
  request.set_reason(data.reason().empty() ? "booking refused" : data.reason());
  return at.host.peers().Call<parts::CancelReservationResponse>(at.peer, request).status();
}

absl::StatusOr<v1::Appointment> AppointmentHoldings::Settle(
    chassis::UnitOfWork& work, const chassis::ProcessContext& at,
    const std::function<absl::Status(v1::Appointment&)>& change) const {
  ASSIGN_OR_RETURN(v1::Appointment before, store_.appointments.Lock(work, at.store_id, at.subject_id));
  v1::Appointment appointment = before;
  appointment.clear_process_id();
  RETURN_IF_ERROR(change(appointment));
  RETURN_IF_ERROR(store_.appointments.Update(work, before, appointment));
  return appointment;
}

absl::Status AppointmentHoldings::SettleAndAnswer(chassis::UnitOfWork& work, const chassis::ProcessContext& at,
                                                  const std::function<absl::Status(v1::Appointment&)>& change) const {
  ASSIGN_OR_RETURN(const v1::Appointment settled, Settle(work, at, change));
  work.Answer(settled);
  return absl::OkStatus();
}

absl::Status AppointmentHoldings::FinishBooking(chassis::UnitOfWork& work, const chassis::ProcessContext& at) const {
  return SettleAndAnswer(work, at, [](v1::Appointment&) { return absl::OkStatus(); });
}

absl::Status AppointmentHoldings::AbandonBooking(chassis::UnitOfWork& work, const chassis::ProcessContext& at,
                                                 const absl::Status& why) const {
  const bool waits =
      at.Data<v1::AppointmentHolding>().wait_when_full() && chassis::IsRefusal(why, workshop::ERROR_REASON_SLOT_TAKEN);
  if (waits) {
    return SettleAndAnswer(work, at, [](v1::Appointment& appointment) -> absl::Status {
      appointment.clear_bay_id();
      appointment.clear_bay_name();
      appointment.clear_end_time();
      appointment.clear_holding_id();
      return chassis::MoveTo(appointment, v1::Appointment::STATE_WAIT_LISTED);
    });
  }
  // A refused booking leaves nothing behind but its command's record.
  ASSIGN_OR_RETURN(v1::Appointment appointment, store_.appointments.Lock(work, at.store_id, at.subject_id));
  return store_.appointments.Delete(work, appointment);
}

absl::Status AppointmentHoldings::FinishReschedule(chassis::UnitOfWork& work, const chassis::ProcessContext& at) const {
  RETURN_IF_ERROR(work.WaiveDuties(kReminderDuty, at.subject_id, "rescheduled"));
  RETURN_IF_ERROR(work.WaiveDuties(kWorkshopNoticeDuty, at.subject_id, "rescheduled"));
  return SettleAndAnswer(work, at, [](v1::Appointment& appointment) -> absl::Status {
    appointment.set_reschedule_count(appointment.reschedule_count() + 1);
    if (appointment.state() == v1::Appointment::STATE_INITIATED) return absl::OkStatus();
    // What was signed named another time: it is to be confirmed again (G-03).
    appointment.clear_confirmation();
    appointment.clear_confirm_time();
    return chassis::MoveTo(appointment, v1::Appointment::STATE_INITIATED);
  });
}

absl::Status AppointmentHoldings::AbandonReschedule(chassis::UnitOfWork& work,
                                                    const chassis::ProcessContext& at) const {
  const v1::Appointment previous = at.Data<v1::AppointmentHolding>().previous();
  return Settle(work, at,
                [&](v1::Appointment& appointment) {
                  appointment.set_bay_id(previous.bay_id());
                  appointment.set_bay_name(previous.bay_name());
                  appointment.set_holding_id(previous.holding_id());
                  *appointment.mutable_start_time() = previous.start_time();
                  if (previous.has_end_time()) {
                    *appointment.mutable_end_time() = previous.end_time();
                  } else {
                    appointment.clear_end_time();
                  }
                  return absl::OkStatus();
                })
      .status();
}

}  // namespace reception
