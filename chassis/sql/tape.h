// What the pools of this process send to the server, written down lease by lease with values and outcome, so that a
// load program can replay exactly the same statements and commits without the services around them. Off unless somebody
// starts it; not for production.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chassis/sql/value.h"

namespace chassis::sql {

struct TapedStatement {
  enum class Kind { kQuery, kExecute };
  Kind kind = Kind::kQuery;
  std::string text;
  std::vector<Value> values;
  int64_t outcome = 0;  // rows read or changed; -1 when the server refused it
};

// One connection for the time somebody held it.
struct TapedLease {
  std::string schema;
  bool transaction = false;
  bool committed = false;
  std::vector<TapedStatement> statements;
};

void StartTape();
// What was recorded since the last look, in the order in which the leases ended.
std::vector<TapedLease> TakeTape();
void StopTape();

// For the pool.
bool TapeRuns();
void WriteOnTape(TapedLease lease);

}  // namespace chassis::sql
