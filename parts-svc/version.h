// The version a record has now, for what is told to the world about it: its etag as a number.
#pragma once

#include <cstdint>

#include "absl/strings/numbers.h"

namespace parts {

template <typename Record>
int64_t VersionOf(const Record& record) {
  int64_t version = 0;
  return absl::SimpleAtoi(record.etag(), &version) ? version : 0;
}

}  // namespace parts
