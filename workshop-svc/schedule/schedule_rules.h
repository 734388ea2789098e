// Capacity (R-02, R-25, W-01): opening hours in the store's time zone, which bay and which technician are free for a
// span, when work can be ready, and the calendar of a day. Pure: the roster holds everything that was read.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/workshop/v1/bay.pb.h"
#include "aftersales/workshop/v1/schedule.pb.h"
#include "workshop-svc/staff/staff_rules.h"

namespace workshop {

inline constexpr int kUnitMinutes = 15;
inline constexpr int kSearchDaysMax = 31;
inline constexpr int kSlotPageMax = 500;

struct OpeningHours {
  absl::TimeZone zone;
  MinuteSpan open;
};
OpeningHours HoursOf(const common::Store& store);
absl::CivilDay DayOf(const OpeningHours& hours, absl::Time time);
absl::Time TimeOn(const OpeningHours& hours, absl::CivilDay day, int minute);
v1::Weekday WeekdayOf(absl::CivilDay day);
// Minutes of the store's day; `time` later than `day` counts on beyond 24 hours.
int MinuteOn(const OpeningHours& hours, absl::CivilDay day, absl::Time time);

// Refuses a span that is off the quarter, in the past or not within one day's opening hours.
absl::Status CheckSpan(const OpeningHours& hours, absl::Time start, int minutes, absl::Time now);
// The quarters of an hour a span occupies.
std::vector<absl::Time> UnitsOf(absl::Time start, absl::Time end);
// The start of the quarter of an hour that begins at or after `time`.
absl::Time CeilToUnit(absl::Time time);
// `minutes` of open time later than `from`.
absl::Time AddOpenMinutes(const OpeningHours& hours, absl::Time from, int64_t minutes);

// Who and what there is, and what of it is taken already.
struct Roster {
  OpeningHours hours;
  std::vector<v1::Bay> bays;
  std::vector<v1::StaffMember> technicians;
  std::set<std::pair<std::string, int64_t>> taken;         // bay or staff member id, unit in Unix seconds
  std::set<std::pair<std::string, std::string>> absences;  // staff member id, date
};
bool Serves(const v1::Bay& bay, common::Skill skill);
// Suitable bays free for the whole span, the most specialised first, so that all-round bays stay free.
std::vector<const v1::Bay*> FreeBays(const Roster& roster, common::Skill skill, absl::Time start, int minutes);
// Technicians with the skill on shift for the whole span, planned elsewhere or not.
std::vector<const v1::StaffMember*> OnShift(const Roster& roster, common::Skill skill, absl::Time start, int minutes);
// Those of them who are not planned elsewhere, the most specialised first.
std::vector<const v1::StaffMember*> FreeTechnicians(const Roster& roster, common::Skill skill, absl::Time start,
                                                    int minutes);
// One slot per free start in [earliest, latest), at most `limit`; the last start looked at decides the next page.
std::vector<v1::Slot> FreeSlots(const Roster& roster, common::Skill skill, int minutes, absl::Time earliest,
                                absl::Time latest, size_t limit);

// Work waiting and hands for it, per skill.
struct SkillLoad {
  int64_t queued_minutes = 0;
  int technicians = 0;
};
// NO_SKILL_ON_SHIFT when nobody in the store has a skill that is needed.
absl::StatusOr<v1::ForecastCompletionResponse> Forecast(const OpeningHours& hours,
                                                        const v1::ForecastCompletionRequest& request,
                                                        const std::map<common::Skill, SkillLoad>& loads,
                                                        absl::Time now);

// `held_units`: units held for the skill that day.
v1::DayCapacity CapacityOf(const Roster& roster, absl::CivilDay day, common::Skill skill, int64_t held_units,
                           int64_t queued_minutes);

}  // namespace workshop
