// Numbered SQL files become the schema: `NNNN_what.sql`, applied once, in order, checksum kept; a file changed
// after it was applied stops the run. One writer at a time by a row lease. The chassis' own files (command log,
// outbox, duties, processes ...) run before the service's and are numbered on their own.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/sql/pool.h"

namespace chassis::sql {

struct Migration {
  std::string set;  // "chassis" or the service's name
  int number = 0;
  std::string name;  // file name
  std::string text;  // statements separated by ";\n"
};

// Reads a directory, ordered. Two files with one number are an error.
absl::StatusOr<std::vector<Migration>> LoadMigrations(const std::string& set, const std::string& directory);
// Applies what is missing; returns the names applied. `progress` gets one line each.
absl::StatusOr<std::vector<std::string>> Migrate(Pool& pool, const std::vector<Migration>& migrations,
                                                 const std::function<void(std::string_view)>& progress);
// Names not applied yet: the services refuse to become ready while there are any.
absl::StatusOr<std::vector<std::string>> Pending(Pool& pool, const std::vector<Migration>& migrations);

}  // namespace chassis::sql
