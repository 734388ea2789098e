// See verification_service.h.
#include "workshop-svc/verification/verification_service.h"

#include "aftersales/workshop/v1/events.pb.h"
#include "chassis/status/status.h"
#include "workshop-svc/job/order_changes.h"
#include "workshop-svc/verification/verification_rules.h"

namespace workshop {

VerificationService::VerificationService(chassis::Rooms& rooms, const VerificationStore& store, const JobStore& jobs,
                                         const TeamStore& teams)
    : store_(store), jobs_(jobs), teams_(teams) {
  rooms.rpcs.Standard<v1::Verification>(store_.verifications());
  rooms.rpcs.On(this, &VerificationService::Verify);
}

absl::StatusOr<v1::Verification> VerificationService::Verify(chassis::Call& call,
                                                             const v1::VerifyVehicleRequest& request) {
  return call.Transact<v1::Verification>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Verification> {
    ASSIGN_OR_RETURN(const OrderFile before, jobs_.LockOrderOfJob(work, request.job_id()));
    OrderFile file = before;
    const v1::Job& job = JobIn(file, request.job_id());
    if (const absl::Status assigned = RequireAssignedTo(job, call.identity().subject); !assigned.ok()) {
      ASSIGN_OR_RETURN(const Leadership leadership, teams_.LeadershipOf(work.sql(), work.store_id(), job.team_id()));
      if (!Leads(leadership, call.identity().subject)) return assigned;
    }
    RETURN_IF_ERROR(RequireOpen(file.order));
    RETURN_IF_ERROR(chassis::RequireState(job, {v1::Job::STATE_DISPATCHED}));
    RETURN_IF_ERROR(CheckFacts(file.order, request.facts()));
    v1::Verification verification = VerificationFrom(request, job, work.NewId(), call.identity().subject);
    RETURN_IF_ERROR(ApplyVerification(file, verification));
    RETURN_IF_ERROR(store_.verifications().Insert(work, verification));
    RETURN_IF_ERROR(SaveOrder(work, jobs_, before, file));
    for (const v1::CheckedFact& fact : verification.facts()) {
      if (fact.agrees()) continue;
      v1::VehicleDifferenceReported event;
      event.set_repair_order_id(verification.repair_order_id());
      event.set_job_id(verification.job_id());
      event.set_description(fact.fact() + ": " + fact.difference());
      event.set_reported_by(verification.verified_by());
      work.Publish(event, DocumentOf(file.order));
    }
    return verification;
  });
}

}  // namespace workshop
