// What goods cost after they came; see cost_rules.h.
#include "parts-svc/receiving/cost_rules.h"

#include <algorithm>

#include "chassis/time/amounts.h"
#include "parts-svc/location/location_rules.h"

namespace parts {
namespace {

// An entry of a cost alone: to `place` when it rises, out of it when it falls.
v1::StockMovement CostMovement(const std::string& store_id, const CostChange& change, const std::string& place,
                               int64_t amount) {
  const std::string supplier = AccountId(store_id, v1::Location::KIND_SUPPLIER);
  v1::StockMovement movement;
  movement.set_part_id(change.part_id);
  movement.set_from_location_id(amount > 0 ? supplier : place);
  movement.set_to_location_id(amount > 0 ? place : supplier);
  movement.set_cost_amount(amount > 0 ? amount : -amount);
  movement.set_document_line_id(change.document_line_id);
  return movement;
}

}  // namespace

CostShares ShareCost(const v1::PartStock& stock, int64_t quantity_milli, int64_t amount) {
  CostShares shares;
  const int64_t here_milli = std::clamp<int64_t>(stock.owned_milli(), 0, quantity_milli);
  if (here_milli > 0) {
    shares.stock_amount =
        std::max(chassis::MulDiv(amount, here_milli, quantity_milli), -static_cast<int64_t>(stock.value_amount()));
  }
  shares.variance_amount = amount - shares.stock_amount;
  return shares;
}

std::vector<v1::StockMovement> CostMovements(const std::string& store_id, const std::vector<CostChange>& changes) {
  const std::string variance = AccountId(store_id, v1::Location::KIND_VARIANCE);
  std::vector<v1::StockMovement> movements;
  for (const CostChange& change : changes) {
    if (change.shares.stock_amount != 0) {
      movements.push_back(CostMovement(store_id, change, change.location_id, change.shares.stock_amount));
    }
    if (change.shares.variance_amount != 0) {
      movements.push_back(CostMovement(store_id, change, variance, change.shares.variance_amount));
    }
  }
  return movements;
}

int64_t NextShare(int64_t amount, int64_t whole_milli, int64_t before_milli, int64_t quantity_milli) {
  if (whole_milli <= 0) return 0;
  return chassis::MulDiv(amount, before_milli + quantity_milli, whole_milli) -
         chassis::MulDiv(amount, before_milli, whole_milli);
}

}  // namespace parts
