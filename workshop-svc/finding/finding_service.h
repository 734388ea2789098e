// Findings, the answers to them, and delays (W-08, R-32, R-33).
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/finding/finding_store.h"
#include "workshop-svc/job/job_store.h"
#include "workshop-svc/team/team_store.h"

namespace workshop {

class FindingService {
 public:
  FindingService(chassis::Rooms& rooms, const FindingStore& store, const JobStore& jobs, const TeamStore& teams);

  absl::StatusOr<v1::Finding> Raise(chassis::Call& call, const v1::RaiseFindingRequest& request);
  absl::StatusOr<v1::Finding> Withdraw(chassis::Call& call, const v1::WithdrawFindingRequest& request);
  absl::StatusOr<v1::AddOnDecision> AcknowledgeDecision(chassis::Call& call,
                                                        const v1::AcknowledgeDecisionRequest& request);
  absl::StatusOr<v1::DelayReport> ReportDelay(chassis::Call& call, const v1::ReportDelayRequest& request);

 private:
  // The assigned technician, the leader of the job's team, the technical director.
  absl::Status RequireConcerned(chassis::Call& call, chassis::UnitOfWork& work, const v1::Job& job) const;

  const FindingStore& store_;
  const JobStore& jobs_;
  const TeamStore& teams_;
};

}  // namespace workshop
