// Special orders and what serves them; see special_order_rules.h.
#include "parts-svc/special_order/special_order_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace parts {
namespace {

const v1::PurchaseOrderLine* LineFor(const v1::PurchaseOrder& order, const v1::SpecialOrder& special) {
  for (const v1::PurchaseOrderLine& line : order.lines()) {
    if (line.purchase_order_line_id() == special.purchase_order_line_id()) return &line;
  }
  return nullptr;
}

void TakeOffOrder(v1::SpecialOrder& special) {
  special.clear_purchase_order_id();
  special.clear_purchase_order_line_id();
  special.clear_purchase_order_number();
  special.clear_expected_date();
}

}  // namespace

absl::StatusOr<std::vector<v1::SpecialOrder>> DraftSpecialOrders(const std::vector<v1::Reservation>& reservations,
                                                                 const std::vector<std::string>& line_ids,
                                                                 const std::set<std::string>& on_order,
                                                                 const std::string& creator,
                                                                 const std::function<std::string()>& new_id) {
  std::set<std::string> left(line_ids.begin(), line_ids.end());
  std::vector<v1::SpecialOrder> specials;
  for (const v1::Reservation& reservation : reservations) {
    for (const v1::ReservationLine& line : reservation.lines()) {
      if (!line_ids.empty() && left.count(line.reservation_line_id()) == 0) continue;
      if (line.short_milli() == 0 || on_order.count(line.reservation_line_id()) > 0) continue;
      left.erase(line.reservation_line_id());
      v1::SpecialOrder& special = specials.emplace_back();
      special.set_store_id(reservation.store_id());
      special.set_special_order_id(new_id());
      special.set_state(v1::SpecialOrder::STATE_WAITING);
      special.set_part_id(line.part_id());
      special.set_part_number(line.part_number());
      special.set_quantity_milli(line.short_milli());
      special.set_creator(creator);
      MoveToLine(reservation, line, special);
    }
  }
  if (!left.empty()) {
    const auto at = std::find(line_ids.begin(), line_ids.end(), *left.begin()) - line_ids.begin();
    return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_LINE_NOT_SHORT)
        .With("line", *left.begin())
        .At(absl::StrCat("reservation_line_ids[", at, "]"), "不缺料或已专订", "is not short, or on order already");
  }
  if (specials.empty()) {
    return chassis::Refuse(v1::PROCUREMENT_ERROR_REASON_NOTHING_SHORT)
        .At("holder_id", "没有缺料的预留行", "has no line that is short");
  }
  return specials;
}

bool IsAlive(const v1::SpecialOrder& special) {
  return special.state() == v1::SpecialOrder::STATE_WAITING || special.state() == v1::SpecialOrder::STATE_ORDERED;
}

absl::Status PutOnOrder(const v1::PurchaseOrder& order, const v1::PurchaseOrderLine& line, v1::SpecialOrder& special) {
  RETURN_IF_ERROR(chassis::MoveTo(special, v1::SpecialOrder::STATE_ORDERED));
  special.set_purchase_order_id(order.purchase_order_id());
  special.set_purchase_order_line_id(line.purchase_order_line_id());
  special.set_purchase_order_number(order.number());
  special.set_expected_date(line.expected_date());
  special.set_received_milli(0);
  special.clear_state_reason();
  return absl::OkStatus();
}

absl::Status Follow(const v1::PurchaseOrder& order, std::string_view reason, absl::Time now,
                    v1::SpecialOrder& special) {
  const v1::PurchaseOrderLine* line = LineFor(order, special);
  const int64_t come = line == nullptr ? 0 : line->received_milli();
  const int64_t to_come = line == nullptr || IsEnded(order) ? 0 : line->open_milli();
  special.set_received_milli(std::min(come, special.quantity_milli()));
  if (come >= special.quantity_milli()) {
    RETURN_IF_ERROR(chassis::MoveTo(special, v1::SpecialOrder::STATE_ARRIVED));
    *special.mutable_arrive_time() = chassis::ToProto(now);
    special.clear_open_reservation_line_id();
    return absl::OkStatus();
  }
  if (come + to_come >= special.quantity_milli()) {
    special.set_expected_date(line->expected_date());
    return absl::OkStatus();
  }
  special.set_state_reason(std::string(reason));
  if (special.state() == v1::SpecialOrder::STATE_UNCLAIMED) {
    return chassis::MoveTo(special, v1::SpecialOrder::STATE_CANCELLED);
  }
  RETURN_IF_ERROR(chassis::MoveTo(special, v1::SpecialOrder::STATE_WAITING));
  // What came of it is in stock; only the rest is wanted anew.
  special.set_quantity_milli(special.quantity_milli() - come);
  special.set_received_milli(0);
  TakeOffOrder(special);
  return absl::OkStatus();
}

absl::Status Release(std::string_view reason, v1::SpecialOrder& special) {
  const bool on_its_way = special.state() == v1::SpecialOrder::STATE_ORDERED;
  RETURN_IF_ERROR(
      chassis::MoveTo(special, on_its_way ? v1::SpecialOrder::STATE_UNCLAIMED : v1::SpecialOrder::STATE_CANCELLED));
  special.set_state_reason(std::string(reason));
  special.clear_open_reservation_line_id();
  return absl::OkStatus();
}

PromisesByLine PromisesOf(const std::vector<v1::SpecialOrder>& specials) {
  PromisesByLine promises;
  for (const v1::SpecialOrder& special : specials) {
    if (special.state() != v1::SpecialOrder::STATE_ORDERED) continue;
    promises[special.purchase_order_line_id()] = {special.quantity_milli(), special.holder_number()};
  }
  return promises;
}

void MoveToLine(const v1::Reservation& reservation, const v1::ReservationLine& line, v1::SpecialOrder& special) {
  special.set_reservation_id(reservation.reservation_id());
  special.set_reservation_line_id(line.reservation_line_id());
  special.set_open_reservation_line_id(line.reservation_line_id());
  special.set_holder_kind(reservation.holder_kind());
  special.set_holder_id(reservation.holder_id());
  special.set_holder_number(reservation.holder_number());
  special.set_order_id(reservation.order_id());
  *special.mutable_needed_time() = line.needed_time();
}

}  // namespace parts
