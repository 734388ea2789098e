// The location room; see location_service.h.
#include "parts-svc/location/location_service.h"

#include "parts-svc/location/location_rules.h"

namespace parts {

LocationService::LocationService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()), ledger_(rooms.host.cipher()), buyers_(rooms.host.cipher()) {
  rooms.rpcs.Standard<v1::Warehouse>(
      store_.warehouses(), [this](chassis::UnitOfWork& work, const v1::Warehouse* before, v1::Warehouse& after) {
        return CheckWarehouse(work, before, after);
      });
  rooms.rpcs.Standard<v1::Location>(store_.locations(),
                                    [this](chassis::UnitOfWork& work, const v1::Location* before, v1::Location& after) {
                                      return CheckLocation(work, before, after);
                                    });
}

absl::Status LocationService::CheckWarehouse(chassis::UnitOfWork& work, const v1::Warehouse* before, v1::Warehouse&) {
  // There is no stock without a bin and no bin without a warehouse, so the accounts are there when they are needed.
  return before == nullptr ? store_.OpenAccounts(work) : absl::OkStatus();
}

absl::Status LocationService::CheckLocation(chassis::UnitOfWork& work, const v1::Location* before,
                                            v1::Location& after) {
  if (!after.buyer_id().empty()) {
    RETURN_IF_ERROR(buyers_.Find(work.sql(), work.store_id(), after.buyer_id()).status());
  }
  if (before != nullptr) {
    ASSIGN_OR_RETURN(const Content content, ledger_.ContentOf(work.sql(), work.store_id(), after.location_id()));
    return CheckChangedLocation(*before, after, content);
  }
  RETURN_IF_ERROR(CheckNewLocation(after));
  ASSIGN_OR_RETURN(const bool exists, store_.WarehouseExists(work.sql(), work.store_id(), after.warehouse_id()));
  if (!exists) return chassis::NotFound("warehouse", after.warehouse_id());
  return absl::OkStatus();
}

}  // namespace parts
