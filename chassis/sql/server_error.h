// What an error number of the server or the client library means for the statement, the transaction and the
// connection. The only place that knows the numbers; MariaDB's and MySQL's stand side by side.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "chassis/sql/statement_figures.h"

namespace chassis::sql {

// See session.h for the meaning of each code. `message` is the server's; of a duplicate key only the key's name is
// kept, because the rest are values.
absl::Status StatusOf(int error, std::string_view message, std::string_view sql);

// The class an error made here is counted under.
StatementError ErrorIn(const absl::Status& status);

// True for errors after which the whole transaction has to be repeated (deadlock, lock wait timeout).
bool DoomsTransaction(int error);

// Decides whether a connection survives an error. The server's own errors leave the protocol in order and the
// connection usable; client errors (2000-2999), numbers we were not given (0) and a server that is going away leave
// it in a state nobody knows, so it is dropped and the next caller gets a new one.
class BrokenGuard {
 public:
  void Observe(int error);
  void ObserveUnknown() { broken_ = true; }
  bool broken() const { return broken_; }

 private:
  bool broken_ = false;
};

// A prepared statement that must be prepared again.
bool SpoilsStatement(int error);

}  // namespace chassis::sql
