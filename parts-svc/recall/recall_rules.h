// What a campaign and its list of vehicles must be, and what the open ones still take (P-17). Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/recall.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

inline constexpr int kRecallLinesMax = 20000;

// Dates in order, every part known and named once, quantities in steps. RECALL_DATES, PART_UNKNOWN, QUANTITY_STEP.
absl::Status CheckCampaign(const v1::RecallCampaign& campaign, const PartsById& parts);

struct VehicleList {
  std::vector<std::string> vins;  // in their order, each once
  std::vector<v1::AddRecallVehiclesResponse::LineError> errors;
};
// One VIN a line. RECALL_LIST_TOO_LONG.
absl::StatusOr<VehicleList> ReadVehicles(std::string_view text);

// Need of `vehicle_count` vehicles against what is there, by the newest number of each part. `on_order_milli` by part
// id; `parts` holds the successors.
std::vector<v1::RecallNeed> NeedsOf(const v1::RecallCampaign& campaign, int64_t vehicle_count, const PartsById& parts,
                                    const StocksByPart& stocks, const std::map<std::string, int64_t>& on_order_milli);

}  // namespace parts
