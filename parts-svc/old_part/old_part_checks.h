// `verify` of the old parts (P-15): nothing between replacement and disposal is lost.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

// Every issue line that owes an old part has one, and each old part is where the ledger says: nowhere yet, in store, or
// gone for good.
absl::StatusOr<LedgerCheck> VerifyOldParts(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
