// The SQL of the parts policy: one row per store, none while the store keeps to the defaults.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/policy/policy_rules.h"

namespace parts {

class PolicyStore {
 public:
  explicit PolicyStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // With every figure filled.
  absl::StatusOr<v1::PartsPolicy> Get(chassis::sql::Session& session, const std::string& store_id);
  // As the store set it; nothing when it never did. Locked when there is a row.
  absl::StatusOr<std::optional<v1::PartsPolicy>> Lock(chassis::UnitOfWork& work);

  const chassis::records::Table<v1::PartsPolicy>& table() const { return table_; }

 private:
  chassis::records::Table<v1::PartsPolicy> table_;
};

}  // namespace parts
