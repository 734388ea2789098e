// The processes of an appointment: booking and rescheduling hold a bay in the workshop and the parts in parts-svc, all
// or nothing; the release gives both back. What was done before a refusal is undone, a crash is finished by the worker.
#pragma once

#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/reception/v1/appointment.pb.h"
#include "chassis/processes/processes.h"
#include "reception-svc/appointment/appointment_store.h"

namespace reception {

inline constexpr std::string_view kBookAppointment = "book_appointment";
inline constexpr std::string_view kRescheduleAppointment = "reschedule_appointment";
inline constexpr std::string_view kReleaseAppointment = "release_appointment";

// What the process must hold for this appointment as it stands.
aftersales::reception::v1::AppointmentHolding HoldingOf(const aftersales::reception::v1::Appointment& appointment);

// The parts it holds, as parts-svc is asked for them: what must be brought in waits in the queue. Without request_id.
aftersales::parts::v1::CreateReservationRequest HoldingReservation(
    const std::string& store_id, const aftersales::reception::v1::AppointmentHolding& holding);

class AppointmentHoldings {
 public:
  explicit AppointmentHoldings(const AppointmentStore& store) : store_(store) {}
  void Define(chassis::Processes& processes) const;

 private:
  absl::Status HoldSlot(chassis::ProcessContext& at) const;
  absl::Status ReleaseSlot(chassis::ProcessContext& at, const std::string& holding_id) const;
  absl::Status ReserveParts(chassis::ProcessContext& at) const;
  absl::Status CancelParts(chassis::ProcessContext& at, const std::string& holding_id) const;

  absl::Status FinishBooking(chassis::UnitOfWork& work, const chassis::ProcessContext& at) const;
  absl::Status AbandonBooking(chassis::UnitOfWork& work, const chassis::ProcessContext& at,
                              const absl::Status& why) const;
  absl::Status FinishReschedule(chassis::UnitOfWork& work, const chassis::ProcessContext& at) const;
  absl::Status AbandonReschedule(chassis::UnitOfWork& work, const chassis::ProcessContext& at) const;
  // Loads, lets `change` change, and writes the appointment of this process with nothing under way any more.
  // The second answers the command that started it with the outcome.
  absl::StatusOr<aftersales::reception::v1::Appointment> Settle(
      chassis::UnitOfWork& work, const chassis::ProcessContext& at,
      const std::function<absl::Status(aftersales::reception::v1::Appointment&)>& change) const;
  absl::Status SettleAndAnswer(
      chassis::UnitOfWork& work, const chassis::ProcessContext& at,
      const std::function<absl::Status(aftersales::reception::v1::Appointment&)>& change) const;

  const AppointmentStore& store_;
};

}  // namespace reception
