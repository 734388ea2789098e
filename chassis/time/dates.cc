// Civil dates; see dates.h.
#include "chassis/time/dates.h"

#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"

namespace chassis {
namespace {

absl::CivilDay DayOf(std::string_view date) {
  absl::CivilDay day;
  return absl::ParseCivilTime(absl::string_view(date.data(), date.size()), &day) ? day : absl::CivilDay();
}

absl::TimeZone ZoneOf(std::string_view time_zone) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (absl::TimeZone named; absl::LoadTimeZone(absl::string_view(time_zone.data(), time_zone.size()), &named)) {
    zone = named;
  }
  return zone;
}

int NumberAt(std::string_view text, size_t at) {
  int number = 0;
  if (text.size() < at + 2) return 0;
  return absl::SimpleAtoi(absl::string_view(text.data() + at, 2), &number) ? number : 0;
}

}  // namespace

std::string AddDays(std::string_view date, int64_t days) { return absl::FormatCivilTime(DayOf(date) + days); }

int64_t DaysBetween(std::string_view from, std::string_view until) { return DayOf(until) - DayOf(from); }

absl::Time DayStart(std::string_view date, std::string_view time_zone) {
  return absl::FromCivil(DayOf(date), ZoneOf(time_zone));
}

absl::Time DayEnd(std::string_view date, std::string_view time_zone) {
  return absl::FromCivil(DayOf(date) + 1, ZoneOf(time_zone));
}

absl::Time AtTimeOfDay(std::string_view date, std::string_view time_of_day, std::string_view time_zone) {
  const absl::CivilDay day = DayOf(date);
  return absl::FromCivil(
      absl::CivilMinute(day.year(), day.month(), day.day(), NumberAt(time_of_day, 0), NumberAt(time_of_day, 3)),
      ZoneOf(time_zone));
}

}  // namespace chassis
