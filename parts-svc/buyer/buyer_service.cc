// The buyer room; see buyer_service.h.
#include "parts-svc/buyer/buyer_service.h"

namespace parts {

using chassis::UnitOfWork;

BuyerService::BuyerService(chassis::Rooms& rooms) : store_(rooms.host.cipher()) {
  rooms.rpcs.Standard<v1::Buyer>(store_.table(), [](UnitOfWork&, const v1::Buyer*, v1::Buyer& after) -> absl::Status {
    return CheckBuyer(after);
  });
  rooms.rpcs.On(this, &BuyerService::Find);
  rooms.rpcs.On(this, &BuyerService::SetCredit);
  rooms.rpcs.On(this, &BuyerService::Block);
  rooms.rpcs.On(this, &BuyerService::Unblock);
}

absl::StatusOr<v1::FindBuyersResponse> BuyerService::Find(chassis::Call& call, const v1::FindBuyersRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::FindBuyersResponse> {
    ASSIGN_OR_RETURN(const auto found, store_.WithPhone(session, request.store_id(), request.phone()));
    v1::FindBuyersResponse response;
    *response.mutable_buyers() = {found.begin(), found.end()};
    return response;
  });
}

absl::StatusOr<v1::Buyer> BuyerService::Change(chassis::Call& call, const std::string& buyer_id,
                                               std::string_view reason, const std::function<void(v1::Buyer&)>& change) {
  return call.Transact<v1::Buyer>([&](UnitOfWork& work) -> absl::StatusOr<v1::Buyer> {
    work.Because(reason);
    ASSIGN_OR_RETURN(const v1::Buyer before, store_.table().Lock(work, work.store_id(), buyer_id));
    v1::Buyer after = before;
    change(after);
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::Buyer> BuyerService::SetCredit(chassis::Call& call, const v1::SetBuyerCreditRequest& request) {
  return Change(call, request.buyer_id(), request.reason(), [&](v1::Buyer& buyer) {
    buyer.set_credit_limit_amount(request.credit_limit_amount());
    buyer.set_terms_days(request.terms_days());
  });
}

absl::StatusOr<v1::Buyer> BuyerService::Block(chassis::Call& call, const v1::BlockBuyerRequest& request) {
  return Change(call, request.buyer_id(), request.reason(), [&](v1::Buyer& buyer) {
    buyer.set_blocked(true);
    buyer.set_block_reason(request.reason());
  });
}

absl::StatusOr<v1::Buyer> BuyerService::Unblock(chassis::Call& call, const v1::UnblockBuyerRequest& request) {
  return Change(call, request.buyer_id(), request.reason(), [](v1::Buyer& buyer) {
    buyer.set_blocked(false);
    buyer.clear_block_reason();
  });
}

}  // namespace parts
