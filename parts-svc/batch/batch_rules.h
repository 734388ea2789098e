// Which batches go out first (P-01): those that expire first, never one that has expired. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

// The last day a batch may be issued, ISO; "" keeps. By part and batch.
using ExpiryByBatch = std::map<std::string, std::map<std::string, std::string>>;

struct BatchQuantity {
  std::string batch_code;
  int64_t quantity_milli = 0;
};

// "" for a part that keeps; else the last day within the shelf life of goods received on `day`.
std::string ExpireDate(const v1::Part& part, absl::CivilDay day);

bool IsExpired(const std::string& expire_date, absl::CivilDay today);

// Takes `quantity_milli` from `on_hand`, the batch that expires first before the others; batches that keep come last,
// equals in the order of their codes. `expiry` is of this part. NO_FRESH_BATCH.
absl::StatusOr<std::vector<BatchQuantity>> ChooseFirstExpired(const std::string& part_number,
                                                              const std::vector<BatchQuantity>& on_hand,
                                                              const std::map<std::string, std::string>& expiry,
                                                              int64_t quantity_milli, absl::CivilDay today);

// Gives every line of a part in `expiry` its batch: one line becomes several where a batch does not suffice. Goods on
// the shelves among `bins` count, or those in the bin a line asks for. BATCH_EXPIRED for a line that names an expired
// batch.
absl::StatusOr<std::vector<v1::IssueLine>> ChooseBatches(const std::vector<v1::IssueLine>& lines,
                                                         const std::vector<BatchInBin>& batches,
                                                         const std::vector<v1::StockBalance>& bins,
                                                         const ExpiryByBatch& expiry, absl::CivilDay today,
                                                         const std::function<std::string()>& new_id);

}  // namespace parts
