// Duties that belong to an appointment (G-05). Kinds are a closed set, because they label metrics.
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/reception/v1/appointment.pb.h"

namespace reception {

inline constexpr std::string_view kReminderDuty = "appointment_reminder";
inline constexpr std::string_view kWorkshopNoticeDuty = "appointment_workshop_notice";
inline constexpr std::string_view kAppointmentPartsDuty = "appointment_parts_late";
inline constexpr std::string_view kRefundDuty = "deposit_refund";

// A duty of the appointment's adviser about the appointment; overdue it goes to the service manager.
aftersales::common::v1::Duty AppointmentDuty(const aftersales::reception::v1::Appointment& appointment,
                                             std::string_view kind, std::string_view handbook, absl::Time due);

}  // namespace reception
