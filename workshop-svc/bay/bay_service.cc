// See bay_service.h.
#include "workshop-svc/bay/bay_service.h"

#include "aftersales/workshop/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"

namespace workshop {

BayService::BayService(chassis::Rooms& rooms, const BayStore& store, const ScheduleStore& schedule)
    : store_(store), schedule_(schedule) {
  rooms.rpcs.Standard<v1::Bay>(store_.bays(), [](chassis::UnitOfWork&, const v1::Bay* before, v1::Bay& after) {
    if (before == nullptr) after.set_state(v1::Bay::STATE_OPEN);
    return absl::OkStatus();
  });
  rooms.rpcs.On(this, &BayService::Close);
  rooms.rpcs.On(this, &BayService::Open);
}

absl::StatusOr<v1::Bay> BayService::Close(chassis::Call& call, const v1::CloseBayRequest& request) {
  return call.Transact<v1::Bay>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Bay> {
    ASSIGN_OR_RETURN(const v1::Bay before, store_.bays().Lock(work, work.store_id(), request.bay_id()));
    ASSIGN_OR_RETURN(const int64_t holds,
                     schedule_.HoldsOnBay(work.sql(), work.store_id(), request.bay_id(), work.now()));
    if (holds > 0) {
      return chassis::Refuse(v1::ERROR_REASON_BAY_HAS_HOLDS)
          .With("count", holds)
          .At("bay_id", "还有预留时段", "has slots held on it");
    }
    v1::Bay after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::Bay::STATE_CLOSED));
    after.set_close_reason(request.reason());
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.bays().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::Bay> BayService::Open(chassis::Call& call, const v1::OpenBayRequest& request) {
  return call.Transact<v1::Bay>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Bay> {
    ASSIGN_OR_RETURN(const v1::Bay before, store_.bays().Lock(work, work.store_id(), request.bay_id()));
    v1::Bay after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::Bay::STATE_OPEN));
    after.clear_close_reason();
    RETURN_IF_ERROR(store_.bays().Update(work, before, after));
    return after;
  });
}

}  // namespace workshop
