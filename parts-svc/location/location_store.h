// The SQL of warehouses and locations.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

class LocationStore {
 public:
  explicit LocationStore(const chassis::privacy::Cipher& cipher) : warehouses_(cipher), locations_(cipher) {}

  // The store's outside accounts; those there are stay as they are.
  absl::Status OpenAccounts(chassis::UnitOfWork& work);
  // Found ones by id, and every outside account of the store.
  absl::StatusOr<Places> ByIds(chassis::sql::Session& session, const std::string& store_id,
                               const std::vector<std::string>& location_ids);
  absl::StatusOr<bool> WarehouseExists(chassis::sql::Session& session, const std::string& store_id,
                                       const std::string& warehouse_id);

  const chassis::records::Table<v1::Warehouse>& warehouses() const { return warehouses_; }
  const chassis::records::Table<v1::Location>& locations() const { return locations_; }

 private:
  chassis::records::Table<v1::Warehouse> warehouses_;
  chassis::records::Table<v1::Location> locations_;
};

}  // namespace parts
