// `verify` of the stock (P-03): the ledger is added up anew and held against every balance.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "aftersales/common/v1/audit.pb.h"
#include "chassis/sql/session.h"

namespace parts {

using aftersales::common::v1::LedgerCheck;

// Every bin holds what the ledger says, nothing is negative, and the store's stock is the sum of its bins.
absl::StatusOr<LedgerCheck> VerifyOnHand(chassis::sql::Session& session, const std::string& store_id);
// The value of every part is what came in less what went out, and nothing on hand is worth nothing.
absl::StatusOr<LedgerCheck> VerifyValue(chassis::sql::Session& session, const std::string& store_id);
// Every receipt, move and adjustment has its movements, and every movement its document.
absl::StatusOr<LedgerCheck> VerifyDocuments(chassis::sql::Session& session, const std::string& store_id);

// Counts one difference and keeps the first hundred.
void AddDifference(LedgerCheck& check, std::string difference);

}  // namespace parts
