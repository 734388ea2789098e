// `verify` of procurement (P-08): orders add up and their states say what their lines say; a special order that is on
// order stands on a line that will serve it.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

absl::StatusOr<LedgerCheck> VerifyPurchaseOrders(chassis::sql::Session& session, const std::string& store_id);
absl::StatusOr<LedgerCheck> VerifySpecialOrders(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
