// Who holds which stock (P-04): drafting a reservation, sharing what is short, serving the queue in the order of need,
// giving back. Pure: quantities come in, quantities go out.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

// The reservation a request asks for, everything still to be reserved: lines carry their quantity, nothing held yet.
// `parts` holds those found. PART_UNKNOWN, QUANTITY_STEP, RESERVATION_LINE_TWICE, EXPIRE_TIME_PAST.
absl::StatusOr<v1::Reservation> Draft(const v1::CreateReservationRequest& request, const PartsById& parts,
                                      absl::Time now, int reservation_days, const std::function<std::string()>& new_id);

// Wanted quantity by part.
std::map<std::string, int64_t> Demand(const v1::Reservation& reservation);

// Lines whose part is short take the nearest successor that has the whole quantity, or else the newest part.
// `available` is by part id.
void Substitute(v1::Reservation& reservation, const PartsById& parts, std::map<std::string, int64_t> available);

// Holds every line in full.
void HoldAll(v1::Reservation& reservation);
// Holds what there is, line by line; the rest is short.
void HoldAvailable(v1::Reservation& reservation, std::map<std::string, int64_t> available);

// What holding these lines does to the stock of their parts.
StockDeltas EffectOfHolding(const v1::Reservation& reservation);

// Gives back what is held and leaves the queue; answers what that does to the stock.
StockDeltas GiveBack(v1::Reservation& reservation);

// Serves waiting lines from `available`, earliest need first. Answers what changed, by reservation id: which lines got
// how much, and whether a line is now complete.
struct Served {
  StockDeltas stocks;
  std::vector<std::string> changed_ids;
  std::vector<std::string> filled_ids;  // reservations with a line that is short no more
};
Served ServeQueue(std::vector<v1::Reservation>& waiting, std::map<std::string, int64_t> available);

// Nothing held and nothing waiting any more.
bool IsDrawn(const v1::Reservation& reservation);

}  // namespace parts
