// Where a list goes on: the order values of the last row, bound by a digest to the query they belong to. Opaque to
// callers; a token of another query or one that was tampered with is ERROR_REASON_PAGE_TOKEN.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/sql/value.h"

namespace chassis::records {

// Values one after the other; equal for equal values only. Also serves as a key of look-up tables.
std::string Encoded(const std::vector<sql::Value>& values);

// `query` is everything that decides what the list is: table, scope, filter, order.
std::string MakePageToken(std::string_view query, const std::vector<sql::Value>& values);
absl::StatusOr<std::vector<sql::Value>> ReadPageToken(std::string_view token, std::string_view query, size_t count);

}  // namespace chassis::records
