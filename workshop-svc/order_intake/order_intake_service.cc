// See order_intake_service.h.
#include "workshop-svc/order_intake/order_intake_service.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "workshop-svc/job/order_changes.h"

namespace workshop {

using chassis::Refuse;

namespace {

// True when every line of the add-on has its job already: the call is a repeat. LINE_HAS_JOB when only some have.
absl::StatusOr<bool> HasAddOn(const OrderFile& file, const v1::AddJobLinesRequest& request) {
  int known = 0;
  absl::Status doubled;
  for (int i = 0; i < request.lines_size(); ++i) {
    const v1::Job* job = JobOfLine(file, request.lines(i).line_id());
    if (job == nullptr) continue;
    ++known;
    doubled = Refuse(v1::ERROR_REASON_LINE_HAS_JOB)
                  .With("line", request.lines(i).line_id())
                  .With("number", job->number())
                  .At(absl::StrCat("lines[", i, "].line_id"), "已在派工单中", "is in a job already");
  }
  if (known == 0) return false;
  if (known == request.lines_size()) return true;
  return doubled;
}

}  // namespace

OrderIntakeService::OrderIntakeService(chassis::Rooms& rooms, OrderIntakeStores stores) : stores_(stores) {
  rooms.rpcs.On(this, &OrderIntakeService::CreateJobs);
  rooms.rpcs.On(this, &OrderIntakeService::CancelJobs);
  rooms.rpcs.On(this, &OrderIntakeService::AddJobLines);
  rooms.rpcs.On(this, &OrderIntakeService::RecordDecline);
  rooms.rpcs.On(this, &OrderIntakeService::GetProgress);
}

absl::StatusOr<OrderIntakeService::Numbers> OrderIntakeService::NumbersFor(
    chassis::Call& call, const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines) {
  Numbers numbers;
  for (const auto& [skill, of_skill] : BySkill(lines)) {
    ASSIGN_OR_RETURN(numbers[skill], call.NextNumber("JOB"));
  }
  return numbers;
}

absl::StatusOr<OrderFile> OrderIntakeService::NewFile(chassis::UnitOfWork& work, const v1::CreateJobsRequest& request,
                                                      const Numbers& numbers) {
  OrderFile file;
  file.order = OrderFrom(request);
  for (const auto& [skill, lines] : BySkill(request.lines())) {
    file.jobs.push_back(NewJob(file.order, skill, work.NewId(), numbers.at(skill), lines));
  }
  if (request.slot_holder_id().empty()) return file;
  ASSIGN_OR_RETURN(const std::vector<v1::SlotHold> holds,
                   stores_.schedule.HandOver(work, request.slot_holder_id(), request.repair_order_id()));
  for (v1::Job& job : file.jobs) {
    for (const v1::SlotHold& hold : holds) {
      if (hold.skill() == job.skill()) job.set_bay_id(hold.bay_id());
    }
  }
  return file;
}

absl::StatusOr<v1::CreateJobsResponse> OrderIntakeService::CreateJobs(chassis::Call& call,
                                                                      const v1::CreateJobsRequest& request) {
  RETURN_IF_ERROR(CheckLines(request.lines()));
  ASSIGN_OR_RETURN(const Numbers numbers, NumbersFor(call, request.lines()));
  return call.Transact<v1::CreateJobsResponse>(
      [&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::CreateJobsResponse> {
        absl::StatusOr<OrderFile> known = stores_.jobs.LockOrder(work, request.repair_order_id());
        if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();
        const bool released_before = known.ok() && known->order.state() != v1::WorkshopOrder::STATE_CANCELLED;
        if (released_before) {
          if (HoldsExactly(*known, request.lines())) return Refs(*known);
          return Refuse(v1::ERROR_REASON_JOBS_DIFFER).At("lines", "与已有派工单不同", "differ from the jobs there are");
        }
        ASSIGN_OR_RETURN(OrderFile file, NewFile(work, request, numbers));
        if (!known.ok()) {
          const absl::Status inserted = InsertOrder(work, stores_.jobs, file);
          // The same order was released by another call this very moment: the caller repeats and finds its jobs.
          if (absl::IsAlreadyExists(inserted)) return chassis::ChangedMeanwhile("workshop order");
          RETURN_IF_ERROR(inserted);
          return Refs(file);
        }
        // Cancelled and released anew: the cancelled jobs stay on file beside the new ones.
        OrderFile after = Renewed(*known, std::move(file));
        RETURN_IF_ERROR(SaveOrder(work, stores_.jobs, *known, after));
        return Refs(after);
      });
}

absl::StatusOr<v1::CancelJobsResponse> OrderIntakeService::CancelJobs(chassis::Call& call,
                                                                      const v1::CancelJobsRequest& request) {
  return call.Transact<v1::CancelJobsResponse>(
      [&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::CancelJobsResponse> {
        const absl::StatusOr<OrderFile> before = stores_.jobs.LockOrder(work, request.repair_order_id());
        // Nothing was created, or all is cancelled already: there is nothing to undo.
        if (absl::IsNotFound(before.status())) return v1::CancelJobsResponse();
        RETURN_IF_ERROR(before.status());
        if (before->order.state() == v1::WorkshopOrder::STATE_CANCELLED) return v1::CancelJobsResponse();
        OrderFile file = *before;
        RETURN_IF_ERROR(CancelAll(file));
        work.Because(request.reason());
        RETURN_IF_ERROR(stores_.schedule.Release(work, request.repair_order_id()));
        RETURN_IF_ERROR(SaveOrder(work, stores_.jobs, *before, file));
        return v1::CancelJobsResponse();
      });
}

absl::StatusOr<v1::Job*> OrderIntakeService::JobThatTakes(chassis::UnitOfWork& work, OrderFile& file,
                                                          common::Skill skill, const std::vector<v1::OrderLine>& lines,
                                                          const std::string& date) {
  for (v1::Job* job : LiveJobs(file)) {
    if (job->skill() != skill || !TakesLines(*job)) continue;
    if (job->technician_id().empty()) return job;
    ASSIGN_OR_RETURN(const v1::StaffMember member,
                     stores_.staff.members().Get(work.sql(), work.store_id(), job->technician_id()));
    v1::Job joined = *job;
    AddLines(joined, lines);
    if (CheckQualified(member, joined, date).ok()) return job;
  }
  return nullptr;
}

absl::Status OrderIntakeService::JoinLines(chassis::UnitOfWork& work, const v1::AddJobLinesRequest& request,
                                           const Numbers& numbers, const std::string& date, OrderFile& file) {
  for (auto& [skill, lines] : BySkill(request.lines())) {
    std::vector<v1::OrderLine> of_add_on = lines;
    for (v1::OrderLine& line : of_add_on) line.set_add_on_id(request.add_on_id());
    ASSIGN_OR_RETURN(v1::Job * job, JobThatTakes(work, file, skill, of_add_on, date));
    if (job != nullptr) {
      AddLines(*job, of_add_on);
    } else {
      file.jobs.push_back(NewJob(file.order, skill, work.NewId(), numbers.at(skill), of_add_on));
    }
  }
  RETURN_IF_ERROR(Reopen(file.order));
  if (request.has_promised_time()) *file.order.mutable_promised_time() = request.promised_time();
  return absl::OkStatus();
}

absl::StatusOr<v1::CreateJobsResponse> OrderIntakeService::AddJobLines(chassis::Call& call,
                                                                       const v1::AddJobLinesRequest& request) {
  RETURN_IF_ERROR(CheckLines(request.lines()));
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  ASSIGN_OR_RETURN(const Numbers numbers, NumbersFor(call, request.lines()));
  return call.Transact<v1::CreateJobsResponse>(
      [&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::CreateJobsResponse> {
        ASSIGN_OR_RETURN(const OrderFile before, stores_.jobs.LockOrder(work, request.repair_order_id()));
        if (before.order.state() == v1::WorkshopOrder::STATE_CANCELLED) return RequireOpen(before.order);
        ASSIGN_OR_RETURN(const bool came_before, HasAddOn(before, request));
        if (came_before) return Refs(before);
        OrderFile file = before;
        const std::string date = chassis::CivilDate(work.now(), store.time_zone());
        RETURN_IF_ERROR(JoinLines(work, request, numbers, date, file));
        RETURN_IF_ERROR(stores_.washes.AbandonRunning(work, request.repair_order_id()));
        v1::AddOnDecision decision;
        decision.set_add_on_id(request.add_on_id());
        decision.set_finding_id(request.finding_id());
        decision.set_approved(true);
        *decision.mutable_decision_time() = work.now_proto();
        RETURN_IF_ERROR(RecordDecision(work, std::move(decision), file).status());
        RETURN_IF_ERROR(SaveOrder(work, stores_.jobs, before, file));
        return Refs(file);
      });
}

absl::StatusOr<v1::AddOnDecision> OrderIntakeService::RecordDecision(chassis::UnitOfWork& work,
                                                                     v1::AddOnDecision decision, OrderFile& file) {
  decision.set_store_id(work.store_id());
  decision.set_repair_order_id(file.order.repair_order_id());
  RETURN_IF_ERROR(stores_.findings.decisions().Insert(work, decision));
  ASSIGN_OR_RETURN(const std::optional<v1::Finding> raised,
                   stores_.findings.Find(work.sql(), work.store_id(), decision.finding_id()));
  if (!raised.has_value()) return decision;
  v1::Finding finding = *raised;
  const absl::Time when = chassis::FromProto(decision.decision_time());
  if (!Decide(finding, decision.approved(), decision.add_on_id(), when)) return decision;
  RETURN_IF_ERROR(stores_.findings.findings().Update(work, *raised, finding));
  file.order.set_open_finding_count(file.order.open_finding_count() - 1);
  return decision;
}

absl::StatusOr<std::string> OrderIntakeService::LeaderConcerned(chassis::UnitOfWork& work, const OrderFile& file,
                                                                const std::string& finding_id) {
  ASSIGN_OR_RETURN(const std::optional<v1::Finding> finding,
                   stores_.findings.Find(work.sql(), work.store_id(), finding_id));
  const v1::Job* job = finding.has_value() ? FindJob(file, finding->job_id()) : nullptr;
  if (job == nullptr) {
    for (const v1::Job* live : LiveJobs(file)) {
      if (job == nullptr && !live->team_id().empty()) job = live;
    }
  }
  if (job == nullptr) return std::string();
  ASSIGN_OR_RETURN(const Leadership leadership,
                   stores_.teams.LeadershipOf(work.sql(), work.store_id(), job->team_id()));
  return leadership.leader.has_value() ? leadership.leader->subject() : std::string();
}

absl::StatusOr<v1::RecordAddOnDeclineResponse> OrderIntakeService::RecordDecline(
    chassis::Call& call, const v1::RecordAddOnDeclineRequest& request) {
  return call.Transact<v1::RecordAddOnDeclineResponse>(
      [&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::RecordAddOnDeclineResponse> {
        ASSIGN_OR_RETURN(const OrderFile before, stores_.jobs.LockOrder(work, request.repair_order_id()));
        ASSIGN_OR_RETURN(const std::optional<v1::AddOnDecision> known,
                         stores_.findings.DecisionOn(work.sql(), work.store_id(), request.add_on_id()));
        if (known.has_value()) return v1::RecordAddOnDeclineResponse();
        OrderFile file = before;
        v1::AddOnDecision given;
        given.set_add_on_id(request.add_on_id());
        given.set_finding_id(request.finding_id());
        given.set_safety_critical(request.safety_critical());
        *given.mutable_decision_time() = request.decline_time();
        ASSIGN_OR_RETURN(const v1::AddOnDecision decision, RecordDecision(work, std::move(given), file));
        ASSIGN_OR_RETURN(const std::string leader, LeaderConcerned(work, file, request.finding_id()));
        work.Owe(AcknowledgementDuty(decision, file.order, leader, work.now()));
        RETURN_IF_ERROR(SaveOrder(work, stores_.jobs, before, file));
        return v1::RecordAddOnDeclineResponse();
      });
}

absl::StatusOr<v1::OrderProgress> OrderIntakeService::GetProgress(chassis::Call& call,
                                                                  const v1::GetOrderProgressRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::OrderProgress> {
    ASSIGN_OR_RETURN(const OrderFile file, stores_.jobs.Load(session, request.store_id(), request.repair_order_id()));
    v1::OrderProgress progress = ProgressOf(file);
    ASSIGN_OR_RETURN(const std::vector<v1::Inspection> checks, stores_.inspections.LeaderChecks(session, file));
    for (const v1::Inspection& check : checks) {
      for (const std::string& suggestion : check.suggestions()) progress.add_repair_suggestions(suggestion);
      if (check.has_signature()) *progress.mutable_leader_signature() = check.signature();
    }
    return progress;
  });
}

}  // namespace workshop
