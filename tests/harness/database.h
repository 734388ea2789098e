// The database under test. One private MariaDB server per test run: the one AFTERSALES_TEST_DATABASE names
// ("host:port", root without password; `./dev test` starts it), or a server of this program's own with its data in
// memory. Every FreshSchema is a new, migrated database that is dropped when it goes.
#pragma once

#include <memory>
#include <string>

#include "chassis/sql/pool.h"
#include "chassis/time/clock.h"

namespace harness {

class Schema {
 public:
  virtual ~Schema() = default;
  virtual const chassis::sql::Endpoint& endpoint() const = 0;
  // A pool on the schema with system clock and sleeper, made on first use.
  virtual chassis::sql::Pool& pool() = 0;
};

// `service` is "parts", "reception", "workshop", "crm", or "" for the chassis' tables alone.
std::unique_ptr<Schema> FreshSchema(const std::string& service);

// "host:port" of the server, for tests that kill or restart it (they start their own with StartServer).
std::string ServerAddress();

// Repository paths, for data and migrations.
std::string SourceDirectory();
std::string BinaryDirectory();

}  // namespace harness
