// Which lines of reservations are ordered specially, and what a purchase order does to the special orders it serves
// (P-08). Pure.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/parts/v1/special_order.pb.h"
#include "parts-svc/purchase_order/purchase_order_rules.h"

namespace parts {

// Special orders for the short lines of `reservations`, still without a supplier: those named, or all when none is.
// `on_order` are the lines that have one already. NOTHING_SHORT, LINE_NOT_SHORT.
absl::StatusOr<std::vector<v1::SpecialOrder>> DraftSpecialOrders(const std::vector<v1::Reservation>& reservations,
                                                                 const std::vector<std::string>& line_ids,
                                                                 const std::set<std::string>& on_order,
                                                                 const std::string& creator,
                                                                 const std::function<std::string()>& new_id);

// Somebody still waits for it.
bool IsAlive(const v1::SpecialOrder& special);

// A line of `order` serves it from now on.
absl::Status PutOnOrder(const v1::PurchaseOrder& order, const v1::PurchaseOrderLine& line, v1::SpecialOrder& special);

// Brings it in line with the purchase order that serves it: how much came, when the rest should, and that it waits
// again when nothing more will come. `reason` is why the purchase order changed.
absl::Status Follow(const v1::PurchaseOrder& order, std::string_view reason, absl::Time now, v1::SpecialOrder& special);

// Nobody waits for it any more: given up, or, when goods are on their way, free stock to come.
absl::Status Release(std::string_view reason, v1::SpecialOrder& special);

// What lines must still keep for special orders somebody waits for.
PromisesByLine PromisesOf(const std::vector<v1::SpecialOrder>& specials);

// The reservation was replaced by another one of `line`: the special order goes with it.
void MoveToLine(const v1::Reservation& reservation, const v1::ReservationLine& line, v1::SpecialOrder& special);

}  // namespace parts
