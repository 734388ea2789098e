// The SQL of the parts policy; see policy_store.h.
#include "parts-svc/policy/policy_store.h"

namespace parts {

using chassis::sql::Uuid;

absl::StatusOr<v1::PartsPolicy> PolicyStore::Get(chassis::sql::Session& session, const std::string& store_id) {
  ASSIGN_OR_RETURN(const auto found, table_.Select(session, "WHERE store_id = ?", Uuid{store_id}));
  v1::PartsPolicy policy;
  if (!found.empty()) policy = found[0];
  policy.set_store_id(store_id);
  return WithDefaults(std::move(policy));
}

absl::StatusOr<std::optional<v1::PartsPolicy>> PolicyStore::Lock(chassis::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const auto found, table_.Select(work.sql(), "WHERE store_id = ? FOR UPDATE", Uuid{work.store_id()}));
  if (found.empty()) return std::optional<v1::PartsPolicy>();
  return std::optional<v1::PartsPolicy>(found[0]);
}

}  // namespace parts
