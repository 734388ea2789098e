// `verify` of the supplier returns (P-09): what left is in the ledger, and what the supplier gave less (or more) for it
// than the average it left with is in the variance account.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

absl::StatusOr<LedgerCheck> VerifySupplierReturns(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
