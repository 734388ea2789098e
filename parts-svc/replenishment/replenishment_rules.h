// What to order and why (P-06): the trade's formula, its explanation in words, and who may still change a proposal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "aftersales/parts/v1/replenishment.pb.h"
#include "parts-svc/demand/demand_rules.h"

namespace parts {

struct PartFacts;

// The formula's figures of the policy, kept in the run.
void TakeFigures(const v1::PartsPolicy& policy, v1::ReplenishmentRun& run);

// The levels the formula leads to, whether or not something is to be ordered.
struct StockLevels {
  DemandWindow three, six, twelve;
  int64_t average_daily_micro = 0;
  int32_t season_basis_points = 10000;
  int64_t daily_micro = 0;
  int32_t lead_time_days = 0;
  int64_t safety_stock_milli = 0;
  int64_t reorder_point_milli = 0;
  int64_t urgent_point_milli = 0;
  int64_t need_milli = 0;  // negative: there is more than needed
};
StockLevels LevelsOf(const PartFacts& part, const v1::ReplenishmentRun& run, absl::CivilDay today);

// reorder point = daily x (cycle + lead time) + safety stock; order = reorder point + backorders - available - on
// order, in whole packs, not less than the supplier sells. Nothing for a part that needs none and for one whose place
// another took.
std::optional<v1::ReplenishmentProposal> Propose(const PartFacts& part, const v1::ReplenishmentRun& run,
                                                 absl::CivilDay today);

// Why this quantity: every number, with its unit, in the order of the formula.
void Explain(const v1::ReplenishmentRun& run, v1::ReplenishmentProposal& proposal);

// PROPOSAL_PACK when it is no multiple of the pack.
absl::Status CheckPack(const v1::ReplenishmentProposal& proposal, int64_t quantity_milli);

// Sets quantity and amount; the state follows.
absl::Status Decide(v1::ReplenishmentProposal& proposal, int64_t quantity_milli);

// Lines of one purchase order.
inline constexpr int64_t kOrderLinesMax = 500;

// PROPOSAL_WITHOUT_SUPPLIER naming the first parts, NOTHING_TO_ORDER.
absl::Status CheckOrderable(const v1::ReplenishmentRun& run, const std::vector<v1::ReplenishmentProposal>& proposals);

// The proposals of each order to draft: by supplier, at most kOrderLinesMax on one.
std::vector<std::vector<v1::ReplenishmentProposal>> OrdersOf(const std::vector<v1::ReplenishmentProposal>& proposals);

// Adds a proposal to the run's counts, takes it away again, as it was and as it is.
void Count(const v1::ReplenishmentProposal& proposal, v1::ReplenishmentRun& run);
void Recount(const v1::ReplenishmentProposal& before, const v1::ReplenishmentProposal& after,
             v1::ReplenishmentRun& run);

// The least multiple of `pack` that is not below `quantity`. pack > 0.
int64_t InPacks(int64_t quantity_milli, int64_t pack_milli);
// A quantity or daily figure as people write it: 1500 thousandths are "1.5".
std::string Decimal(int64_t value, int64_t units_per_whole);

}  // namespace parts
