// See finding_service.h.
#include "workshop-svc/finding/finding_service.h"

#include "chassis/duties/duty_board.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "workshop-svc/job/order_changes.h"

namespace workshop {

FindingService::FindingService(chassis::Rooms& rooms, const FindingStore& store, const JobStore& jobs,
                               const TeamStore& teams)
    : store_(store), jobs_(jobs), teams_(teams) {
  rooms.rpcs.Standard<v1::Finding>(store_.findings());
  rooms.rpcs.Standard<v1::AddOnDecision>(store_.decisions());
  rooms.rpcs.Standard<v1::DelayReport>(store_.delays());
  rooms.rpcs.On(this, &FindingService::Raise);
  rooms.rpcs.On(this, &FindingService::Withdraw);
  rooms.rpcs.On(this, &FindingService::AcknowledgeDecision);
  rooms.host.duties().EndsBy(kAcknowledgeDuty, "AcknowledgeDecision");
  rooms.rpcs.On(this, &FindingService::ReportDelay);
}

absl::Status FindingService::RequireConcerned(chassis::Call& call, chassis::UnitOfWork& work,
                                              const v1::Job& job) const {
  const absl::Status assigned = RequireAssignedTo(job, call.identity().subject);
  if (assigned.ok() || call.CallerIs(options::ROLE_TECHNICAL_DIRECTOR) ||
      call.CallerIs(options::ROLE_WORKSHOP_CONTROLLER)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Leadership leadership, teams_.LeadershipOf(work.sql(), work.store_id(), job.team_id()));
  return Leads(leadership, call.identity().subject) ? absl::OkStatus() : assigned;
}

absl::StatusOr<v1::Finding> FindingService::Raise(chassis::Call& call, const v1::RaiseFindingRequest& request) {
  RETURN_IF_ERROR(CheckProposal(request));
  return call.Transact<v1::Finding>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Finding> {
    ASSIGN_OR_RETURN(const OrderFile before, jobs_.LockOrderOfJob(work, request.job_id()));
    OrderFile file = before;
    const v1::Job& job = JobIn(file, request.job_id());
    RETURN_IF_ERROR(RequireConcerned(call, work, job));
    RETURN_IF_ERROR(RequireOpen(file.order));
    RETURN_IF_ERROR(chassis::RequireState(
        job,
        {v1::Job::STATE_DISPATCHED, v1::Job::STATE_VERIFIED, v1::Job::STATE_IN_PROGRESS, v1::Job::STATE_PAUSED,
         v1::Job::STATE_WORK_DONE, v1::Job::STATE_SELF_CHECKED, v1::Job::STATE_LEADER_CHECKED, v1::Job::STATE_REWORK}));
    v1::Finding finding = FindingFrom(request, job, work.NewId(), call.identity().subject);
    RETURN_IF_ERROR(store_.findings().Insert(work, finding));
    file.order.set_open_finding_count(file.order.open_finding_count() + 1);
    RETURN_IF_ERROR(SaveOrder(work, jobs_, before, file));
    work.Publish(EventOf(finding), DocumentOf(file.order));
    return finding;
  });
}

absl::StatusOr<v1::Finding> FindingService::Withdraw(chassis::Call& call, const v1::WithdrawFindingRequest& request) {
  return call.Transact<v1::Finding>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Finding> {
    ASSIGN_OR_RETURN(const v1::Finding known, store_.findings().Get(work.sql(), work.store_id(), request.finding_id()));
    ASSIGN_OR_RETURN(const OrderFile before, jobs_.LockOrder(work, known.repair_order_id()));
    // Read again under the order's lock: the customer's answer may have come meanwhile.
    ASSIGN_OR_RETURN(const v1::Finding raised,
                     store_.findings().Get(work.sql(), work.store_id(), request.finding_id()));
    OrderFile file = before;
    RETURN_IF_ERROR(RequireConcerned(call, work, JobIn(file, raised.job_id())));
    v1::Finding finding = raised;
    RETURN_IF_ERROR(chassis::MoveTo(finding, v1::Finding::STATE_WITHDRAWN));
    finding.set_withdraw_reason(request.reason());
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.findings().Update(work, raised, finding));
    file.order.set_open_finding_count(file.order.open_finding_count() - 1);
    RETURN_IF_ERROR(SaveOrder(work, jobs_, before, file));
    v1::FindingWithdrawn event;
    event.set_finding_id(finding.finding_id());
    event.set_repair_order_id(finding.repair_order_id());
    event.set_reason(request.reason());
    work.Publish(event, DocumentOf(file.order));
    return finding;
  });
}

absl::StatusOr<v1::AddOnDecision> FindingService::AcknowledgeDecision(chassis::Call& call,
                                                                      const v1::AcknowledgeDecisionRequest& request) {
  return call.Transact<v1::AddOnDecision>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::AddOnDecision> {
    ASSIGN_OR_RETURN(const v1::AddOnDecision before,
                     store_.decisions().Lock(work, work.store_id(), request.add_on_id()));
    ASSIGN_OR_RETURN(const std::optional<v1::Finding> finding,
                     store_.Find(work.sql(), work.store_id(), before.finding_id()));
    const bool above_teams =
        call.CallerIs(options::ROLE_WORKSHOP_CONTROLLER) || call.CallerIs(options::ROLE_TECHNICAL_DIRECTOR);
    if (!above_teams && finding.has_value()) {
      ASSIGN_OR_RETURN(const v1::Job job, jobs_.jobs().Get(work.sql(), work.store_id(), finding->job_id()));
      ASSIGN_OR_RETURN(const Leadership leadership, teams_.LeadershipOf(work.sql(), work.store_id(), job.team_id()));
      RETURN_IF_ERROR(RequireLeads(leadership, call.identity().subject));
    }
    v1::AddOnDecision decision = before;
    RETURN_IF_ERROR(Acknowledge(decision, call.identity().subject, work.now()));
    RETURN_IF_ERROR(store_.decisions().Update(work, before, decision));
    RETURN_IF_ERROR(work.CompleteDuties(kAcknowledgeDuty, decision.add_on_id(), "acknowledged"));
    return decision;
  });
}

absl::StatusOr<v1::DelayReport> FindingService::ReportDelay(chassis::Call& call,
                                                            const v1::ReportDelayRequest& request) {
  RETURN_IF_ERROR(CheckExpectedTime(chassis::FromProto(request.expected_time()), call.Now()));
  return call.Transact<v1::DelayReport>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::DelayReport> {
    ASSIGN_OR_RETURN(OrderFile file, jobs_.LockOrderOfJob(work, request.job_id()));
    RETURN_IF_ERROR(RequireConcerned(call, work, JobIn(file, request.job_id())));
    RETURN_IF_ERROR(RequireOpen(file.order));
    v1::DelayReport report;
    report.set_store_id(work.store_id());
    report.set_delay_report_id(work.NewId());
    report.set_repair_order_id(file.order.repair_order_id());
    report.set_job_id(request.job_id());
    report.set_reason(request.reason());
    *report.mutable_promised_time() = file.order.promised_time();
    *report.mutable_expected_time() = request.expected_time();
    report.set_reported_by(call.identity().subject);
    RETURN_IF_ERROR(store_.delays().Insert(work, report));
    v1::DelayReported event;
    event.set_repair_order_id(report.repair_order_id());
    event.set_job_id(report.job_id());
    event.set_reason(report.reason());
    *event.mutable_expected_time() = report.expected_time();
    work.Publish(event, DocumentOf(file.order));
    return report;
  });
}

}  // namespace workshop
