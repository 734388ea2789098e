// The RPCs of the price list: proposing and approving changes, looking versions up, the public list.
#pragma once

#include "aftersales/reception/v1/price_list.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/price_list/price_list_store.h"

namespace reception {

class PriceListService {
 public:
  explicit PriceListService(chassis::Rooms& rooms);
  const PriceListStore& store() const { return store_; }

 private:
  absl::StatusOr<aftersales::reception::v1::PriceChange> Propose(
      chassis::Call& call, const aftersales::reception::v1::ProposePriceChangeRequest& request);
  absl::StatusOr<aftersales::reception::v1::PriceChange> Approve(
      chassis::Call& call, const aftersales::reception::v1::ApprovePriceChangeRequest& request);
  absl::StatusOr<aftersales::reception::v1::PriceChange> Reject(
      chassis::Call& call, const aftersales::reception::v1::RejectPriceChangeRequest& request);
  absl::StatusOr<aftersales::reception::v1::ListPublicPricesResponse> ListPublicPrices(
      chassis::Call& call, const aftersales::reception::v1::ListPublicPricesRequest& request);

  // The approved change's lines become versions in force from its effective time.
  absl::Status AddVersions(chassis::UnitOfWork& work, const aftersales::reception::v1::PriceChange& change) const;

  PriceListStore store_;
};

}  // namespace reception
