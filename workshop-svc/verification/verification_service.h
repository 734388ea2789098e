// The team verifies the vehicle before it begins (W-04).
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/job/job_store.h"
#include "workshop-svc/team/team_store.h"
#include "workshop-svc/verification/verification_store.h"

namespace workshop {

class VerificationService {
 public:
  VerificationService(chassis::Rooms& rooms, const VerificationStore& store, const JobStore& jobs,
                      const TeamStore& teams);

  absl::StatusOr<v1::Verification> Verify(chassis::Call& call, const v1::VerifyVehicleRequest& request);

 private:
  const VerificationStore& store_;
  const JobStore& jobs_;
  const TeamStore& teams_;
};

}  // namespace workshop
