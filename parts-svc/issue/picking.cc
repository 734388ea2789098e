// From which bins goods are taken; see picking.h.
#include "parts-svc/issue/picking.h"

#include <set>

namespace parts {

using chassis::UnitOfWork;

absl::StatusOr<std::vector<v1::IssueLine>> Picking::Place(UnitOfWork& work, const std::vector<v1::IssueLine>& lines,
                                                          const std::vector<std::string>& part_ids, Places& places) {
  ASSIGN_OR_RETURN(auto balances, ledger_.LockBalances(work, part_ids));
  std::vector<std::string> location_ids;
  for (const auto& balance : balances) location_ids.push_back(balance.location_id());
  ASSIGN_OR_RETURN(places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
  Label(balances, places);
  std::set<std::string> tracked, codes;
  for (const v1::IssueLine& line : lines) {
    if (line.batch_code().empty()) continue;
    tracked.insert(line.part_id());
    codes.insert(line.batch_code());
  }
  ASSIGN_OR_RETURN(const auto batches, ledger_.Batches(work.sql(), work.store_id(), {tracked.begin(), tracked.end()},
                                                       {codes.begin(), codes.end()}));
  return ChooseBins(lines, balances, batches, [&] { return work.NewId(); });
}

}  // namespace parts
