// Counting while the store works; see stocktake_rules.h.
#include "parts-svc/stocktake/stocktake_rules.h"

#include <algorithm>
#include <cstdlib>

#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"

namespace parts {
namespace {

chassis::Refusal ScopeRefused() { return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_SCOPE); }

int64_t AverageOf(const StocksByPart& stocks, const std::string& part_id, int64_t quantity_milli) {
  const auto stock = stocks.find(part_id);
  return stock == stocks.end() ? 0 : CostOfFound(stock->second, quantity_milli);
}

}  // namespace

absl::Status CheckScope(const v1::PlanStocktakeRequest& request) {
  const bool by_class = request.part_class() != v1::Stocktake::PART_CLASS_UNSPECIFIED;
  const bool by_warehouse = !request.warehouse_id().empty();
  const bool by_bins = !request.location_ids().empty();
  const bool by_parts = !request.part_ids().empty();
  const int scopes = int{by_class} + int{by_warehouse} + int{by_bins} + int{by_parts};
  if (request.kind() == v1::Stocktake::KIND_CYCLIC) {
    if (scopes == 1) return absl::OkStatus();
    return ScopeRefused().At("kind", "循环盘点须限定一个范围", "needs exactly one scope when it is cyclic");
  }
  if (scopes == int{by_warehouse}) return absl::OkStatus();
  return ScopeRefused().At("kind", "全面盘点只能限定仓库", "may be limited to a warehouse only when it is full");
}

bool IsCounted(v1::Location::Kind kind) {
  return kind == v1::Location::KIND_STOCK || kind == v1::Location::KIND_QUARANTINE ||
         kind == v1::Location::KIND_WORKING_STOCK || kind == v1::Location::KIND_CONSIGNMENT;
}

absl::Status CheckInScope(const v1::Stocktake& stocktake, const v1::Location& place) {
  if (!IsCounted(place.kind())) return ScopeRefused().At("location_id", "该库位不盘点", "is not counted");
  const auto& bins = stocktake.location_ids();
  if (!bins.empty() && std::find(bins.begin(), bins.end(), place.location_id()) == bins.end()) {
    return ScopeRefused().At("location_id", "不在盘点范围内", "is not in the scope");
  }
  if (!stocktake.warehouse_id().empty() && stocktake.warehouse_id() != place.warehouse_id()) {
    return ScopeRefused().At("location_id", "不在所盘仓库", "is not in the warehouse that is counted");
  }
  return absl::OkStatus();
}

absl::Status Count(const v1::Stocktake& stocktake, int64_t counted_milli, absl::Time count_time, absl::Time now,
                   const std::string& counter, v1::StocktakeLine& line) {
  if (count_time < chassis::FromProto(stocktake.start_time()) || count_time > now) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_COUNT_TIME)
        .At("count_time", "须在盘点开始之后且不晚于现在", "must lie between the start and now");
  }
  const bool again = stocktake.state() == v1::Stocktake::STATE_RECOUNTING;
  if (again && line.first_counter() == counter) {
    return chassis::Refuse(v1::STOCK_CONTROL_ERROR_REASON_SAME_COUNTER).With("part", line.part_number());
  }
  // A slip of the pen is put right by counting once more before the round is finished.
  if (line.state() != v1::StocktakeLine::STATE_COUNTED) {
    RETURN_IF_ERROR(chassis::MoveTo(line, v1::StocktakeLine::STATE_COUNTED));
  } else if (again && line.first_counter().empty()) {
    return chassis::Refuse(aftersales::common::v1::ERROR_REASON_WRONG_STATE)
        .With("what", "stocktake_line")
        .With("state", "COUNTED")
        .With("need", "RECOUNT");
  }
  line.set_counted_milli(counted_milli);
  *line.mutable_count_time() = chassis::ToProto(count_time);
  line.set_counter(counter);
  line.clear_expected_milli();
  return absl::OkStatus();
}

Shelf ShelfOf(const v1::StocktakeLine& line) { return {line.part_id(), line.location_id(), line.batch_code()}; }

void Hold(v1::StocktakeLine& line, const OnShelves& now_milli, const std::vector<v1::StockMovement>& later,
          const StocksByPart& stocks) {
  const auto on_shelf = now_milli.find(ShelfOf(line));
  int64_t expected = on_shelf == now_milli.end() ? 0 : on_shelf->second;
  const absl::Time counted = chassis::FromProto(line.count_time());
  for (const v1::StockMovement& movement : later) {
    if (movement.part_id() != line.part_id() || movement.batch_code() != line.batch_code()) continue;
    if (chassis::FromProto(movement.create_time()) <= counted) continue;
    if (movement.to_location_id() == line.location_id()) expected -= movement.quantity_milli();
    if (movement.from_location_id() == line.location_id()) expected += movement.quantity_milli();
  }
  line.set_expected_milli(expected);
  line.set_difference_milli(line.counted_milli() - expected);
  const int64_t value = AverageOf(stocks, line.part_id(), std::abs(line.difference_milli()));
  line.set_difference_amount(line.difference_milli() < 0 ? -value : value);
}

bool Deviates(const v1::StocktakeLine& line, const v1::PartsPolicy& policy) {
  if (std::abs(line.difference_milli()) <= policy.recount_tolerance_milli()) return false;
  // Without a tolerance in money every deviation counts, that of worthless goods, too.
  return policy.recount_tolerance_amount() == 0 ||
         std::abs(line.difference_amount()) > policy.recount_tolerance_amount();
}

void SumUp(const std::vector<v1::StocktakeLine>& lines, const StocksByPart& stocks, v1::Stocktake& stocktake) {
  int recounted = 0, deviating = 0;
  int64_t book = 0, gain = 0, loss = 0;
  for (const v1::StocktakeLine& line : lines) {
    recounted += !line.first_counter().empty();
    deviating += line.difference_milli() != 0;
    book += AverageOf(stocks, line.part_id(), line.expected_milli());
    (line.difference_amount() > 0 ? gain : loss) += std::abs(line.difference_amount());
  }
  const auto all = static_cast<int64_t>(lines.size());
  stocktake.set_line_count(static_cast<int32_t>(all));
  stocktake.set_recounted_line_count(recounted);
  stocktake.set_deviating_line_count(deviating);
  stocktake.set_accuracy_basis_points(
      static_cast<int32_t>(all == 0 ? 0 : chassis::MulDiv(all - deviating, chassis::kBasisPoints, all)));
  stocktake.set_book_amount(book);
  stocktake.set_gain_amount(gain);
  stocktake.set_loss_amount(loss);
}

std::vector<v1::StockMovement> Adjustments(std::vector<v1::StocktakeLine>& lines, const std::string& variance_id,
                                           StocksByPart stocks) {
  std::vector<v1::StockMovement> movements;
  for (v1::StocktakeLine& line : lines) {
    if (line.difference_milli() == 0) continue;
    const bool found = line.difference_milli() > 0;
    const int64_t quantity = std::abs(line.difference_milli());
    v1::PartStock& stock = stocks.at(line.part_id());
    const int64_t cost = found ? CostOfFound(stock, quantity) : CostOf(stock, quantity);
    v1::StockMovement& movement = movements.emplace_back();
    movement.set_part_id(line.part_id());
    movement.set_from_location_id(found ? variance_id : line.location_id());
    movement.set_to_location_id(found ? line.location_id() : variance_id);
    movement.set_quantity_milli(quantity);
    movement.set_cost_amount(cost);
    movement.set_batch_code(line.batch_code());
    movement.set_document_line_id(line.stocktake_line_id());
    movement.set_reason(line.reason());
    line.set_difference_amount(found ? cost : -cost);
    stock.set_owned_milli(stock.owned_milli() + line.difference_milli());
    stock.set_value_amount(stock.value_amount() + line.difference_amount());
  }
  return movements;
}

StockDeltas FallShort(std::vector<v1::Reservation>& reservations, std::map<std::string, int64_t> missing_milli) {
  std::vector<v1::ReservationLine*> held;
  for (v1::Reservation& reservation : reservations) {
    for (v1::ReservationLine& line : *reservation.mutable_lines()) {
      if (line.reserved_milli() > 0) held.push_back(&line);
    }
  }
  std::stable_sort(held.begin(), held.end(), [](const auto* a, const auto* b) {
    return chassis::FromProto(a->needed_time()) > chassis::FromProto(b->needed_time());
  });
  StockDeltas deltas;
  for (v1::ReservationLine* line : held) {
    const auto missing = missing_milli.find(line->part_id());
    if (missing == missing_milli.end() || missing->second == 0) continue;
    const int64_t taken = std::min(missing->second, line->reserved_milli());
    missing->second -= taken;
    line->set_reserved_milli(line->reserved_milli() - taken);
    line->set_short_milli(line->short_milli() + taken);
    StockDelta& delta = deltas[line->part_id()];
    delta.reserved_milli -= taken;
    delta.short_milli += taken;
  }
  return deltas;
}

}  // namespace parts
