// `verify` of the transfers (P-13): what a half says is what the ledger moved.
#pragma once

#include <string>

#include "chassis/privacy/cipher.h"
#include "parts-svc/ledger/ledger_checks.h"

namespace parts {

// Every item of a half was booked out or in with its quantity and cost, and what the ledger has in transit is what the
// supplying halves say is on its way.
absl::StatusOr<LedgerCheck> VerifyTransfers(const chassis::privacy::Cipher& cipher, chassis::sql::Session& session,
                                            const std::string& store_id);

}  // namespace parts
