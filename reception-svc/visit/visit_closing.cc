#include "reception-svc/visit/visit_closing.h"

#include "aftersales/reception/v1/events.pb.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace reception {

namespace v1 = aftersales::reception::v1;

absl::StatusOr<v1::Visit> VisitClosing::Close(chassis::UnitOfWork& work, const v1::Visit& before,
                                              v1::Visit::Purpose purpose, v1::Visit::Outcome outcome,
                                              const std::string& answer) const {
  v1::Visit visit = before;
  RETURN_IF_ERROR(chassis::MoveTo(visit, v1::Visit::STATE_CLOSED));
  if (visit.purpose() == v1::Visit::PURPOSE_UNSPECIFIED) visit.set_purpose(purpose);
  visit.set_outcome(outcome);
  visit.set_answer(answer);
  *visit.mutable_close_time() = work.now_proto();
  visit.clear_present_plate();
  RETURN_IF_ERROR(visits_.visits.Update(work, before, visit));
  RETURN_IF_ERROR(visits_.ReturnKeys(work, visit.visit_id()));
  if (!visit.appointment_id().empty()) {
    ASSIGN_OR_RETURN(v1::Appointment arrived,
                     appointments_.appointments.Lock(work, visit.store_id(), visit.appointment_id()));
    v1::Appointment appointment = arrived;
    RETURN_IF_ERROR(chassis::MoveTo(appointment, v1::Appointment::STATE_FULFILLED));
    RETURN_IF_ERROR(appointments_.appointments.Update(work, arrived, appointment));
  }
  const bool repaired = outcome == v1::Visit::OUTCOME_DELIVERED;
  RETURN_IF_ERROR(board_.Leave(work, visit.visit_id(),
                               repaired ? v1::BoardEntry::STAGE_VEHICLE_DELIVERED : v1::BoardEntry::STAGE_CLOSED));
  RETURN_IF_ERROR(work.WaiveDuties("greeting", visit.visit_id(), "the customer left"));
  v1::VisitClosed closed;
  closed.set_visit_id(visit.visit_id());
  closed.set_outcome(std::string(chassis::StateName(v1::Visit::Outcome_descriptor(), outcome)));
  work.Publish(closed, {"visit", visit.visit_id(), std::atoll(visit.etag().c_str())});
  return visit;
}

}  // namespace reception
