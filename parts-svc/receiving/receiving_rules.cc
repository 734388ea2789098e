// What a goods receipt must be at each step; see receiving_rules.h.
#include "parts-svc/receiving/receiving_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/receiving/cost_rules.h"

namespace parts {
namespace {

using Difference = v1::GoodsReceiptDifference;
using Signature = aftersales::common::v1::Signature;

std::string At(int line, const std::string& field) { return absl::StrCat("lines[", line, "].", field); }

const v1::PurchaseOrderLine* OrderLine(const v1::PurchaseOrder* order, const std::string& order_line_id) {
  if (order == nullptr) return nullptr;
  for (const v1::PurchaseOrderLine& line : order->lines()) {
    if (line.purchase_order_line_id() == order_line_id) return &line;
  }
  return nullptr;
}

int64_t QuarantinedMilli(const v1::GoodsReceiptLine& line) { return line.rejected_milli() + line.excess_milli(); }

// Which part and which order line a counted line means.
absl::Status Identify(const v1::CountedLine& counted, int i, const v1::PurchaseOrder* order,
                      v1::GoodsReceiptLine& line) {
  if (counted.purchase_order_line_id().empty()) {
    if (counted.part_id().empty()) {
      return chassis::InvalidField(At(i, "part_id"), "须指明订单行或配件", "names neither order line nor part");
    }
    line.set_part_id(counted.part_id());
    if (!counted.has_unit_cost_amount()) return absl::OkStatus();
    line.set_unit_cost_amount(counted.unit_cost_amount());
    line.set_agreed_unit_amount(counted.unit_cost_amount());
    return absl::OkStatus();
  }
  const v1::PurchaseOrderLine* ordered = OrderLine(order, counted.purchase_order_line_id());
  if (ordered == nullptr) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_RECEIPT_ORDER_LINE)
        .With("number", order == nullptr ? "" : order->number())
        .At(At(i, "purchase_order_line_id"), "订单没有此行", "is no line of the order");
  }
  if (!counted.part_id().empty() && counted.part_id() != ordered->part_id()) {
    return chassis::InvalidField(At(i, "part_id"), "与订单行的配件不同", "is not the part of the order's line");
  }
  if (counted.has_unit_cost_amount()) {
    return chassis::InvalidField(At(i, "unit_cost_amount"), "订单行的价格以订单为准", "is the order's, leave it out");
  }
  line.set_purchase_order_line_id(ordered->purchase_order_line_id());
  line.set_part_id(ordered->part_id());
  line.set_ordered_milli(ordered->quantity_milli());
  line.set_open_milli(ordered->open_milli());
  line.set_unit_cost_amount(ordered->unit_price_amount());
  return absl::OkStatus();
}

// The last line of an order line answers for what is missing of it; the others announced what they brought.
void Announce(const CountedLines& counted, std::vector<v1::GoodsReceiptLine>& lines) {
  std::map<std::string, int64_t> seen;
  for (size_t i = 0; i < lines.size(); ++i) {
    v1::GoodsReceiptLine& line = lines[i];
    const auto& told = counted[static_cast<int>(i)];
    line.set_announced_milli(told.has_announced_milli() ? told.announced_milli() : line.counted_milli());
    const std::string& order_line_id = line.purchase_order_line_id();
    if (order_line_id.empty()) continue;
    const int64_t before = seen[order_line_id];
    line.set_open_milli(std::max<int64_t>(0, line.open_milli() - before));
    seen[order_line_id] += line.counted_milli();
    const bool last = std::none_of(lines.begin() + static_cast<int64_t>(i) + 1, lines.end(),
                                   [&](const auto& later) { return later.purchase_order_line_id() == order_line_id; });
    if (last && !told.has_announced_milli()) {
      line.set_announced_milli(std::max(line.counted_milli(), line.open_milli()));
    }
  }
}

absl::Status InspectLine(const v1::InspectGoodsReceiptRequest::Line& told, const std::string& at,
                         v1::GoodsReceiptLine& line) {
  if (told.accepted_milli() + told.rejected_milli() != line.counted_milli()) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_INSPECTION_DOES_NOT_ADD_UP)
        .With("part", line.part_number())
        .With("accepted", told.accepted_milli())
        .With("rejected", told.rejected_milli())
        .With("counted", line.counted_milli())
        .At(at + ".accepted_milli", "与不合格数量之和须等于实收", "and what is rejected must make what was counted");
  }
  if (told.rejected_milli() > 0 && told.reject_reason().empty()) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_REJECT_REASON_NEEDED)
        .With("part", line.part_number())
        .At(at + ".reject_reason", "必填", "is required");
  }
  line.set_accepted_milli(told.accepted_milli());
  line.set_rejected_milli(told.rejected_milli());
  line.set_reject_reason(told.rejected_milli() > 0 ? told.reject_reason() : "");
  if (!told.location_id().empty()) line.set_location_id(told.location_id());
  return absl::OkStatus();
}

absl::Status CheckPlace(const Places& places, const std::string& location_id, v1::Location::Kind kind,
                        const chassis::Refusal& otherwise, std::string_view field) {
  const auto place = places.find(location_id);
  if (location_id.empty() || place == places.end() || place->second.kind() != kind) return otherwise;
  return CheckBin(place->second, field);
}

Difference DifferenceOf(const v1::GoodsReceiptLine& line, Difference::Kind kind, int64_t quantity_milli,
                        int64_t cost_amount, const std::string& id) {
  Difference difference;
  difference.set_goods_receipt_difference_id(id);
  difference.set_goods_receipt_line_id(line.goods_receipt_line_id());
  difference.set_kind(kind);
  difference.set_part_id(line.part_id());
  difference.set_part_number(line.part_number());
  difference.set_quantity_milli(quantity_milli);
  difference.set_cost_amount(cost_amount);
  difference.set_batch_code(line.batch_code());
  if (kind == Difference::KIND_DAMAGED) difference.set_note(line.reject_reason());
  if (kind != Difference::KIND_SHORT) difference.set_location_id(line.quarantine_location_id());
  return difference;
}

void AddDifferences(const v1::GoodsReceiptLine& line, const std::function<std::string()>& new_id,
                    v1::GoodsReceipt& receipt) {
  const int64_t missing = line.announced_milli() - line.counted_milli();
  if (missing > 0) {
    *receipt.add_differences() = DifferenceOf(line, Difference::KIND_SHORT, missing,
                                              chassis::Extend(line.unit_cost_amount(), missing), new_id());
  }
  const std::vector<int64_t> costs =
      chassis::Split(line.quarantine_cost_amount(), {line.rejected_milli(), line.excess_milli()});
  if (line.rejected_milli() > 0) {
    *receipt.add_differences() =
        DifferenceOf(line, Difference::KIND_DAMAGED, line.rejected_milli(), costs[0], new_id());
  }
  if (line.excess_milli() > 0) {
    const auto kind = line.purchase_order_line_id().empty() ? Difference::KIND_WRONG_PART : Difference::KIND_OVER;
    *receipt.add_differences() = DifferenceOf(line, kind, line.excess_milli(), costs[1], new_id());
  }
}

std::string KindName(Difference::Kind kind) {
  return std::string(chassis::StateName(Difference::Kind_descriptor(), kind));
}
std::string SettlementName(Difference::Settlement settlement) {
  return std::string(chassis::StateName(Difference::Settlement_descriptor(), settlement));
}

}  // namespace

absl::Status CheckOrderTakesGoods(const v1::PurchaseOrder& order) {
  if (order.state() == v1::PurchaseOrder::STATE_SENT || order.state() == v1::PurchaseOrder::STATE_PARTLY_RECEIVED) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::RECEIVING_ERROR_REASON_ORDER_TAKES_NO_GOODS)
      .With("number", order.number())
      .With("state", chassis::StateName(v1::PurchaseOrder::State_descriptor(), order.state()))
      .At("purchase_order_id", "此订单不能收货", "is an order that takes no goods");
}

absl::Status CheckStoreSigns(const Signature& signature, const std::string& field) {
  if (signature.signer_role() != Signature::SIGNER_ROLE_CUSTOMER &&
      signature.signer_role() != Signature::SIGNER_ROLE_CUSTOMER_REPRESENTATIVE) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::RECEIVING_ERROR_REASON_STORE_SIGNS)
      .At(field + ".signer_role", "须为本店人员", "must be somebody of the store");
}

absl::StatusOr<std::vector<v1::GoodsReceiptLine>> Count(const CountedLines& counted, const v1::PurchaseOrder* order,
                                                        const PartsById& parts,
                                                        const std::function<std::string()>& new_id) {
  std::vector<v1::GoodsReceiptLine> lines;
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < counted.size(); ++i) {
    const v1::CountedLine& told = counted[i];
    v1::GoodsReceiptLine& line = lines.emplace_back();
    RETURN_IF_ERROR(Identify(told, i, order, line));
    const auto part = parts.find(line.part_id());
    if (part == parts.end()) return UnknownParts({line.part_id()}, {At(i, "part_id")});
    const std::string& what = line.purchase_order_line_id().empty() ? line.part_id() : line.purchase_order_line_id();
    if (!seen.insert({what, told.batch_code()}).second) {
      return chassis::Refuse(v1::RECEIVING_ERROR_REASON_COUNTED_TWICE)
          .With("part", part->second.part_number())
          .At(absl::StrCat("lines[", i, "]"), "重复", "stands twice");
    }
    if (told.counted_milli() > 0) {
      RETURN_IF_ERROR(CheckQuantity(part->second, told.counted_milli(), At(i, "counted_milli")));
      RETURN_IF_ERROR(
          CheckBatch(part->second, told.counted_milli(), told.batch_code(), absl::StrCat("lines[", i, "]")));
    }
    line.set_goods_receipt_line_id(new_id());
    line.set_part_number(part->second.part_number());
    line.set_name_zh(part->second.name_zh());
    line.set_name_en(part->second.name_en());
    line.set_counted_milli(told.counted_milli());
    line.set_batch_code(told.batch_code());
    line.set_location_id(told.location_id());
  }
  Announce(counted, lines);
  return lines;
}

absl::Status Inspect(const v1::InspectGoodsReceiptRequest& request, const Places& places, v1::GoodsReceipt& receipt) {
  const bool counted = std::any_of(receipt.lines().begin(), receipt.lines().end(),
                                   [](const auto& line) { return line.counted_milli() > 0; });
  if (!counted) return chassis::Refuse(v1::RECEIVING_ERROR_REASON_NOTHING_COUNTED);
  for (v1::GoodsReceiptLine& line : *receipt.mutable_lines()) {
    line.set_accepted_milli(line.counted_milli());
    line.set_rejected_milli(0);
    line.set_excess_milli(0);
    if (line.location_id().empty()) line.set_location_id(request.location_id());
    line.set_quarantine_location_id(request.quarantine_location_id());
  }
  for (int i = 0; i < request.lines_size(); ++i) {
    v1::GoodsReceiptLine* line = FindLine(receipt, request.lines(i).goods_receipt_line_id());
    if (line == nullptr) {
      return chassis::Refuse(v1::RECEIVING_ERROR_REASON_RECEIPT_LINE_UNKNOWN)
          .With("number", receipt.number())
          .At(At(i, "goods_receipt_line_id"), "收货单没有此行", "is no line of the receipt");
    }
    RETURN_IF_ERROR(InspectLine(request.lines(i), absl::StrCat("lines[", i, "]"), *line));
  }
  // By what was open when it was counted; looked at again when it is posted.
  for (v1::GoodsReceiptLine& line : *receipt.mutable_lines()) {
    const bool ordered = !line.purchase_order_line_id().empty();
    const bool free_receipt = receipt.purchase_order_id().empty();
    const int64_t room = ordered ? line.open_milli() : free_receipt ? line.accepted_milli() : 0;
    line.set_excess_milli(std::max<int64_t>(0, line.accepted_milli() - room));
    line.set_accepted_milli(line.accepted_milli() - line.excess_milli());
  }
  return CheckPlaces(places, receipt);
}

void ShareWithOrder(const v1::PurchaseOrder& order, v1::GoodsReceipt& receipt) {
  std::map<std::string, int64_t> open;
  for (const v1::PurchaseOrderLine& line : order.lines()) open[line.purchase_order_line_id()] = line.open_milli();
  for (v1::GoodsReceiptLine& line : *receipt.mutable_lines()) {
    if (line.purchase_order_line_id().empty()) continue;
    int64_t& room = open[line.purchase_order_line_id()];
    const int64_t good = line.accepted_milli() + line.excess_milli();
    line.set_open_milli(room);
    line.set_accepted_milli(std::min(good, room));
    line.set_excess_milli(good - line.accepted_milli());
    room -= line.accepted_milli();
  }
}

absl::Status CheckPlaces(const Places& places, const v1::GoodsReceipt& receipt) {
  for (int i = 0; i < receipt.lines_size(); ++i) {
    const v1::GoodsReceiptLine& line = receipt.lines(i);
    if (line.accepted_milli() > 0) {
      RETURN_IF_ERROR(CheckPlace(places, line.location_id(), v1::Location::KIND_STOCK,
                                 chassis::Refuse(v1::RECEIVING_ERROR_REASON_PUT_AWAY_BIN_NEEDED)
                                     .With("part", line.part_number())
                                     .At("location_id", "须为正常库位", "must be a bin of kind STOCK"),
                                 "location_id"));
    }
    if (QuarantinedMilli(line) == 0) continue;
    RETURN_IF_ERROR(CheckPlace(places, line.quarantine_location_id(), v1::Location::KIND_QUARANTINE,
                               chassis::Refuse(v1::RECEIVING_ERROR_REASON_QUARANTINE_BIN_NEEDED)
                                   .With("part", line.part_number())
                                   .At("quarantine_location_id", "须为隔离库位", "must be a bin of kind QUARANTINE"),
                               "quarantine_location_id"));
  }
  return absl::OkStatus();
}

void PriceReceipt(StocksByPart stocks, const std::function<std::string()>& new_id, v1::GoodsReceipt& receipt) {
  receipt.clear_differences();
  int64_t total = 0;
  for (v1::GoodsReceiptLine& line : *receipt.mutable_lines()) {
    v1::PartStock& stock = stocks.at(line.part_id());
    int64_t unit_amount = 0;
    const int64_t cost = PriceOf(line, unit_amount) ? chassis::Extend(unit_amount, line.counted_milli())
                                                    : CostOfFound(stock, line.counted_milli());
    const std::vector<int64_t> costs = chassis::Split(cost, {line.accepted_milli(), QuarantinedMilli(line)});
    line.set_cost_amount(costs[0]);
    line.set_quarantine_cost_amount(costs[1]);
    line.set_billable_milli(line.accepted_milli());
    stock.set_owned_milli(stock.owned_milli() + line.counted_milli());
    stock.set_value_amount(stock.value_amount() + cost);
    total += cost;
    AddDifferences(line, new_id, receipt);
  }
  receipt.set_cost_amount(total);
}

std::vector<v1::StockMovement> ReceiptMovements(const v1::GoodsReceipt& receipt) {
  const std::string supplier = AccountId(receipt.store_id(), v1::Location::KIND_SUPPLIER);
  std::vector<v1::StockMovement> movements;
  const auto move = [&](const v1::GoodsReceiptLine& line, const std::string& to, int64_t quantity_milli,
                        int64_t cost_amount) {
    if (quantity_milli == 0) return;
    v1::StockMovement& movement = movements.emplace_back();
    movement.set_part_id(line.part_id());
    movement.set_from_location_id(supplier);
    movement.set_to_location_id(to);
    movement.set_quantity_milli(quantity_milli);
    movement.set_cost_amount(cost_amount);
    movement.set_batch_code(line.batch_code());
    movement.set_document_line_id(line.goods_receipt_line_id());
  };
  for (const v1::GoodsReceiptLine& line : receipt.lines()) {
    move(line, line.location_id(), line.accepted_milli(), line.cost_amount());
    move(line, line.quarantine_location_id(), QuarantinedMilli(line), line.quarantine_cost_amount());
  }
  return movements;
}

v1::GoodsReceiptLine* FindLine(v1::GoodsReceipt& receipt, const std::string& goods_receipt_line_id) {
  for (v1::GoodsReceiptLine& line : *receipt.mutable_lines()) {
    if (line.goods_receipt_line_id() == goods_receipt_line_id) return &line;
  }
  return nullptr;
}

v1::GoodsReceiptDifference* FindDifference(v1::GoodsReceipt& receipt, const std::string& difference_id) {
  for (Difference& difference : *receipt.mutable_differences()) {
    if (difference.goods_receipt_difference_id() == difference_id) return &difference;
  }
  return nullptr;
}

absl::Status CheckSettlement(const v1::SettleReceiptDifferenceRequest& request, const Difference& difference) {
  if (difference.settlement() != Difference::SETTLEMENT_UNSPECIFIED) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_DIFFERENCE_SETTLED)
        .With("settlement", SettlementName(difference.settlement()));
  }
  const bool missing = difference.kind() == Difference::KIND_SHORT;
  const bool credit = request.settlement() == Difference::SETTLEMENT_CREDIT;
  // Only what is not there is credited; only what is there goes back.
  if ((missing && request.settlement() == Difference::SETTLEMENT_RETURN) || (!missing && credit)) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_SETTLEMENT_NOT_FOR_DIFFERENCE)
        .With("kind", KindName(difference.kind()))
        .With("settlement", SettlementName(request.settlement()))
        .At("settlement", "不适用于此差异", "does not suit this difference");
  }
  if (credit && (request.credit_note_number().empty() || request.credit_amount() == 0)) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_CREDIT_NOTE_NEEDED)
        .At("credit_note_number", "必填，金额须大于零", "is required, with its amount");
  }
  return absl::OkStatus();
}

bool AllSettled(const v1::GoodsReceipt& receipt) {
  return std::none_of(receipt.differences().begin(), receipt.differences().end(), [](const Difference& difference) {
    return difference.settlement() == Difference::SETTLEMENT_UNSPECIFIED;
  });
}

bool PriceOf(const v1::GoodsReceiptLine& line, int64_t& unit_amount) {
  unit_amount = line.has_agreed_unit_amount() ? line.agreed_unit_amount() : line.unit_cost_amount();
  return line.has_agreed_unit_amount() || !line.purchase_order_line_id().empty();
}

v1::SupplierReturn ReturnOf(const v1::GoodsReceipt& receipt, const v1::GoodsReceiptLine& line,
                            const Difference& difference, Difference::Settlement settlement) {
  v1::SupplierReturn draft;
  draft.set_store_id(receipt.store_id());
  draft.set_supplier_id(receipt.supplier_id());
  draft.set_supplier_name(receipt.supplier_name());
  draft.set_state(v1::SupplierReturn::STATE_DRAFT);
  // What was never accepted is on a bill only when the bill was approved beyond what was accepted.
  const bool billed = line.billed_milli() - line.billable_milli() >= difference.quantity_milli();
  draft.set_settlement(settlement == Difference::SETTLEMENT_REPLACEMENT ? v1::SupplierReturn::SETTLEMENT_REPLACEMENT
                       : billed                                         ? v1::SupplierReturn::SETTLEMENT_CREDIT_NOTE
                                                                        : v1::SupplierReturn::SETTLEMENT_NOT_BILLED);
  v1::SupplierReturnLine& back = *draft.add_lines();
  back.set_goods_receipt_id(receipt.goods_receipt_id());
  back.set_goods_receipt_line_id(line.goods_receipt_line_id());
  back.set_goods_receipt_difference_id(difference.goods_receipt_difference_id());
  back.set_part_id(line.part_id());
  back.set_part_number(line.part_number());
  back.set_name_zh(line.name_zh());
  back.set_name_en(line.name_en());
  back.set_quantity_milli(difference.quantity_milli());
  back.set_location_id(difference.location_id());
  back.set_batch_code(difference.batch_code());
  back.set_expected_amount(difference.cost_amount());
  draft.set_expected_amount(difference.cost_amount());
  return draft;
}

}  // namespace parts
