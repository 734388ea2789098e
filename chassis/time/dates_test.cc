// Civil dates across months, years and zones.
#include "chassis/time/dates.h"

#include "chassis/time/clock.h"
#include "gtest/gtest.h"

namespace chassis {
namespace {

TEST(CivilDates, AddDaysAcrossMonthsAndYears) {
  EXPECT_EQ(AddDays("2026-12-30", 5), "2027-01-04");
  EXPECT_EQ(AddDays("2028-03-01", -1), "2028-02-29");
  EXPECT_EQ(DaysBetween("2026-11-21", "2026-12-01"), 10);
  EXPECT_EQ(DaysBetween("2026-12-01", "2026-11-21"), -10);
}

TEST(CivilDates, BeginAndEndWhereTheStoreIs) {
  EXPECT_EQ(absl::FormatTime(DayStart("2026-11-21", "Asia/Shanghai"), absl::UTCTimeZone()),
            "2026-11-20T16:00:00+00:00");
  EXPECT_EQ(DayEnd("2026-11-21", "Asia/Shanghai") - DayStart("2026-11-21", "Asia/Shanghai"), absl::Hours(24));
  EXPECT_EQ(CivilDate(DayEnd("2026-11-21", "Asia/Shanghai") - absl::Seconds(1), "Asia/Shanghai"), "2026-11-21");
  EXPECT_EQ(AtTimeOfDay("2026-11-21", "18:30", "Asia/Shanghai") - DayStart("2026-11-21", "Asia/Shanghai"),
            absl::Minutes(18 * 60 + 30));
}

TEST(CivilDates, TakeUtcForAZoneNobodyKnows) {
  EXPECT_EQ(DayStart("2026-11-21", "Nowhere/Land"), DayStart("2026-11-21", "UTC"));
}

}  // namespace
}  // namespace chassis
