#include "reception-svc/visit/visit_rules.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "reception-svc/appointment/appointment_rules.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;

namespace {

// The three-piece set; the gear lever's cover makes it four and is left out where there is no lever.
constexpr v1::WalkAround::Cover kThreePieceSet[] = {v1::WalkAround::COVER_SEAT, v1::WalkAround::COVER_STEERING_WHEEL,
                                                    v1::WalkAround::COVER_FLOOR_MAT};

std::string CoverName(v1::WalkAround::Cover cover) {
  return v1::WalkAround::Cover_Name(cover).substr(sizeof("COVER_") - 1);
}

}  // namespace

absl::Status Arrive(v1::Appointment& appointment, v1::Visit& visit, absl::Time now) {
  if (appointment.plate() != visit.plate()) {
    return chassis::Refuse(v1::ERROR_REASON_APPOINTMENT_OF_OTHER_VEHICLE)
        .With("number", appointment.number())
        .With("plate", appointment.plate())
        .At("appointment_id", "车牌不符", "is for another plate");
  }
  RETURN_IF_ERROR(chassis::MoveTo(appointment, v1::Appointment::STATE_ARRIVED));
  *appointment.mutable_arrive_time() = chassis::ToProto(now);
  appointment.set_visit_id(visit.visit_id());
  visit.set_appointment_id(appointment.appointment_id());
  visit.set_customer_id(appointment.customer_id());
  visit.set_vehicle_id(appointment.vehicle_id());
  visit.set_model_code(appointment.model_code());
  visit.set_model_name(appointment.model_name());
  visit.set_adviser(appointment.adviser());
  visit.set_purpose(v1::Visit::PURPOSE_APPOINTMENT);
  return absl::OkStatus();
}

absl::Status Greet(v1::Visit& visit, const std::string& adviser, const std::string& earlier_waiting_plate,
                   const std::string& out_of_order_reason, const common::StoreSettings& settings, absl::Time now) {
  RETURN_IF_ERROR(chassis::MoveTo(visit, v1::Visit::STATE_GREETED));
  if (!earlier_waiting_plate.empty() && out_of_order_reason.empty()) {
    return chassis::Refuse(v1::ERROR_REASON_GREETING_OUT_OF_ORDER)
        .With("plate", earlier_waiting_plate)
        .At("out_of_order_reason", "越序接待须说明原因", "is needed to greet out of order");
  }
  if (!earlier_waiting_plate.empty()) visit.set_out_of_order_reason(out_of_order_reason);
  const absl::Duration waited = std::max(now - chassis::FromProto(visit.arrival_time()), absl::ZeroDuration());
  *visit.mutable_greet_time() = chassis::ToProto(now);
  visit.set_greeting_seconds(static_cast<int32_t>(std::min<int64_t>(absl::ToInt64Seconds(waited), 1'000'000)));
  visit.set_greeted_in_time(waited <= absl::Seconds(settings.greeting_seconds()));
  visit.set_adviser(adviser);
  return absl::OkStatus();
}

absl::Status Link(v1::Visit& visit, const aftersales::crm::v1::CheckInSummary& summary, const std::string& customer_id,
                  const std::string& plate_reason) {
  if (summary.customer_id() != customer_id) {
    return chassis::Refuse(v1::ERROR_REASON_CUSTOMER_NOT_OF_VEHICLE)
        .At("customer_id", "与车辆档案的客户不符", "is not the customer of the vehicle's archive");
  }
  if (summary.plate() != visit.plate()) {
    if (plate_reason.empty()) {
      return chassis::Refuse(v1::ERROR_REASON_PLATE_DIFFERS)
          .With("seen", visit.plate())
          .With("known", summary.plate())
          .At("plate_reason", "车牌不符须说明原因", "is needed because the plates differ");
    }
    visit.set_plate(summary.plate());
    if (visit.has_present_plate()) visit.set_present_plate(summary.plate());
    visit.set_plate_reason(plate_reason);
  }
  visit.set_customer_id(summary.customer_id());
  visit.set_vehicle_id(summary.vehicle_id());
  visit.set_vin(summary.vin());
  visit.set_model_code(summary.model_code());
  visit.set_model_name(summary.model_name());
  return absl::OkStatus();
}

absl::Status CheckWalkAround(const v1::RecordWalkAroundRequest& request, int last_odometer_km) {
  std::vector<std::string> missing;
  for (const v1::WalkAround::Cover cover : kThreePieceSet) {
    if (std::find(request.covers().begin(), request.covers().end(), cover) == request.covers().end()) {
      missing.push_back(CoverName(cover));
    }
  }
  if (!missing.empty()) {
    return chassis::Refuse(v1::ERROR_REASON_COVERS_MISSING)
        .With("missing", absl::StrJoin(missing, ", "))
        .At("covers", "防护件不全", "the set is not complete");
  }
  if (request.odometer_km() < last_odometer_km && request.odometer_reason().empty()) {
    return chassis::Refuse(v1::ERROR_REASON_ODOMETER_LOWER)
        .With("reading", request.odometer_km())
        .With("last", last_odometer_km)
        .At("odometer_reason", "里程低于上次，须说明原因", "is needed because the reading is lower than the last");
  }
  return absl::OkStatus();
}

absl::Status CheckBelongings(const v1::RecordBelongingsRequest& request) {
  if (!request.valuables_advice_given()) {
    return chassis::Refuse(v1::ERROR_REASON_VALUABLES_ADVICE_MISSING)
        .At("valuables_advice_given", "须先提醒客户", "advise the customer first");
  }
  const bool boxed = std::any_of(request.items().begin(), request.items().end(),
                                 [](const v1::Belongings::Item& item) { return item.in_box(); });
  if (boxed && request.box_seal_number().empty()) {
    return chassis::Refuse(v1::ERROR_REASON_BOX_SEAL_MISSING)
        .At("box_seal_number", "有装箱物品时必填", "is required when something lies in the box");
  }
  if (!IsCustomers(request.signature())) {
    return chassis::Refuse(v1::ERROR_REASON_CUSTOMER_MUST_SIGN)
        .At("signature.signer_role", "须为客户或其代理人", "must be the customer or a representative");
  }
  return absl::OkStatus();
}

absl::Status CheckStillOpen(const v1::Visit& visit) {
  RETURN_IF_ERROR(chassis::RequireState(visit, {v1::Visit::STATE_GREETED, v1::Visit::STATE_OPEN}));
  if (visit.repair_order_id().empty()) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_VISIT_HAS_REPAIR_ORDER)
      .At("visit_id", "已开委托书，接车记录不再更改", "its repair order rests on the check-in as recorded");
}

std::vector<std::string> MissingFromCheckIn(const v1::Visit& visit, bool walk_around, bool belongings, bool custody) {
  std::vector<std::string> missing;
  if (visit.customer_id().empty() || visit.vehicle_id().empty()) missing.push_back("customer");
  if (!walk_around) missing.push_back("walk_around");
  if (!belongings) missing.push_back("belongings");
  if (!custody) missing.push_back("custody");
  return missing;
}

absl::Status CheckCheckedIn(const v1::Visit& visit, bool walk_around, bool belongings, bool custody) {
  RETURN_IF_ERROR(chassis::RequireState(visit, {v1::Visit::STATE_OPEN}));
  if (visit.customer_id().empty() || visit.vehicle_id().empty()) {
    return chassis::Refuse(v1::ERROR_REASON_CUSTOMER_NOT_LINKED)
        .At("visit_id", "须先关联客户和车辆档案", "link customer and vehicle first");
  }
  const std::vector<std::string> missing = MissingFromCheckIn(visit, walk_around, belongings, custody);
  if (missing.empty()) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_CHECK_IN_INCOMPLETE)
      .With("missing", absl::StrJoin(missing, ", "))
      .At("visit_id", "接车检查未完成", "the check-in is not complete");
}

absl::Status CheckClosing(const v1::Visit& visit, v1::Visit::Outcome outcome) {
  if (!visit.repair_order_id().empty()) {
    return chassis::Refuse(v1::ERROR_REASON_VISIT_HAS_REPAIR_ORDER)
        .At("visit_id", "须按交车流程结束", "ends with its delivery");
  }
  if (outcome == v1::Visit::OUTCOME_DELIVERED) {
    return chassis::Refuse(v1::ERROR_REASON_OUTCOME_NOT_FOR_CLOSING)
        .At("outcome", "由交车流程记录", "is recorded by the delivery");
  }
  return absl::OkStatus();
}

}  // namespace reception
