// What a kit may hold, and what its components cost when it is sold (P-01). Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/part_kit.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"

namespace parts {

// `parts` holds the kit's part and its components; `kit_part_ids` those of them that are kits. PART_UNKNOWN,
// KIT_HOLDS_ITSELF, KIT_HOLDS_KIT, QUANTITY_STEP, a component twice.
absl::Status CheckKit(const v1::PartKit& kit, const PartsById& parts, const std::set<std::string>& kit_part_ids);

// Fills the amounts: each line at its offer's price, or the kit's own price divided in proportion to that.
// `kit_price_amount` is per whole kit, 0 when it has none.
void PriceKit(int64_t kit_price_amount, int64_t quantity_milli, v1::ExplodedKit& exploded);

}  // namespace parts
