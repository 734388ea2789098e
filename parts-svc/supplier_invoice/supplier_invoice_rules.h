// The three-way match (P-09): what a bill says against what was ordered and what was accepted; and what it does to the
// cost of the goods once it stands. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/parts/v1/receiving.pb.h"
#include "aftersales/parts/v1/supplier_invoice.pb.h"
#include "parts-svc/ledger/ledger_rules.h"
#include "parts-svc/receiving/cost_rules.h"

namespace parts {

// Lines, charges and totals of a bill; ids are new. INVOICE_EMPTY, OTHER_SUPPLIER, RECEIPT_NOT_POSTED,
// RECEIPT_LINE_UNKNOWN, INVOICE_DATE_AHEAD (`today`: the store's day).
absl::StatusOr<v1::SupplierInvoice> Bill(const v1::RegisterSupplierInvoiceRequest& request,
                                         const std::map<std::string, v1::GoodsReceipt>& receipts,
                                         const std::string& today, const std::function<std::string()>& new_id);

// Fills what was expected for every line and what does not match: more than may be billed, or dearer than expected by
// more than the tolerance. A cheaper bill is no harm to us and matches.
void Match(const std::map<std::string, v1::GoodsReceipt>& receipts, int tolerance_basis_points,
           v1::SupplierInvoice& invoice);

// The bill stands: the receipts' lines know what is billed; price differences and charges become what the goods still
// here cost more (or less), the rest is variance.
std::vector<CostChange> Stand(StocksByPart stocks, std::map<std::string, v1::GoodsReceipt>& receipts,
                              v1::SupplierInvoice& invoice);

}  // namespace parts
