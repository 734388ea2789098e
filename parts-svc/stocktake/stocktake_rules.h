// Counting while the store works (P-10). A count says what lay there at one moment; the account of that same moment is
// what it is held against, so goods that come and go before or after do no harm. Pure: sheet, counts and movements come
// in, judgements go out.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "aftersales/parts/v1/stocktake.pb.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

// Lines of the longest sheet.
inline constexpr int kSheetLinesMax = 20000;

// STOCKTAKE_SCOPE.
absl::Status CheckScope(const v1::PlanStocktakeRequest& request);

// Goods of that kind of bin are counted; those in transit are nowhere to be found.
bool IsCounted(v1::Location::Kind kind);

// STOCKTAKE_SCOPE when the bin is not in the stocktake's scope. Class and parts are the caller's to check.
absl::Status CheckInScope(const v1::Stocktake& stocktake, const v1::Location& place);

// Takes a count down. COUNT_TIME, SAME_COUNTER.
absl::Status Count(const v1::Stocktake& stocktake, int64_t counted_milli, absl::Time count_time, absl::Time now,
                   const std::string& counter, v1::StocktakeLine& line);

// The part, bin and batch of a line; goods that are not tracked have no batch.
struct Shelf {
  std::string part_id;
  std::string location_id;
  std::string batch_code;
  bool operator<(const Shelf& other) const {
    return std::tie(part_id, location_id, batch_code) < std::tie(other.part_id, other.location_id, other.batch_code);
  }
};
Shelf ShelfOf(const v1::StocktakeLine& line);
using OnShelves = std::map<Shelf, int64_t>;

// Fills expected, difference and its value. `now_milli` is what the account says now, `later` every movement since the
// earliest count: those after the line's count are taken back.
void Hold(v1::StocktakeLine& line, const OnShelves& now_milli, const std::vector<v1::StockMovement>& later,
          const StocksByPart& stocks);

// Beyond the policy's tolerance: to be counted again.
bool Deviates(const v1::StocktakeLine& line, const v1::PartsPolicy& policy);

// Sums the sheet up in the stocktake's figures. `stocks` gives the averages.
void SumUp(const std::vector<v1::StocktakeLine>& lines, const StocksByPart& stocks, v1::Stocktake& stocktake);

// What posting `lines` does, in their order: entries against the variance account, value at moving average; the lines
// keep what was posted. `stocks` follows.
std::vector<v1::StockMovement> Adjustments(std::vector<v1::StocktakeLine>& lines, const std::string& variance_id,
                                           StocksByPart stocks);

// Missing goods cannot be held any longer: takes them back from `reservations`, latest need first; they wait in the
// queue again. `missing_milli` by part.
StockDeltas FallShort(std::vector<v1::Reservation>& reservations, std::map<std::string, int64_t> missing_milli);

}  // namespace parts
