// See job_rules.h.
#include "workshop-svc/job/job_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "chassis/status/check.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"

namespace workshop {
namespace {

using chassis::Refuse;

bool IsLive(const v1::Job& job) { return job.state() != v1::Job::STATE_CANCELLED; }

bool IsUnderCheck(const v1::Job& job) {
  return job.state() == v1::Job::STATE_WORK_DONE || job.state() == v1::Job::STATE_SELF_CHECKED ||
         job.state() == v1::Job::STATE_LEADER_CHECKED;
}

template <typename Jobs, typename Predicate>
bool AnyOf(const Jobs& jobs, Predicate predicate) {
  return std::any_of(jobs.begin(), jobs.end(), [&](const v1::Job* job) { return predicate(*job); });
}
template <typename Jobs, typename Predicate>
bool AllOf(const Jobs& jobs, Predicate predicate) {
  return std::all_of(jobs.begin(), jobs.end(), [&](const v1::Job* job) { return predicate(*job); });
}

bool IsPausedFor(const v1::Job& job, v1::PauseReason reason) {
  return job.state() == v1::Job::STATE_PAUSED && job.pause_reason() == reason;
}

void SumStandardMinutes(v1::Job& job) {
  int32_t minutes = 0;
  for (const v1::JobLine& line : job.lines()) minutes += line.standard_minutes();
  job.set_standard_minutes(minutes);
}

}  // namespace

std::vector<v1::Job*> LiveJobs(OrderFile& file) {
  std::vector<v1::Job*> live;
  for (v1::Job& job : file.jobs) {
    if (IsLive(job)) live.push_back(&job);
  }
  return live;
}

std::vector<const v1::Job*> LiveJobs(const OrderFile& file) {
  std::vector<const v1::Job*> live;
  for (const v1::Job& job : file.jobs) {
    if (IsLive(job)) live.push_back(&job);
  }
  return live;
}

const v1::Job* FindJob(const OrderFile& file, const std::string& job_id) {
  for (const v1::Job& job : file.jobs) {
    if (job.job_id() == job_id) return &job;
  }
  return nullptr;
}

v1::Job& JobIn(OrderFile& file, const std::string& job_id) {
  const v1::Job* job = FindJob(file, job_id);
  CHASSIS_CHECK(job != nullptr, "the file was found by this job");
  return const_cast<v1::Job&>(*job);
}

absl::Status RequireOpen(const v1::WorkshopOrder& order) {
  if (order.state() == v1::WorkshopOrder::STATE_OPEN) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_ORDER_NOT_OPEN)
      .With("number", order.repair_order_number())
      .With("state", chassis::StateName(v1::WorkshopOrder::State_descriptor(), order.state()))
      .At("repair_order_id", "在车间不处于在修状态", "is not open in the workshop");
}

absl::Status RequireAssignedTo(const v1::Job& job, const std::string& subject) {
  if (!job.technician().empty() && job.technician() == subject) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_NOT_YOUR_JOB)
      .With("number", job.number())
      .At("job_id", "没有派给您", "is not assigned to you");
}

v1::WorkshopOrder OrderFrom(const v1::CreateJobsRequest& request) {
  v1::WorkshopOrder order;
  order.set_store_id(request.store_id());
  order.set_repair_order_id(request.repair_order_id());
  order.set_repair_order_number(request.repair_order_number());
  order.set_visit_id(request.visit_id());
  order.set_plate(request.plate());
  order.set_vin(request.vin());
  order.set_model_code(request.model_code());
  order.set_work_kind(request.work_kind());
  order.set_adviser(request.adviser());
  *order.mutable_promised_time() = request.promised_time();
  order.set_customer_waits(request.customer_waits());
  order.set_vip(request.vip());
  order.set_wash_wanted(request.wash_wanted());
  order.set_special_notes(request.special_notes());
  *order.mutable_check_in_facts() = request.check_in_facts();
  order.set_state(v1::WorkshopOrder::STATE_OPEN);
  order.set_stage(v1::OrderStageChanged::STAGE_UNSPECIFIED);
  return order;
}

std::map<common::Skill, std::vector<v1::OrderLine>> BySkill(
    const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines) {
  std::map<common::Skill, std::vector<v1::OrderLine>> groups;
  for (const v1::OrderLine& line : lines) groups[line.skill()].push_back(line);
  return groups;
}

v1::Job NewJob(const v1::WorkshopOrder& order, common::Skill skill, const std::string& job_id,
               const std::string& number, const std::vector<v1::OrderLine>& lines) {
  v1::Job job;
  job.set_store_id(order.store_id());
  job.set_job_id(job_id);
  job.set_number(number);
  job.set_repair_order_id(order.repair_order_id());
  job.set_skill(skill);
  job.set_state(v1::Job::STATE_CREATED);
  AddLines(job, lines);
  return job;
}

void AddLines(v1::Job& job, const std::vector<v1::OrderLine>& lines) {
  for (const v1::OrderLine& given : lines) {
    v1::JobLine& line = *job.add_lines();
    line.set_line_id(given.line_id());
    line.set_operation_code(given.operation_code());
    line.set_description(given.description());
    line.set_system(given.system());
    line.set_standard_minutes(given.standard_minutes());
    line.set_certificate_code(given.certificate_code());
    line.set_safety_critical(given.safety_critical());
    line.set_add_on_id(given.add_on_id());
  }
  SumStandardMinutes(job);
}

absl::Status CheckLines(const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines) {
  std::set<std::string> seen;
  for (int i = 0; i < lines.size(); ++i) {
    if (seen.insert(lines[i].line_id()).second) continue;
    return chassis::InvalidField(absl::StrCat("lines[", i, "].line_id"), "项目行重复", "comes twice");
  }
  return absl::OkStatus();
}

bool HoldsExactly(const OrderFile& file, const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines) {
  std::set<std::string> wanted;
  for (const v1::OrderLine& line : lines) wanted.insert(line.line_id());
  std::set<std::string> held;
  for (const v1::Job* job : LiveJobs(file)) {
    for (const v1::JobLine& line : job->lines()) {
      // Lines of approved add-ons came later and are no part of the release.
      if (line.add_on_id().empty()) held.insert(line.line_id());
    }
  }
  return wanted == held;
}

const v1::Job* JobOfLine(const OrderFile& file, const std::string& line_id) {
  for (const v1::Job* job : LiveJobs(file)) {
    for (const v1::JobLine& line : job->lines()) {
      if (line.line_id() == line_id) return job;
    }
  }
  return nullptr;
}

v1::CreateJobsResponse Refs(const OrderFile& file) {
  v1::CreateJobsResponse response;
  for (const v1::Job* job : LiveJobs(file)) {
    v1::JobRef& ref = *response.add_jobs();
    ref.set_job_id(job->job_id());
    ref.set_number(job->number());
    ref.set_skill(job->skill());
    for (const v1::JobLine& line : job->lines()) ref.add_line_ids(line.line_id());
  }
  return response;
}

bool TakesLines(const v1::Job& job) {
  switch (job.state()) {
    case v1::Job::STATE_CREATED:
    case v1::Job::STATE_ACCEPTED:
    case v1::Job::STATE_DISPATCHED:
    case v1::Job::STATE_VERIFIED:
    case v1::Job::STATE_IN_PROGRESS:
    case v1::Job::STATE_PAUSED:
    case v1::Job::STATE_REWORK:
      return true;
    default:
      return false;
  }
}

OrderFile Renewed(const OrderFile& cancelled, OrderFile released) {
  CHASSIS_CHECK(cancelled.order.state() == v1::WorkshopOrder::STATE_CANCELLED, "only a cancelled order is renewed");
  released.order.set_etag(cancelled.order.etag());
  released.order.set_stage(cancelled.order.stage());
  *released.order.mutable_create_time() = cancelled.order.create_time();
  *released.order.mutable_update_time() = cancelled.order.update_time();
  released.jobs.insert(released.jobs.begin(), cancelled.jobs.begin(), cancelled.jobs.end());
  return released;
}

absl::Status Reopen(v1::WorkshopOrder& order) {
  if (order.state() == v1::WorkshopOrder::STATE_FINISHED) {
    RETURN_IF_ERROR(chassis::MoveTo(order, v1::WorkshopOrder::STATE_OPEN));
  }
  order.clear_final_inspection_id();
  order.set_wash_done(false);
  order.clear_parking_place();
  order.clear_complete_time();
  return absl::OkStatus();
}

absl::Status Accept(OrderFile& file, const std::string& subject, absl::Time now) {
  RETURN_IF_ERROR(RequireOpen(file.order));
  bool any = false;
  for (v1::Job* job : LiveJobs(file)) {
    if (job->state() != v1::Job::STATE_CREATED) continue;
    RETURN_IF_ERROR(chassis::MoveTo(*job, v1::Job::STATE_ACCEPTED));
    job->set_accepted_by(subject);
    *job->mutable_accept_time() = chassis::ToProto(now);
    any = true;
  }
  if (any) return absl::OkStatus();
  // Nothing waits: the first job says which state it is in.
  return file.jobs.empty() ? chassis::NotFound("job", file.order.repair_order_id())
                           : chassis::RequireState(file.jobs.front(), {v1::Job::STATE_CREATED});
}

absl::Status CancelAll(OrderFile& file) {
  for (const v1::Job* job : LiveJobs(file)) {
    if (!job->has_begin_time()) continue;
    return Refuse(v1::ERROR_REASON_WORK_HAS_BEGUN)
        .With("number", job->number())
        .At("repair_order_id", "已开工", "has work begun");
  }
  for (v1::Job* job : LiveJobs(file)) RETURN_IF_ERROR(chassis::MoveTo(*job, v1::Job::STATE_CANCELLED));
  return chassis::MoveTo(file.order, v1::WorkshopOrder::STATE_CANCELLED);
}

absl::Status MarkDone(v1::Job& job, const google::protobuf::RepeatedPtrField<std::string>& line_ids,
                      std::string_view field, absl::Time now) {
  for (int i = 0; i < line_ids.size(); ++i) {
    auto& lines = *job.mutable_lines();
    const auto line = std::find_if(lines.begin(), lines.end(),
                                   [&](const v1::JobLine& held) { return held.line_id() == line_ids[i]; });
    if (line == lines.end()) {
      return Refuse(v1::ERROR_REASON_LINE_UNKNOWN)
          .With("line", line_ids[i])
          .At(absl::StrCat(std::string(field), "[", i, "]"), "不在此派工单中", "is not a line of this job");
    }
    if (line->done()) continue;
    line->set_done(true);
    *line->mutable_done_time() = chassis::ToProto(now);
  }
  return absl::OkStatus();
}

bool AllLinesDone(const v1::Job& job) {
  return std::all_of(job.lines().begin(), job.lines().end(), [](const v1::JobLine& line) { return line.done(); });
}

v1::OrderStageChanged::Stage StageOf(const OrderFile& file) {
  const auto live = LiveJobs(file);
  const auto in = [](v1::Job::State state) { return [state](const v1::Job& job) { return job.state() == state; }; };
  const auto paused_for = [](v1::PauseReason reason) {
    return [reason](const v1::Job& job) { return IsPausedFor(job, reason); };
  };
  if (live.empty()) return v1::OrderStageChanged::STAGE_WAITING;
  if (AllOf(live, in(v1::Job::STATE_FINISHED)) && !file.order.final_inspection_id().empty()) {
    const bool washed = !file.order.wash_wanted() || file.order.wash_done();
    return washed ? v1::OrderStageChanged::STAGE_FINISHED : v1::OrderStageChanged::STAGE_WASHING;
  }
  if (AnyOf(live, in(v1::Job::STATE_IN_PROGRESS))) return v1::OrderStageChanged::STAGE_WORK_IN_PROGRESS;
  if (AnyOf(live, paused_for(v1::PAUSE_REASON_WAITING_FOR_PARTS))) {
    return v1::OrderStageChanged::STAGE_WAITING_FOR_PARTS;
  }
  if (AnyOf(live, paused_for(v1::PAUSE_REASON_WAITING_FOR_CONSENT))) {
    return v1::OrderStageChanged::STAGE_WAITING_FOR_CONSENT;
  }
  const auto past_work = [](const v1::Job& job) { return IsUnderCheck(job) || job.state() == v1::Job::STATE_FINISHED; };
  if (AllOf(live, past_work)) {
    // Work is over, but what was found has to be decided before the final inspection.
    return file.order.open_finding_count() > 0 ? v1::OrderStageChanged::STAGE_WAITING_FOR_CONSENT
                                               : v1::OrderStageChanged::STAGE_QUALITY_ASSURANCE;
  }
  if (AnyOf(live, [](const v1::Job& job) { return job.has_begin_time(); })) {
    return v1::OrderStageChanged::STAGE_WORK_IN_PROGRESS;
  }
  return v1::OrderStageChanged::STAGE_WAITING;
}

bool Settle(OrderFile& file, absl::Time now) {
  v1::WorkshopOrder& order = file.order;
  if (order.state() == v1::WorkshopOrder::STATE_CANCELLED) return false;
  order.set_stage(StageOf(file));
  const bool finishes =
      order.state() == v1::WorkshopOrder::STATE_OPEN && order.stage() == v1::OrderStageChanged::STAGE_FINISHED;
  if (!finishes) return false;
  CHASSIS_CHECK(chassis::MoveTo(order, v1::WorkshopOrder::STATE_FINISHED).ok(), "OPEN leads to FINISHED");
  *order.mutable_complete_time() = chassis::ToProto(now);
  return true;
}

v1::OrderProgress ProgressOf(const OrderFile& file) {
  v1::OrderProgress progress;
  const v1::WorkshopOrder& order = file.order;
  const auto live = LiveJobs(file);
  progress.set_repair_order_id(order.repair_order_id());
  progress.set_work_begun(order.has_begin_time());
  progress.set_self_check_passed(!live.empty() &&
                                 AllOf(live, [](const v1::Job& job) { return !job.self_check_id().empty(); }));
  progress.set_leader_check_passed(!live.empty() &&
                                   AllOf(live, [](const v1::Job& job) { return !job.leader_check_id().empty(); }));
  progress.set_final_inspection_passed(!order.final_inspection_id().empty());
  progress.set_wash_done(order.wash_done());
  progress.set_parking_place(order.parking_place());
  if (order.has_complete_time()) *progress.mutable_complete_time() = order.complete_time();
  progress.set_rework_count(order.rework_count());
  for (const v1::Job* job : live) {
    // Time is clocked per job; each line has its part of it by its standard time.
    std::vector<int64_t> weights;
    for (const v1::JobLine& line : job->lines()) weights.push_back(std::max(1, line.standard_minutes()));
    const std::vector<int64_t> minutes = chassis::Split(chassis::MulDiv(job->clocked_seconds(), 1, 60), weights);
    for (int i = 0; i < job->lines_size(); ++i) {
      v1::OrderProgress::Line& line = *progress.add_lines();
      line.set_line_id(job->lines(i).line_id());
      line.set_done(job->lines(i).done());
      line.set_technician(job->technician());
      line.set_standard_minutes(job->lines(i).standard_minutes());
      line.set_clocked_minutes(static_cast<int32_t>(minutes[i]));
    }
  }
  return progress;
}

}  // namespace workshop
