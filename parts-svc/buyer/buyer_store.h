// The SQL of buyers.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/buyer/buyer_rules.h"

namespace parts {

class BuyerStore {
 public:
  explicit BuyerStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // At most a hundred share a number.
  absl::StatusOr<std::vector<v1::Buyer>> WithPhone(chassis::sql::Session& session, const std::string& store_id,
                                                   const std::string& phone);
  // BUYER_UNKNOWN.
  absl::StatusOr<v1::Buyer> Find(chassis::sql::Session& session, const std::string& store_id,
                                 const std::string& buyer_id);
  // The same, locked: who sells on account to this buyer waits for the others.
  absl::StatusOr<v1::Buyer> Lock(chassis::UnitOfWork& work, const std::string& buyer_id);

  const chassis::records::Table<v1::Buyer>& table() const { return table_; }

 private:
  chassis::records::Table<v1::Buyer> table_;
};

}  // namespace parts
