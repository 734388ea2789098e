// `verify` of the stocktakes (P-10): what was approved is what the ledger posted.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

// Every difference of a posted stocktake has its entry of the same quantity and value, and its sums are those of its
// lines; no other stocktake has moved anything, and no bin is frozen by one that is over.
absl::StatusOr<LedgerCheck> VerifyStocktakes(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
