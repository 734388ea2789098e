// Orders and jobs to look at, taken on by the workshop, and ticked off line by line (W-02, W-05).
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/job/job_store.h"

namespace workshop {

class JobService {
 public:
  JobService(chassis::Rooms& rooms, const JobStore& store);

  absl::StatusOr<v1::AcceptJobsResponse> Accept(chassis::Call& call, const v1::AcceptJobsRequest& request);
  absl::StatusOr<v1::Job> MarkLinesDone(chassis::Call& call, const v1::MarkLinesDoneRequest& request);

 private:
  const JobStore& store_;
};

}  // namespace workshop
