// A part as planning sees it: what the store brings and the rules decide by.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "parts-svc/demand/demand_rules.h"

namespace parts {

// From whom a part is ordered when nobody says otherwise.
struct Offer {
  std::string supplier_id;
  std::string supplier_name;
  int64_t unit_price_amount = 0;
  int64_t pack_quantity_milli = 0;
  int64_t minimum_quantity_milli = 0;
  std::optional<int32_t> lead_time_days;
};

// One part as planning sees it. What belongs to the parts whose place it took is counted in: their demand, who waits
// for them, what of them is on order and still there. A superseded part keeps its stock and nothing else.
struct PartFacts {
  std::string part_id;
  std::string part_number;
  std::string name_zh;
  std::string name_en;
  int64_t step_milli = 1000;
  int64_t pack_quantity_milli = 0;
  bool superseded = false;
  absl::Time create_time;
  int64_t on_hand_milli = 0;
  int64_t available_milli = 0;
  int64_t value_amount = 0;
  int64_t predecessor_available_milli = 0;
  int64_t backorder_milli = 0;
  int64_t on_order_milli = 0;
  DemandHistory history;
  absl::Time last_demand_time = absl::InfinitePast();  // InfinitePast: never
  absl::Time first_receipt_time = absl::InfinitePast();
  std::optional<Offer> offer;
};

}  // namespace parts
