// The receivable room; see receivable_service.h.
#include "parts-svc/receivable/receivable_service.h"

#include "parts-svc/receivable/receivable_checks.h"

namespace parts {

using chassis::UnitOfWork;

ReceivableService::ReceivableService(chassis::Rooms& rooms) : store_(rooms.host.cipher()), till_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &ReceivableService::Collect);
  rooms.rpcs.On(this, &ReceivableService::CollectFromBuyer);
  rooms.rpcs.On(this, &ReceivableService::WriteOff);
  rooms.rpcs.On(this, &ReceivableService::Ageing);
  rooms.rpcs.Standard<v1::Receivable>(store_.table());
  rooms.rpcs.Standard<v1::Collection>(store_.collections());
  rooms.Verify("sales_receivables", VerifyReceivables);
}

absl::StatusOr<v1::Receivable> ReceivableService::Collect(chassis::Call& call,
                                                          const v1::CollectReceivableRequest& request) {
  RETURN_IF_ERROR(CheckPayment(request.payment(), "payment"));
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("COL"));
  const std::string today = chassis::CivilDate(call.Now(), store.time_zone());
  return call.Transact<v1::Receivable>([&](UnitOfWork& work) -> absl::StatusOr<v1::Receivable> {
    ASSIGN_OR_RETURN(v1::Receivable receivable, store_.table().Lock(work, work.store_id(), request.receivable_id()));
    RETURN_IF_ERROR(chassis::RequireState(receivable, {v1::Receivable::STATE_OPEN}));
    RETURN_IF_ERROR(till_.Enter(work, receivable, {CollectionOf(request.payment(), number, today)}));
    return receivable;
  });
}

absl::StatusOr<v1::CollectFromBuyerResponse> ReceivableService::CollectFromBuyer(
    chassis::Call& call, const v1::CollectFromBuyerRequest& request) {
  RETURN_IF_ERROR(CheckPayment(request.payment(), "payment"));
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("COL"));
  const std::string today = chassis::CivilDate(call.Now(), store.time_zone());
  return call.Transact<v1::CollectFromBuyerResponse>(
      [&](UnitOfWork& work) -> absl::StatusOr<v1::CollectFromBuyerResponse> {
        ASSIGN_OR_RETURN(std::vector<v1::Receivable> open, store_.LockOpenOf(work, request.buyer_id()));
        ASSIGN_OR_RETURN(const std::vector<int64_t> shares, OldestFirst(request.payment().amount(), open));
        v1::CollectFromBuyerResponse response;
        for (size_t i = 0; i < open.size(); ++i) {
          if (shares[i] == 0) continue;
          v1::Collection entry = CollectionOf(request.payment(), number, today);
          entry.set_amount(shares[i]);
          RETURN_IF_ERROR(till_.Enter(work, open[i], {entry}));
          *response.add_receivables() = open[i];
        }
        return response;
      });
}

absl::StatusOr<v1::Receivable> ReceivableService::WriteOff(chassis::Call& call,
                                                           const v1::WriteOffReceivableRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("COL"));
  return call.Transact<v1::Receivable>([&](UnitOfWork& work) -> absl::StatusOr<v1::Receivable> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(v1::Receivable receivable, store_.table().Lock(work, work.store_id(), request.receivable_id()));
    RETURN_IF_ERROR(chassis::RequireState(receivable, {v1::Receivable::STATE_OPEN}));
    v1::Collection entry;
    entry.set_kind(v1::Collection::KIND_WRITE_OFF);
    entry.set_number(number);
    entry.set_amount(receivable.open_amount());
    entry.set_reason(request.reason());
    entry.set_business_date(chassis::CivilDate(work.now(), store.time_zone()));
    RETURN_IF_ERROR(till_.Enter(work, receivable, {entry}));
    return receivable;
  });
}

absl::StatusOr<v1::ReceivablesAgeing> ReceivableService::Ageing(chassis::Call& call,
                                                                const v1::GetReceivablesAgeingRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  const std::string today = chassis::CivilDate(call.Now(), store.time_zone());
  return call.Read([&](chassis::sql::Session& session) { return store_.Ageing(session, request.store_id(), today); });
}

}  // namespace parts
