// First expired, first out.
#include "parts-svc/batch/batch_rules.h"

#include <gtest/gtest.h>

#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "chassis/status/refusal.h"

namespace parts {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 21);

TEST(FirstExpired, GoesOutFirstAndWhatKeepsGoesLast) {
  const auto chosen = ChooseFirstExpired("OIL", {{"KEEPS", 5000}, {"LATE", 5000}, {"SOON", 2000}},
                                         {{"KEEPS", ""}, {"LATE", "2027-06-30"}, {"SOON", "2026-12-01"}}, 8000, kToday);
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  ASSERT_EQ(chosen->size(), 3u);
  EXPECT_EQ((*chosen)[0].batch_code, "SOON");
  EXPECT_EQ((*chosen)[0].quantity_milli, 2000);
  EXPECT_EQ((*chosen)[1].batch_code, "LATE");
  EXPECT_EQ((*chosen)[1].quantity_milli, 5000);
  EXPECT_EQ((*chosen)[2].batch_code, "KEEPS");
  EXPECT_EQ((*chosen)[2].quantity_milli, 1000);
}

// Handbook: P-01
TEST(FirstExpired, LeavesWhatHasExpired) {
  EXPECT_TRUE(IsExpired("2026-11-20", kToday));
  EXPECT_FALSE(IsExpired("2026-11-21", kToday)) << "the last day counts";
  EXPECT_FALSE(IsExpired("", kToday));
  const auto chosen =
      ChooseFirstExpired("OIL", {{"GONE", 5000}, {"FRESH", 1000}}, {{"GONE", "2026-11-20"}}, 2000, kToday);
  EXPECT_TRUE(chassis::IsRefusal(chosen.status(), v1::CATALOGUE_ERROR_REASON_NO_FRESH_BATCH)) << chosen.status();
}

TEST(FirstExpired, TellsTheLastDayFromTheShelfLife) {
  v1::Part part;
  EXPECT_EQ(ExpireDate(part, kToday), "");
  part.set_shelf_life_days(10);
  EXPECT_EQ(ExpireDate(part, kToday), "2026-12-01");
}

}  // namespace
}  // namespace parts
