// See order_changes.h.
#include "workshop-svc/job/order_changes.h"

#include "absl/strings/numbers.h"
#include "aftersales/workshop/v1/events.pb.h"
#include "chassis/status/status.h"

namespace workshop {
namespace {

void PublishStage(chassis::UnitOfWork& work, const v1::WorkshopOrder& order) {
  v1::OrderStageChanged changed;
  changed.set_repair_order_id(order.repair_order_id());
  changed.set_stage(order.stage());
  work.Publish(changed, DocumentOf(order));
}

}  // namespace

chassis::DocumentRef DocumentOf(const v1::WorkshopOrder& order) {
  int64_t version = 0;
  if (!absl::SimpleAtoi(order.etag(), &version)) version = 0;
  return {"workshop_order", order.repair_order_id(), version};
}

absl::Status InsertOrder(chassis::UnitOfWork& work, const JobStore& store, OrderFile& file) {
  Settle(file, work.now());
  RETURN_IF_ERROR(store.Insert(work, file));
  PublishStage(work, file.order);
  return absl::OkStatus();
}

absl::Status SaveOrder(chassis::UnitOfWork& work, const JobStore& store, const OrderFile& before, OrderFile& after) {
  const bool finished = Settle(after, work.now());
  RETURN_IF_ERROR(store.Update(work, before, after));
  if (before.order.stage() != after.order.stage()) PublishStage(work, after.order);
  if (!finished) return absl::OkStatus();
  v1::OrderFinished event;
  event.set_repair_order_id(after.order.repair_order_id());
  *event.mutable_complete_time() = after.order.complete_time();
  event.set_parking_place(after.order.parking_place());
  work.Publish(event, DocumentOf(after.order));
  return absl::OkStatus();
}

}  // namespace workshop
