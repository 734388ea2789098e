// What may go back to a supplier, at what cost it leaves, and what the difference to the supplier's credit is
// (P-09, P-03). Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/parts/v1/receiving.pb.h"
#include "aftersales/parts/v1/supplier_return.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_rules.h"
#include "parts-svc/receiving/cost_rules.h"

namespace parts {

using ReceiptsById = std::map<std::string, v1::GoodsReceipt>;

// The lines of a draft, which the receipts' lines then know (returned_milli, and billable_milli where the supplier
// never bills what goes back). OTHER_SUPPLIER, RECEIPT_NOT_POSTED, RECEIPT_LINE_UNKNOWN, RETURN_EXCEEDS_RECEIPT,
// RETURN_NEEDS_PART, PART_UNKNOWN, QUANTITY_STEP, BATCH_REQUIRED.
absl::StatusOr<std::vector<v1::SupplierReturnLine>> DraftLines(const v1::DraftSupplierReturnRequest& request,
                                                               const PartsById& parts, ReceiptsById& receipts,
                                                               const std::function<std::string()>& new_id);

// Notes in the receipt that a line of a return takes goods of it, or gives the claim up again (cancelled).
absl::Status Claim(const v1::SupplierReturn& supplier_return, const v1::SupplierReturnLine& line,
                   v1::GoodsReceipt& receipt);
absl::Status Unclaim(const v1::SupplierReturn& supplier_return, const v1::SupplierReturnLine& line,
                     v1::GoodsReceipt& receipt);

// Every line at moving average; `stocks` falls line by line.
void PriceReturn(StocksByPart stocks, v1::SupplierReturn& supplier_return);
std::vector<v1::StockMovement> ReturnMovements(const v1::SupplierReturn& supplier_return);

// Fills what the supplier gave for every line, and gives the changes that make up for the average the goods left with:
// all of the difference is variance. CREDIT_NOTE_NEEDED, CREDIT_NOTE_NOT_EXPECTED.
absl::StatusOr<std::vector<CostChange>> Credit(const v1::CreditSupplierReturnRequest& request,
                                               v1::SupplierReturn& supplier_return);

}  // namespace parts
