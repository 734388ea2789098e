// What a goods receipt must be at each step (P-09): the count against the order, the acceptance, what goes into the bin
// and what into quarantine, at what cost, and which settlement suits which difference. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/common/v1/signature.pb.h"
#include "aftersales/parts/v1/purchase_order.pb.h"
#include "aftersales/parts/v1/receiving.pb.h"
#include "aftersales/parts/v1/supplier_return.pb.h"
#include "google/protobuf/repeated_field.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

// ORDER_TAKES_NO_GOODS unless it was sent and is not received whole.
absl::Status CheckOrderTakesGoods(const v1::PurchaseOrder& order);
// Goods change hands under the signature of somebody of the store: STORE_SIGNS. `field` names the signature.
absl::Status CheckStoreSigns(const aftersales::common::v1::Signature& signature, const std::string& field);

// The lines of the receipt as counted; `order` is null without one. Ids are new. RECEIPT_ORDER_LINE, COUNTED_TWICE,
// PART_UNKNOWN, QUANTITY_STEP, BATCH_REQUIRED ...
using CountedLines = google::protobuf::RepeatedPtrField<v1::CountedLine>;
absl::StatusOr<std::vector<v1::GoodsReceiptLine>> Count(const CountedLines& counted, const v1::PurchaseOrder* order,
                                                        const PartsById& parts,
                                                        const std::function<std::string()>& new_id);

// The acceptance of every line, with its bins. NOTHING_COUNTED, RECEIPT_LINE_UNKNOWN, INSPECTION_DOES_NOT_ADD_UP,
// REJECT_REASON_NEEDED, PUT_AWAY_BIN_NEEDED, QUARANTINE_BIN_NEEDED, LOCATION_CLOSED.
absl::Status Inspect(const v1::InspectGoodsReceiptRequest& request, const Places& places, v1::GoodsReceipt& receipt);

// Shares what is good between the bin and the excess, by what the order has open now: other receipts may have come in
// between. Order lines are looked at in the order of the receipt's lines.
void ShareWithOrder(const v1::PurchaseOrder& order, v1::GoodsReceipt& receipt);

// Refuses a line that has goods for quarantine and no bin for them, or goods accepted and no bin (see Inspect).
absl::Status CheckPlaces(const Places& places, const v1::GoodsReceipt& receipt);

// The cost of every line: at the order's or the agreed price; without one at the part's average, so that goods that
// will go back change nothing for those that stay. Adds the differences.
void PriceReceipt(StocksByPart stocks, const std::function<std::string()>& new_id, v1::GoodsReceipt& receipt);

// Out of the supplier's account into the bins and the quarantine.
std::vector<v1::StockMovement> ReceiptMovements(const v1::GoodsReceipt& receipt);

// The line or difference of a receipt; null when it has none such.
v1::GoodsReceiptLine* FindLine(v1::GoodsReceipt& receipt, const std::string& goods_receipt_line_id);
v1::GoodsReceiptDifference* FindDifference(v1::GoodsReceipt& receipt, const std::string& difference_id);

// DIFFERENCE_SETTLED, SETTLEMENT_NOT_FOR_DIFFERENCE, CREDIT_NOTE_NEEDED.
absl::Status CheckSettlement(const v1::SettleReceiptDifferenceRequest& request,
                             const v1::GoodsReceiptDifference& difference);
bool AllSettled(const v1::GoodsReceipt& receipt);

// The price the supplier may bill for the line; false: none is agreed.
bool PriceOf(const v1::GoodsReceiptLine& line, int64_t& unit_amount);

// The draft of a return of what a difference left in quarantine.
v1::SupplierReturn ReturnOf(const v1::GoodsReceipt& receipt, const v1::GoodsReceiptLine& line,
                            const v1::GoodsReceiptDifference& difference,
                            v1::GoodsReceiptDifference::Settlement settlement);

}  // namespace parts
