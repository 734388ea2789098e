// From one store to another; see transfer_rules.h.
#include "parts-svc/transfer/transfer_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace parts {
namespace {

using Signature = aftersales::common::v1::Signature;
using v1::Transfer;
using v1::TransferItem;
using v1::TransferLine;

chassis::Refusal LineUnknown(const std::string& id) {
  return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_TRANSFER_LINE_UNKNOWN).With("line", id);
}

TransferLine* FindLine(Transfer& half, const std::string& line_id) {
  for (TransferLine& line : *half.mutable_lines()) {
    if (line.transfer_line_id() == line_id) return &line;
  }
  return nullptr;
}
const TransferItem* FindItem(const Transfer& half, const std::string& item_id) {
  for (const TransferItem& item : half.items()) {
    if (item.transfer_item_id() == item_id) return &item;
  }
  return nullptr;
}

TransferLine LineOf(const v1::Part& part, int64_t quantity_milli, const std::string& id) {
  TransferLine line;
  line.set_transfer_line_id(id);
  line.set_part_id(part.part_id());
  line.set_part_number(part.part_number());
  line.set_name_zh(part.name_zh());
  line.set_name_en(part.name_en());
  line.set_quantity_milli(quantity_milli);
  return line;
}

// What a transfer still promises of a line, as far as it knows.
int64_t Promised(const Transfer& transfer, const TransferLine& line) {
  switch (transfer.state()) {
    case Transfer::STATE_REQUESTED:
      return line.quantity_milli();
    case Transfer::STATE_APPROVED:
      return line.approved_milli();
    case Transfer::STATE_SHIPPED:
    case Transfer::STATE_RECEIVING:
      return line.shipped_milli();
    default:
      return 0;
  }
}

v1::StockMovement MovementOf(const TransferItem& item, const std::string& from, const std::string& to,
                             int64_t quantity_milli, int64_t cost_amount) {
  v1::StockMovement movement;
  movement.set_part_id(item.part_id());
  movement.set_from_location_id(from);
  movement.set_to_location_id(to);
  movement.set_quantity_milli(quantity_milli);
  movement.set_cost_amount(cost_amount);
  movement.set_batch_code(item.batch_code());
  movement.set_document_line_id(item.transfer_item_id());
  return movement;
}

// The cost of goods that leave the store; the next ones of the part start from what remains.
int64_t TakeOut(StocksByPart& stocks, const std::string& part_id, int64_t quantity_milli) {
  v1::PartStock& stock = stocks.at(part_id);
  const int64_t cost = CostOf(stock, quantity_milli);
  stock.set_owned_milli(stock.owned_milli() - quantity_milli);
  stock.set_value_amount(stock.value_amount() - cost);
  return cost;
}

void AddReceived(Transfer& half, TransferItem& item, int64_t quantity_milli, int64_t cost_amount) {
  item.set_received_milli(item.received_milli() + quantity_milli);
  item.set_cost_amount(item.cost_amount() + cost_amount);
  half.set_cost_amount(half.cost_amount() + cost_amount);
  if (TransferLine* line = FindLine(half, item.transfer_line_id()); line != nullptr) {
    line->set_received_milli(line->received_milli() + quantity_milli);
  }
}

absl::Status CloseIfSettled(Transfer& half) {
  const bool open = std::any_of(half.items().begin(), half.items().end(), IsOpen);
  if (!open) return chassis::MoveTo(half, Transfer::STATE_CLOSED);
  if (half.state() == Transfer::STATE_DIFFERENCES_OPEN) return absl::OkStatus();
  return chassis::MoveTo(half, Transfer::STATE_DIFFERENCES_OPEN);
}

bool BringsGoods(TransferItem::Settlement settlement) {
  return settlement == TransferItem::SETTLEMENT_RECEIVED_AFTER_ALL ||
         settlement == TransferItem::SETTLEMENT_SHIPPED_IN_ADDITION;
}

bool Fits(TransferItem::Settlement settlement, int64_t difference_milli) {
  const bool more =
      settlement == TransferItem::SETTLEMENT_SHIPPED_IN_ADDITION || settlement == TransferItem::SETTLEMENT_SENT_BACK;
  return more ? difference_milli > 0 : difference_milli < 0;
}

// The box as the receiving store sees it: its own parts, no bins yet.
void TakeOverShipment(const Transfer& supplying, Transfer& receiving) {
  receiving.set_carrier(supplying.carrier());
  receiving.set_tracking_number(supplying.tracking_number());
  *receiving.mutable_ship_time() = supplying.ship_time();
  receiving.clear_items();
  for (const TransferItem& packed : supplying.items()) {
    TransferItem& item = *receiving.add_items();
    item.set_transfer_item_id(packed.transfer_item_id());
    item.set_transfer_line_id(packed.transfer_line_id());
    item.set_part_number(packed.part_number());
    item.set_batch_code(packed.batch_code());
    item.set_shipped_milli(packed.shipped_milli());
    if (TransferLine* line = FindLine(receiving, packed.transfer_line_id()); line != nullptr) {
      item.set_part_id(line->part_id());
      item.set_part_number(line->part_number());
      line->set_shipped_milli(line->shipped_milli() + packed.shipped_milli());
    }
  }
}

void TakeOverApproval(const Transfer& supplying, Transfer& receiving) {
  receiving.set_approver(supplying.approver());
  *receiving.mutable_approve_time() = supplying.approve_time();
  for (const TransferLine& approved : supplying.lines()) {
    if (TransferLine* line = FindLine(receiving, approved.transfer_line_id()); line != nullptr) {
      line->set_approved_milli(approved.approved_milli());
    }
  }
}

}  // namespace

absl::Status CheckSide(const Transfer& half, Transfer::Side side) {
  if (half.side() == side) return absl::OkStatus();
  return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_WRONG_SIDE);
}

absl::Status CheckStaff(const Signature& signature) {
  if (signature.signer_role() != Signature::SIGNER_ROLE_CUSTOMER &&
      signature.signer_role() != Signature::SIGNER_ROLE_CUSTOMER_REPRESENTATIVE) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_SIGNER_NOT_STAFF)
      .At("signature.signer_role", "须为本店员工", "must be one of the store's staff");
}

absl::StatusOr<std::vector<TransferLine>> LinesFrom(const v1::RequestTransferRequest& request, const PartsById& parts,
                                                    const std::function<std::string()>& new_id) {
  if (request.lines().empty()) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_TRANSFER_EMPTY).At("lines", "必填", "are required");
  }
  std::vector<TransferLine> lines;
  std::vector<std::string> missing, fields;
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& wanted = request.lines(i);
    const auto part = parts.find(wanted.part_id());
    if (part == parts.end()) {
      missing.push_back(wanted.part_id());
      fields.push_back(absl::StrCat("lines[", i, "].part_id"));
      continue;
    }
    RETURN_IF_ERROR(
        CheckQuantity(part->second, wanted.quantity_milli(), absl::StrCat("lines[", i, "].quantity_milli")));
    lines.push_back(LineOf(part->second, wanted.quantity_milli(), new_id()));
  }
  if (!missing.empty()) return UnknownParts(missing, fields);
  return lines;
}

absl::StatusOr<std::vector<TransferLine>> ShortLines(const v1::Reservation& reservation,
                                                     const std::vector<Transfer>& earlier, const PartsById& parts,
                                                     const std::function<std::string()>& new_id) {
  std::map<std::string, int64_t> promised;
  for (const Transfer& transfer : earlier) {
    for (const TransferLine& line : transfer.lines()) promised[line.reservation_line_id()] += Promised(transfer, line);
  }
  std::vector<TransferLine> lines;
  for (const v1::ReservationLine& held : reservation.lines()) {
    const int64_t wanted = held.short_milli() - promised[held.reservation_line_id()];
    if (wanted <= 0) continue;
    TransferLine& line = lines.emplace_back(LineOf(parts.at(held.part_id()), wanted, new_id()));
    line.set_reservation_line_id(held.reservation_line_id());
  }
  if (!lines.empty()) return lines;
  return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_NOTHING_TO_TRANSFER)
      .At("reservation_id", "没有待调拨的缺货", "has nothing short to ask for");
}

absl::StatusOr<Transfer> SupplyingHalf(const Transfer& receiving, const std::map<std::string, v1::Part>& parts) {
  Transfer half;
  half.set_store_id(receiving.other_store_id());
  half.set_transfer_id(receiving.transfer_id());
  half.set_number(receiving.number());
  half.set_side(Transfer::SIDE_SUPPLYING);
  half.set_other_store_id(receiving.store_id());
  half.set_state(Transfer::STATE_REQUESTED);
  half.set_reason(receiving.reason());
  half.set_requester(receiving.requester());
  *half.mutable_needed_time() = receiving.needed_time();
  std::vector<std::string> missing, fields;
  for (int i = 0; i < receiving.lines_size(); ++i) {
    const TransferLine& wanted = receiving.lines(i);
    const auto part = parts.find(wanted.part_number());
    if (part == parts.end()) {
      missing.push_back(wanted.part_number());
      fields.push_back(absl::StrCat("lines[", i, "].part_id"));
      continue;
    }
    RETURN_IF_ERROR(
        CheckQuantity(part->second, wanted.quantity_milli(), absl::StrCat("lines[", i, "].quantity_milli")));
    *half.add_lines() = LineOf(part->second, wanted.quantity_milli(), wanted.transfer_line_id());
  }
  if (!missing.empty()) return UnknownParts(missing, fields);
  return half;
}

absl::Status Approve(const v1::ApproveTransferRequest& request, const PartsById& parts, Transfer& half) {
  if (request.lines().empty()) {
    for (TransferLine& line : *half.mutable_lines()) line.set_approved_milli(line.quantity_milli());
    return absl::OkStatus();
  }
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& wanted = request.lines(i);
    const std::string at = absl::StrCat("lines[", i, "]");
    TransferLine* line = FindLine(half, wanted.transfer_line_id());
    if (line == nullptr) {
      return LineUnknown(wanted.transfer_line_id()).At(at + ".transfer_line_id", "没有此行", "does not exist");
    }
    RETURN_IF_ERROR(CheckQuantity(parts.at(line->part_id()), wanted.approved_milli(), at + ".approved_milli"));
    line->set_approved_milli(line->approved_milli() + wanted.approved_milli());
    if (line->approved_milli() <= line->quantity_milli()) continue;
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_APPROVED_TOO_MUCH)
        .With("part", line->part_number())
        .With("wanted", line->quantity_milli())
        .With("approved", line->approved_milli())
        .At(at + ".approved_milli", "超过申请数量", "is more than was asked for");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::IssueLine>> Wanted(const v1::ShipTransferRequest& request, const Transfer& half,
                                                  const PartsById& parts, const std::function<std::string()>& new_id) {
  v1::ShipTransferRequest all = request;
  if (all.lines().empty()) {
    for (const TransferLine& line : half.lines()) {
      if (line.approved_milli() == 0) continue;
      auto& wanted = *all.add_lines();
      wanted.set_transfer_line_id(line.transfer_line_id());
      wanted.set_quantity_milli(line.approved_milli());
    }
  }
  std::map<std::string, int64_t> shipped;
  std::vector<v1::IssueLine> lines;
  for (int i = 0; i < all.lines_size(); ++i) {
    const auto& wanted = all.lines(i);
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto source = std::find_if(half.lines().begin(), half.lines().end(), [&](const TransferLine& line) {
      return line.transfer_line_id() == wanted.transfer_line_id();
    });
    if (source == half.lines().end()) {
      return LineUnknown(wanted.transfer_line_id()).At(at + ".transfer_line_id", "没有此行", "does not exist");
    }
    const v1::Part& part = parts.at(source->part_id());
    RETURN_IF_ERROR(CheckQuantity(part, wanted.quantity_milli(), at + ".quantity_milli"));
    // Which batch goes out first is chosen with the bins, unless one is asked for.
    const bool batch_chosen = part.tracking() == v1::Part::TRACKING_BATCH && wanted.batch_code().empty();
    if (!batch_chosen) RETURN_IF_ERROR(CheckBatch(part, wanted.quantity_milli(), wanted.batch_code(), at));
    int64_t& sum = shipped[wanted.transfer_line_id()];
    sum += wanted.quantity_milli();
    if (sum > source->approved_milli()) {
      return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_SHIPPED_TOO_MUCH)
          .With("part", source->part_number())
          .With("approved", source->approved_milli())
          .With("shipped", sum)
          .At(at + ".quantity_milli", "超过批准数量", "is more than was approved");
    }
    v1::IssueLine& line = lines.emplace_back();
    line.set_issue_line_id(new_id());
    line.set_holder_line_id(wanted.transfer_line_id());
    line.set_part_id(part.part_id());
    line.set_part_number(part.part_number());
    line.set_quantity_milli(wanted.quantity_milli());
    line.set_location_id(wanted.location_id());
    line.set_batch_code(wanted.batch_code());
  }
  return lines;
}

std::vector<v1::StockMovement> Pack(const std::vector<v1::IssueLine>& picked, StocksByPart stocks, Transfer& half) {
  std::vector<v1::StockMovement> movements;
  for (const v1::IssueLine& line : picked) {
    TransferItem& item = *half.add_items();
    item.set_transfer_item_id(line.issue_line_id());
    item.set_transfer_line_id(line.holder_line_id());
    item.set_part_id(line.part_id());
    item.set_part_number(line.part_number());
    item.set_batch_code(line.batch_code());
    item.set_location_id(line.location_id());
    item.set_shipped_milli(line.quantity_milli());
    if (TransferLine* wanted = FindLine(half, line.holder_line_id()); wanted != nullptr) {
      wanted->set_shipped_milli(wanted->shipped_milli() + line.quantity_milli());
    }
    // Both bins are the store's: the cost is for show, the value stays.
    movements.push_back(MovementOf(item, line.location_id(), half.transit_location_id(), line.quantity_milli(),
                                   CostOf(stocks.at(line.part_id()), line.quantity_milli())));
  }
  return movements;
}

absl::Status TakeCount(const v1::ReceiveTransferRequest& request, Transfer& half) {
  for (int i = 0; i < request.items_size(); ++i) {
    const auto& counted = request.items(i);
    TransferItem* found = nullptr;
    for (TransferItem& item : *half.mutable_items()) {
      if (item.transfer_item_id() == counted.transfer_item_id()) found = &item;
    }
    if (found == nullptr) {
      return LineUnknown(counted.transfer_item_id())
          .At(absl::StrCat("items[", i, "].transfer_item_id"), "没有此项", "does not exist");
    }
    found->set_counted_milli(counted.counted_milli());
    found->set_location_id(counted.location_id());
  }
  for (const TransferItem& item : half.items()) {
    if (item.has_counted_milli()) continue;
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_ITEM_NOT_COUNTED)
        .With("part", item.part_number())
        .At("items", "每一项都须点数", "must hold every item of the box");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::StockMovement>> BookOut(const Transfer& receiving, const std::string& account_id,
                                                       StocksByPart stocks, Transfer& supplying) {
  std::vector<v1::StockMovement> movements;
  for (TransferItem& item : *supplying.mutable_items()) {
    const TransferItem* arrived = FindItem(receiving, item.transfer_item_id());
    if (arrived == nullptr) return absl::InternalError("the halves of a transfer hold different boxes");
    item.set_counted_milli(arrived->counted_milli());
    const int64_t received = std::min(item.counted_milli(), item.shipped_milli());
    if (received == 0) continue;
    const int64_t cost = TakeOut(stocks, item.part_id(), received);
    movements.push_back(MovementOf(item, supplying.transit_location_id(), account_id, received, cost));
    AddReceived(supplying, item, received, cost);
  }
  *supplying.mutable_receive_time() = receiving.receive_time();
  RETURN_IF_ERROR(CloseIfSettled(supplying));
  return movements;
}

absl::StatusOr<std::vector<v1::StockMovement>> BookIn(const Transfer& supplying, const std::string& account_id,
                                                      Transfer& receiving) {
  std::vector<v1::StockMovement> movements;
  for (TransferItem& item : *receiving.mutable_items()) {
    const TransferItem* left = FindItem(supplying, item.transfer_item_id());
    if (left == nullptr) return absl::InternalError("the halves of a transfer hold different boxes");
    // A settlement may have followed already; it is taken over by itself.
    const bool settled = BringsGoods(left->settlement());
    const int64_t received = left->received_milli() - (settled ? left->settled_milli() : 0);
    const int64_t cost = left->cost_amount() - (settled ? left->settled_amount() : 0);
    if (received == 0) continue;
    movements.push_back(MovementOf(item, account_id, item.location_id(), received, cost));
    AddReceived(receiving, item, received, cost);
  }
  RETURN_IF_ERROR(CloseIfSettled(receiving));
  return movements;
}

int64_t DifferenceOf(const TransferItem& item) { return item.counted_milli() - item.shipped_milli(); }

bool IsOpen(const TransferItem& item) {
  return item.has_counted_milli() && DifferenceOf(item) != 0 &&
         item.settlement() == TransferItem::SETTLEMENT_UNSPECIFIED;
}

absl::StatusOr<std::vector<v1::StockMovement>> Settle(const v1::SettleTransferDifferenceRequest& request,
                                                      const Accounts& accounts, const StocksByPart& stocks,
                                                      Transfer& half) {
  TransferItem* item = nullptr;
  for (TransferItem& one : *half.mutable_items()) {
    if (one.transfer_item_id() == request.transfer_item_id()) item = &one;
  }
  if (item == nullptr) {
    return LineUnknown(request.transfer_item_id()).At("transfer_item_id", "没有此项", "does not exist");
  }
  const int64_t difference = DifferenceOf(*item);
  if (!IsOpen(*item) || !Fits(request.settlement(), difference)) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_SETTLEMENT_DOES_NOT_FIT)
        .With("part", item->part_number())
        .With("difference", IsOpen(*item) ? difference : 0)
        .At("settlement", "与差异不符", "does not fit the difference");
  }
  const int64_t quantity = difference < 0 ? -difference : difference;
  const std::string bin = request.location_id().empty() ? item->location_id() : request.location_id();
  item->set_settlement(request.settlement());
  item->set_settlement_reason(request.reason());
  std::vector<v1::StockMovement> movements;
  const int64_t cost = CostOf(stocks.at(item->part_id()), quantity);
  switch (request.settlement()) {
    case TransferItem::SETTLEMENT_FOUND:
      movements.push_back(MovementOf(*item, half.transit_location_id(), bin, quantity, cost));
      break;
    case TransferItem::SETTLEMENT_WRITTEN_OFF:
      movements.push_back(MovementOf(*item, half.transit_location_id(), accounts.variance_id, quantity, cost));
      break;
    case TransferItem::SETTLEMENT_RECEIVED_AFTER_ALL:
      movements.push_back(MovementOf(*item, half.transit_location_id(), accounts.transfer_id, quantity, cost));
      break;
    case TransferItem::SETTLEMENT_SHIPPED_IN_ADDITION:
      movements.push_back(MovementOf(*item, bin, accounts.transfer_id, quantity, cost));
      break;
    default:
      break;
  }
  if (!movements.empty()) {
    item->set_settled_milli(quantity);
    item->set_settled_amount(cost);
    movements.back().set_reason(request.reason());
  }
  if (BringsGoods(request.settlement())) AddReceived(half, *item, quantity, cost);
  RETURN_IF_ERROR(CloseIfSettled(half));
  return movements;
}

absl::StatusOr<std::vector<v1::StockMovement>> Follow(const Transfer& supplying, const std::string& account_id,
                                                      Transfer& receiving) {
  std::vector<v1::StockMovement> movements;
  if (receiving.state() == Transfer::STATE_RECEIVING) {
    return absl::UnavailableError("the receiving half is being booked");
  }
  if (supplying.state() == Transfer::STATE_REJECTED || supplying.state() == Transfer::STATE_CANCELLED) {
    if (receiving.state() == supplying.state() || receiving.state() == Transfer::STATE_CANCELLED) return movements;
    receiving.set_close_reason(supplying.close_reason());
    RETURN_IF_ERROR(chassis::MoveTo(receiving, supplying.state()));
    return movements;
  }
  if (supplying.state() == Transfer::STATE_REQUESTED) return movements;
  if (receiving.state() == Transfer::STATE_REQUESTED) {
    TakeOverApproval(supplying, receiving);
    RETURN_IF_ERROR(chassis::MoveTo(receiving, Transfer::STATE_APPROVED));
  }
  if (supplying.state() == Transfer::STATE_APPROVED) return movements;
  if (receiving.state() == Transfer::STATE_APPROVED) {
    TakeOverShipment(supplying, receiving);
    RETURN_IF_ERROR(chassis::MoveTo(receiving, Transfer::STATE_SHIPPED));
  }
  if (receiving.state() != Transfer::STATE_DIFFERENCES_OPEN) return movements;
  for (TransferItem& item : *receiving.mutable_items()) {
    const TransferItem* settled = FindItem(supplying, item.transfer_item_id());
    if (settled == nullptr) return absl::InternalError("the halves of a transfer hold different boxes");
    if (!IsOpen(item) || settled->settlement() == TransferItem::SETTLEMENT_UNSPECIFIED) continue;
    item.set_settlement(settled->settlement());
    item.set_settlement_reason(settled->settlement_reason());
    item.set_settled_milli(settled->settled_milli());
    item.set_settled_amount(settled->settled_amount());
    if (!BringsGoods(settled->settlement())) continue;
    movements.push_back(
        MovementOf(item, account_id, item.location_id(), settled->settled_milli(), settled->settled_amount()));
    AddReceived(receiving, item, settled->settled_milli(), settled->settled_amount());
  }
  RETURN_IF_ERROR(CloseIfSettled(receiving));
  return movements;
}

int64_t InTransit(const TransferItem& item, Transfer::State state) {
  if (state == Transfer::STATE_SHIPPED) return item.shipped_milli();
  if (state != Transfer::STATE_DIFFERENCES_OPEN || !IsOpen(item)) return 0;
  return std::max<int64_t>(0, -DifferenceOf(item));
}

}  // namespace parts
