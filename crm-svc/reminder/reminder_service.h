// RPCs of the reminders (C-09), and the planning of the maintenance reminder when a vehicle is delivered.
#pragma once

#include "aftersales/crm/v1/vehicle.pb.h"
#include "chassis/server/service.h"
#include "crm-svc/reminder/reminder_store.h"

namespace crm {

class ReminderService {
 public:
  explicit ReminderService(chassis::Rooms& rooms);

  absl::StatusOr<aftersales::crm::v1::Reminder> Record(chassis::Call& call,
                                                       const aftersales::crm::v1::RecordReminderRequest& request);
  absl::StatusOr<aftersales::crm::v1::Reminder> Pause(chassis::Call& call,
                                                      const aftersales::crm::v1::PauseReminderRequest& request);
  absl::StatusOr<aftersales::crm::v1::Reminder> Reschedule(
      chassis::Call& call, const aftersales::crm::v1::RescheduleReminderRequest& request);

  // Replaces the vehicle's pending reminder by one for its next maintenance; none when nothing tells when that is.
  absl::Status PlanMaintenance(chassis::UnitOfWork& work, const aftersales::crm::v1::Vehicle& vehicle) const;

 private:
  ReminderStore store_;
};

}  // namespace crm
