#include "crm-svc/reminder/reminder_rules.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "chassis/time/clock.h"

namespace crm {

bool PlanReminder(const MaintenanceOutlook& outlook, absl::Time now, int32_t lead_days, const std::string& time_zone,
                  aftersales::crm::v1::Reminder& reminder) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(time_zone, &zone)) zone = absl::UTCTimeZone();
  const absl::CivilDay today = absl::ToCivilDay(now, zone);

  std::optional<absl::CivilDay> by_date;
  absl::CivilDay parsed;
  if (absl::ParseCivilTime(outlook.next_date, &parsed)) by_date = parsed;
  std::optional<absl::CivilDay> by_mileage;
  if (outlook.next_km > 0 && outlook.metres_per_day > 0) {
    const int64_t metres = std::max<int64_t>(0, int64_t{outlook.next_km - outlook.odometer_km} * 1000);
    by_mileage = today + metres / outlook.metres_per_day;
  }
  if (!by_date && !by_mileage) return false;

  const bool mileage_first = by_mileage && (!by_date || *by_mileage < *by_date);
  const absl::CivilDay target = mileage_first ? *by_mileage : *by_date;
  reminder.set_target_date(absl::FormatCivilTime(target));
  reminder.set_target_km(outlook.next_km);
  reminder.set_explanation(mileage_first
                               ? absl::StrCat(outlook.next_km, " km at ", outlook.metres_per_day / 1000, " km a day")
                               : absl::StrCat("date told at delivery: ", outlook.next_date));
  const absl::CivilDay remind_day = target - lead_days;
  const absl::Time at =
      absl::FromCivil(absl::CivilMinute(remind_day.year(), remind_day.month(), remind_day.day(), 10, 0), zone);
  *reminder.mutable_remind_time() = chassis::ToProto(std::max(at, now));
  return true;
}

}  // namespace crm
