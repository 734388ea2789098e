// What may go back to a supplier; see supplier_return_rules.h.
#include "parts-svc/supplier_return/supplier_return_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/receiving/receiving_rules.h"

namespace parts {
namespace {

using Asked = v1::DraftSupplierReturnRequest::Line;

bool IsPosted(const v1::GoodsReceipt& receipt) {
  return receipt.state() == v1::GoodsReceipt::STATE_POSTED ||
         receipt.state() == v1::GoodsReceipt::STATE_DIFFERENCES_OPEN ||
         receipt.state() == v1::GoodsReceipt::STATE_CLOSED;
}

absl::Status ReturnExceeds(const v1::GoodsReceiptLine& line, int64_t returnable_milli, int64_t wanted_milli,
                           const std::string& at) {
  return chassis::Refuse(v1::RECEIVING_ERROR_REASON_RETURN_EXCEEDS_RECEIPT)
      .With("part", line.part_number())
      .With("returnable", returnable_milli)
      .With("wanted", wanted_milli)
      .At(at + ".quantity_milli", "超过可退数量", "is more than may still go back");
}

// What was accepted and is not back: what is still in quarantine goes back by the settlement of its difference.
int64_t ReturnableMilli(const v1::GoodsReceipt& receipt, const v1::GoodsReceiptLine& line) {
  int64_t held_milli = 0;
  for (const auto& difference : receipt.differences()) {
    const bool here = difference.kind() != v1::GoodsReceiptDifference::KIND_SHORT;
    const bool accepted = difference.settlement() == v1::GoodsReceiptDifference::SETTLEMENT_ACCEPT;
    const bool of_line = difference.goods_receipt_line_id() == line.goods_receipt_line_id();
    // What a difference sent back counts as returned already.
    const bool sent_back = !difference.supplier_return_id().empty();
    if (of_line && here && !accepted && !sent_back) held_milli += difference.quantity_milli();
  }
  return line.counted_milli() - held_milli - line.returned_milli();
}

// A line of goods that a receipt brought.
absl::StatusOr<v1::SupplierReturnLine> OfReceipt(const Asked& asked, const std::string& at,
                                                 const v1::DraftSupplierReturnRequest& request,
                                                 v1::GoodsReceipt& receipt) {
  if (receipt.supplier_id() != request.supplier_id()) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_OTHER_SUPPLIER)
        .With("number", receipt.number())
        .At(at + ".goods_receipt_id", "属于另一供应商", "belongs to another supplier");
  }
  if (!IsPosted(receipt)) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_RECEIPT_NOT_POSTED)
        .With("number", receipt.number())
        .At(at + ".goods_receipt_id", "尚未入库", "is not posted");
  }
  const v1::GoodsReceiptLine* source = FindLine(receipt, asked.goods_receipt_line_id());
  if (source == nullptr) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_RECEIPT_LINE_UNKNOWN)
        .With("number", receipt.number())
        .At(at + ".goods_receipt_line_id", "收货单没有此行", "is no line of the receipt");
  }
  const int64_t returnable_milli = ReturnableMilli(receipt, *source);
  if (asked.quantity_milli() > returnable_milli) {
    return ReturnExceeds(*source, returnable_milli, asked.quantity_milli(), at);
  }
  v1::SupplierReturnLine line;
  line.set_goods_receipt_id(receipt.goods_receipt_id());
  line.set_goods_receipt_line_id(source->goods_receipt_line_id());
  line.set_part_id(source->part_id());
  // What it was booked with; a credit note may promise otherwise.
  line.set_expected_amount(NextShare(source->cost_amount() + source->quarantine_cost_amount(), source->counted_milli(),
                                     source->returned_milli(), asked.quantity_milli()));
  if (asked.has_expected_amount() && request.settlement() == v1::SupplierReturn::SETTLEMENT_CREDIT_NOTE) {
    line.set_expected_amount(asked.expected_amount());
  }
  return line;
}

absl::StatusOr<v1::SupplierReturnLine> WithoutReceipt(const Asked& asked, const std::string& at) {
  if (asked.part_id().empty() || !asked.has_expected_amount() || !asked.goods_receipt_line_id().empty()) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_RETURN_NEEDS_PART)
        .At(at, "须指明收货单行，或配件及预期金额", "names a receipt's line, or the part and what is expected");
  }
  v1::SupplierReturnLine line;
  line.set_part_id(asked.part_id());
  line.set_expected_amount(asked.expected_amount());
  return line;
}

// Accepted goods that the supplier will never bill: he leaves them off, or sends others for them.
bool LowersBill(const v1::SupplierReturn& supplier_return, const v1::SupplierReturnLine& line) {
  return line.goods_receipt_difference_id().empty() &&
         supplier_return.settlement() != v1::SupplierReturn::SETTLEMENT_CREDIT_NOTE;
}

}  // namespace

absl::StatusOr<std::vector<v1::SupplierReturnLine>> DraftLines(const v1::DraftSupplierReturnRequest& request,
                                                               const PartsById& parts, ReceiptsById& receipts,
                                                               const std::function<std::string()>& new_id) {
  v1::SupplierReturn terms;
  terms.set_settlement(request.settlement());
  std::vector<v1::SupplierReturnLine> lines;
  for (int i = 0; i < request.lines_size(); ++i) {
    const Asked& asked = request.lines(i);
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto receipt = receipts.find(asked.goods_receipt_id());
    absl::StatusOr<v1::SupplierReturnLine> line =
        receipt == receipts.end() ? WithoutReceipt(asked, at) : OfReceipt(asked, at, request, receipt->second);
    if (!line.ok()) return line.status();
    const auto part = parts.find(line->part_id());
    if (part == parts.end()) return UnknownParts({line->part_id()}, {at + ".part_id"});
    RETURN_IF_ERROR(CheckQuantity(part->second, asked.quantity_milli(), at + ".quantity_milli"));
    RETURN_IF_ERROR(CheckBatch(part->second, asked.quantity_milli(), asked.batch_code(), at));
    line->set_supplier_return_line_id(new_id());
    line->set_part_number(part->second.part_number());
    line->set_name_zh(part->second.name_zh());
    line->set_name_en(part->second.name_en());
    line->set_quantity_milli(asked.quantity_milli());
    line->set_location_id(asked.location_id());
    line->set_batch_code(asked.batch_code());
    // The next line of the same receipt starts from here.
    if (receipt != receipts.end()) RETURN_IF_ERROR(Claim(terms, *line, receipt->second));
    lines.push_back(*std::move(line));
  }
  return lines;
}

absl::Status Claim(const v1::SupplierReturn& supplier_return, const v1::SupplierReturnLine& line,
                   v1::GoodsReceipt& receipt) {
  v1::GoodsReceiptLine* source = FindLine(receipt, line.goods_receipt_line_id());
  if (source == nullptr) return absl::InternalError("a return of a receipt line that is gone");
  source->set_returned_milli(source->returned_milli() + line.quantity_milli());
  if (LowersBill(supplier_return, line)) {
    source->set_billable_milli(std::max<int64_t>(0, source->billable_milli() - line.quantity_milli()));
  }
  return absl::OkStatus();
}

absl::Status Unclaim(const v1::SupplierReturn& supplier_return, const v1::SupplierReturnLine& line,
                     v1::GoodsReceipt& receipt) {
  v1::GoodsReceiptLine* source = FindLine(receipt, line.goods_receipt_line_id());
  if (source == nullptr) return absl::InternalError("a return of a receipt line that is gone");
  source->set_returned_milli(source->returned_milli() - line.quantity_milli());
  if (LowersBill(supplier_return, line)) source->set_billable_milli(source->billable_milli() + line.quantity_milli());
  if (line.goods_receipt_difference_id().empty()) return absl::OkStatus();
  // The goods still lie in quarantine: their difference waits for another settlement.
  v1::GoodsReceiptDifference* difference = FindDifference(receipt, line.goods_receipt_difference_id());
  if (difference == nullptr) return absl::InternalError("a return of a difference that is gone");
  difference->clear_settlement();
  difference->clear_settle_note();
  difference->clear_settle_actor();
  difference->clear_settle_time();
  difference->clear_settlement_number();
  difference->clear_supplier_return_id();
  return absl::OkStatus();
}

void PriceReturn(StocksByPart stocks, v1::SupplierReturn& supplier_return) {
  int64_t total = 0;
  for (v1::SupplierReturnLine& line : *supplier_return.mutable_lines()) {
    v1::PartStock& stock = stocks.at(line.part_id());
    line.set_cost_amount(CostOf(stock, line.quantity_milli()));
    stock.set_owned_milli(stock.owned_milli() - line.quantity_milli());
    stock.set_value_amount(stock.value_amount() - line.cost_amount());
    total += line.cost_amount();
  }
  supplier_return.set_cost_amount(total);
}

std::vector<v1::StockMovement> ReturnMovements(const v1::SupplierReturn& supplier_return) {
  const std::string supplier = AccountId(supplier_return.store_id(), v1::Location::KIND_SUPPLIER);
  std::vector<v1::StockMovement> movements;
  for (const v1::SupplierReturnLine& line : supplier_return.lines()) {
    v1::StockMovement& movement = movements.emplace_back();
    movement.set_part_id(line.part_id());
    movement.set_from_location_id(line.location_id());
    movement.set_to_location_id(supplier);
    movement.set_quantity_milli(line.quantity_milli());
    movement.set_cost_amount(line.cost_amount());
    movement.set_batch_code(line.batch_code());
    movement.set_document_line_id(line.supplier_return_line_id());
  }
  return movements;
}

absl::StatusOr<std::vector<CostChange>> Credit(const v1::CreditSupplierReturnRequest& request,
                                               v1::SupplierReturn& supplier_return) {
  const bool note = supplier_return.settlement() == v1::SupplierReturn::SETTLEMENT_CREDIT_NOTE;
  if (note && (request.credit_note_number().empty() || request.credit_amount() == 0)) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_CREDIT_NOTE_NEEDED)
        .At("credit_note_number", "必填，金额须大于零", "is required, with its amount");
  }
  if (!note &&
      (!request.credit_note_number().empty() || request.credit_amount() != 0 || request.credit_tax_amount() != 0)) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_CREDIT_NOTE_NOT_EXPECTED)
        .At("credit_note_number", "不适用", "must be empty, like its amounts");
  }
  std::vector<int64_t> expected;
  for (const auto& line : supplier_return.lines()) expected.push_back(line.expected_amount());
  const int64_t given = note ? request.credit_amount() : supplier_return.expected_amount();
  const std::vector<int64_t> shares = chassis::Split(given, expected);
  supplier_return.set_credit_amount(given);
  supplier_return.set_credit_tax_amount(request.credit_tax_amount());
  supplier_return.set_credit_note_number(request.credit_note_number());
  std::vector<CostChange> changes;
  for (int i = 0; i < supplier_return.lines_size(); ++i) {
    v1::SupplierReturnLine& line = *supplier_return.mutable_lines(i);
    line.set_credit_amount(shares[i]);
    // The goods are gone with the average they had; what the supplier gave less for them is our loss.
    changes.push_back({line.part_id(),
                       line.location_id(),
                       line.supplier_return_line_id(),
                       {.stock_amount = 0, .variance_amount = line.cost_amount() - line.credit_amount()}});
  }
  return changes;
}

}  // namespace parts
