// One connection, as the stores see it. Statements are prepared once per connection and cached. Exceptions of the
// connector stop here; errors come out as absl::Status:
//   ABORTED            deadlock or lock wait timeout (1213, 1205): Pool::Transact repeats the whole transaction
//   ALREADY_EXISTS     duplicate key (1062); the message holds the key's name
//   UNAVAILABLE        connection lost (2006, 2013, 2014)
//   DEADLINE_EXCEEDED  statement timeout (1969, 3024)
//   FAILED_PRECONDITION  CHECK or foreign key violated (4025, 3819, 1452)
//   INTERNAL           everything else: a defect of ours
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/sql/value.h"

namespace chassis::sql {

class Session {
 public:
  virtual ~Session() = default;

  // `sql` uses `?`. Every argument goes through ToValue.
  template <typename... Args>
  absl::StatusOr<Rows> Query(std::string_view sql, Args&&... args) {
    return QueryValues(sql, {ToValue(std::forward<Args>(args))...});
  }
  // Number of rows changed. An UPDATE that finds its row but changes nothing counts 0: bump `version`.
  template <typename... Args>
  absl::StatusOr<int64_t> Execute(std::string_view sql, Args&&... args) {
    return ExecuteValues(sql, {ToValue(std::forward<Args>(args))...});
  }
  virtual absl::StatusOr<Rows> QueryValues(std::string_view sql, const std::vector<Value>& values) = 0;
  virtual absl::StatusOr<int64_t> ExecuteValues(std::string_view sql, const std::vector<Value>& values) = 0;
};

// "?,?,?" and "(?,?),(?,?)": for IN lists and multi-row inserts.
std::string Placeholders(size_t count);
std::string RowPlaceholders(size_t rows, size_t columns);

}  // namespace chassis::sql
