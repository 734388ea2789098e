#include "reception-svc/release/release_rules.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "chassis/status/state.h"
#include "chassis/time/clock.h"
#include "reception-svc/repair_order/order_line_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace parts = aftersales::parts::v1;
namespace workshop = aftersales::workshop::v1;

// Stock stays held well beyond the promise: a vehicle in work must not lose its parts to a delay.
constexpr absl::Duration kHeldAfterPromise = absl::Hours(24 * 30);

bool IsApproved(const v1::RepairOrderLine& line) { return line.authorization() == v1::AUTHORIZATION_APPROVED; }

}  // namespace

parts::CreateReservationRequest ReservationFor(const v1::RepairOrder& order, const std::string& replaced_holder_id) {
  parts::CreateReservationRequest request;
  request.set_store_id(order.store_id());
  request.set_holder_kind(parts::Reservation::HOLDER_KIND_REPAIR_ORDER);
  request.set_holder_id(order.repair_order_id());
  request.set_holder_number(order.number());
  request.set_order_id(order.repair_order_id());
  request.set_shortage_policy(parts::SHORTAGE_POLICY_REFUSE);
  request.set_replaces_holder_id(replaced_holder_id);
  *request.mutable_expire_time() = chassis::ToProto(chassis::FromProto(order.promised_time()) + kHeldAfterPromise);
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (!IsApproved(line) || !IsStorePart(line)) continue;
    auto& wanted = *request.add_lines();
    wanted.set_holder_line_id(line.line_id());
    wanted.set_part_id(line.part_id());
    wanted.set_quantity_milli(line.quantity_milli());
  }
  return request;
}

workshop::OrderLine WorkshopLineOf(const v1::RepairOrderLine& line) {
  workshop::OrderLine work;
  work.set_line_id(line.line_id());
  work.set_operation_code(line.operation_code());
  work.set_description(line.description());
  work.set_skill(line.skill());
  work.set_system(line.system());
  work.set_standard_minutes(line.standard_minutes());
  work.set_certificate_code(line.certificate_code());
  work.set_safety_critical(line.safety_critical());
  return work;
}

workshop::CreateJobsRequest JobsFor(const v1::RepairOrder& order, const std::string& slot_holder_id,
                                    const std::optional<v1::WalkAround>& walk_around) {
  workshop::CreateJobsRequest request;
  request.set_store_id(order.store_id());
  request.set_repair_order_id(order.repair_order_id());
  request.set_repair_order_number(order.number());
  request.set_visit_id(order.visit_id());
  request.set_plate(order.plate());
  request.set_vin(order.vin());
  request.set_model_code(order.model_code());
  request.set_work_kind(order.work_kind());
  request.set_adviser(order.adviser());
  *request.mutable_promised_time() = order.promised_time();
  request.set_customer_waits(order.customer_waits());
  request.set_wash_wanted(order.wash_wanted());
  request.set_special_notes(order.workshop_notes());
  request.set_slot_holder_id(slot_holder_id);
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (IsApproved(line) && line.kind() == v1::LINE_KIND_LABOUR) *request.add_lines() = WorkshopLineOf(line);
  }
  request.add_check_in_facts(absl::StrCat("odometer ", order.odometer_km(), " km"));
  if (!walk_around.has_value()) return request;
  for (const v1::BodyMark& mark : walk_around->marks()) {
    request.add_check_in_facts(
        absl::StrCat(std::string(chassis::StateName(v1::BodyMark::Panel_descriptor(), mark.panel())), " ",
                     std::string(chassis::StateName(v1::BodyMark::Kind_descriptor(), mark.kind()))));
  }
  for (const std::string& lamp : walk_around->warning_lamps()) {
    request.add_check_in_facts(absl::StrCat("warning lamp ", lamp));
  }
  return request;
}

std::vector<std::string> HoldersOf(const v1::RepairOrder& order, const std::vector<v1::AddOn>& add_ons) {
  std::vector<std::string> holders = {order.repair_order_id()};
  for (const v1::AddOn& add_on : add_ons) {
    if (add_on.state() == v1::AddOn::STATE_APPROVED) holders.push_back(add_on.add_on_id());
  }
  return holders;
}

}  // namespace reception
