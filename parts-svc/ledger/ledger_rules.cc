// The arithmetic of stock; see ledger_rules.h.
#include "parts-svc/ledger/ledger_rules.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/time/amounts.h"
#include "parts-svc/location/location_rules.h"

namespace parts {

bool IsAccount(v1::Location::Kind kind) {
  return kind == v1::Location::KIND_SUPPLIER || kind == v1::Location::KIND_WORKSHOP ||
         kind == v1::Location::KIND_VARIANCE || kind == v1::Location::KIND_OPENING ||
         kind == v1::Location::KIND_CUSTOMER || kind == v1::Location::KIND_TRANSFER ||
         kind == v1::Location::KIND_DISPOSAL;
}

bool IsOwned(v1::Location::Kind kind) { return !IsAccount(kind) && kind != v1::Location::KIND_OLD_PARTS; }

bool IsServing(v1::Location::Kind kind) { return kind == v1::Location::KIND_STOCK; }

int64_t CostOf(const v1::PartStock& stock, int64_t quantity_milli) {
  if (quantity_milli >= stock.owned_milli()) return stock.value_amount();
  return chassis::MulDiv(stock.value_amount(), quantity_milli, stock.owned_milli());
}

int64_t CostOfFound(const v1::PartStock& stock, int64_t quantity_milli) {
  // Below nothing while the lines of one document are reckoned one by one; what is not there is refused after them.
  if (stock.owned_milli() <= 0) return 0;
  return chassis::MulDiv(stock.value_amount(), quantity_milli, stock.owned_milli());
}

absl::Status CheckBatch(const v1::Part& part, int64_t quantity_milli, const std::string& batch_code,
                        const std::string& line) {
  const bool tracked = part.tracking() == v1::Part::TRACKING_BATCH || part.tracking() == v1::Part::TRACKING_SERIAL;
  const std::string field = absl::StrCat(line, ".batch_code");
  if (!tracked) {
    if (batch_code.empty()) return absl::OkStatus();
    return chassis::InvalidField(field, "此配件不按批次管理", "must be empty: the part is not tracked");
  }
  if (batch_code.empty()) {
    return chassis::Refuse(v1::ERROR_REASON_BATCH_REQUIRED)
        .With("part", part.part_number())
        .At(field, "必填", "is required");
  }
  if (part.tracking() == v1::Part::TRACKING_SERIAL && quantity_milli != chassis::kMilli) {
    return chassis::Refuse(v1::ERROR_REASON_SERIAL_IS_ONE_PIECE)
        .With("part", part.part_number())
        .At(absl::StrCat(line, ".quantity_milli"), "须为 1000", "must be 1000");
  }
  return absl::OkStatus();
}

absl::Status CheckBin(const v1::Location& location, std::string_view field) {
  if (!IsOwned(location.kind())) {
    return chassis::Refuse(v1::ERROR_REASON_LOCATION_KIND)
        .With("kind", chassis::StateName(v1::Location::Kind_descriptor(), location.kind()))
        .At(field, "不是可存放自有库存的库位", "is no bin for stock of ours");
  }
  if (location.kind() == v1::Location::KIND_IN_TRANSIT) {
    return chassis::Refuse(v1::ERROR_REASON_LOCATION_KIND)
        .With("kind", chassis::StateName(v1::Location::Kind_descriptor(), location.kind()))
        .At(field, "在途库位只由调拨单收发", "is moved by transfers only");
  }
  if (location.closed()) {
    return chassis::Refuse(v1::ERROR_REASON_LOCATION_CLOSED)
        .With("location", location.code())
        .At(field, "库位已停用", "is closed");
  }
  if (!location.frozen_by_stocktake_id().empty()) return Frozen(location, field);
  return absl::OkStatus();
}

Effect EffectOf(const std::vector<v1::StockMovement>& movements, const Places& places) {
  Effect effect;
  const auto shift = [&](const v1::StockMovement& movement, const std::string& location_id, int direction) {
    const v1::Location::Kind kind = places.at(location_id).kind();
    if (IsAccount(kind)) return;
    effect.balances[{movement.part_id(), location_id}] += direction * movement.quantity_milli();
    StockDelta& stock = effect.stocks[movement.part_id()];
    if (IsServing(kind)) stock.on_hand_milli += direction * movement.quantity_milli();
    if (!IsOwned(kind)) return;
    stock.owned_milli += direction * movement.quantity_milli();
    stock.value_amount += direction * movement.cost_amount();
  };
  for (const v1::StockMovement& movement : movements) {
    shift(movement, movement.from_location_id(), -1);
    shift(movement, movement.to_location_id(), +1);
  }
  return effect;
}

void Add(StockDeltas& sum, const StockDeltas& more) {
  for (const auto& [part_id, delta] : more) {
    StockDelta& total = sum[part_id];
    total.on_hand_milli += delta.on_hand_milli;
    total.reserved_milli += delta.reserved_milli;
    total.short_milli += delta.short_milli;
    total.owned_milli += delta.owned_milli;
    total.value_amount += delta.value_amount;
  }
}

void Label(std::vector<v1::StockBalance>& balances, const Places& places) {
  for (v1::StockBalance& balance : balances) {
    const v1::Location& place = places.at(balance.location_id());
    balance.set_location_code(place.code());
    balance.set_location_kind(std::string(chassis::StateName(v1::Location::Kind_descriptor(), place.kind())));
  }
  std::sort(balances.begin(), balances.end(), [](const v1::StockBalance& a, const v1::StockBalance& b) {
    return std::tie(a.part_id(), a.location_code()) < std::tie(b.part_id(), b.location_code());
  });
}

void Derive(v1::PartStock& stock) {
  stock.set_available_milli(stock.on_hand_milli() - stock.reserved_milli());
  if (stock.owned_milli() == 0) return;
  stock.set_average_unit_amount(chassis::MulDiv(stock.value_amount(), chassis::kMilli, stock.owned_milli()));
}

}  // namespace parts
