// Where MariaDB and MySQL differ, and what every connection is told before anybody uses it.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace chassis::sql {

// One SET statement for a new connection: READ COMMITTED, strict mode, UTC, statement timeout and lock wait timeout.
// `version` is what SELECT VERSION() says. A timeout of zero means none.
std::string SessionSettings(std::string_view version, absl::Duration statement_timeout,
                            absl::Duration lock_wait_timeout);

}  // namespace chassis::sql
