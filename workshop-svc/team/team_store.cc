// See team_store.h.
#include "workshop-svc/team/team_store.h"

#include "chassis/status/status.h"

namespace workshop {

using chassis::sql::Session;
using chassis::sql::Uuid;

TeamStore::TeamStore(chassis::Rooms& rooms, const StaffStore& staff) : teams_(rooms.host.cipher()), staff_(staff) {}

absl::StatusOr<bool> TeamStore::Exists(Session& session, const std::string& store_id,
                                       const std::string& team_id) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows, session.Query("SELECT 1 FROM team WHERE store_id = ? AND team_id = ?",
                                                                Uuid{store_id}, Uuid{team_id}));
  return !rows.empty();
}

absl::StatusOr<Leadership> TeamStore::LeadershipOf(Session& session, const std::string& store_id,
                                                   const std::string& team_id) const {
  Leadership leadership;
  if (team_id.empty()) return leadership;
  ASSIGN_OR_RETURN(const v1::Team team, teams_.Get(session, store_id, team_id));
  if (team.leader_id().empty()) return leadership;
  ASSIGN_OR_RETURN(leadership.leader, staff_.members().Get(session, store_id, team.leader_id()));
  const std::string stand_in_id = leadership.leader->stand_in_id();
  if (stand_in_id.empty()) return leadership;
  ASSIGN_OR_RETURN(leadership.stand_in, staff_.members().Get(session, store_id, stand_in_id));
  return leadership;
}

}  // namespace workshop
