// SQL of teams and who leads them (W-01).
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "aftersales/workshop/v1/team.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"
#include "workshop-svc/staff/staff_store.h"
#include "workshop-svc/team/team_rules.h"

namespace workshop {

class TeamStore {
 public:
  TeamStore(chassis::Rooms& rooms, const StaffStore& staff);

  absl::StatusOr<bool> Exists(chassis::sql::Session& session, const std::string& store_id,
                              const std::string& team_id) const;
  // The team's leader and the leader's stand-in; both may be missing.
  absl::StatusOr<Leadership> LeadershipOf(chassis::sql::Session& session, const std::string& store_id,
                                          const std::string& team_id) const;

  const chassis::records::Table<v1::Team>& teams() const { return teams_; }

 private:
  chassis::records::Table<v1::Team> teams_;
  const StaffStore& staff_;
};

}  // namespace workshop
