// Repair orders, lines and their surroundings in the language of the trade, for the tests of rules.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "aftersales/reception/v1/add_on.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"
#include "chassis/stores/stores.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"
#include "reception-svc/repair_order/repair_order_rules.h"

namespace reception {

inline const absl::Time kNow = absl::FromUnixSeconds(1795222800);  // 2026-11-21 01:00 UTC, 09:00 in Shanghai
inline constexpr char kToday[] = "2026-11-21";

inline aftersales::reception::v1::RepairOrderLine Line(const std::string& id, int64_t net_amount) {
  namespace common = aftersales::common::v1;
  aftersales::reception::v1::RepairOrderLine line;
  line.set_line_id(id);
  line.set_tax_basis_points(1300);
  line.set_net_amount(net_amount);
  line.set_tax_amount(chassis::Portion(net_amount, 1300));
  line.set_gross_amount(line.net_amount() + line.tax_amount());
  line.set_pay_type(common::PAY_TYPE_CUSTOMER_PAY);
  line.set_coverage(aftersales::reception::v1::COVERAGE_OUT_OF_WARRANTY);
  line.set_authorization(aftersales::reception::v1::AUTHORIZATION_PROPOSED);
  return line;
}
// An hour of work.
inline aftersales::reception::v1::RepairOrderLine Labour(const std::string& id, const std::string& code,
                                                         int64_t hourly_amount) {
  auto line = Line(id, hourly_amount);
  line.set_kind(aftersales::reception::v1::LINE_KIND_LABOUR);
  line.set_operation_code(code);
  line.set_description("labour " + code);
  line.set_skill(aftersales::common::v1::SKILL_MECHANICAL);
  line.set_standard_minutes(60);
  line.set_quantity_milli(1000);
  line.set_unit("hour");
  line.set_unit_amount(hourly_amount);
  return line;
}
inline aftersales::reception::v1::RepairOrderLine Part(const std::string& id, const std::string& number,
                                                       int64_t unit_amount, int64_t quantity_milli) {
  auto line = Line(id, chassis::Extend(unit_amount, quantity_milli));
  line.set_kind(aftersales::reception::v1::LINE_KIND_PART);
  line.set_part_number(number);
  line.set_part_id("part " + number);
  line.set_description("part " + number);
  line.set_supply_source(aftersales::common::v1::SUPPLY_SOURCE_STORE_ORIGINAL);
  line.set_quantity_milli(quantity_milli);
  line.set_unit("piece");
  line.set_unit_amount(unit_amount);
  return line;
}

// One hour at 200.00 and two filters at 50.00: 300.00 net, 39.00 tax, 339.00 gross.
inline aftersales::reception::v1::RepairOrder ADraft() {
  aftersales::reception::v1::RepairOrder order;
  order.set_store_id("store");
  order.set_repair_order_id("order");
  order.set_number("SH01-RO-20261121-0001");
  order.set_state(aftersales::reception::v1::RepairOrder::STATE_DRAFT);
  order.set_revision(1);
  order.set_currency_code("CNY");
  order.set_odometer_km(48210);
  order.set_old_parts_wish(aftersales::reception::v1::OLD_PARTS_WISH_TAKE);
  order.set_repair_class(aftersales::reception::v1::REPAIR_CLASS_MINOR);
  *order.add_lines() = Labour("labour", "BRK-101", 20000);
  *order.add_lines() = Part("filter", "FLT-1", 5000, 2000);
  SetTotals(order);
  return order;
}
// Estimated, promised in four hours.
inline aftersales::reception::v1::RepairOrder AnEstimatedOrder() {
  auto order = ADraft();
  order.set_state(aftersales::reception::v1::RepairOrder::STATE_ESTIMATED);
  order.set_estimate_id("estimate");
  order.set_estimate_count(1);
  order.set_estimate_valid_until_date("2026-11-28");
  *order.mutable_feasible_time() = chassis::ToProto(kNow + absl::Hours(3));
  *order.mutable_promised_time() = chassis::ToProto(kNow + absl::Hours(4));
  *order.mutable_agreed_time() = order.promised_time();
  return order;
}
inline aftersales::reception::v1::RepairOrder ASignedOrder() {
  auto order = AnEstimatedOrder();
  order.set_state(aftersales::reception::v1::RepairOrder::STATE_SIGNED);
  order.mutable_signature()->set_evidence("pad:1");
  ApproveLines(order);
  return order;
}
inline aftersales::reception::v1::RepairOrder AReleasedOrder() {
  auto order = ASignedOrder();
  order.set_state(aftersales::reception::v1::RepairOrder::STATE_RELEASED);
  *order.mutable_release_time() = chassis::ToProto(kNow);
  return order;
}
inline aftersales::reception::v1::RepairOrder ACompletedOrder() {
  auto order = AReleasedOrder();
  order.set_state(aftersales::reception::v1::RepairOrder::STATE_COMPLETED);
  order.mutable_handover()->set_key_tag("17");
  *order.mutable_take_back()->mutable_complete_time() = chassis::ToProto(kNow + absl::Hours(3));
  return order;
}

// The workshop is through with these lines: all inspections passed, leader signed.
inline aftersales::workshop::v1::OrderProgress AllDone(const std::vector<std::string>& line_ids) {
  aftersales::workshop::v1::OrderProgress progress;
  for (const std::string& id : line_ids) {
    auto& line = *progress.add_lines();
    line.set_line_id(id);
    line.set_done(true);
  }
  progress.set_work_begun(true);
  progress.set_self_check_passed(true);
  progress.set_leader_check_passed(true);
  progress.set_final_inspection_passed(true);
  progress.mutable_leader_signature()->set_evidence("pad:2");
  return progress;
}

// Brake pads found worn: half an hour and one set, 100.00 + 300.00 net.
inline aftersales::reception::v1::AddOn AnOfferedAddOn() {
  aftersales::reception::v1::AddOn add_on;
  add_on.set_store_id("store");
  add_on.set_add_on_id("add-on");
  add_on.set_number("SH01-ADD-20261121-0001");
  add_on.set_state(aftersales::reception::v1::AddOn::STATE_OFFERED);
  add_on.set_repair_order_id("order");
  add_on.set_description("front brake pads worn");
  add_on.set_safety_critical(true);
  add_on.set_quote_number(1);
  *add_on.mutable_create_time() = chassis::ToProto(kNow);
  const auto convert = [&](const aftersales::reception::v1::RepairOrderLine& line) {
    add_on.add_lines()->ParseFromString(line.SerializeAsString());
    add_on.mutable_lines(add_on.lines_size() - 1)->DiscardUnknownFields();
    add_on.set_total_amount(add_on.total_amount() + line.gross_amount());
  };
  convert(Labour("add-labour", "BRK-201", 10000));
  convert(Part("pads", "PAD-1", 30000, 1000));
  return add_on;
}

inline aftersales::common::v1::Signature ByCustomer() {
  aftersales::common::v1::Signature signature;
  signature.set_signer_name("王建华");
  signature.set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_CUSTOMER);
  signature.set_method(aftersales::common::v1::Signature::AUTHORIZATION_METHOD_IN_PERSON_DIGITAL_SIGNATURE);
  signature.set_evidence("pad:1");
  return signature;
}

inline aftersales::common::v1::StoreSettings Settings() { return chassis::WithDefaults({}); }

}  // namespace reception
