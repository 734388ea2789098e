// What a store's workshop offers and how much of it is used (W-01, W-17). Pure: rosters and times come in.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "workshop-svc/schedule/schedule_rules.h"

namespace workshop {

// Minutes of work that can be booked in [from, to), whole days of the store cut by them: a day offers what its
// technicians on shift can work, or what its bays can hold where that is less.
int64_t OfferedMinutes(const Roster& roster, absl::Time from, absl::Time to);

// A technician's clock that ran on a bay.
struct BayWork {
  std::string bay_id;
  absl::Time start;
  absl::Time end;
};
// Seconds of [from, to) in which at least one clock ran on a bay, all bays together: two technicians under one lift
// occupy it once.
int64_t OccupiedSeconds(std::vector<BayWork> works, absl::Time from, absl::Time to);

}  // namespace workshop
