// Decisions at delivery; see the header.
#include "reception-svc/delivery/delivery_rules.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "reception-svc/coverage/coverage_rules.h"
#include "reception-svc/payment/payment_rules.h"
#include "reception-svc/repair_order/repair_order_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
using chassis::Refuse;

std::string StepsMissing(const v1::DeliverVehicleRequest& request) {
  std::vector<std::string> missing;
  if (!request.work_explained()) missing.push_back("work_explained");
  if (!request.joint_walk_around()) missing.push_back("joint_walk_around");
  if (!request.keys_returned()) missing.push_back("keys_returned");
  if (!request.papers_returned()) missing.push_back("papers_returned");
  return absl::StrJoin(missing, ", ");
}

// Item by item against the check-in's list.
std::string ItemsMissing(const v1::DeliverVehicleRequest& request, const v1::Belongings& belongings) {
  std::map<std::string, int64_t> returned;
  for (const v1::ReturnedItem& item : request.returned_items()) returned[item.name()] += item.count();
  std::map<std::string, int64_t> taken;
  for (const auto& item : belongings.items()) taken[item.description()] += item.count();
  std::vector<std::string> missing;
  for (const auto& [name, count] : taken) {
    const int64_t lack = count - returned[name];
    if (lack > 0) missing.push_back(absl::StrCat(name, " x", lack));
  }
  return absl::StrJoin(missing, ", ");
}

absl::Status CheckOldParts(v1::OldPartsOutcome outcome, v1::OldPartsWish wish) {
  const bool kept = outcome == v1::OLD_PARTS_OUTCOME_NONE || wish == v1::OLD_PARTS_WISH_DISCARD ||
                    outcome == v1::OLD_PARTS_OUTCOME_HANDED_OVER ||
                    (wish == v1::OLD_PARTS_WISH_INSPECT_AND_LEAVE && outcome == v1::OLD_PARTS_OUTCOME_SHOWN);
  if (kept) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_OLD_PARTS_AGAINST_WISH)
      .With("wish", v1::OldPartsWish_Name(wish))
      .At("old_parts_outcome", "与客户意愿不符", "is not what the customer wished");
}

std::string FileMissing(const BusinessFile& file) {
  std::vector<std::string> missing;
  if (!file.walk_around.has_value()) missing.push_back("walk-around 环检单");
  if (!file.belongings.has_value()) missing.push_back("belongings list 随车物品清单");
  if (!file.order.has_signature()) missing.push_back("signed repair order 任务委托书");
  if (!file.order.has_handover()) missing.push_back("handover 交接记录");
  if (!file.order.has_take_back()) missing.push_back("take-back 接回记录");
  if (!file.settlement.has_value()) missing.push_back("settlement 结算单");
  return absl::StrJoin(missing, ", ");
}

bool HadMaintenance(const v1::RepairOrder& order) {
  return order.work_kind() == aftersales::common::v1::WORK_KIND_MAINTENANCE ||
         order.repair_class() == v1::REPAIR_CLASS_FIRST_LEVEL_MAINTENANCE ||
         order.repair_class() == v1::REPAIR_CLASS_SECOND_LEVEL_MAINTENANCE;
}

}  // namespace

absl::Status CheckDelivery(const v1::DeliverVehicleRequest& request, const BusinessFile& file) {
  RETURN_IF_ERROR(chassis::RequireState(file.order, {v1::RepairOrder::STATE_SETTLED}));
  RETURN_IF_ERROR(CheckSignedByCustomer(request.signature(), "signature.signer_role"));
  if (const std::string missing = StepsMissing(request); !missing.empty()) {
    return Refuse(v1::ERROR_REASON_DELIVERY_INCOMPLETE)
        .With("missing", missing)
        .At(missing.substr(0, missing.find(',')), "须完成", "must be done");
  }
  RETURN_IF_ERROR(CheckOldParts(request.old_parts_outcome(), file.order.old_parts_wish()));
  if (request.odometer_km() < file.order.odometer_km()) {
    return Refuse(v1::ERROR_REASON_ODOMETER_BELOW_CHECK_IN)
        .With("km", file.order.odometer_km())
        .At("odometer_km", "低于接车里程", "is below the check-in");
  }
  if (const std::string missing = FileMissing(file); !missing.empty()) {
    return Refuse(v1::ERROR_REASON_BUSINESS_FILE_INCOMPLETE)
        .With("missing", missing)
        .At("repair_order_id", "档案不完整", "its file is not complete");
  }
  if (const std::string missing = ItemsMissing(request, *file.belongings); !missing.empty()) {
    return Refuse(v1::ERROR_REASON_BELONGINGS_MISSING)
        .With("items", missing)
        .At("returned_items", "物品未还清", "items are missing");
  }
  if (!file.gate_pass.has_value()) {
    return Refuse(v1::ERROR_REASON_GATE_PASS_MISSING).At("repair_order_id", "未签发出门证", "has no gate pass");
  }
  return absl::OkStatus();
}

NextMaintenance NextMaintenanceAfter(const v1::RepairOrder& order, int32_t odometer_km, const std::string& today,
                                     const aftersales::crm::v1::CheckInSummary& known,
                                     const aftersales::common::v1::StoreSettings& settings) {
  if (!HadMaintenance(order) && !known.next_maintenance_date().empty()) {
    return {known.next_maintenance_date(), known.next_maintenance_km()};
  }
  return {AddMonths(today, settings.next_maintenance_months()), odometer_km + settings.next_maintenance_km()};
}

Guarantee GuaranteeOf(v1::RepairClass repair_class) {
  switch (repair_class) {
    case v1::REPAIR_CLASS_COMPLETE:
    case v1::REPAIR_CLASS_ASSEMBLY:
      return {.days = 100, .km = 20000};
    case v1::REPAIR_CLASS_SECOND_LEVEL_MAINTENANCE:
      return {.days = 30, .km = 5000};
    default:
      return {.days = 10, .km = 2000};
  }
}

v1::Delivery MakeDelivery(const v1::DeliverVehicleRequest& request, const BusinessFile& file,
                          const NextMaintenance& next, const std::string& time_zone, absl::Time now) {
  v1::Delivery delivery;
  delivery.set_store_id(file.order.store_id());
  delivery.set_repair_order_id(file.order.repair_order_id());
  delivery.set_visit_id(file.order.visit_id());
  delivery.set_settlement_id(file.settlement->settlement_id());
  delivery.set_gate_pass_id(file.gate_pass->gate_pass_id());
  delivery.set_old_parts_outcome(request.old_parts_outcome());
  delivery.set_walk_around_remarks(request.walk_around_remarks());
  *delivery.mutable_returned_items() = request.returned_items();
  delivery.set_odometer_km(request.odometer_km());
  delivery.set_next_maintenance_date(next.date);
  delivery.set_next_maintenance_km(next.km);
  delivery.set_repair_class(file.order.repair_class());
  // The law counts from completion, not from pick-up.
  const auto& take_back = file.order.take_back();
  const absl::Time completed = take_back.has_complete_time() ? chassis::FromProto(take_back.complete_time()) : now;
  const Guarantee guarantee = GuaranteeOf(file.order.repair_class());
  delivery.set_guarantee_until_date(chassis::CivilDate(completed + absl::Hours(24) * guarantee.days, time_zone));
  delivery.set_guarantee_until_km(file.order.odometer_km() + guarantee.km);
  delivery.set_satisfaction_score(request.satisfaction_score());
  delivery.set_preferred_contact_time(request.preferred_contact_time());
  return delivery;
}

v1::VehicleDelivered DeliveredFact(const BusinessFile& file, const v1::Delivery& delivery, absl::Time now) {
  const v1::Settlement& settlement = *file.settlement;
  v1::VehicleDelivered fact;
  fact.set_visit_id(file.order.visit_id());
  fact.set_visit_number(file.visit.number());
  fact.set_repair_order_id(file.order.repair_order_id());
  fact.set_repair_order_number(file.order.number());
  fact.set_customer_id(file.order.customer_id());
  fact.set_vehicle_id(file.order.vehicle_id());
  fact.set_odometer_km(delivery.odometer_km());
  *fact.mutable_delivery_time() = chassis::ToProto(now);
  fact.set_work_kind(file.order.work_kind());
  fact.set_adviser(file.order.adviser());
  for (const v1::SettlementLine& line : settlement.lines()) {
    if (line.quantity_milli() == 0) continue;
    if (line.kind() == v1::LINE_KIND_LABOUR) {
      auto& work = *fact.add_works();
      work.set_operation_code(line.code());
      work.set_description(line.description());
      work.set_system(line.system());
      work.set_standard_minutes(line.standard_minutes());
    } else {
      auto& part = *fact.add_parts();
      part.set_part_number(line.code());
      part.set_display_name(line.description());
      part.set_quantity_milli(line.quantity_milli());
    }
  }
  for (const v1::DeclinedWork& declined : settlement.declined_works()) {
    auto& kept = *fact.add_declined();
    kept.set_description(declined.description());
    kept.set_safety_critical(declined.safety_critical());
    kept.set_add_on_id(declined.add_on_id());
    kept.set_system(declined.system());
    kept.set_offered_amount(declined.offered_amount());
  }
  fact.set_labour_amount(settlement.labour_amount());
  fact.set_parts_amount(settlement.parts_amount());
  fact.set_total_amount(settlement.total_amount());
  fact.set_currency_code(settlement.currency_code());
  fact.set_next_maintenance_date(delivery.next_maintenance_date());
  fact.set_next_maintenance_km(delivery.next_maintenance_km());
  fact.set_satisfaction_score(delivery.satisfaction_score());
  fact.set_preferred_contact_time(delivery.preferred_contact_time());
  return fact;
}

}  // namespace reception
