// The words of a List request as SQL: `filter` (a subset of AIP-160: comparisons joined by AND) and `order_by`. Only
// fields declared filterable and key columns may stand in them, so every query has an index and personal data
// cannot be fished for. A mistake is ERROR_REASON_FILTER, naming where and why.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/privacy/cipher.h"
#include "chassis/records/shape.h"
#include "chassis/sql/value.h"

namespace chassis::records {

inline constexpr size_t kFilterBytesMax = 2000;
inline constexpr size_t kComparisonsMax = 20;
inline constexpr size_t kOrderTermsMax = 4;

// A piece of a WHERE clause with its arguments.
struct Condition {
  std::string sql;  // empty: none
  std::vector<sql::Value> values;

  void And(std::string_view more, std::vector<sql::Value> more_values);
};

// `state = "OPEN" AND due_time < "2026-11-21T00:00:00Z" AND safety_critical = true`. An empty text for an id, a
// date or a time asks for rows without one.
absl::StatusOr<Condition> ParseFilter(std::string_view filter, const Shape& shape, const privacy::Cipher& cipher);

struct OrderTerm {
  const Column* column;
  bool descending = false;
};
// The terms asked for, then the key columns that are not among them, so that the order is total. The first key
// column is left out where every row has the same one (`scoped`).
absl::StatusOr<std::vector<OrderTerm>> ParseOrder(std::string_view order_by, const Shape& shape, bool scoped);

std::string OrderBy(const std::vector<OrderTerm>& terms);  // "ORDER BY `a` DESC,`b`"
// Rows strictly after the one with these values.
Condition After(const std::vector<OrderTerm>& terms, const std::vector<sql::Value>& values);

}  // namespace chassis::records
