// The SQL of transfers: one half at a time, in its own store.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/transfer/transfer_rules.h"

namespace parts {

class TransferStore {
 public:
  explicit TransferStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // Transfers asked for on behalf of a reservation; locked, so that nobody asks twice for the same.
  absl::StatusOr<std::vector<v1::Transfer>> LockOfReservation(chassis::UnitOfWork& work,
                                                              const std::string& reservation_id);
  // The store's open in-transit bin with the lowest code; empty when it has none.
  absl::StatusOr<std::string> TransitBin(chassis::sql::Session& session, const std::string& store_id);

  const chassis::records::Table<v1::Transfer>& table() const { return table_; }

 private:
  chassis::records::Table<v1::Transfer> table_;
};

}  // namespace parts
