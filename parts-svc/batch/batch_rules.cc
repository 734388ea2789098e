// First expired, first out; see batch_rules.h.
#include "parts-svc/batch/batch_rules.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"

namespace parts {

std::string ExpireDate(const v1::Part& part, absl::CivilDay day) {
  return part.shelf_life_days() == 0 ? "" : absl::FormatCivilTime(day + part.shelf_life_days());
}

bool IsExpired(const std::string& expire_date, absl::CivilDay today) {
  return !expire_date.empty() && expire_date < absl::FormatCivilTime(today);
}

absl::StatusOr<std::vector<BatchQuantity>> ChooseFirstExpired(const std::string& part_number,
                                                              const std::vector<BatchQuantity>& on_hand,
                                                              const std::map<std::string, std::string>& expiry,
                                                              int64_t quantity_milli, absl::CivilDay today) {
  const auto expire_date = [&](const std::string& batch_code) {
    const auto known = expiry.find(batch_code);
    return known == expiry.end() ? std::string() : known->second;
  };
  std::vector<std::tuple<bool, std::string, std::string, int64_t>> fresh;  // keeps, date, code, quantity
  int64_t available = 0;
  for (const BatchQuantity& batch : on_hand) {
    const std::string date = expire_date(batch.batch_code);
    if (batch.quantity_milli <= 0 || IsExpired(date, today)) continue;
    fresh.emplace_back(date.empty(), date, batch.batch_code, batch.quantity_milli);
    available += batch.quantity_milli;
  }
  if (available < quantity_milli) {
    return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_NO_FRESH_BATCH)
        .With("part", part_number)
        .With("available", available)
        .With("wanted", quantity_milli)
        .At("lines", "未过期的批次不足", "ask for more than lies in fresh batches");
  }
  std::sort(fresh.begin(), fresh.end());
  std::vector<BatchQuantity> chosen;
  for (const auto& [keeps, date, code, quantity] : fresh) {
    if (quantity_milli == 0) break;
    const int64_t taken = std::min(quantity, quantity_milli);
    chosen.push_back({code, taken});
    quantity_milli -= taken;
  }
  return chosen;
}

absl::StatusOr<std::vector<v1::IssueLine>> ChooseBatches(const std::vector<v1::IssueLine>& lines,
                                                         const std::vector<BatchInBin>& batches,
                                                         const std::vector<v1::StockBalance>& bins,
                                                         const ExpiryByBatch& expiry, absl::CivilDay today,
                                                         const std::function<std::string()>& new_id) {
  std::set<std::pair<std::string, std::string>> serving;  // part, bin
  for (const v1::StockBalance& bin : bins) {
    v1::Location::Kind kind = v1::Location::KIND_UNSPECIFIED;
    if (v1::Location::Kind_Parse("KIND_" + bin.location_kind(), &kind) && IsServing(kind)) {
      serving.emplace(bin.part_id(), bin.location_id());
    }
  }
  // What earlier lines of the same paper took.
  std::map<std::pair<std::string, std::string>, int64_t> taken;
  std::vector<v1::IssueLine> chosen;
  for (const v1::IssueLine& line : lines) {
    const auto dates = expiry.find(line.part_id());
    if (dates == expiry.end()) {
      chosen.push_back(line);
      continue;
    }
    if (!line.batch_code().empty()) {
      const auto date = dates->second.find(line.batch_code());
      if (date != dates->second.end() && IsExpired(date->second, today)) {
        return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_BATCH_EXPIRED)
            .With("part", line.part_number())
            .With("batch", line.batch_code())
            .With("date", date->second)
            .At("lines", "批次已过期", "name a batch that has expired");
      }
      taken[{line.part_id(), line.batch_code()}] += line.quantity_milli();
      chosen.push_back(line);
      continue;
    }
    std::map<std::string, int64_t> on_hand;
    for (const BatchInBin& batch : batches) {
      if (batch.part_id != line.part_id()) continue;
      // A bin asked for may be one that serves nobody else: working stock.
      const bool counts = line.location_id().empty() ? serving.count({batch.part_id, batch.location_id}) > 0
                                                     : batch.location_id == line.location_id();
      if (!counts) continue;
      on_hand[batch.batch_code] += batch.on_hand_milli;
    }
    std::vector<BatchQuantity> left;
    left.reserve(on_hand.size());
    for (const auto& [code, quantity] : on_hand) left.push_back({code, quantity - taken[{line.part_id(), code}]});
    ASSIGN_OR_RETURN(const std::vector<BatchQuantity> picks,
                     ChooseFirstExpired(line.part_number(), left, dates->second, line.quantity_milli(), today));
    for (size_t i = 0; i < picks.size(); ++i) {
      v1::IssueLine& part_of_line = chosen.emplace_back(line);
      if (i > 0) part_of_line.set_issue_line_id(new_id());
      part_of_line.set_batch_code(picks[i].batch_code);
      part_of_line.set_quantity_milli(picks[i].quantity_milli);
      taken[{line.part_id(), picks[i].batch_code}] += picks[i].quantity_milli;
    }
  }
  return chosen;
}

}  // namespace parts
