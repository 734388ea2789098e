// See figures_rules.h.
#include "workshop-svc/figures/figures_rules.h"

#include <algorithm>
#include <map>

namespace workshop {
namespace {

int64_t TechnicianMinutes(const Roster& roster, absl::CivilDay day, MinuteSpan within) {
  const std::string date = absl::FormatCivilTime(day);
  int64_t minutes = 0;
  for (const v1::StaffMember& member : roster.technicians) {
    if (!DoesRepairs(member.post()) || roster.absences.count({member.staff_member_id(), date}) > 0) continue;
    minutes += ShiftMinutes(member, WeekdayOf(day), within);
  }
  return minutes;
}

}  // namespace

int64_t OfferedMinutes(const Roster& roster, absl::Time from, absl::Time to) {
  const OpeningHours& hours = roster.hours;
  int64_t offered = 0;
  for (absl::CivilDay day = DayOf(hours, from); TimeOn(hours, day, 0) < to; ++day) {
    const MinuteSpan open{std::max(hours.open.start, MinuteOn(hours, day, from)),
                          std::min(hours.open.end, MinuteOn(hours, day, to))};
    if (open.end <= open.start) continue;
    const int64_t bay_minutes = static_cast<int64_t>(roster.bays.size()) * (open.end - open.start);
    offered += std::min(TechnicianMinutes(roster, day, open), bay_minutes);
  }
  return offered;
}

int64_t OccupiedSeconds(std::vector<BayWork> works, absl::Time from, absl::Time to) {
  std::sort(works.begin(), works.end(), [](const BayWork& a, const BayWork& b) { return a.start < b.start; });
  std::map<std::string, absl::Time> counted_until;  // by bay
  absl::Duration occupied;
  for (const BayWork& work : works) {
    absl::Time& until = counted_until.try_emplace(work.bay_id, from).first->second;
    const absl::Time start = std::max(work.start, until);
    const absl::Time end = std::min(work.end, to);
    if (end <= start) continue;
    occupied += end - start;
    until = end;
  }
  return absl::ToInt64Seconds(occupied);
}

}  // namespace workshop
