// See wash_rules.h.
#include "workshop-svc/wash/wash_rules.h"

#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace workshop {
namespace {

using chassis::Refuse;

absl::Status RequireInspected(const v1::WorkshopOrder& order) {
  if (!order.final_inspection_id().empty()) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_FINAL_INSPECTION_MISSING)
      .At("repair_order_id", "尚未通过终检", "has not passed the final inspection");
}

}  // namespace

absl::Status RequireWashable(const v1::WorkshopOrder& order, bool washing) {
  if (!order.wash_wanted()) {
    return Refuse(v1::ERROR_REASON_WASH_NOT_WANTED).At("repair_order_id", "客户未要求洗车", "wants no wash");
  }
  if (washing || order.wash_done()) {
    return Refuse(v1::ERROR_REASON_WASH_UNDER_WAY)
        .At("repair_order_id", "正在洗或已洗完", "is being washed or has been");
  }
  RETURN_IF_ERROR(RequireOpen(order));
  return RequireInspected(order);
}

v1::Wash NewWash(const v1::WorkshopOrder& order, const std::string& wash_id, const std::string& subject) {
  v1::Wash wash;
  wash.set_store_id(order.store_id());
  wash.set_wash_id(wash_id);
  wash.set_repair_order_id(order.repair_order_id());
  wash.set_state(v1::Wash::STATE_WASHING);
  wash.set_started_by(subject);
  return wash;
}

bool IsCleanEverywhere(const v1::WashResult& result) {
  return result.paint_clean() && result.cabin_clean() && result.boot_clean() && result.engine_bay_clean();
}

absl::Status Finish(v1::Wash& wash, v1::WorkshopOrder& order, const v1::FinishWashRequest& request,
                    const std::string& subject, absl::Time now) {
  *wash.mutable_result() = request.result();
  wash.set_finished_by(subject);
  *wash.mutable_finish_time() = chassis::ToProto(now);
  if (!IsCleanEverywhere(request.result())) return chassis::MoveTo(wash, v1::Wash::STATE_FAILED);
  if (request.parking_place().empty()) {
    return Refuse(v1::ERROR_REASON_PARKING_PLACE_MISSING).At("parking_place", "须填写车位号", "is needed");
  }
  RETURN_IF_ERROR(chassis::MoveTo(wash, v1::Wash::STATE_CLEAN));
  order.set_wash_done(true);
  order.set_parking_place(request.parking_place());
  return absl::OkStatus();
}

absl::Status Park(v1::WorkshopOrder& order, const std::string& parking_place) {
  RETURN_IF_ERROR(RequireInspected(order));
  order.set_parking_place(parking_place);
  return absl::OkStatus();
}

}  // namespace workshop
