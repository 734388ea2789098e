// `verify` of the sales (P-12): every note's lines are its movements, and every sale knows what its notes say.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

absl::StatusOr<LedgerCheck> VerifySales(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
