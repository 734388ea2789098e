// Planning the repair and asking the parts counter for what the order holds (W-07).
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/job/job_store.h"
#include "workshop-svc/repair_plan/repair_plan_rules.h"
#include "workshop-svc/repair_plan/repair_plan_store.h"

namespace workshop {

class RepairPlanService {
 public:
  RepairPlanService(chassis::Rooms& rooms, const RepairPlanStore& store, const JobStore& jobs);

  absl::StatusOr<v1::Job> Plan(chassis::Call& call, const v1::PlanRepairRequest& request);
  absl::StatusOr<v1::PartRequest> RequestParts(chassis::Call& call, const v1::RequestPartsRequest& request);
  absl::StatusOr<v1::PartRequest> CancelRequest(chassis::Call& call, const v1::CancelPartRequestRequest& request);

 private:
  // The parts counter has issued (event of parts-svc).
  absl::Status TakeInIssue(chassis::UnitOfWork& work, const parts::PartsIssued& issue);

  const RepairPlanStore& store_;
  const JobStore& jobs_;
};

}  // namespace workshop
