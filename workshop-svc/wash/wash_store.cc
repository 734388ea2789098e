// See wash_store.h.
#include "workshop-svc/wash/wash_store.h"

#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace workshop {

using chassis::sql::Uuid;

absl::StatusOr<std::optional<v1::Wash>> WashStore::Running(chassis::sql::Session& session, const std::string& store_id,
                                                           const std::string& repair_order_id) const {
  ASSIGN_OR_RETURN(std::vector<v1::Wash> found,
                   washes_.Select(session, "WHERE store_id = ? AND repair_order_id = ? AND state = 'WASHING'",
                                  Uuid{store_id}, Uuid{repair_order_id}));
  if (found.empty()) return std::optional<v1::Wash>();
  return std::optional<v1::Wash>(std::move(found.front()));
}

absl::Status WashStore::AbandonRunning(chassis::UnitOfWork& work, const std::string& repair_order_id) const {
  ASSIGN_OR_RETURN(const std::optional<v1::Wash> running, Running(work.sql(), work.store_id(), repair_order_id));
  if (!running.has_value()) return absl::OkStatus();
  v1::Wash abandoned = *running;
  RETURN_IF_ERROR(chassis::MoveTo(abandoned, v1::Wash::STATE_ABANDONED));
  return washes_.Update(work, *running, abandoned);
}

}  // namespace workshop
