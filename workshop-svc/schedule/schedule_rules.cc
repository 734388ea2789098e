// See schedule_rules.h.
#include "workshop-svc/schedule/schedule_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "chassis/time/clock.h"

namespace workshop {
namespace {

using chassis::Refuse;

constexpr absl::Duration kUnit = absl::Minutes(kUnitMinutes);

bool IsFree(const Roster& roster, const std::string& id, absl::Time start, int minutes) {
  for (absl::Time unit = start; unit < start + absl::Minutes(minutes); unit += kUnit) {
    if (roster.taken.count({id, absl::ToUnixSeconds(unit)}) > 0) return false;
  }
  return true;
}

absl::Time FloorToUnit(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  return absl::FromUnixSeconds(seconds - seconds % (kUnitMinutes * 60));
}

std::string OpeningText(int minute) {
  const auto two = [](int number) { return absl::StrCat(number < 10 ? "0" : "", number); };
  return absl::StrCat(two(minute / 60), ":", two(minute % 60));
}

}  // namespace

OpeningHours HoursOf(const common::Store& store) {
  OpeningHours hours{absl::UTCTimeZone(), {8 * 60, 18 * 60}};
  absl::TimeZone zone;
  if (absl::LoadTimeZone(store.time_zone(), &zone)) hours.zone = zone;
  if (!store.settings().opening_time().empty()) hours.open.start = MinuteOfDay(store.settings().opening_time());
  if (!store.settings().closing_time().empty()) hours.open.end = MinuteOfDay(store.settings().closing_time());
  return hours;
}

absl::CivilDay DayOf(const OpeningHours& hours, absl::Time time) { return absl::ToCivilDay(time, hours.zone); }

absl::Time TimeOn(const OpeningHours& hours, absl::CivilDay day, int minute) {
  return absl::FromCivil(absl::CivilMinute(day) + minute, hours.zone);
}

v1::Weekday WeekdayOf(absl::CivilDay day) {
  // absl counts Monday 0; ISO 8601 counts it 1.
  return static_cast<v1::Weekday>(static_cast<int>(absl::GetWeekday(day)) + 1);
}

int MinuteOn(const OpeningHours& hours, absl::CivilDay day, absl::Time time) {
  return static_cast<int>(absl::ToCivilMinute(time, hours.zone) - absl::CivilMinute(day));
}

absl::Time CeilToUnit(absl::Time time) {
  const absl::Time floor = FloorToUnit(time);
  return floor < time ? floor + kUnit : floor;
}

absl::Status CheckSpan(const OpeningHours& hours, absl::Time start, int minutes, absl::Time now) {
  if (FloorToUnit(start) != start || minutes % kUnitMinutes != 0) {
    return Refuse(v1::ERROR_REASON_SLOT_NOT_ON_QUARTER)
        .At("start_time", "不在整刻钟上", "is not on a quarter of an hour");
  }
  if (start < FloorToUnit(now)) {
    return Refuse(v1::ERROR_REASON_SLOT_IN_PAST).At("start_time", "已经过去", "lies in the past");
  }
  const absl::CivilDay day = DayOf(hours, start);
  if (MinuteOn(hours, day, start) < hours.open.start ||
      MinuteOn(hours, day, start + absl::Minutes(minutes)) > hours.open.end) {
    return Refuse(v1::ERROR_REASON_OUTSIDE_OPENING_HOURS)
        .With("open", OpeningText(hours.open.start))
        .With("close", OpeningText(hours.open.end))
        .At("start_time", "不在营业时间内", "is outside the opening hours");
  }
  return absl::OkStatus();
}

std::vector<absl::Time> UnitsOf(absl::Time start, absl::Time end) {
  std::vector<absl::Time> units;
  for (absl::Time unit = start; unit < end; unit += kUnit) units.push_back(unit);
  return units;
}

absl::Time AddOpenMinutes(const OpeningHours& hours, absl::Time from, int64_t minutes) {
  if (hours.open.end <= hours.open.start) return from + absl::Minutes(minutes);
  absl::CivilDay day = DayOf(hours, from);
  absl::Time at = std::max(from, TimeOn(hours, day, hours.open.start));
  absl::Duration left = absl::Minutes(minutes);
  while (true) {
    const absl::Time close = TimeOn(hours, day, hours.open.end);
    if (at < close && left <= close - at) return at + left;
    if (at < close) left -= close - at;
    ++day;
    at = TimeOn(hours, day, hours.open.start);
  }
}

bool Serves(const v1::Bay& bay, common::Skill skill) {
  return bay.state() == v1::Bay::STATE_OPEN &&
         std::find(bay.skills().begin(), bay.skills().end(), skill) != bay.skills().end();
}

std::vector<const v1::Bay*> FreeBays(const Roster& roster, common::Skill skill, absl::Time start, int minutes) {
  std::vector<const v1::Bay*> free;
  for (const v1::Bay& bay : roster.bays) {
    if (Serves(bay, skill) && IsFree(roster, bay.bay_id(), start, minutes)) free.push_back(&bay);
  }
  std::stable_sort(free.begin(), free.end(), [](const v1::Bay* a, const v1::Bay* b) {
    return std::make_pair(a->skills_size(), a->display_name()) < std::make_pair(b->skills_size(), b->display_name());
  });
  return free;
}

std::vector<const v1::StaffMember*> OnShift(const Roster& roster, common::Skill skill, absl::Time start, int minutes) {
  const absl::CivilDay day = DayOf(roster.hours, start);
  const int minute = MinuteOn(roster.hours, day, start);
  const std::string date = absl::FormatCivilTime(day);
  std::vector<const v1::StaffMember*> found;
  for (const v1::StaffMember& member : roster.technicians) {
    if (!DoesRepairs(member.post()) || GradeOf(member, skill) == 0) continue;
    if (!IsOnShift(member, WeekdayOf(day), {minute, minute + minutes})) continue;
    if (roster.absences.count({member.staff_member_id(), date}) > 0) continue;
    found.push_back(&member);
  }
  return found;
}

std::vector<const v1::StaffMember*> FreeTechnicians(const Roster& roster, common::Skill skill, absl::Time start,
                                                    int minutes) {
  std::vector<const v1::StaffMember*> free;
  for (const v1::StaffMember* member : OnShift(roster, skill, start, minutes)) {
    if (IsFree(roster, member->staff_member_id(), start, minutes)) free.push_back(member);
  }
  std::stable_sort(free.begin(), free.end(), [&](const v1::StaffMember* a, const v1::StaffMember* b) {
    if (a->skills_size() != b->skills_size()) return a->skills_size() < b->skills_size();
    if (GradeOf(*a, skill) != GradeOf(*b, skill)) return GradeOf(*a, skill) > GradeOf(*b, skill);
    return a->staff_number() < b->staff_number();
  });
  return free;
}

std::vector<v1::Slot> FreeSlots(const Roster& roster, common::Skill skill, int minutes, absl::Time earliest,
                                absl::Time latest, size_t limit) {
  std::vector<v1::Slot> slots;
  const OpeningHours& hours = roster.hours;
  for (absl::CivilDay day = DayOf(hours, earliest); TimeOn(hours, day, hours.open.start) < latest; ++day) {
    for (int minute = hours.open.start; minute + minutes <= hours.open.end; minute += kUnitMinutes) {
      const absl::Time start = TimeOn(hours, day, minute);
      if (start < earliest) continue;
      if (start >= latest) return slots;
      const auto bays = FreeBays(roster, skill, start, minutes);
      if (bays.empty() || FreeTechnicians(roster, skill, start, minutes).empty()) continue;
      v1::Slot& slot = slots.emplace_back();
      slot.set_bay_id(bays.front()->bay_id());
      slot.set_bay_name(bays.front()->display_name());
      *slot.mutable_start_time() = chassis::ToProto(start);
      *slot.mutable_end_time() = chassis::ToProto(start + absl::Minutes(minutes));
      if (slots.size() >= limit) return slots;
    }
  }
  return slots;
}

absl::StatusOr<v1::ForecastCompletionResponse> Forecast(const OpeningHours& hours,
                                                        const v1::ForecastCompletionRequest& request,
                                                        const std::map<common::Skill, SkillLoad>& loads,
                                                        absl::Time now) {
  v1::ForecastCompletionResponse forecast;
  int64_t work_minutes = 0;
  int64_t queued_minutes = 0;
  for (int i = 0; i < request.works_size(); ++i) {
    const auto& work = request.works(i);
    const auto load = loads.find(work.skill());
    if (load == loads.end() || load->second.technicians == 0) {
      return Refuse(v1::ERROR_REASON_NO_SKILL_ON_SHIFT)
          .With("skill", SkillName(work.skill()))
          .With("skill_zh", SkillNameZh(work.skill()))
          .At(absl::StrCat("works[", i, "].skill"), "本店没有具备此技能的技师", "nobody in the store has this skill");
    }
    work_minutes += work.standard_minutes();
    // Each technician of the skill takes an equal part of what waits; the longest wait holds the order up.
    const int64_t hands = load->second.technicians;
    queued_minutes = std::max(queued_minutes, (load->second.queued_minutes + hands - 1) / hands);
  }
  absl::Time at = request.has_start_time() ? std::max(now, chassis::FromProto(request.start_time())) : now;
  at = AddOpenMinutes(hours, at, queued_minutes);
  if (request.has_parts_ready_time()) {
    at = std::max(at, chassis::FromProto(request.parts_ready_time()));
    *forecast.mutable_parts_ready_time() = request.parts_ready_time();
  }
  *forecast.mutable_feasible_time() = chassis::ToProto(AddOpenMinutes(hours, at, work_minutes));
  forecast.set_work_minutes(static_cast<int32_t>(work_minutes));
  forecast.set_queued_minutes(static_cast<int32_t>(queued_minutes));
  return forecast;
}

v1::DayCapacity CapacityOf(const Roster& roster, absl::CivilDay day, common::Skill skill, int64_t held_units,
                           int64_t queued_minutes) {
  v1::DayCapacity capacity;
  const std::string date = absl::FormatCivilTime(day);
  int technician_minutes = 0;
  for (const v1::StaffMember& member : roster.technicians) {
    if (!DoesRepairs(member.post()) || GradeOf(member, skill) == 0) continue;
    if (roster.absences.count({member.staff_member_id(), date}) > 0) continue;
    technician_minutes += ShiftMinutes(member, WeekdayOf(day), roster.hours.open);
  }
  const auto serving =
      std::count_if(roster.bays.begin(), roster.bays.end(), [&](const v1::Bay& bay) { return Serves(bay, skill); });
  const int bay_minutes = static_cast<int>(serving) * (roster.hours.open.end - roster.hours.open.start);
  const int held_minutes = static_cast<int>(held_units) * kUnitMinutes;
  capacity.set_date(date);
  capacity.set_skill(skill);
  capacity.set_technician_minutes(technician_minutes);
  capacity.set_bay_minutes(bay_minutes);
  capacity.set_held_minutes(held_minutes);
  capacity.set_free_minutes(std::max(0, std::min(technician_minutes, bay_minutes) - held_minutes));
  capacity.set_queued_minutes(static_cast<int32_t>(queued_minutes));
  return capacity;
}

}  // namespace workshop
