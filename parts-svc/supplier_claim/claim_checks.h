// `verify` of the supplier claims (P-16): their totals are their lines and recoveries.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

absl::StatusOr<LedgerCheck> VerifySupplierClaims(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
