// Who speaks for a team (W-01, W-09): the leader, and in the leader's place the stand-in named in the staff file.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "aftersales/workshop/v1/errors.pb.h"
#include "workshop-svc/staff/staff_rules.h"

namespace workshop {

struct Leadership {
  std::optional<v1::StaffMember> leader;
  std::optional<v1::StaffMember> stand_in;
};

// True for the leader and the stand-in; people are known by their token subject.
bool Leads(const Leadership& leadership, const std::string& subject);
// NOT_YOUR_TEAM.
absl::Status RequireLeads(const Leadership& leadership, const std::string& subject);
// LEADER_UNSUITABLE.
absl::Status CheckLeader(const v1::StaffMember& leader);

}  // namespace workshop
