// See job_service.h.
#include "workshop-svc/job/job_service.h"

#include "aftersales/workshop/v1/events.pb.h"
#include "chassis/status/status.h"
#include "workshop-svc/job/order_changes.h"

namespace workshop {

JobService::JobService(chassis::Rooms& rooms, const JobStore& store) : store_(store) {
  rooms.rpcs.Standard<v1::Job>(store_.jobs());
  rooms.rpcs.Standard<v1::WorkshopOrder>(store_.orders());
  rooms.rpcs.On(this, &JobService::Accept);
  rooms.rpcs.On(this, &JobService::MarkLinesDone);
}

absl::StatusOr<v1::AcceptJobsResponse> JobService::Accept(chassis::Call& call, const v1::AcceptJobsRequest& request) {
  return call.Transact<v1::AcceptJobsResponse>(
      [&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::AcceptJobsResponse> {
        ASSIGN_OR_RETURN(const OrderFile before, store_.LockOrder(work, request.repair_order_id()));
        OrderFile file = before;
        RETURN_IF_ERROR(workshop::Accept(file, work.actor().subject, work.now()));
        RETURN_IF_ERROR(SaveOrder(work, store_, before, file));
        v1::JobsAccepted event;
        event.set_repair_order_id(request.repair_order_id());
        event.set_accepted_by(work.actor().subject);
        *event.mutable_accept_time() = work.now_proto();
        work.Publish(event, DocumentOf(file.order));
        v1::AcceptJobsResponse response;
        for (const v1::Job* job : LiveJobs(file)) *response.add_jobs() = *job;
        return response;
      });
}

absl::StatusOr<v1::Job> JobService::MarkLinesDone(chassis::Call& call, const v1::MarkLinesDoneRequest& request) {
  return call.Transact<v1::Job>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Job> {
    ASSIGN_OR_RETURN(const OrderFile before, store_.LockOrderOfJob(work, request.job_id()));
    OrderFile file = before;
    v1::Job& job = JobIn(file, request.job_id());
    RETURN_IF_ERROR(RequireAssignedTo(job, call.identity().subject));
    RETURN_IF_ERROR(chassis::RequireState(job, {v1::Job::STATE_IN_PROGRESS}));
    RETURN_IF_ERROR(MarkDone(job, request.line_ids(), "line_ids", work.now()));
    RETURN_IF_ERROR(SaveOrder(work, store_, before, file));
    return job;
  });
}

}  // namespace workshop
