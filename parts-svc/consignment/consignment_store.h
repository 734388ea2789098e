// The SQL of consignment: notes and the account of a station, added up from the ledger.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/records/table.h"
#include "parts-svc/consignment/consignment_rules.h"
#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

class ConsignmentStore {
 public:
  explicit ConsignmentStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // The station's parts with what moved before and in [from, to), and what it was charged in it; without closing.
  absl::StatusOr<v1::ConsignmentStatement> Statement(chassis::sql::Session& session, const std::string& store_id,
                                                     const std::string& location_id, absl::Time from, absl::Time to);

  const chassis::records::Table<v1::ConsignmentNote>& table() const { return table_; }

 private:
  chassis::records::Table<v1::ConsignmentNote> table_;
};

// `verify`: every line of a note is one movement of the same goods, and of the same cost where they left for good.
absl::StatusOr<LedgerCheck> VerifyConsignment(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
