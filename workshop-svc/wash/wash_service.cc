// See wash_service.h.
#include "workshop-svc/wash/wash_service.h"

#include "aftersales/workshop/v1/events.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "workshop-svc/job/order_changes.h"
#include "workshop-svc/wash/wash_rules.h"

namespace workshop {

WashService::WashService(chassis::Rooms& rooms, const WashStore& store, const JobStore& jobs)
    : store_(store), jobs_(jobs) {
  rooms.rpcs.Standard<v1::Wash>(store_.washes());
  rooms.rpcs.On(this, &WashService::Start);
  rooms.rpcs.On(this, &WashService::FinishWash);
  rooms.rpcs.On(this, &WashService::ParkVehicle);
}

absl::StatusOr<v1::Wash> WashService::Start(chassis::Call& call, const v1::StartWashRequest& request) {
  return call.Transact<v1::Wash>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Wash> {
    ASSIGN_OR_RETURN(const OrderFile file, jobs_.LockOrder(work, request.repair_order_id()));
    ASSIGN_OR_RETURN(const std::optional<v1::Wash> running,
                     store_.Running(work.sql(), work.store_id(), request.repair_order_id()));
    RETURN_IF_ERROR(RequireWashable(file.order, running.has_value()));
    v1::Wash wash = NewWash(file.order, work.NewId(), call.identity().subject);
    RETURN_IF_ERROR(store_.washes().Insert(work, wash));
    v1::WashStarted event;
    event.set_repair_order_id(wash.repair_order_id());
    event.set_wash_id(wash.wash_id());
    event.set_adviser(file.order.adviser());
    work.Publish(event, DocumentOf(file.order));
    return wash;
  });
}

absl::StatusOr<v1::Wash> WashService::FinishWash(chassis::Call& call, const v1::FinishWashRequest& request) {
  return call.Transact<v1::Wash>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Wash> {
    ASSIGN_OR_RETURN(const OrderFile before, jobs_.LockOrder(work, request.repair_order_id()));
    ASSIGN_OR_RETURN(const std::optional<v1::Wash> running,
                     store_.Running(work.sql(), work.store_id(), request.repair_order_id()));
    if (!running.has_value()) {
      return chassis::Refuse(v1::ERROR_REASON_WASH_NOT_STARTED)
          .At("repair_order_id", "洗车尚未开始", "has no wash under way");
    }
    OrderFile file = before;
    v1::Wash wash = *running;
    RETURN_IF_ERROR(Finish(wash, file.order, request, call.identity().subject, work.now()));
    RETURN_IF_ERROR(store_.washes().Update(work, *running, wash));
    RETURN_IF_ERROR(SaveOrder(work, jobs_, before, file));
    return wash;
  });
}

absl::StatusOr<v1::WorkshopOrder> WashService::ParkVehicle(chassis::Call& call, const v1::ParkVehicleRequest& request) {
  return call.Transact<v1::WorkshopOrder>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::WorkshopOrder> {
    ASSIGN_OR_RETURN(const OrderFile before, jobs_.LockOrder(work, request.repair_order_id()));
    OrderFile file = before;
    RETURN_IF_ERROR(Park(file.order, request.parking_place()));
    RETURN_IF_ERROR(SaveOrder(work, jobs_, before, file));
    return file.order;
  });
}

}  // namespace workshop
