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
// `server` is "host:port" of a server of the test's own (root without password), "" for the test run's.
std::unique_ptr<Schema> FreshSchema(const std::string& service, const std::string& server = "");

// A new database without tables, for programs that migrate it themselves; dropped when it goes.
std::unique_ptr<Schema> EmptySchema(const std::string& server = "");
// A database that is there already, `name` on `server`; it stays when this goes.
std::unique_ptr<Schema> ExistingSchema(const std::string& server, const std::string& name);

// "host:port" of the server, for tests that kill or restart it (they start a DatabaseServer of their own).
std::string ServerAddress();

// Repository paths, for data and migrations.
std::string SourceDirectory();
std::string BinaryDirectory();
// A new directory below it, for what a test keeps in files.
std::string ScratchDirectory(const std::string& purpose);

}  // namespace harness
