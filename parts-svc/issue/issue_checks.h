// `verify` of the issue notes (P-05): every note's lines are its movements, and reservations know what was drawn.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

absl::StatusOr<LedgerCheck> VerifyIssues(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
