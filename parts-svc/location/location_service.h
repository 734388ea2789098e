// The location room (P-02): warehouses, bins and the ledger's outside accounts.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/buyer/buyer_store.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/location/location_store.h"

namespace parts {

class LocationService {
 public:
  explicit LocationService(chassis::Rooms& rooms);

 private:
  absl::Status CheckWarehouse(chassis::UnitOfWork& work, const v1::Warehouse* before, v1::Warehouse& after);
  absl::Status CheckLocation(chassis::UnitOfWork& work, const v1::Location* before, v1::Location& after);

  LocationStore store_;
  LedgerStore ledger_;
  BuyerStore buyers_;
};

}  // namespace parts
