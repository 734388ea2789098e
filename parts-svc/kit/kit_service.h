// The kit room (P-01): part numbers that stand for several parts.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/offers.h"
#include "parts-svc/kit/kit_store.h"

namespace parts {

class KitService {
 public:
  explicit KitService(chassis::Rooms& rooms);

 private:
  absl::Status Check(chassis::UnitOfWork& work, const v1::PartKit* before, v1::PartKit& after);
  absl::StatusOr<v1::ExplodedKit> Explode(chassis::Call& call, const v1::ExplodeKitRequest& request);

  CatalogueStore catalogue_;
  KitStore store_;
  Offers offers_;
};

}  // namespace parts
