// From which bins goods are taken; see picking.h.
#include "parts-svc/issue/picking.h"

#include <algorithm>
#include <set>

#include "parts-svc/location/location_rules.h"

namespace parts {

using chassis::UnitOfWork;

namespace {

// A bin that is being counted stands still: nothing is taken from it, and who asks for it by name is told.
absl::Status LeaveFrozen(const std::vector<v1::IssueLine>& lines, const Places& places,
                         std::vector<v1::StockBalance>& balances) {
  const auto frozen = [&](const std::string& location_id) {
    const auto place = places.find(location_id);
    return place != places.end() && !place->second.frozen_by_stocktake_id().empty();
  };
  for (const v1::IssueLine& line : lines) {
    if (frozen(line.location_id())) return Frozen(places.at(line.location_id()), "lines");
  }
  balances.erase(std::remove_if(balances.begin(), balances.end(),
                                [&](const v1::StockBalance& balance) { return frozen(balance.location_id()); }),
                 balances.end());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<v1::IssueLine>> Picking::Place(UnitOfWork& work, const std::vector<v1::IssueLine>& lines,
                                                          const std::vector<std::string>& part_ids, Places& places) {
  ASSIGN_OR_RETURN(auto balances, ledger_.LockBalances(work, part_ids));
  std::vector<std::string> location_ids;
  for (const auto& balance : balances) location_ids.push_back(balance.location_id());
  ASSIGN_OR_RETURN(places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
  Label(balances, places);
  RETURN_IF_ERROR(LeaveFrozen(lines, places, balances));
  std::vector<v1::IssueLine> chosen = lines;
  ASSIGN_OR_RETURN(const ExpiryByBatch expiry, batches_.Expiry(work.sql(), work.store_id(), part_ids));
  if (!expiry.empty()) {
    std::vector<std::string> in_batches;
    for (const auto& [part_id, dates] : expiry) in_batches.push_back(part_id);
    ASSIGN_OR_RETURN(const auto lie, ledger_.Batches(work.sql(), work.store_id(), in_batches, {}));
    ASSIGN_OR_RETURN(const absl::CivilDay today, DayOf(work));
    ASSIGN_OR_RETURN(chosen, ChooseBatches(lines, lie, balances, expiry, today, [&] { return work.NewId(); }));
  }
  std::set<std::string> tracked, codes;
  for (const v1::IssueLine& line : chosen) {
    if (line.batch_code().empty()) continue;
    tracked.insert(line.part_id());
    codes.insert(line.batch_code());
  }
  ASSIGN_OR_RETURN(const auto batches, ledger_.Batches(work.sql(), work.store_id(), {tracked.begin(), tracked.end()},
                                                       {codes.begin(), codes.end()}));
  return ChooseBins(chosen, balances, batches, [&] { return work.NewId(); });
}

}  // namespace parts
