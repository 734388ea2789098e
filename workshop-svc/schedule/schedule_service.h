// Slots and capacity for reception and for the workshop's own calendar (R-02, R-25, W-01).
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/job/job_store.h"
#include "workshop-svc/schedule/schedule_store.h"

namespace workshop {

class ScheduleService {
 public:
  ScheduleService(chassis::Rooms& rooms, const ScheduleStore& store, const StaffStore& staff, const JobStore& jobs);

  absl::StatusOr<v1::SearchSlotsResponse> Search(chassis::Call& call, const v1::SearchSlotsRequest& request);
  absl::StatusOr<v1::SlotHold> Hold(chassis::Call& call, const v1::HoldSlotRequest& request);
  absl::StatusOr<v1::ReleaseSlotResponse> Release(chassis::Call& call, const v1::ReleaseSlotRequest& request);
  absl::StatusOr<v1::ListCapacityResponse> ListCapacity(chassis::Call& call, const v1::ListCapacityRequest& request);
  absl::StatusOr<v1::ForecastCompletionResponse> Forecast(chassis::Call& call,
                                                          const v1::ForecastCompletionRequest& request);

 private:
  absl::StatusOr<v1::SlotHold> TakePlace(chassis::UnitOfWork& work, const v1::HoldSlotRequest& request,
                                         const OpeningHours& hours) const;

  const ScheduleStore& store_;
  const StaffStore& staff_;
  const JobStore& jobs_;
};

}  // namespace workshop
