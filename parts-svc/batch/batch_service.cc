// The batch room; see batch_service.h.
#include "parts-svc/batch/batch_service.h"

#include <set>

namespace parts {

BatchService::BatchService(chassis::Rooms& rooms) : store_(rooms.host.cipher()), ledger_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &BatchService::Get);
  rooms.rpcs.On(this, &BatchService::SetExpiry);
  rooms.rpcs.Standard<v1::PartBatch>(store_.table());
}

absl::StatusOr<v1::PartBatch> BatchService::Get(chassis::Call& call, const v1::GetPartBatchRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::PartBatch> {
    ASSIGN_OR_RETURN(v1::PartBatch batch,
                     store_.table().Get(session, request.store_id(), request.part_id(), request.batch_code()));
    ASSIGN_OR_RETURN(const std::vector<BatchInBin> lies,
                     ledger_.Batches(session, request.store_id(), {request.part_id()}, {request.batch_code()}));
    // Accounts hold the other side: what came from the supplier, what went to the workshop.
    ASSIGN_OR_RETURN(const auto balances, ledger_.Balances(session, request.store_id(), request.part_id()));
    std::set<std::string> bins;
    for (const auto& balance : balances) bins.insert(balance.location_id());
    for (const BatchInBin& one : lies) {
      if (bins.count(one.location_id) > 0) batch.set_on_hand_milli(batch.on_hand_milli() + one.on_hand_milli);
    }
    return batch;
  });
}

absl::StatusOr<v1::PartBatch> BatchService::SetExpiry(chassis::Call& call, const v1::SetBatchExpiryRequest& request) {
  return call.Transact<v1::PartBatch>([&](chassis::UnitOfWork& work) -> absl::StatusOr<v1::PartBatch> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::PartBatch before,
                     store_.table().Lock(work, request.store_id(), request.part_id(), request.batch_code()));
    v1::PartBatch after = before;
    after.set_expire_date(request.expire_date());
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

}  // namespace parts
