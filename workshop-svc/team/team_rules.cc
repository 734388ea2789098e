// See team_rules.h.
#include "workshop-svc/team/team_rules.h"

#include "chassis/status/refusal.h"

namespace workshop {
namespace {

bool Is(const std::optional<v1::StaffMember>& member, const std::string& subject) {
  return member.has_value() && member->state() == v1::StaffMember::STATE_ACTIVE && member->subject() == subject;
}

}  // namespace

bool Leads(const Leadership& leadership, const std::string& subject) {
  return Is(leadership.leader, subject) || Is(leadership.stand_in, subject);
}

absl::Status RequireLeads(const Leadership& leadership, const std::string& subject) {
  if (Leads(leadership, subject)) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_NOT_YOUR_TEAM)
      .At("job_id", "不是您班组的派工单", "is not a job of your team");
}

absl::Status CheckLeader(const v1::StaffMember& leader) {
  if (leader.state() == v1::StaffMember::STATE_ACTIVE && MayLeadTeam(leader.post())) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_LEADER_UNSUITABLE)
      .With("staff", leader.staff_number())
      .At("team.leader_id", "不能担任组长", "may not lead a team");
}

}  // namespace workshop
