// The buyer room (P-12): who buys parts, at which prices, with how much credit.
#pragma once

#include <functional>
#include <string_view>

#include "chassis/server/service.h"
#include "parts-svc/buyer/buyer_store.h"

namespace parts {

class BuyerService {
 public:
  explicit BuyerService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::FindBuyersResponse> Find(chassis::Call& call, const v1::FindBuyersRequest& request);
  absl::StatusOr<v1::Buyer> SetCredit(chassis::Call& call, const v1::SetBuyerCreditRequest& request);
  absl::StatusOr<v1::Buyer> Block(chassis::Call& call, const v1::BlockBuyerRequest& request);
  absl::StatusOr<v1::Buyer> Unblock(chassis::Call& call, const v1::UnblockBuyerRequest& request);

  absl::StatusOr<v1::Buyer> Change(chassis::Call& call, const std::string& buyer_id, std::string_view reason,
                                   const std::function<void(v1::Buyer&)>& change);

  BuyerStore store_;
};

}  // namespace parts
