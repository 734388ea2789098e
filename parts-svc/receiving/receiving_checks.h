// `verify` of the goods receipts (P-09): every line is in the ledger, and knows what was billed of it and went back.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

absl::StatusOr<LedgerCheck> VerifyGoodsReceipts(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
