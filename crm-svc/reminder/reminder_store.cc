#include "crm-svc/reminder/reminder_store.h"

namespace crm {

using aftersales::crm::v1::Reminder;
using chassis::sql::Uuid;

absl::StatusOr<Reminder> ReminderStore::Lock(chassis::UnitOfWork& work, const std::string& reminder_id) const {
  return reminders_.Lock(work, work.store_id(), reminder_id);
}

absl::StatusOr<std::vector<Reminder>> ReminderStore::Pending(chassis::sql::Session& session,
                                                             const std::string& store_id,
                                                             const std::string& vehicle_id) const {
  return reminders_.Select(session, "WHERE store_id = ? AND vehicle_id = ? AND state IN ('PLANNED', 'PAUSED')",
                           Uuid{store_id}, Uuid{vehicle_id});
}

}  // namespace crm
