// When to remind a customer of the next maintenance (C-09): by date or by mileage and driving rate, whichever comes
// first.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "aftersales/crm/v1/reminder.pb.h"

namespace crm {

struct MaintenanceOutlook {
  std::string next_date;  // ISO; empty: none given
  int32_t next_km = 0;    // 0: none given
  int32_t odometer_km = 0;
  int32_t metres_per_day = 0;  // 0: unknown
};

// Fills target_date, target_km, remind_time (`lead_days` ahead at 10:00 in the zone, never before `now`) and the
// explanation. False when neither a date nor a mileage with a known rate tells anything.
bool PlanReminder(const MaintenanceOutlook& outlook, absl::Time now, int32_t lead_days, const std::string& time_zone,
                  aftersales::crm::v1::Reminder& reminder);

}  // namespace crm
