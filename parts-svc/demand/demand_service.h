// The demand room (P-06): the history of what was wanted, counted from the ledger while the service is up, and the
// sales that did not happen.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/demand/demand_store.h"

namespace parts {

class DemandService {
 public:
  explicit DemandService(chassis::Rooms& rooms);

  // Brings every store's history up to date, a bounded piece at a time.
  absl::Status CountAll();

 private:
  absl::StatusOr<v1::PartDemandHistory> History(chassis::Call& call, const v1::GetPartDemandRequest& request);
  absl::StatusOr<v1::ListPartDemandsResponse> ListDemands(chassis::Call& call,
                                                          const v1::ListPartDemandsRequest& request);
  absl::StatusOr<v1::LostSale> RecordLostSale(chassis::Call& call, const v1::RecordLostSaleRequest& request);

  absl::Status CountStore(const std::string& store_id);

  chassis::Host& host_;
  DemandStore store_;
  CatalogueStore catalogue_;
  prometheus::Counter& lost_sales_;
};

}  // namespace parts
