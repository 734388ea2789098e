// Bays of the workshop: kept by the standard methods, closed and opened with a reason (W-01).
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/bay/bay_store.h"
#include "workshop-svc/schedule/schedule_store.h"

namespace workshop {

class BayService {
 public:
  BayService(chassis::Rooms& rooms, const BayStore& store, const ScheduleStore& schedule);

  absl::StatusOr<v1::Bay> Close(chassis::Call& call, const v1::CloseBayRequest& request);
  absl::StatusOr<v1::Bay> Open(chassis::Call& call, const v1::OpenBayRequest& request);

 private:
  const BayStore& store_;
  const ScheduleStore& schedule_;
};

}  // namespace workshop
