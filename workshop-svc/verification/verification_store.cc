// See verification_store.h.
#include "workshop-svc/verification/verification_store.h"

#include "chassis/status/status.h"

namespace workshop {

using chassis::sql::Uuid;

absl::StatusOr<std::string> VerificationStore::OfTeam(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::string& repair_order_id,
                                                      const std::string& team_id) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT verification_id AS id FROM verification WHERE store_id = ? AND "
                                 "repair_order_id = ? AND team_id = ? ORDER BY verification_id DESC LIMIT 1",
                                 Uuid{store_id}, Uuid{repair_order_id}, Uuid{team_id}));
  return rows.empty() ? std::string() : rows[0].Id("id");
}

}  // namespace workshop
