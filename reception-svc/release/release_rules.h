// What goes to parts-svc and workshop-svc when an order is released or given up. Pure: builds requests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/reception/v1/add_on.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"

namespace reception {

// Approved store parts of the order; without request_id. No lines: nothing to reserve.
aftersales::parts::v1::CreateReservationRequest ReservationFor(const aftersales::reception::v1::RepairOrder& order,
                                                               const std::string& replaced_holder_id);
// Approved labour of the order; without request_id.
aftersales::workshop::v1::CreateJobsRequest JobsFor(
    const aftersales::reception::v1::RepairOrder& order, const std::string& slot_holder_id,
    const std::optional<aftersales::reception::v1::WalkAround>& walk_around);
aftersales::workshop::v1::OrderLine WorkshopLineOf(const aftersales::reception::v1::RepairOrderLine& line);

// Whose reservations hold stock for the order: itself and its approved add-ons.
std::vector<std::string> HoldersOf(const aftersales::reception::v1::RepairOrder& order,
                                   const std::vector<aftersales::reception::v1::AddOn>& add_ons);

}  // namespace reception
