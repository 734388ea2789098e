#include "workshop-svc/finding/finding_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;

v1::RaiseFindingRequest WornPads() {
  v1::RaiseFindingRequest request;
  request.set_description("前制动片磨损至极限");
  request.set_reason("检查时发现");
  request.set_severity(v1::Finding::SEVERITY_NOW);
  request.set_safety_critical(true);
  request.set_system(common::VEHICLE_SYSTEM_BRAKES);
  request.add_operations()->set_operation_code("BR-010");
  return request;
}

v1::Finding Raised() {
  return FindingFrom(WornPads(), AJob("j", v1::Job::STATE_IN_PROGRESS), "finding", "technician-a");
}

TEST(CheckProposal, NeedsSomethingToOffer) {
  v1::RaiseFindingRequest request = WornPads();
  EXPECT_TRUE(CheckProposal(request).ok());
  request.clear_operations();
  EXPECT_TRUE(IsRefusal(CheckProposal(request), v1::ERROR_REASON_PROPOSAL_MISSING));
}

TEST(Finding, TellsTheAdviserEverythingAtOnce) {
  const v1::FindingRaised event = EventOf(Raised());
  EXPECT_EQ(event.finding_id(), "finding");
  EXPECT_TRUE(event.safety_critical());
  EXPECT_EQ(event.operations(0).operation_code(), "BR-010");
  EXPECT_EQ(event.raised_by(), "technician-a");
}

TEST(Decide, AnswersAFindingOnce) {
  v1::Finding finding = Raised();
  EXPECT_TRUE(Decide(finding, false, "add-on", MondayAt(11)));
  EXPECT_EQ(finding.state(), v1::Finding::STATE_DECLINED);
  EXPECT_FALSE(Decide(finding, true, "add-on", MondayAt(12)));
  EXPECT_EQ(finding.state(), v1::Finding::STATE_DECLINED);
}

TEST(Acknowledge, RecordsTheReceiverOnce) {
  v1::AddOnDecision decision;
  ASSERT_TRUE(Acknowledge(decision, "leader", MondayAt(11)).ok());
  EXPECT_EQ(decision.receiver(), "leader");
  EXPECT_TRUE(IsRefusal(Acknowledge(decision, "other", MondayAt(12)), v1::ERROR_REASON_ALREADY_ACKNOWLEDGED));
  EXPECT_EQ(decision.receiver(), "leader");
}

TEST(AcknowledgementDuty, IsOwedByTheLeaderWithinHalfAnHour) {
  v1::AddOnDecision decision;
  decision.set_add_on_id("add-on");
  const common::Duty duty = AcknowledgementDuty(decision, AnOrder(), "leader", MondayAt(11));
  EXPECT_EQ(duty.kind(), kAcknowledgeDuty);
  EXPECT_EQ(duty.assignee(), "leader");
  EXPECT_EQ(chassis::FromProto(duty.due_time()), MondayAt(11, 30));
  EXPECT_EQ(duty.handbook(), "R-32");
}

TEST(CheckExpectedTime, LiesInTheFuture) {
  EXPECT_TRUE(CheckExpectedTime(MondayAt(12), MondayAt(11)).ok());
  EXPECT_TRUE(IsRefusal(CheckExpectedTime(MondayAt(11), MondayAt(11)), v1::ERROR_REASON_EXPECTED_TIME_PAST));
}

}  // namespace
}  // namespace workshop
