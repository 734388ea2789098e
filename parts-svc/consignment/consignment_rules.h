// A service station's account (P-02): what it is charged for what it used, and its statement. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "aftersales/parts/v1/consignment.pb.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/location.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

// NOT_CONSIGNMENT.
absl::Status CheckStation(const v1::Location& place);
// ORDER_REQUIRED.
absl::Status CheckUse(const v1::ReportConsumptionRequest& request);

void NoteGoods(const std::vector<v1::IssueLine>& lines, v1::ConsignmentNote& note);

// Goods that leave for good: each line at the average, the next ones of a part from what remains. Fills the lines'
// cost.
void TakeCost(std::vector<v1::IssueLine>& lines, StocksByPart stocks);
// Fills cost; and what the station is charged: price times quantity, before tax, and the tax. PART_HAS_NO_PRICE.
absl::Status Charge(const PartsById& parts, const std::map<std::string, int64_t>& prices,
                    int32_t store_tax_basis_points, v1::ConsignmentNote& note);

// Closing follows from the rest; sums charges and tax.
void CloseStatement(v1::ConsignmentStatement& statement);

}  // namespace parts
