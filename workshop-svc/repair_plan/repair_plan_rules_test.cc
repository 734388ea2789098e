#include "workshop-svc/repair_plan/repair_plan_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;

parts::OrderParts OneFilterHeld() {
  parts::OrderParts held;
  auto& line = *held.add_lines();
  line.set_holder_line_id("filter line");
  line.set_part_id("filter");
  line.set_part_number("OF-1001");
  line.set_reserved_milli(2000);
  return held;
}

v1::RequestPartsRequest Asking(const std::string& line_id, int64_t quantity_milli) {
  v1::RequestPartsRequest request;
  auto& line = *request.add_lines();
  line.set_holder_line_id(line_id);
  line.set_quantity_milli(quantity_milli);
  return request;
}

const v1::Job& Working() {
  static const v1::Job job = AJob("j", v1::Job::STATE_IN_PROGRESS);
  return job;
}

TEST(PartRequest, TakesWhatTheOrderHolds) {
  const auto made = PartRequestFrom(Asking("filter line", 2000), Working(), OneFilterHeld(), {});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->lines(0).part_number(), "OF-1001");
  EXPECT_EQ(made->technician_id(), "a");
}

TEST(PartRequest, RefusesWhatIsOnNoLineOfTheOrder) {
  EXPECT_TRUE(IsRefusal(PartRequestFrom(Asking("other", 1000), Working(), OneFilterHeld(), {}).status(),
                        v1::ERROR_REASON_PART_NOT_ON_ORDER));
}

TEST(PartRequest, CountsWhatWasAskedForAndNotYetIssued) {
  auto earlier = PartRequestFrom(Asking("filter line", 1500), Working(), OneFilterHeld(), {});
  ASSERT_TRUE(earlier.ok());
  EXPECT_TRUE(IsRefusal(PartRequestFrom(Asking("filter line", 1000), Working(), OneFilterHeld(), {*earlier}).status(),
                        v1::ERROR_REASON_QUANTITY_OVER_ORDER));
  EXPECT_TRUE(PartRequestFrom(Asking("filter line", 500), Working(), OneFilterHeld(), {*earlier}).ok());
}

TEST(BookIssue, FulfilsRequestsOldestFirst) {
  std::vector<v1::PartRequest> requests = {
      *PartRequestFrom(Asking("filter line", 1000), Working(), OneFilterHeld(), {}),
      *PartRequestFrom(Asking("filter line", 1000), Working(), OneFilterHeld(), {})};
  parts::PartsIssued issue;
  auto& line = *issue.add_lines();
  line.set_holder_line_id("filter line");
  line.set_quantity_milli(1500);
  BookIssue(issue, requests);
  EXPECT_EQ(requests[0].state(), v1::PartRequest::STATE_FULFILLED);
  EXPECT_EQ(requests[1].lines(0).issued_milli(), 500);
  EXPECT_TRUE(IsRefusal(CancelPartRequest(requests[1]), v1::ERROR_REASON_PARTS_ISSUED));
  BookIssue(issue, requests);
  EXPECT_EQ(requests[1].state(), v1::PartRequest::STATE_FULFILLED);
  EXPECT_EQ(requests[1].lines(0).issued_milli(), 1000) << "more than was asked for is the counter's business";
}

TEST(RequirePlannable, EndsWithTheWork) {
  EXPECT_TRUE(RequirePlannable(AJob("j", v1::Job::STATE_REWORK)).ok());
  EXPECT_TRUE(IsRefusal(RequirePlannable(AJob("j", v1::Job::STATE_WORK_DONE)), common::ERROR_REASON_WRONG_STATE));
}

}  // namespace
}  // namespace workshop
