// `verify` of the reservations (P-04): what documents hold and wait for is what the stock says is held and short.
#pragma once

#include <string>

#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

absl::StatusOr<LedgerCheck> VerifyReservations(chassis::sql::Session& session, const std::string& store_id);

}  // namespace parts
