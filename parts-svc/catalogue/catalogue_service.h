// The catalogue room (P-01): parts, prices, supersession, look-up for estimates.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/catalogue/offers.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {

class CatalogueService {
 public:
  explicit CatalogueService(chassis::Rooms& rooms);

 private:
  absl::Status CheckStandard(chassis::UnitOfWork& work, const v1::Part* before, v1::Part& after);
  absl::StatusOr<v1::LookUpPartsResponse> LookUp(chassis::Call& call, const v1::LookUpPartsRequest& request);
  absl::StatusOr<v1::FindPartsForVehicleResponse> FindForVehicle(chassis::Call& call,
                                                                 const v1::FindPartsForVehicleRequest& request);
  absl::StatusOr<v1::SupersessionChain> Chain(chassis::Call& call, const v1::GetSupersessionChainRequest& request);
  absl::StatusOr<v1::Part> Supersede(chassis::Call& call, const v1::SupersedePartRequest& request);
  absl::StatusOr<v1::PartPrice> SetPrice(chassis::Call& call, const v1::SetPartPriceRequest& request);

  CatalogueStore store_;
  LedgerStore ledger_;
  Offers offers_;
};

}  // namespace parts
