#include "workshop-svc/team/team_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;

TEST(Leads, HoldsForLeaderAndStandInWhileTheyAreActive) {
  Leadership leadership;
  EXPECT_FALSE(Leads(leadership, "leader-l"));
  leadership.leader = ALeader("l");
  leadership.stand_in = ALeader("s");
  EXPECT_TRUE(Leads(leadership, "leader-l"));
  EXPECT_TRUE(Leads(leadership, "leader-s"));
  leadership.leader->set_state(v1::StaffMember::STATE_INACTIVE);
  EXPECT_TRUE(IsRefusal(RequireLeads(leadership, "leader-l"), v1::ERROR_REASON_NOT_YOUR_TEAM));
}

TEST(CheckLeader, WantsAPostThatLeads) {
  EXPECT_TRUE(CheckLeader(ALeader("l")).ok());
  EXPECT_TRUE(IsRefusal(CheckLeader(ATechnician("a", common::SKILL_PAINT)), v1::ERROR_REASON_LEADER_UNSUITABLE));
}

}  // namespace
}  // namespace workshop
