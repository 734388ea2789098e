#include "chassis/time/clock.h"

#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace chassis {
namespace {

TEST(RandomIds, CarryTimeVersionAndVariant) {
  ManualClock clock(absl::FromUnixMillis(0x0123456789ab));
  RandomIds ids(clock);
  const std::string id = ids.NewId();
  ASSERT_EQ(id.size(), 36u);
  EXPECT_EQ(id.substr(0, 14), "01234567-89ab-");
  EXPECT_EQ(id[14], '7');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
}

TEST(RandomIds, SortByTheTimeTheyWereMade) {
  ManualClock clock(absl::FromUnixSeconds(1795219200));
  RandomIds ids(clock);
  std::string last;
  for (int i = 0; i < 3000; ++i) {
    const std::string id = ids.NewId();
    EXPECT_LT(last, id);
    last = id;
    clock.Advance(absl::Microseconds(7));
  }
}

TEST(RandomIds, NeverRepeat) {
  ManualClock clock(absl::FromUnixSeconds(1795219200));
  RandomIds ids(clock);
  std::set<std::string> seen;
  for (int i = 0; i < 20000; ++i) EXPECT_TRUE(seen.insert(ids.NewId()).second);
}

TEST(CountingIds, CountFromOne) {
  CountingIds ids;
  EXPECT_EQ(ids.NewId(), "00000000-0000-7000-8000-000000000001");
  EXPECT_EQ(ids.NewId(), "00000000-0000-7000-8000-000000000002");
}

TEST(DerivedId, IsTheSameForTheSameNameOnly) {
  const std::string id = DerivedId("process", "reserve_parts");
  EXPECT_EQ(id, DerivedId("process", "reserve_parts"));
  EXPECT_NE(id, DerivedId("process", "create_jobs"));
  EXPECT_NE(id, DerivedId("processr", "eserve_parts"));
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '8');
}

TEST(ToProto, KeepsNanosecondsBeforeAndAfterTheEpoch) {
  for (const absl::Time time : {absl::FromUnixNanos(1795219200123456789), absl::FromUnixNanos(-1), absl::UnixEpoch()}) {
    EXPECT_EQ(FromProto(ToProto(time)), time);
    EXPECT_GE(ToProto(time).nanos(), 0);
  }
}

TEST(CivilDate, TurnsAtMidnightOfTheZone) {
  absl::Time time;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, "2026-11-20T16:30:00Z", &time, nullptr));
  EXPECT_EQ(CivilDate(time, "Asia/Shanghai"), "2026-11-21");
  EXPECT_EQ(CivilDate(time, "UTC"), "2026-11-20");
  EXPECT_EQ(CivilDate(time, "Nowhere/Land"), "2026-11-20");
}

TEST(ShiftedClock, AddsWhatTheFileSays) {
  const std::string file = absl::StrCat(testing::TempDir(), "/clock_offset");
  std::ofstream(file) << "86400.5\n";
  const ShiftedClock clock(file);
  const absl::Duration shift = clock.Now() - SystemClock().Now();
  EXPECT_GT(shift, absl::Seconds(86400));
  EXPECT_LT(shift, absl::Seconds(86401));
}

TEST(ShiftedClock, IsTheSystemClockWithoutAFile) {
  const ShiftedClock clock("/nonexistent/offset");
  EXPECT_LT(absl::AbsDuration(clock.Now() - SystemClock().Now()), absl::Seconds(1));
}

}  // namespace
}  // namespace chassis
