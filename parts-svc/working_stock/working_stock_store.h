// The SQL of working stock: its notes, and what lies in a technician's bins.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/ledger/ledger_checks.h"
#include "parts-svc/working_stock/working_stock_rules.h"

namespace parts {

class WorkingStockStore {
 public:
  explicit WorkingStockStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  absl::StatusOr<v1::WorkingStock> HeldBy(chassis::sql::Session& session, const std::string& store_id,
                                          const std::string& technician);

  const chassis::records::Table<v1::WorkingStockNote>& table() const { return table_; }

 private:
  chassis::records::Table<v1::WorkingStockNote> table_;
};

// `verify`: every line of a note is one movement of the same goods between shelf and technician.
absl::StatusOr<LedgerCheck> VerifyWorkingStock(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
