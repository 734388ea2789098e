// What may be drawn for a repair order and what may come back (P-05). Pure: reservations, bins and earlier notes come
// in; the lines of a note and the changed reservations go out.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/ledger.pb.h"
#include "aftersales/parts/v1/order_parts.pb.h"
#include "aftersales/parts/v1/reservation.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

using NewId = std::function<std::string()>;

// SIGNER_NOT_TECHNICIAN.
absl::Status CheckSigner(const aftersales::common::v1::Signature& signature);

// Draws the request's lines from the reservations, which are changed: held becomes issued. From the technician's own
// working stock (`at_hand`: its bins) what still waits in the queue is served, too. Lines come out without bin and
// cost. NOTHING_RESERVED, ISSUE_EXCEEDS_RESERVATION, QUANTITY_STEP, BATCH_REQUIRED ...
absl::StatusOr<std::vector<v1::IssueLine>> Draw(const v1::IssuePartsRequest& request,
                                                std::vector<v1::Reservation>& reservations, const PartsById& parts,
                                                const NewId& new_id, const std::set<std::string>& at_hand = {});

// What drawing did to the stock of the parts beside the goods: they are held no more, and wait no more.
StockDeltas EffectOfDrawing(const std::vector<v1::Reservation>& before, const std::vector<v1::Reservation>& after);

// Gives every line its bin: the one asked for (a shelf, or working stock), or the bins of the part in the order of
// their codes; a line that takes from several bins becomes several lines. `batches` says where tracked goods lie.
// BIN_SHORT, BATCH_NOT_IN_STOCK, LOCATION_KIND.
absl::StatusOr<std::vector<v1::IssueLine>> ChooseBins(const std::vector<v1::IssueLine>& lines,
                                                      const std::vector<v1::StockBalance>& balances,
                                                      const std::vector<BatchInBin>& batches, const NewId& new_id);

// Cost of every line at moving average, and of all; `stocks` falls line by line.
int64_t Price(std::vector<v1::IssueLine>& lines, StocksByPart stocks);

// What came back of an issue line already.
struct CameBack {
  int64_t quantity_milli = 0;
  int64_t cost_amount = 0;
};
// The lines of a return note against `issue`, at the cost the goods went out with. ISSUE_LINE_UNKNOWN,
// RETURN_EXCEEDS_ISSUE, QUANTITY_STEP, NOT_AN_ISSUE.
absl::StatusOr<std::vector<v1::IssueLine>> TakeBack(const v1::ReturnPartsRequest& request, const v1::Issue& issue,
                                                    const std::map<std::string, CameBack>& came_back,
                                                    const PartsById& parts, const NewId& new_id);
// The reservations' issued quantity falls by what came back; it is free stock again.
absl::Status RecordReturn(const std::vector<v1::IssueLine>& lines, std::vector<v1::Reservation>& reservations);

// What an order line drew and brought back, as the notes say.
struct DrawnLine {
  std::string holder_line_id;
  std::string part_id;
  std::string part_number;
  v1::Issue::Kind kind;
  int64_t quantity_milli = 0;
  int64_t cost_amount = 0;
};
v1::OrderParts Facts(const std::vector<v1::Reservation>& reservations, const std::vector<DrawnLine>& drawn);

}  // namespace parts
