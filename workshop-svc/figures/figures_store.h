// What the workshop counts in its own schema for operators and managers: one statement per figure, over all stores at
// once. A statement looks at what is under way, found by its state, or at a window of time, found by that time; it
// never reads the years before. docs/metrics.md says what each figure means.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/common/v1/store.pb.h"
#include "chassis/records/table.h"
#include "chassis/telemetry/census.h"
#include "workshop-svc/figures/figures_rules.h"

namespace workshop {

// Every figure that is one statement, in the order a vehicle meets them.
std::vector<chassis::Census::Family> Figures();

// What the others are made of: those whose denominator is the time a store offers, by shifts and opening hours.
class FiguresStore {
 public:
  explicit FiguresStore(const chassis::privacy::Cipher& cipher) : stores_(cipher) {}

  absl::StatusOr<std::vector<common::Store>> Stores(chassis::sql::Session& session) const;
  // Quarters of an hour held in [from, to).
  absl::StatusOr<int64_t> HeldUnits(chassis::sql::Session& session, const std::string& store_id, absl::Time from,
                                    absl::Time to) const;
  // Clocks on jobs with a bay that started in [from, to); one that runs ends at `to`.
  absl::StatusOr<std::vector<BayWork>> WorkOnBays(chassis::sql::Session& session, const std::string& store_id,
                                                  absl::Time from, absl::Time to) const;

 private:
  chassis::records::Table<common::Store> stores_;
};

}  // namespace workshop
