#include "crm-svc/follow_up/follow_up_store.h"

namespace crm {

using aftersales::crm::v1::FollowUp;
using chassis::sql::Uuid;

absl::StatusOr<FollowUp> FollowUpStore::Lock(chassis::UnitOfWork& work, const std::string& follow_up_id) const {
  return follow_ups_.Lock(work, work.store_id(), follow_up_id);
}

absl::StatusOr<std::optional<FollowUp>> FollowUpStore::Second(chassis::sql::Session& session,
                                                              const std::string& store_id,
                                                              const std::string& service_record_id) const {
  ASSIGN_OR_RETURN(auto found, follow_ups_.Select(session,
                                                  "WHERE store_id = ? AND service_record_id = ? AND sequence = 2 "
                                                  "FOR UPDATE",
                                                  Uuid{store_id}, Uuid{service_record_id}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace crm
