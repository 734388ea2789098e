// The catalogue from CSV (P-01): one room of its own, because reading, merging and reporting are a trade by themselves.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/catalogue/import_rules.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

class ImportService {
 public:
  explicit ImportService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::ImportPartsResponse> Import(chassis::Call& call, const v1::ImportPartsRequest& request);

  CatalogueStore store_;
  LedgerStore ledger_;
};

}  // namespace parts
