// Few connections, many waiting callers: a pool with a named size, a bounded queue and a deadline on waiting.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/sql/session.h"
#include "chassis/sql/statement_figures.h"
#include "chassis/time/clock.h"

namespace chassis::sql {

struct Endpoint {
  std::string host = "127.0.0.1";
  int port = 3306;
  std::string schema;
  std::string user;
  std::string password;
  // When set the connection is TLS, verified against this CA; an unencrypted one is refused.
  std::string ca_file;
};

struct PoolLimits {
  int connections = 8;
  int waiting_max = 256;  // callers beyond it are refused with ERROR_REASON_OVERLOADED
  int transaction_attempts = 5;
  absl::Duration statement_timeout = absl::Seconds(10);
  absl::Duration lock_wait_timeout = absl::Seconds(3);
};

struct PoolStatistics {
  int limit = 0;  // connections it may open
  int open = 0;
  int in_use = 0;
  int waiting = 0;
  int64_t acquired_total = 0;
  int64_t refused_total = 0;
  int64_t retried_total = 0;  // transactions repeated after a deadlock
  int64_t statements_total = 0;
  StatementFigures statements;
};

class Pool {
 public:
  virtual ~Pool() = default;

  // Runs `body` on a connection outside a transaction (autocommit, READ COMMITTED).
  virtual absl::Status Read(absl::Time deadline, const std::function<absl::Status(Session&)>& body) = 0;
  // Runs `body` in one transaction and commits if it returns OK, else rolls back. Repeats all of it on ABORTED from
  // a deadlock, with jitter, at most transaction_attempts times; `body` must have no effect outside the session.
  // A connection lost during COMMIT is UNAVAILABLE: the outcome is unknown and the request id decides.
  virtual absl::Status Transact(absl::Time deadline, const std::function<absl::Status(Session&)>& body) = 0;
  virtual PoolStatistics Statistics() const = 0;
};

// `clock` decides deadlines, `sleeper` the pause between attempts.
std::unique_ptr<Pool> MakePool(const Endpoint& endpoint, const PoolLimits& limits, Clock& clock, Sleeper& sleeper);

// For the test that EXPLAINs everything: collects each distinct statement text run by any Session of the process.
void RecordStatementsForTest(bool on);
std::vector<std::string> RecordedStatementsForTest();

}  // namespace chassis::sql
