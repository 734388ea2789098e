// See schedule_service.h.
#include "workshop-svc/schedule/schedule_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "workshop-svc/paging.h"

namespace workshop {
namespace {

using chassis::FromProto;
using chassis::Refuse;
using chassis::ToProto;

constexpr int kSlotPageDefault = 50;

absl::Status SpanTooLong(std::string_view field) {
  return Refuse(v1::ERROR_REASON_SEARCH_SPAN_TOO_LONG)
      .With("days", kSearchDaysMax)
      .At(field, "跨度过长或早于开始", "is too far from the start, or before it");
}

absl::Status NobodyOnShift(common::Skill skill) {
  return Refuse(v1::ERROR_REASON_NO_SKILL_ON_SHIFT)
      .With("skill", SkillName(skill))
      .With("skill_zh", SkillNameZh(skill))
      .At("skill", "没有技师在班", "has nobody on shift");
}

absl::Status SlotTaken(absl::Time start) {
  return Refuse(v1::ERROR_REASON_SLOT_TAKEN).With("start", start).At("start_time", "已被占用", "is taken");
}

// The bay the holder has that day already: the vehicle does not move from bay to bay.
std::string BayOfDay(const std::vector<v1::SlotHold>& holds, const OpeningHours& hours, absl::Time start) {
  for (const v1::SlotHold& hold : holds) {
    if (DayOf(hours, FromProto(hold.start_time())) == DayOf(hours, start)) return hold.bay_id();
  }
  return "";
}

const v1::Bay* FindBay(const Roster& roster, const std::string& bay_id) {
  const auto found =
      std::find_if(roster.bays.begin(), roster.bays.end(), [&](const v1::Bay& bay) { return bay.bay_id() == bay_id; });
  return found == roster.bays.end() ? nullptr : &*found;
}

// The one bay the slot must be on, or empty for any. BAY_UNSUITABLE.
absl::StatusOr<std::string> BayWanted(const v1::HoldSlotRequest& request, const Roster& roster,
                                      const std::string& bay_of_day) {
  if (!request.bay_id().empty()) {
    const v1::Bay* bay = FindBay(roster, request.bay_id());
    if (bay != nullptr && Serves(*bay, request.skill())) return request.bay_id();
    return Refuse(v1::ERROR_REASON_BAY_UNSUITABLE)
        .With("bay", bay == nullptr ? request.bay_id() : bay->display_name())
        .With("skill", SkillName(request.skill()))
        .With("skill_zh", SkillNameZh(request.skill()))
        .At("bay_id", "停用或不适合此作业", "is closed or does not serve this skill");
  }
  // A bay that cannot do the new work is left for one that can.
  const v1::Bay* kept = FindBay(roster, bay_of_day);
  return kept != nullptr && Serves(*kept, request.skill()) ? bay_of_day : std::string();
}

v1::SlotHold HoldFrom(const v1::HoldSlotRequest& request, const std::string& slot_hold_id) {
  v1::SlotHold hold;
  hold.set_store_id(request.store_id());
  hold.set_slot_hold_id(slot_hold_id);
  hold.set_holder_id(request.holder_id());
  hold.set_skill(request.skill());
  *hold.mutable_start_time() = request.start_time();
  *hold.mutable_end_time() = ToProto(FromProto(request.start_time()) + absl::Minutes(request.duration_minutes()));
  return hold;
}

}  // namespace

ScheduleService::ScheduleService(chassis::Rooms& rooms, const ScheduleStore& store, const StaffStore& staff,
                                 const JobStore& jobs)
    : store_(store), staff_(staff), jobs_(jobs) {
  rooms.rpcs.Standard<v1::SlotHold>(store_.holds());
  rooms.rpcs.On(this, &ScheduleService::Search);
  rooms.rpcs.On(this, &ScheduleService::Hold);
  rooms.rpcs.On(this, &ScheduleService::Release);
  rooms.rpcs.On(this, &ScheduleService::ListCapacity);
  rooms.rpcs.On(this, &ScheduleService::Forecast);
}

absl::StatusOr<v1::SearchSlotsResponse> ScheduleService::Search(chassis::Call& call,
                                                                const v1::SearchSlotsRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  const OpeningHours hours = HoursOf(store);
  const absl::Time latest = FromProto(request.latest_time());
  absl::Time earliest = std::max(FromProto(request.earliest_time()), CeilToUnit(call.Now()));
  if (latest < FromProto(request.earliest_time()) ||
      latest - FromProto(request.earliest_time()) > absl::Hours(24 * kSearchDaysMax)) {
    return SpanTooLong("latest_time");
  }
  ASSIGN_OR_RETURN(const int64_t after, ReadPageToken(request.page_token()));
  earliest = std::max(earliest, absl::FromUnixSeconds(after));
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size(), kSlotPageDefault, kSlotPageMax));
  v1::SearchSlotsResponse response;
  if (earliest >= latest) return response;
  const absl::Time roster_end = latest + absl::Minutes(request.duration_minutes());
  ASSIGN_OR_RETURN(const Roster roster, call.Read([&](chassis::sql::Session& session) {
    return store_.Load(session, request.store_id(), hours, earliest, roster_end);
  }));
  // One more than the page tells whether there is another.
  std::vector<v1::Slot> slots =
      FreeSlots(roster, request.skill(), request.duration_minutes(), earliest, latest, page_size + 1);
  if (static_cast<int>(slots.size()) > page_size) {
    response.set_next_page_token(WritePageToken(slots.back().start_time().seconds()));
    slots.pop_back();
  }
  for (v1::Slot& slot : slots) *response.add_slots() = std::move(slot);
  return response;
}

absl::StatusOr<v1::SlotHold> ScheduleService::Hold(chassis::Call& call, const v1::HoldSlotRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  const OpeningHours hours = HoursOf(store);
  RETURN_IF_ERROR(CheckSpan(hours, FromProto(request.start_time()), request.duration_minutes(), call.Now()));
  return call.Transact<v1::SlotHold>([&](chassis::UnitOfWork& work) { return TakePlace(work, request, hours); });
}

absl::StatusOr<v1::SlotHold> ScheduleService::TakePlace(chassis::UnitOfWork& work, const v1::HoldSlotRequest& request,
                                                        const OpeningHours& hours) const {
  const absl::Time start = FromProto(request.start_time());
  const int minutes = request.duration_minutes();
  ASSIGN_OR_RETURN(const Roster roster,
                   store_.Load(work.sql(), request.store_id(), hours, start, start + absl::Minutes(minutes)));
  ASSIGN_OR_RETURN(const std::vector<v1::SlotHold> known,
                   store_.HoldsOf(work.sql(), request.store_id(), request.holder_id()));
  ASSIGN_OR_RETURN(const std::string wanted, BayWanted(request, roster, BayOfDay(known, hours, start)));
  if (OnShift(roster, request.skill(), start, minutes).empty()) return NobodyOnShift(request.skill());
  std::vector<const v1::Bay*> bays = FreeBays(roster, request.skill(), start, minutes);
  if (!wanted.empty()) {
    bays.erase(std::remove_if(bays.begin(), bays.end(), [&](const v1::Bay* bay) { return bay->bay_id() != wanted; }),
               bays.end());
  }
  const std::vector<const v1::StaffMember*> technicians = FreeTechnicians(roster, request.skill(), start, minutes);
  v1::SlotHold hold = HoldFrom(request, work.NewId());
  // What looked free may be taken by now: the keys decide, and the next place is tried.
  size_t bay = 0;
  size_t technician = 0;
  while (bay < bays.size() && technician < technicians.size()) {
    hold.set_bay_id(bays[bay]->bay_id());
    hold.set_bay_name(bays[bay]->display_name());
    hold.set_technician_id(technicians[technician]->staff_member_id());
    ASSIGN_OR_RETURN(const ScheduleStore::Outcome outcome, store_.Take(work, hold));
    if (outcome == ScheduleStore::Outcome::kTaken) return hold;
    ++(outcome == ScheduleStore::Outcome::kBayLost ? bay : technician);
  }
  return SlotTaken(start);
}

absl::StatusOr<v1::ReleaseSlotResponse> ScheduleService::Release(chassis::Call& call,
                                                                 const v1::ReleaseSlotRequest& request) {
  return call.Transact<v1::ReleaseSlotResponse>(
      [&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::ReleaseSlotResponse> {
        RETURN_IF_ERROR(store_.Release(work, request.holder_id()));
        return v1::ReleaseSlotResponse();
      });
}

absl::StatusOr<v1::ListCapacityResponse> ScheduleService::ListCapacity(chassis::Call& call,
                                                                       const v1::ListCapacityRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  const OpeningHours hours = HoursOf(store);
  const std::vector<std::string> dates = DatesBetween(request.first_date(), request.last_date(), kSearchDaysMax);
  if (dates.empty()) return SpanTooLong("last_date");
  absl::CivilDay first;
  absl::ParseCivilTime(dates.front(), &first);
  const absl::Time from = TimeOn(hours, first, 0);
  const absl::Time to = TimeOn(hours, first + static_cast<int>(dates.size()), 0);
  struct Facts {
    Roster roster;
    std::map<std::pair<std::string, common::Skill>, int64_t> held;
    std::map<common::Skill, int64_t> queued;
  };
  ASSIGN_OR_RETURN(Facts facts, call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<Facts> {
    Facts read;
    ASSIGN_OR_RETURN(read.roster, store_.Load(session, request.store_id(), hours, from, to));
    ASSIGN_OR_RETURN(read.held, store_.HeldUnits(session, request.store_id(), hours, from, to));
    ASSIGN_OR_RETURN(read.queued, jobs_.QueuedMinutesBySkill(session, request.store_id()));
    return read;
  }));
  const absl::CivilDay today = DayOf(hours, call.Now());
  std::vector<v1::DayCapacity> capacities;
  for (const std::string& date : dates) {
    absl::CivilDay day;
    absl::ParseCivilTime(date, &day);
    for (int number = common::Skill_MIN + 1; number <= common::Skill_MAX; ++number) {
      const auto skill = static_cast<common::Skill>(number);
      if (!common::Skill_IsValid(number)) continue;
      if (request.skill() != common::SKILL_UNSPECIFIED && request.skill() != skill) continue;
      capacities.push_back(
          CapacityOf(facts.roster, day, skill, facts.held[{date, skill}], day == today ? facts.queued[skill] : 0));
    }
  }
  v1::ListCapacityResponse response;
  RETURN_IF_ERROR(CutPage(capacities, request.page_size(), request.page_token(), *response.mutable_capacities(),
                          *response.mutable_next_page_token()));
  return response;
}

absl::StatusOr<v1::ForecastCompletionResponse> ScheduleService::Forecast(chassis::Call& call,
                                                                         const v1::ForecastCompletionRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  ASSIGN_OR_RETURN(const auto loads,
                   call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<std::map<common::Skill, SkillLoad>> {
                     std::map<common::Skill, SkillLoad> read;
                     ASSIGN_OR_RETURN(const auto queued, jobs_.QueuedMinutesBySkill(session, request.store_id()));
                     for (const auto& [skill, minutes] : queued) read[skill].queued_minutes = minutes;
                     ASSIGN_OR_RETURN(const std::vector<v1::StaffMember> members,
                                      staff_.Active(session, request.store_id()));
                     for (const v1::StaffMember& member : members) {
                       if (!DoesRepairs(member.post())) continue;
                       for (const v1::StaffSkill& held : member.skills()) ++read[held.skill()].technicians;
                     }
                     return read;
                   }));
  return workshop::Forecast(HoursOf(store), request, loads, call.Now());
}

}  // namespace workshop
