// Document numbers for people (G-08): SH01-RO-20261121-0042. Unique, increasing, never reused per store, kind and
// business day. Taken in blocks with a transaction of their own, so numbering never serialises a store; a number
// whose command fails is lost, and that is all.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace chassis {

class Numbers {
 public:
  virtual ~Numbers() = default;
  // Call before the transaction that uses it.
  virtual absl::StatusOr<std::string> Next(const std::string& store_id, std::string_view kind,
                                           absl::Time deadline) = 0;
};

}  // namespace chassis
