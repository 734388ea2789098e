// Which batches and serial numbers lie where; see batches.h.
#include "parts-svc/ledger/batches.h"

#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"

namespace parts {
namespace {

using BatchPlace = std::tuple<std::string, std::string, std::string>;  // part, batch, location

bool IsInside(const Places& places, const std::string& location_id) {
  const auto place = places.find(location_id);
  return place == places.end() || !IsAccount(place->second.kind());
}

}  // namespace

absl::Status CheckBatches(const std::vector<v1::StockMovement>& movements, const PartsById& parts, const Places& places,
                          const std::vector<BatchInBin>& batches) {
  std::map<BatchPlace, int64_t> in_bin;
  std::map<std::pair<std::string, std::string>, int64_t> in_stock;
  for (const BatchInBin& batch : batches) {
    in_bin[{batch.part_id, batch.batch_code, batch.location_id}] += batch.on_hand_milli;
    if (IsInside(places, batch.location_id)) in_stock[{batch.part_id, batch.batch_code}] += batch.on_hand_milli;
  }
  for (size_t i = 0; i < movements.size(); ++i) {
    const v1::StockMovement& movement = movements[i];
    if (movement.batch_code().empty()) continue;
    const v1::Part& part = parts.at(movement.part_id());
    const std::string field = absl::StrCat("lines[", i, "].batch_code");
    const bool leaves_bin = IsInside(places, movement.from_location_id());
    int64_t& left = in_bin[{movement.part_id(), movement.batch_code(), movement.from_location_id()}];
    int64_t& total = in_stock[{movement.part_id(), movement.batch_code()}];
    if (leaves_bin && left < movement.quantity_milli()) {
      return chassis::Refuse(v1::ERROR_REASON_BATCH_NOT_IN_STOCK)
          .With("part", part.part_number())
          .With("batch", movement.batch_code())
          .At(field, "该库位没有这么多此批次的配件", "does not lie in that bin in this quantity");
    }
    if (!leaves_bin && part.tracking() == v1::Part::TRACKING_SERIAL && total > 0) {
      return chassis::Refuse(v1::ERROR_REASON_SERIAL_IN_STOCK)
          .With("part", part.part_number())
          .With("serial", movement.batch_code())
          .At(field, "已在库", "is in stock already");
    }
    left -= movement.quantity_milli();
    if (!leaves_bin) total += movement.quantity_milli();
  }
  return absl::OkStatus();
}

std::vector<std::string> TrackedParts(const std::vector<v1::StockMovement>& movements) {
  std::set<std::string> part_ids;
  for (const auto& movement : movements) {
    if (!movement.batch_code().empty()) part_ids.insert(movement.part_id());
  }
  return {part_ids.begin(), part_ids.end()};
}

std::vector<std::string> BatchCodes(const std::vector<v1::StockMovement>& movements) {
  std::set<std::string> codes;
  for (const auto& movement : movements) {
    if (!movement.batch_code().empty()) codes.insert(movement.batch_code());
  }
  return {codes.begin(), codes.end()};
}

}  // namespace parts
