#include "crm-svc/reminder/reminder_rules.h"

#include <gtest/gtest.h>

#include "chassis/time/clock.h"

namespace crm {
namespace {

using aftersales::crm::v1::Reminder;

absl::TimeZone Shanghai() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &zone));
  return zone;
}
absl::Time OnDay(int year, int month, int day, int hour) {
  return absl::FromCivil(absl::CivilHour(year, month, day, hour), Shanghai());
}

TEST(MaintenanceReminder, ComesAMonthBeforeTheDateAtTen) {
  Reminder reminder;
  ASSERT_TRUE(PlanReminder({"2027-05-21", 20'000, 10'000, 0}, OnDay(2026, 11, 21, 15), 30, "Asia/Shanghai", reminder));
  EXPECT_EQ(reminder.target_date(), "2027-05-21");
  EXPECT_EQ(chassis::FromProto(reminder.remind_time()), OnDay(2027, 4, 21, 10));
}

TEST(MaintenanceReminder, FollowsTheMileageWhenThatComesFirst) {
  Reminder reminder;
  // 10,000 km at 100 km a day: 100 days.
  ASSERT_TRUE(
      PlanReminder({"2027-05-21", 20'000, 10'000, 100'000}, OnDay(2026, 11, 21, 15), 30, "Asia/Shanghai", reminder));
  EXPECT_EQ(reminder.target_date(), "2027-03-01");
  EXPECT_NE(reminder.explanation().find("100 km a day"), std::string::npos);
}

TEST(MaintenanceReminder, IsDueAtOnceWhenItsTimeHasPassed) {
  Reminder reminder;
  const absl::Time now = OnDay(2026, 11, 21, 15);
  ASSERT_TRUE(PlanReminder({"2026-11-30", 0, 10'000, 0}, now, 30, "Asia/Shanghai", reminder));
  EXPECT_EQ(chassis::FromProto(reminder.remind_time()), now);
}

TEST(MaintenanceReminder, IsNotPlannedOnNothing) {
  Reminder reminder;
  EXPECT_FALSE(PlanReminder({"", 20'000, 10'000, 0}, OnDay(2026, 11, 21, 15), 30, "Asia/Shanghai", reminder));
}

}  // namespace
}  // namespace crm
