// SQL of the reminders.
#pragma once

#include <string>
#include <vector>

#include "aftersales/crm/v1/reminder.pb.h"
#include "chassis/records/table.h"

namespace crm {

class ReminderStore {
 public:
  explicit ReminderStore(const chassis::privacy::Cipher& cipher) : reminders_(cipher) {}

  const chassis::records::Table<aftersales::crm::v1::Reminder>& table() const { return reminders_; }
  absl::StatusOr<aftersales::crm::v1::Reminder> Lock(chassis::UnitOfWork& work, const std::string& reminder_id) const;
  // Planned or paused ones of a vehicle.
  absl::StatusOr<std::vector<aftersales::crm::v1::Reminder>> Pending(chassis::sql::Session& session,
                                                                     const std::string& store_id,
                                                                     const std::string& vehicle_id) const;

 private:
  chassis::records::Table<aftersales::crm::v1::Reminder> reminders_;
};

}  // namespace crm
