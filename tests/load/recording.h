// The SQL of repair orders without the services around it. The four services run in this process, play orders one after
// the other while the tape of chassis/sql runs, and stop; then the same statements and commits are sent again to copies
// of the schemas as they were before the first order.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "chassis/sql/tape.h"
#include "tests/harness/database.h"
#include "tests/load/load.h"

namespace load {

// What one order, or one round of the background work, sends.
struct Unit {
  std::vector<chassis::sql::TapedLease> leases;
  bool background = false;
};

struct ReplayCount {
  int64_t leases_failed = 0;
  int64_t statements = 0;
  int64_t other_outcome = 0;  // another number of rows than when recorded
};

class Recording {
 public:
  // Plays `orders` orders of store SH01 on fresh schemas of `server` ("host:port"). The background work (relay, intake,
  // duties ...) takes its turn after every `turn_every` orders, and its statements are units of their own.
  Recording(const std::string& server, int orders, int turn_every);
  ~Recording();

  const std::vector<Unit>& units() const { return units_; }
  // "reception" for the schema's name on the tape.
  std::string ServiceOf(const std::string& schema) const;

  // Sends the units of the next `orders` orders (those after the last call's), shared among `threads`, over a pool of
  // `connections` per schema. Background work is left out: what the services do of it beside the orders counts against
  // them.
  Outcome Replay(int orders, int threads, int connections, ReplayCount& count);

 private:
  void Record(int orders, int turn_every);
  void CopySchemas();

  const std::string server_;
  std::map<std::string, std::unique_ptr<harness::Schema>> schemas_;  // by service
  std::map<std::string, std::unique_ptr<harness::Schema>> copies_;
  std::map<std::pair<std::string, int>, std::unique_ptr<chassis::sql::Pool>> pools_;  // by schema recorded and size
  std::vector<Unit> units_;
  size_t next_unit_ = 0;
};

}  // namespace load
