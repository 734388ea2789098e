#include "workshop-svc/verification/verification_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;

v1::WorkshopOrder WithFacts() {
  v1::WorkshopOrder order = AnOrder();
  order.add_check_in_facts("odometer 48210 km");
  order.add_check_in_facts("scratch, left front door");
  return order;
}

void Answer(v1::VerifyVehicleRequest& request, const std::string& fact, const std::string& difference = "") {
  v1::CheckedFact& answer = *request.add_facts();
  answer.set_fact(fact);
  answer.set_agrees(difference.empty());
  answer.set_difference(difference);
}

TEST(CheckFacts, NeedsAnAnswerToEveryFact) {
  v1::VerifyVehicleRequest request;
  Answer(request, "odometer 48210 km");
  EXPECT_TRUE(IsRefusal(CheckFacts(WithFacts(), request.facts()), v1::ERROR_REASON_FACT_UNCHECKED));
  Answer(request, "scratch, left front door", "two scratches");
  EXPECT_TRUE(CheckFacts(WithFacts(), request.facts()).ok());
  Answer(request, "spare wheel missing", "not on the record");
  EXPECT_TRUE(CheckFacts(WithFacts(), request.facts()).ok()) << "the team may see more than reception did";
}

TEST(CheckFacts, NeedsWordsForADifference) {
  v1::VerifyVehicleRequest request;
  Answer(request, "odometer 48210 km");
  Answer(request, "scratch, left front door");
  request.mutable_facts(1)->set_agrees(false);
  const absl::Status refused = CheckFacts(WithFacts(), request.facts());
  ASSERT_TRUE(IsRefusal(refused, v1::ERROR_REASON_DIFFERENCE_UNDESCRIBED));
  EXPECT_EQ(chassis::RefusalIn(refused).violations(0).field(), "facts[1].difference");
}

TEST(ApplyVerification, CoversTheTeamsJobsAndNoOthers) {
  OrderFile file = AnOrderWith({AJob("1", v1::Job::STATE_DISPATCHED), AJob("2", v1::Job::STATE_DISPATCHED),
                                AJob("3", v1::Job::STATE_DISPATCHED)});
  file.jobs[2].set_team_id("paint team");
  v1::VerifyVehicleRequest request;
  Answer(request, "odometer 48210 km", "48310 km");
  const v1::Verification verification = VerificationFrom(request, file.jobs[0], "seen", "technician-a");
  EXPECT_EQ(verification.difference_count(), 1);
  ASSERT_TRUE(ApplyVerification(file, verification).ok());
  EXPECT_EQ(file.jobs[0].state(), v1::Job::STATE_VERIFIED);
  EXPECT_EQ(file.jobs[1].verification_id(), "seen");
  EXPECT_EQ(file.jobs[2].state(), v1::Job::STATE_DISPATCHED);
}

}  // namespace
}  // namespace workshop
