// See clock_service.h.
#include "workshop-svc/clock/clock_service.h"

#include <set>

#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "workshop-svc/job/order_changes.h"
#include "workshop-svc/paging.h"
#include "workshop-svc/schedule/schedule_rules.h"

namespace workshop {
namespace {

using chassis::Refuse;

constexpr int kTimesDaysMax = 92;

absl::Status ClockRunsElsewhere(const v1::Job& job) {
  return Refuse(v1::ERROR_REASON_ALREADY_CLOCKED_ON)
      .With("number", job.number())
      .At("job_id", "正在计时", "the clock is running");
}

}  // namespace

ClockService::ClockService(chassis::Rooms& rooms, const ClockStore& store, const JobStore& jobs,
                           const StaffStore& staff)
    : store_(store), jobs_(jobs), staff_(staff) {
  rooms.rpcs.Standard<v1::Clocking>(store_.clockings());
  rooms.rpcs.On(this, &ClockService::ClockOn);
  rooms.rpcs.On(this, &ClockService::PauseJob);
  rooms.rpcs.On(this, &ClockService::ResumeJob);
  rooms.rpcs.On(this, &ClockService::ClockOff);
  rooms.rpcs.On(this, &ClockService::ListTimes);
}

absl::StatusOr<v1::Job> ClockService::ClockOn(chassis::Call& call, const v1::ClockOnRequest& request) {
  return Start(call, request.job_id(), {v1::Job::STATE_VERIFIED, v1::Job::STATE_PAUSED, v1::Job::STATE_REWORK});
}

absl::StatusOr<v1::Job> ClockService::ResumeJob(chassis::Call& call, const v1::ResumeJobRequest& request) {
  return Start(call, request.job_id(), {v1::Job::STATE_PAUSED});
}

absl::StatusOr<v1::Job> ClockService::Start(chassis::Call& call, const std::string& job_id,
                                            std::initializer_list<int> allowed_states) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  return call.Transact<v1::Job>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Job> {
    ASSIGN_OR_RETURN(const OrderFile before, jobs_.LockOrderOfJob(work, job_id));
    OrderFile file = before;
    v1::Job& job = JobIn(file, job_id);
    RETURN_IF_ERROR(RequireAssignedTo(job, call.identity().subject));
    // The person is locked as well: one technician's clock commands run one after the other.
    ASSIGN_OR_RETURN(const v1::StaffMember member, staff_.members().Lock(work, work.store_id(), job.technician_id()));
    RETURN_IF_ERROR(store_.RequireOffClock(work.sql(), work.store_id(), member.staff_member_id(), "job_id"));
    RETURN_IF_ERROR(chassis::RequireState(job, allowed_states));
    const std::string date = chassis::CivilDate(work.now(), store.time_zone());
    RETURN_IF_ERROR(CheckQualified(member, job, date));
    RETURN_IF_ERROR(staff_.ComeInToday(work, member, date).status());
    ASSIGN_OR_RETURN(const absl::Time last_end, store_.LastEnd(work.sql(), work.store_id(), member.staff_member_id()));
    RETURN_IF_ERROR(BeginWork(file, job, work.now()));
    v1::Clocking clocking = NewClocking(job, work.NewId(), work.now(), last_end);
    const absl::Status inserted = store_.clockings().Insert(work, clocking);
    if (absl::IsAlreadyExists(inserted)) return ClockRunsElsewhere(job);
    RETURN_IF_ERROR(inserted);
    RETURN_IF_ERROR(SaveOrder(work, jobs_, before, file));
    return job;
  });
}

absl::Status ClockService::Stop(chassis::UnitOfWork& work, v1::Job& job, v1::PauseReason reason,
                                const std::string& remark) {
  ASSIGN_OR_RETURN(const std::optional<v1::Clocking> running,
                   store_.Running(work.sql(), work.store_id(), job.technician_id()));
  if (!running.has_value() || running->job_id() != job.job_id()) {
    return absl::InternalError("a job in work has no running clock");
  }
  v1::Clocking closed = *running;
  CloseClocking(closed, job, work.now());
  closed.set_pause_reason(reason);
  closed.set_remark(remark);
  return store_.clockings().Update(work, *running, closed);
}

absl::StatusOr<v1::Job> ClockService::PauseJob(chassis::Call& call, const v1::PauseJobRequest& request) {
  return call.Transact<v1::Job>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Job> {
    ASSIGN_OR_RETURN(const OrderFile before, jobs_.LockOrderOfJob(work, request.job_id()));
    OrderFile file = before;
    v1::Job& job = JobIn(file, request.job_id());
    RETURN_IF_ERROR(RequireAssignedTo(job, call.identity().subject));
    RETURN_IF_ERROR(Pause(job, request.reason()));
    RETURN_IF_ERROR(Stop(work, job, request.reason(), request.remark()));
    RETURN_IF_ERROR(SaveOrder(work, jobs_, before, file));
    return job;
  });
}

absl::StatusOr<v1::Job> ClockService::ClockOff(chassis::Call& call, const v1::ClockOffRequest& request) {
  return call.Transact<v1::Job>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Job> {
    ASSIGN_OR_RETURN(const OrderFile before, jobs_.LockOrderOfJob(work, request.job_id()));
    OrderFile file = before;
    v1::Job& job = JobIn(file, request.job_id());
    RETURN_IF_ERROR(RequireAssignedTo(job, call.identity().subject));
    RETURN_IF_ERROR(chassis::RequireState(job, {v1::Job::STATE_IN_PROGRESS}));
    RETURN_IF_ERROR(MarkDone(job, request.done_line_ids(), "done_line_ids", work.now()));
    ASSIGN_OR_RETURN(const v1::PauseReason reason, StopWork(job));
    RETURN_IF_ERROR(Stop(work, job, reason, request.remark()));
    RETURN_IF_ERROR(SaveOrder(work, jobs_, before, file));
    return job;
  });
}

absl::StatusOr<v1::ListTechnicianTimesResponse> ClockService::ListTimes(chassis::Call& call,
                                                                        const v1::ListTechnicianTimesRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  const std::vector<std::string> dates = DatesBetween(request.first_date(), request.last_date(), kTimesDaysMax);
  if (dates.empty()) {
    return Refuse(v1::ERROR_REASON_SEARCH_SPAN_TOO_LONG)
        .With("days", kTimesDaysMax)
        .At("last_date", "跨度过长或早于开始", "is too far from the start, or before it");
  }
  const OpeningHours hours = HoursOf(store);
  absl::CivilDay first;
  absl::ParseCivilTime(dates.front(), &first);
  const absl::Time from = TimeOn(hours, first, 0);
  const absl::Time to = TimeOn(hours, first + static_cast<int>(dates.size()), 0);
  struct Sums {
    std::map<std::string, int64_t> attended;
    std::map<std::string, int64_t> clocked;
    std::map<std::string, int64_t> standard;
  };
  ASSIGN_OR_RETURN(Sums sums, call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<Sums> {
    Sums read;
    ASSIGN_OR_RETURN(read.attended, staff_.AttendedSeconds(session, request.store_id(), dates.front(), dates.back()));
    ASSIGN_OR_RETURN(read.clocked, store_.ClockedSeconds(session, request.store_id(), from, to));
    ASSIGN_OR_RETURN(read.standard, jobs_.FinishedMinutes(session, request.store_id(), from, to));
    return read;
  }));
  std::set<std::string> ids;
  for (const auto* by_id : {&sums.attended, &sums.clocked, &sums.standard}) {
    for (const auto& [id, total] : *by_id) ids.insert(id);
  }
  std::vector<v1::TechnicianTimes> times;
  for (const std::string& id : ids) {
    times.push_back(TimesOf(id, sums.attended[id], sums.clocked[id], sums.standard[id]));
  }
  v1::ListTechnicianTimesResponse response;
  RETURN_IF_ERROR(CutPage(times, request.page_size(), request.page_token(), *response.mutable_technician_times(),
                          *response.mutable_next_page_token()));
  return response;
}

}  // namespace workshop
