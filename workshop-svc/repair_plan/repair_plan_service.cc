// See repair_plan_service.h.
#include "workshop-svc/repair_plan/repair_plan_service.h"

#include "aftersales/workshop/v1/events.pb.h"
#include "chassis/status/status.h"
#include "google/protobuf/util/message_differencer.h"
#include "workshop-svc/job/order_changes.h"

namespace workshop {

RepairPlanService::RepairPlanService(chassis::Rooms& rooms, const RepairPlanStore& store, const JobStore& jobs)
    : store_(store), jobs_(jobs) {
  rooms.rpcs.Standard<v1::PartRequest>(store_.requests());
  rooms.rpcs.On(this, &RepairPlanService::Plan);
  rooms.rpcs.On(this, &RepairPlanService::RequestParts);
  rooms.rpcs.On(this, &RepairPlanService::CancelRequest);
  rooms.intake.On<parts::PartsIssued>([this](chassis::UnitOfWork& work, const common::Event&,
                                             const parts::PartsIssued& issue) { return TakeInIssue(work, issue); });
}

absl::StatusOr<v1::Job> RepairPlanService::Plan(chassis::Call& call, const v1::PlanRepairRequest& request) {
  return call.Transact<v1::Job>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Job> {
    ASSIGN_OR_RETURN(const OrderFile before, jobs_.LockOrderOfJob(work, request.job_id()));
    OrderFile file = before;
    v1::Job& job = JobIn(file, request.job_id());
    RETURN_IF_ERROR(RequireAssignedTo(job, call.identity().subject));
    RETURN_IF_ERROR(RequirePlannable(job));
    *job.mutable_plan() = request.plan();
    *job.mutable_plan()->mutable_plan_time() = work.now_proto();
    RETURN_IF_ERROR(SaveOrder(work, jobs_, before, file));
    return job;
  });
}

absl::StatusOr<v1::PartRequest> RepairPlanService::RequestParts(chassis::Call& call,
                                                                const v1::RequestPartsRequest& request) {
  ASSIGN_OR_RETURN(const v1::Job asking, call.Read([&](chassis::sql::Session& session) {
    return jobs_.jobs().Get(session, request.store_id(), request.job_id());
  }));
  RETURN_IF_ERROR(RequireAssignedTo(asking, call.identity().subject));
  parts::GetOrderPartsRequest question;
  question.set_store_id(request.store_id());
  question.set_repair_order_id(asking.repair_order_id());
  ASSIGN_OR_RETURN(const parts::OrderParts order_parts, call.Ask<parts::OrderParts>(question));
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("PR"));
  return call.Transact<v1::PartRequest>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::PartRequest> {
    ASSIGN_OR_RETURN(OrderFile file, jobs_.LockOrderOfJob(work, request.job_id()));
    const v1::Job& job = JobIn(file, request.job_id());
    RETURN_IF_ERROR(RequireAssignedTo(job, call.identity().subject));
    RETURN_IF_ERROR(RequirePlannable(job));
    ASSIGN_OR_RETURN(const std::vector<v1::PartRequest> asked, store_.LockOpen(work, job.repair_order_id()));
    ASSIGN_OR_RETURN(v1::PartRequest made, PartRequestFrom(request, job, order_parts, asked));
    made.set_part_request_id(work.NewId());
    made.set_number(number);
    for (v1::PartRequestLine& line : *made.mutable_lines()) line.set_part_request_line_id(work.NewId());
    RETURN_IF_ERROR(store_.requests().Insert(work, made));
    v1::PartsRequested event;
    event.set_repair_order_id(made.repair_order_id());
    event.set_part_request_id(made.part_request_id());
    event.set_number(made.number());
    event.set_job_id(made.job_id());
    work.Publish(event, DocumentOf(file.order));
    return made;
  });
}

absl::StatusOr<v1::PartRequest> RepairPlanService::CancelRequest(chassis::Call& call,
                                                                 const v1::CancelPartRequestRequest& request) {
  return call.Transact<v1::PartRequest>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::PartRequest> {
    ASSIGN_OR_RETURN(const v1::PartRequest before,
                     store_.requests().Lock(work, work.store_id(), request.part_request_id()));
    ASSIGN_OR_RETURN(const v1::Job job, jobs_.jobs().Get(work.sql(), work.store_id(), before.job_id()));
    RETURN_IF_ERROR(RequireAssignedTo(job, call.identity().subject));
    v1::PartRequest after = before;
    RETURN_IF_ERROR(CancelPartRequest(after));
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.requests().Update(work, before, after));
    return after;
  });
}

absl::Status RepairPlanService::TakeInIssue(chassis::UnitOfWork& work, const parts::PartsIssued& issue) {
  ASSIGN_OR_RETURN(const std::vector<v1::PartRequest> before, store_.LockOpen(work, issue.order_id()));
  std::vector<v1::PartRequest> after = before;
  BookIssue(issue, after);
  for (size_t i = 0; i < after.size(); ++i) {
    if (google::protobuf::util::MessageDifferencer::Equals(before[i], after[i])) continue;
    RETURN_IF_ERROR(store_.requests().Update(work, before[i], after[i]));
  }
  return absl::OkStatus();
}

}  // namespace workshop
