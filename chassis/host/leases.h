// Background work that one replica does at a time: whoever holds the row's lease works, the others wait until it
// runs out. A holder renews by asking again.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/sql/pool.h"
#include "chassis/time/clock.h"

namespace chassis {

class Leases {
 public:
  Leases(sql::Pool& pool, Clock& clock);

  // True when this instance may do the job called `name` until `duration` from now.
  absl::StatusOr<bool> Take(std::string_view name, absl::Duration duration);
  // Gives up what this instance holds, so that another need not wait (shutdown).
  absl::Status ReleaseAll();

 private:
  sql::Pool& pool_;
  Clock& clock_;
  const std::string holder_;
};

}  // namespace chassis
