// Washing and parking (W-10).
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/job/job_store.h"
#include "workshop-svc/wash/wash_store.h"

namespace workshop {

class WashService {
 public:
  WashService(chassis::Rooms& rooms, const WashStore& store, const JobStore& jobs);

  absl::StatusOr<v1::Wash> Start(chassis::Call& call, const v1::StartWashRequest& request);
  absl::StatusOr<v1::Wash> FinishWash(chassis::Call& call, const v1::FinishWashRequest& request);
  absl::StatusOr<v1::WorkshopOrder> ParkVehicle(chassis::Call& call, const v1::ParkVehicleRequest& request);

 private:
  const WashStore& store_;
  const JobStore& jobs_;
};

}  // namespace workshop
