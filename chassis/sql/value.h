// Values that go into and come out of SQL, and result rows with checked reading: a NULL, a wrong type or a value
// that does not fit is an error, never a silent zero.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chassis::sql {

struct Null {};
struct Bytes {
  std::string data;
};
// A UUID in text that is bound as BINARY(16). Empty text binds NULL.
struct Uuid {
  std::string text;
};

using Value = std::variant<Null, int64_t, std::string, Bytes, absl::Time>;
// Uuid converts to Bytes (or Null) and bool to int64_t.
Value ToValue(const Uuid& id);
inline Value ToValue(int64_t number) { return number; }
inline Value ToValue(int32_t number) { return static_cast<int64_t>(number); }
inline Value ToValue(bool flag) { return static_cast<int64_t>(flag); }
inline Value ToValue(std::string text) { return text; }
inline Value ToValue(std::string_view text) { return std::string(text); }
inline Value ToValue(const char* text) { return std::string(text); }
inline Value ToValue(Bytes bytes) { return bytes; }
inline Value ToValue(absl::Time time) { return time; }
inline Value ToValue(Null null) { return null; }
inline Value ToValue(Value value) { return value; }

std::string UuidBytes(std::string_view text);  // 16 bytes; empty when it is no UUID
std::string UuidText(std::string_view bytes);

class Row;

// A materialised result.
class Rows {
 public:
  Rows() = default;
  size_t size() const { return cells_.size(); }
  bool empty() const { return cells_.empty(); }
  Row operator[](size_t index) const;
  // The first row or a NOT_FOUND absl status.
  absl::StatusOr<Row> One() const;
  const std::vector<std::string>& columns() const;

  // Filled by Session. The names belong to the prepared statement and are shared by all its results.
  std::shared_ptr<const std::vector<std::string>> columns_;
  std::vector<std::vector<Value>> cells_;
};

class Row {
 public:
  Row(const Rows* rows, size_t index) : rows_(rows), index_(index) {}
  bool Has(std::string_view column) const;
  bool IsNull(std::string_view column) const;
  // These terminate the program on a column that does not exist or holds another type: the SQL text stands beside
  // the call, so it is our defect. Int terminates on NULL, too; IntOr is for columns that may hold it.
  int64_t Int(std::string_view column) const;
  int64_t IntOr(std::string_view column, int64_t otherwise) const;
  std::string Text(std::string_view column) const;  // NULL reads as ""
  std::string Id(std::string_view column) const;    // BINARY(16) as UUID text; NULL as ""
  absl::Time Time(std::string_view column) const;   // NULL reads as absl::InfinitePast()
  const Value& Cell(std::string_view column) const;

 private:
  size_t Index(std::string_view column) const;

  const Rows* rows_;
  size_t index_;
};

}  // namespace chassis::sql
