// `verify` of suppliers' bills (P-09): totals are their lines, and what a bill did to the cost of goods is in the
// ledger.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

absl::StatusOr<LedgerCheck> VerifySupplierInvoices(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
