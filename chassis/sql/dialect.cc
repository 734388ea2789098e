// MariaDB limits any statement by max_statement_time (seconds, decimal); MySQL only SELECTs, by max_execution_time
// (milliseconds). There a write is bounded by the lock wait timeout and by the socket's read timeout.
#include "chassis/sql/dialect.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chassis/status/text.h"

namespace chassis::sql {

std::string SessionSettings(std::string_view version, absl::Duration statement_timeout,
                            absl::Duration lock_wait_timeout) {
  const bool maria_db = absl::StrContains(Absl(version), "MariaDB");
  const int64_t timeout_ms = absl::ToInt64Milliseconds(statement_timeout);
  const int64_t lock_wait_seconds =
      std::max<int64_t>(1, absl::ToInt64Seconds(absl::Ceil(lock_wait_timeout, absl::Seconds(1))));
  return absl::StrCat(
      "SET SESSION ", maria_db ? "tx_isolation" : "transaction_isolation", " = 'READ-COMMITTED', sql_mode = ",
      "'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,",
      "ONLY_FULL_GROUP_BY', time_zone = '+00:00', innodb_lock_wait_timeout = ", lock_wait_seconds,
      maria_db ? absl::StrCat(", max_statement_time = ", timeout_ms / 1000, ".",
                              absl::StrCat(1000 + timeout_ms % 1000).substr(1))
               : absl::StrCat(", max_execution_time = ", timeout_ms));
}

}  // namespace chassis::sql
