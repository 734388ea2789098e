// Which batches and serial numbers lie where (P-01): checks movements of tracked parts against the ledger. One
// statement, and only when a tracked part is among them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

// Refuses a movement out of a bin that does not hold the batch in this quantity (BATCH_NOT_IN_STOCK), and a serial
// number that comes in while it is in stock (SERIAL_IN_STOCK). Movement `i` is line `i` of the request. The rows of
// the parts' stock or balances must be locked.
absl::Status CheckBatches(const std::vector<v1::StockMovement>& movements, const PartsById& parts, const Places& places,
                          const std::vector<BatchInBin>& batches);

// Parts and batches to ask for; empty when nothing is tracked.
std::vector<std::string> TrackedParts(const std::vector<v1::StockMovement>& movements);
std::vector<std::string> BatchCodes(const std::vector<v1::StockMovement>& movements);

}  // namespace parts
