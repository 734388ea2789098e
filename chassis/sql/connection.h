// One connection to the server as the pool sees it, and the seam where tests put another one in its place. Not for
// stores: they see the Session.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chassis/sql/pool.h"
#include "chassis/sql/session.h"

namespace chassis::sql {

class Connection : public Session {
 public:
  // Toggling costs a round trip, so the pool leaves a connection as it is and hands it to whoever wants it that way.
  enum class Mode {
    kAutocommit,   // for reads: no transaction is ever open between statements
    kTransaction,  // the first statement opens one; Commit or Rollback ends it
  };
  virtual Mode mode() const = 0;
  virtual absl::Status SetMode(Mode mode) = 0;

  virtual absl::Status Commit() = 0;
  virtual absl::Status Rollback() = 0;
  // Asks the server for a sign of life.
  virtual bool Ping() = 0;
  // Not to be used again.
  virtual bool broken() const = 0;
};

using Connector = std::function<absl::StatusOr<std::unique_ptr<Connection>>()>;

// Connects over MySQL Connector/C++. `counts` hears of the statements it keeps prepared.
absl::StatusOr<std::unique_ptr<Connection>> Connect(
    const Endpoint& endpoint, const PoolLimits& limits,
    std::shared_ptr<StatementCounts> counts = std::make_shared<StatementCounts>());

// `counts`: those the connections tell of what they keep.
std::unique_ptr<Pool> MakePool(Connector connector, const PoolLimits& limits, Clock& clock, Sleeper& sleeper,
                               std::shared_ptr<StatementCounts> counts = std::make_shared<StatementCounts>());

}  // namespace chassis::sql
