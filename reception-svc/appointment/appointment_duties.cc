#include "reception-svc/appointment/appointment_duties.h"

#include <string>

#include "chassis/time/clock.h"

namespace reception {

namespace options = aftersales::options::v1;

aftersales::common::v1::Duty AppointmentDuty(const aftersales::reception::v1::Appointment& appointment,
                                             std::string_view kind, std::string_view handbook, absl::Time due) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(std::string(kind));
  duty.set_handbook(std::string(handbook));
  duty.set_subject_kind("appointment");
  duty.set_subject_id(appointment.appointment_id());
  duty.set_subject_number(appointment.number());
  duty.set_assignee(appointment.adviser());
  duty.set_assignee_role(options::ROLE_SERVICE_ADVISER);
  duty.set_escalation_role(options::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(due);
  return duty;
}

}  // namespace reception
