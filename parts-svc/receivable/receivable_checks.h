// `verify` of the receivables (P-12): every delivery has its receivable, every receivable is what was delivered less
// what its entries say.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

absl::StatusOr<LedgerCheck> VerifyReceivables(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
