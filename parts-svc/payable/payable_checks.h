// `verify` of what suppliers are owed (P-09): payables are bills less payments and credits, by the entries and by the
// papers alike.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

// Every payable's amounts are what its entries add up to, what its bill says and what payments paid or propose; no
// bill that stands is without its payable.
absl::StatusOr<LedgerCheck> VerifyPayables(chassis::sql::Session& session, const std::string& store_id);
// Every credit was granted once and set off as its entries say.
absl::StatusOr<LedgerCheck> VerifyCredits(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
