// The dispatch desk (W-03): queue, proposals, assignment. What it decides by stands in dispatch_rules.h.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/bay/bay_store.h"
#include "workshop-svc/dispatch/dispatch_rules.h"
#include "workshop-svc/job/job_store.h"
#include "workshop-svc/schedule/schedule_store.h"
#include "workshop-svc/staff/staff_store.h"
#include "workshop-svc/verification/verification_store.h"

namespace workshop {

struct DispatchStores {
  const JobStore& jobs;
  const StaffStore& staff;
  const BayStore& bays;
  const ScheduleStore& schedule;
  const VerificationStore& verifications;
};

class DispatchService {
 public:
  DispatchService(chassis::Rooms& rooms, DispatchStores stores);

  absl::StatusOr<v1::ListDispatchQueueResponse> ListQueue(chassis::Call& call,
                                                          const v1::ListDispatchQueueRequest& request);
  absl::Status WatchQueue(chassis::Call& call, const v1::WatchDispatchQueueRequest& request,
                          chassis::Writer<v1::WatchDispatchQueueResponse>& writer);
  absl::StatusOr<v1::ProposeAssignmentResponse> Propose(chassis::Call& call,
                                                        const v1::ProposeAssignmentRequest& request);
  absl::StatusOr<v1::Job> AssignJob(chassis::Call& call, const v1::AssignJobRequest& request);

 private:
  absl::StatusOr<std::vector<v1::QueueEntry>> Queue(chassis::Call& call);
  absl::StatusOr<std::vector<CandidateFacts>> FactsFor(chassis::sql::Session& session, const OrderFile& file,
                                                       const v1::Job& job, const OpeningHours& hours, absl::Time now);
  // BAY_UNSUITABLE.
  absl::Status CheckBay(chassis::sql::Session& session, const std::string& store_id, const std::string& bay_id,
                        common::Skill skill);

  DispatchStores stores_;
};

}  // namespace workshop
