// What goods cost after they came (P-03, P-09): freight, duty, a bill above or below the order's price, a credit that
// is not what the goods left with. Pure: a change of cost in, its share for the goods still here and the rest for the
// variance account out, so that value is never invented and never lost.
#pragma once

#include <string>
#include <vector>

#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

struct CostShares {
  int64_t stock_amount = 0;     // changes what the store's goods are worth
  int64_t variance_amount = 0;  // the rest: what is gone cannot become dearer
};

// Shares `amount` (below nothing: the goods became cheaper) that concerns `quantity_milli` of what came: as much of it
// as is still owned changes the value of the stock, which never falls below nothing.
CostShares ShareCost(const v1::PartStock& stock, int64_t quantity_milli, int64_t amount);

// The entries of such a change between the supplier's account, the bin (where goods of the part lie or lay) and the
// variance account; a cost without a quantity. Nothing for an amount of nothing.
struct CostChange {
  std::string part_id;
  std::string location_id;
  std::string document_line_id;
  CostShares shares;
};
std::vector<v1::StockMovement> CostMovements(const std::string& store_id, const std::vector<CostChange>& changes);

// What `quantity_milli` is worth of `amount` for `whole_milli`, when `before_milli` was taken before: all takings
// together make exactly the amount.
int64_t NextShare(int64_t amount, int64_t whole_milli, int64_t before_milli, int64_t quantity_milli);

}  // namespace parts
