// Document numbers for people (G-08): SH01-RO-20261121-0042. Unique, increasing, never reused per store, kind and
// business day. Taken in blocks with a transaction of their own, so numbering never serialises a store; a number
// whose command fails is lost, and that is all.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/store.pb.h"
#include "chassis/sql/pool.h"
#include "chassis/time/clock.h"

namespace chassis {

class Numbers {
 public:
  virtual ~Numbers() = default;
  // Call before the transaction that uses it.
  virtual absl::StatusOr<std::string> Next(const std::string& store_id, std::string_view kind, absl::Time deadline) = 0;
};

// How numbers learn a store's code and time zone: Stores::Get.
using StoreLookup =
    std::function<absl::StatusOr<aftersales::common::v1::Store>(const std::string& store_id, absl::Time deadline)>;
std::unique_ptr<Numbers> MakeNumbers(sql::Pool& pool, Clock& clock, StoreLookup store);

}  // namespace chassis
