// Sales that did not happen (P-11), for the rooms in whose command they become certain.
#pragma once

#include <string_view>

#include "aftersales/parts/v1/reservation.pb.h"
#include "parts-svc/demand/demand_store.h"

namespace parts {

class LostSales {
 public:
  explicit LostSales(const chassis::privacy::Cipher& cipher) : store_(cipher) {}

  // The document that waited is given up: what its lines lack was wanted and not sold. Call it with the reservation as
  // it was while it waited.
  absl::Status GiveUp(chassis::UnitOfWork& work, const v1::Reservation& reservation, std::string_view reason);

 private:
  DemandStore store_;
};

}  // namespace parts
