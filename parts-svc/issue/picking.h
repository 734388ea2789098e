// From which bins goods are taken that leave the store's shelves, whoever they are for: a repair order or a sale.
#pragma once

#include <string>
#include <vector>

#include "parts-svc/batch/batch_store.h"
#include "parts-svc/issue/issue_rules.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/location/location_store.h"

namespace parts {

class Picking {
 public:
  explicit Picking(const chassis::privacy::Cipher& cipher) : locations_(cipher), ledger_(cipher), batches_(cipher) {}

  // The lines with their batches (first expired, first out; ChooseBatches) and bins (ChooseBins), the balances of
  // `part_ids` locked; fills the places they lie at.
  absl::StatusOr<std::vector<v1::IssueLine>> Place(chassis::UnitOfWork& work, const std::vector<v1::IssueLine>& lines,
                                                   const std::vector<std::string>& part_ids, Places& places);

 private:
  LocationStore locations_;
  LedgerStore ledger_;
  BatchStore batches_;
};

}  // namespace parts
