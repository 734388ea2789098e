// The arithmetic of stock (P-03): what a movement does to balances and value, and which movements are lawful. Value
// and quantity are kept, the moving average is derived, so no rounding drifts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "aftersales/parts/v1/location.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

using Places = std::map<std::string, v1::Location>;         // by location id
using StocksByPart = std::map<std::string, v1::PartStock>;  // by part id

// On hand of one batch or serial number in one bin.
struct BatchInBin {
  std::string part_id;
  std::string batch_code;
  std::string location_id;
  int64_t on_hand_milli = 0;
};

// An outside account: the other side of what comes in and goes out.
bool IsAccount(v1::Location::Kind kind);
// Goods there are ours and have a value.
bool IsOwned(v1::Location::Kind kind);
// Reservations are served from there.
bool IsServing(v1::Location::Kind kind);

// What `quantity_milli` of `owned_milli` is worth at moving average; the last of it takes the whole rest.
// 0 <= quantity_milli <= owned_milli.
int64_t CostOf(const v1::PartStock& stock, int64_t quantity_milli);

// Found goods come in at the average; nothing is known of what there was none of: 0.
int64_t CostOfFound(const v1::PartStock& stock, int64_t quantity_milli);

// A tracked part needs its batch or serial number; a serial number is one unit.
absl::Status CheckBatch(const v1::Part& part, int64_t quantity_milli, const std::string& batch_code,
                        const std::string& line);

// The bin is open and people may put goods of ours there or take them out. Goods in transit are on a transfer's paper:
// only its shipping and receiving touch their bin. `field` is the request field that names it.
absl::Status CheckBin(const v1::Location& location, std::string_view field);

// What happens to the store's stock of one part.
struct StockDelta {
  int64_t on_hand_milli = 0;
  int64_t reserved_milli = 0;
  int64_t short_milli = 0;
  int64_t owned_milli = 0;
  int64_t value_amount = 0;

  bool IsNothing() const {
    return on_hand_milli == 0 && reserved_milli == 0 && short_milli == 0 && owned_milli == 0 && value_amount == 0;
  }
  // What must be available (on hand and not reserved) for it; at most 0 when it takes nothing away.
  int64_t NeededMilli() const { return reserved_milli - on_hand_milli; }
};
// Ordered by part: rows are locked in this order.
using StockDeltas = std::map<std::string, StockDelta>;
void Add(StockDeltas& sum, const StockDeltas& more);

struct BinOfPart {
  std::string part_id;
  std::string location_id;
  bool operator<(const BinOfPart& other) const {
    return part_id != other.part_id ? part_id < other.part_id : location_id < other.location_id;
  }
};
using BalanceDeltas = std::map<BinOfPart, int64_t>;

struct Effect {
  StockDeltas stocks;
  BalanceDeltas balances;
};

// What `movements` do. Every location they name is in `places`.
Effect EffectOf(const std::vector<v1::StockMovement>& movements, const Places& places);

// Adds code and kind to balances and sorts them by part and code: the order in which bins are emptied.
void Label(std::vector<v1::StockBalance>& balances, const Places& places);

// Fills what is shown but not stored: available and average.
void Derive(v1::PartStock& stock);

}  // namespace parts
