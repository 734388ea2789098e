// Civil dates: ISO text like "2026-11-21", which sorts as it reads. Where a day begins depends on the store's zone.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace chassis {

// `date` is a date; `days` may be negative.
std::string AddDays(std::string_view date, int64_t days);
// From `from` to `until`: 0 on the same day, negative when it lies before.
int64_t DaysBetween(std::string_view from, std::string_view until);

// Midnight at its beginning and at its end in the given IANA zone; UTC when the zone is unknown.
absl::Time DayStart(std::string_view date, std::string_view time_zone);
absl::Time DayEnd(std::string_view date, std::string_view time_zone);
// "18:00" of that day.
absl::Time AtTimeOfDay(std::string_view date, std::string_view time_of_day, std::string_view time_zone);

}  // namespace chassis
