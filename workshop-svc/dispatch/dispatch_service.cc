// See dispatch_service.h.
#include "workshop-svc/dispatch/dispatch_service.h"

#include <algorithm>

#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "workshop-svc/job/order_changes.h"
#include "workshop-svc/paging.h"
#include "workshop-svc/schedule/schedule_rules.h"

namespace workshop {
namespace {

constexpr absl::Duration kWatchPause = absl::Seconds(1);
constexpr absl::Duration kHeartbeatEvery = absl::Seconds(15);
constexpr absl::Duration kWatchReadDeadline = absl::Seconds(5);

}  // namespace

DispatchService::DispatchService(chassis::Rooms& rooms, DispatchStores stores) : stores_(stores) {
  rooms.rpcs.On(this, &DispatchService::ListQueue);
  rooms.rpcs.Watch(this, &DispatchService::WatchQueue);
  rooms.rpcs.On(this, &DispatchService::Propose);
  rooms.rpcs.On(this, &DispatchService::AssignJob);
}

absl::StatusOr<std::vector<v1::QueueEntry>> DispatchService::Queue(chassis::Call& call) {
  JobStore::Queue queue;
  // A watcher outlives any one deadline; each look at the queue has its own.
  RETURN_IF_ERROR(call.host().pool().Read(std::min(call.deadline(), call.Now() + kWatchReadDeadline),
                                          [&](chassis::sql::Session& session) -> absl::Status {
                                            ASSIGN_OR_RETURN(queue, stores_.jobs.Unassigned(session, call.store_id()));
                                            return absl::OkStatus();
                                          }));
  // Minutes are what people see; finer time would make every look at the queue a change.
  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(call.Now()) / 60 * 60);
  std::vector<v1::QueueEntry> entries;
  for (const v1::Job& job : queue.jobs) {
    entries.push_back(EntryOf(job, queue.orders[job.repair_order_id()], now, LanguageOf(call.language())));
  }
  SortQueue(entries);
  return entries;
}

absl::StatusOr<v1::ListDispatchQueueResponse> DispatchService::ListQueue(chassis::Call& call,
                                                                         const v1::ListDispatchQueueRequest& request) {
  ASSIGN_OR_RETURN(std::vector<v1::QueueEntry> entries, Queue(call));
  if (request.skill() != common::SKILL_UNSPECIFIED) {
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [&](const v1::QueueEntry& entry) { return entry.skill() != request.skill(); }),
                  entries.end());
  }
  v1::ListDispatchQueueResponse response;
  RETURN_IF_ERROR(CutPage(entries, request.page_size(), request.page_token(), *response.mutable_entries(),
                          *response.mutable_next_page_token()));
  return response;
}

absl::Status DispatchService::WatchQueue(chassis::Call& call, const v1::WatchDispatchQueueRequest& request,
                                         chassis::Writer<v1::WatchDispatchQueueResponse>& writer) {
  ASSIGN_OR_RETURN(std::vector<v1::QueueEntry> shown, Queue(call));
  v1::WatchDispatchQueueResponse first;
  first.set_revision(RevisionOf(shown));
  if (first.revision() != request.revision()) {
    first.set_snapshot(true);
    for (const v1::QueueEntry& entry : shown) *first.add_entries() = entry;
  }
  if (!writer.Write(first)) return absl::OkStatus();
  absl::Time said = call.Now();
  while (!writer.Cancelled() && call.Now() < call.deadline()) {
    call.host().sleeper().Sleep(kWatchPause);
    if (writer.Cancelled()) break;
    ASSIGN_OR_RETURN(std::vector<v1::QueueEntry> queue, Queue(call));
    v1::WatchDispatchQueueResponse changes = QueueChanges(shown, queue);
    const bool changed = changes.entries_size() + changes.removed_job_ids_size() > 0;
    if (!changed && call.Now() - said < kHeartbeatEvery) continue;
    changes.set_revision(RevisionOf(queue));
    if (!writer.Write(changes)) break;
    said = call.Now();
    shown = std::move(queue);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<CandidateFacts>> DispatchService::FactsFor(chassis::sql::Session& session,
                                                                      const OrderFile& file, const v1::Job& job,
                                                                      const OpeningHours& hours, absl::Time now) {
  const std::string& store_id = file.order.store_id();
  const absl::CivilDay today = DayOf(hours, now);
  const int minute = MinuteOn(hours, today, now);
  ASSIGN_OR_RETURN(std::vector<v1::StaffMember> members, stores_.staff.Active(session, store_id));
  ASSIGN_OR_RETURN(const auto attendances,
                   stores_.staff.AttendancesOn(session, store_id, absl::FormatCivilTime(today)));
  ASSIGN_OR_RETURN(auto queued, stores_.jobs.QueuedMinutesByTechnician(session, store_id));
  ASSIGN_OR_RETURN(const std::vector<std::string> known,
                   stores_.jobs.TechniciansOfVehicle(session, store_id, file.order.vin()));
  ASSIGN_OR_RETURN(const std::vector<v1::SlotHold> holds,
                   stores_.schedule.HoldsOf(session, store_id, file.order.repair_order_id()));
  std::vector<CandidateFacts> facts;
  for (v1::StaffMember& member : members) {
    const std::string id = member.staff_member_id();
    CandidateFacts& one = facts.emplace_back();
    if (const auto day = attendances.find(id); day != attendances.end()) one.today = day->second;
    one.on_shift = IsOnShift(member, WeekdayOf(today), {minute, minute});
    one.queued_minutes = queued[id];
    for (const v1::Job* other : LiveJobs(file)) {
      if (other->job_id() != job.job_id() && other->technician_id() == id) one.works_on_order = true;
    }
    one.planned = std::any_of(holds.begin(), holds.end(), [&](const v1::SlotHold& hold) {
      return hold.technician_id() == id && hold.skill() == job.skill();
    });
    one.knows_vehicle = std::find(known.begin(), known.end(), id) != known.end();
    one.member = std::move(member);
  }
  return facts;
}

absl::StatusOr<v1::ProposeAssignmentResponse> DispatchService::Propose(chassis::Call& call,
                                                                       const v1::ProposeAssignmentRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::ProposeAssignmentResponse> {
    ASSIGN_OR_RETURN(const v1::Job job, stores_.jobs.jobs().Get(session, request.store_id(), request.job_id()));
    ASSIGN_OR_RETURN(const OrderFile file, stores_.jobs.Load(session, request.store_id(), job.repair_order_id()));
    ASSIGN_OR_RETURN(const auto facts, FactsFor(session, file, job, HoursOf(store), call.Now()));
    v1::ProposeAssignmentResponse response;
    for (v1::Candidate& candidate :
         RankCandidates(job, facts, chassis::CivilDate(call.Now(), store.time_zone()), LanguageOf(call.language()))) {
      *response.add_candidates() = std::move(candidate);
    }
    return response;
  });
}

absl::Status DispatchService::CheckBay(chassis::sql::Session& session, const std::string& store_id,
                                       const std::string& bay_id, common::Skill skill) {
  ASSIGN_OR_RETURN(const v1::Bay bay, stores_.bays.bays().Get(session, store_id, bay_id));
  if (Serves(bay, skill)) return absl::OkStatus();
  return chassis::Refuse(v1::ERROR_REASON_BAY_UNSUITABLE)
      .With("bay", bay.display_name())
      .With("skill", SkillName(skill))
      .With("skill_zh", SkillNameZh(skill))
      .At("bay_id", "停用或不适合此作业", "is closed or does not serve this skill");
}

absl::StatusOr<v1::Job> DispatchService::AssignJob(chassis::Call& call, const v1::AssignJobRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  return call.Transact<v1::Job>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::Job> {
    ASSIGN_OR_RETURN(const OrderFile before, stores_.jobs.LockOrderOfJob(work, request.job_id()));
    OrderFile file = before;
    v1::Job& job = JobIn(file, request.job_id());
    const std::string date = chassis::CivilDate(work.now(), store.time_zone());
    ASSIGN_OR_RETURN(const v1::StaffMember member,
                     stores_.staff.members().Get(work.sql(), work.store_id(), request.staff_member_id()));
    RETURN_IF_ERROR(CheckQualified(member, job, date));
    ASSIGN_OR_RETURN(const auto facts, FactsFor(work.sql(), before, job, HoursOf(store), work.now()));
    for (const CandidateFacts& one : facts) {
      if (one.member.staff_member_id() != request.staff_member_id() || !one.today.has_value()) continue;
      RETURN_IF_ERROR(CheckNotAbsent(member, &*one.today));
    }
    RETURN_IF_ERROR(CheckOverride(RankCandidates(job, facts, date, LanguageOf(call.language())),
                                  request.staff_member_id(), request.override_reason()));
    if (!request.bay_id().empty()) {
      RETURN_IF_ERROR(CheckBay(work.sql(), work.store_id(), request.bay_id(), job.skill()));
      job.set_bay_id(request.bay_id());
    }
    ASSIGN_OR_RETURN(
        const std::string verification_id,
        stores_.verifications.OfTeam(work.sql(), work.store_id(), job.repair_order_id(), member.team_id()));
    RETURN_IF_ERROR(Assign(file, job, member, verification_id, call.identity().subject, work.now()));
    if (!request.override_reason().empty()) work.Because(request.override_reason());
    RETURN_IF_ERROR(SaveOrder(work, stores_.jobs, before, file));
    return job;
  });
}

}  // namespace workshop
