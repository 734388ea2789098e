#include "workshop-svc/wash/wash_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;

v1::WorkshopOrder Inspected() {
  v1::WorkshopOrder order = AnOrder();
  order.set_wash_wanted(true);
  order.set_final_inspection_id("inspection");
  return order;
}

v1::FinishWashRequest CleanOn(const std::string& place) {
  v1::FinishWashRequest request;
  request.mutable_result()->set_paint_clean(true);
  request.mutable_result()->set_cabin_clean(true);
  request.mutable_result()->set_boot_clean(true);
  request.mutable_result()->set_engine_bay_clean(true);
  request.set_parking_place(place);
  return request;
}

TEST(Wash, IsOnlyForWhoWantsItAndAfterTheFinalInspection) {
  v1::WorkshopOrder order = Inspected();
  EXPECT_TRUE(RequireWashable(order, false).ok());
  EXPECT_TRUE(IsRefusal(RequireWashable(order, true), v1::ERROR_REASON_WASH_UNDER_WAY));
  order.clear_final_inspection_id();
  EXPECT_TRUE(IsRefusal(RequireWashable(order, false), v1::ERROR_REASON_FINAL_INSPECTION_MISSING));
  order.set_wash_wanted(false);
  EXPECT_TRUE(IsRefusal(RequireWashable(order, false), v1::ERROR_REASON_WASH_NOT_WANTED));
}

TEST(Wash, ParksTheCleanVehicle) {
  v1::WorkshopOrder order = Inspected();
  v1::Wash wash = NewWash(order, "wash", "washer");
  EXPECT_TRUE(
      IsRefusal(Finish(wash, order, CleanOn(""), "washer", MondayAt(15)), v1::ERROR_REASON_PARKING_PLACE_MISSING));
  ASSERT_TRUE(Finish(wash, order, CleanOn("F-07"), "washer", MondayAt(15)).ok());
  EXPECT_EQ(wash.state(), v1::Wash::STATE_CLEAN);
  EXPECT_TRUE(order.wash_done());
  EXPECT_EQ(order.parking_place(), "F-07");
}

TEST(Wash, IsBegunAgainWhenAnythingIsDirty) {
  v1::WorkshopOrder order = Inspected();
  v1::Wash wash = NewWash(order, "wash", "washer");
  v1::FinishWashRequest request = CleanOn("F-07");
  request.mutable_result()->set_engine_bay_clean(false);
  ASSERT_TRUE(Finish(wash, order, request, "washer", MondayAt(15)).ok());
  EXPECT_EQ(wash.state(), v1::Wash::STATE_FAILED);
  EXPECT_FALSE(order.wash_done());
  EXPECT_TRUE(RequireWashable(order, false).ok());
}

TEST(Park, WaitsForTheFinalInspection) {
  v1::WorkshopOrder order = AnOrder();
  EXPECT_TRUE(IsRefusal(Park(order, "F-01"), v1::ERROR_REASON_FINAL_INSPECTION_MISSING));
}

}  // namespace
}  // namespace workshop
