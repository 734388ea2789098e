#include "reception-svc/payer_share/payer_share_service.h"

#include "absl/strings/str_cat.h"
#include "chassis/server/call.h"
#include "reception-svc/payer_share/payer_share_rules.h"
#include "reception-svc/payment/payment_rules.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
using chassis::Call;
using chassis::UnitOfWork;

PayerShareService::PayerShareService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()), payments_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &PayerShareService::CollectShare);
  rooms.rpcs.Standard<v1::PayerShare>(store_.shares);
  rooms.Verify("payer_shares", [this](chassis::sql::Session& session, const std::string& store_id) {
    return Verify(session, store_id);
  });
}

absl::StatusOr<v1::PayerShare> PayerShareService::CollectShare(Call& call,
                                                               const v1::CollectPayerShareRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("PAY"));
  return call.Transact<v1::PayerShare>([&](UnitOfWork& work) -> absl::StatusOr<v1::PayerShare> {
    ASSIGN_OR_RETURN(const v1::PayerShare before, store_.shares.Lock(work, call.store_id(), request.payer_share_id()));
    v1::Payment payment;
    payment.set_store_id(call.store_id());
    payment.set_payment_id(work.NewId());
    payment.set_number(number);
    payment.set_kind(v1::Payment::KIND_SHARE);
    payment.set_settlement_id(before.settlement_id());
    payment.set_method(request.method());
    payment.set_amount(request.amount());
    payment.set_reference(request.reference());
    payment.set_cashier(call.actor().subject);
    payment.set_business_date(chassis::CivilDate(work.now(), store.time_zone()));
    ASSIGN_OR_RETURN(const bool closed,
                     payments_.IsDayClosed(work.sql(), call.store_id(), payment.cashier(), payment.business_date()));
    if (closed) return DayClosed(payment.business_date(), "payer_share_id");
    v1::PayerShare share = before;
    ASSIGN_OR_RETURN(v1::LedgerEntry entry, Collect(share, payment));
    RETURN_IF_ERROR(store_.shares.Update(work, before, share));
    RETURN_IF_ERROR(payments_.payments.Insert(work, payment));
    LedgerEntries entries = {std::move(entry)};
    RETURN_IF_ERROR(payments_.Post(
        work, entries,
        {.payment_id = payment.payment_id(), .cashier = payment.cashier(), .business_date = payment.business_date()}));
    return share;
  });
}

absl::StatusOr<common::LedgerCheck> PayerShareService::Verify(chassis::sql::Session& session,
                                                              const std::string& store_id) const {
  common::LedgerCheck check;
  check.set_name("payer_shares");
  ASSIGN_OR_RETURN(const int64_t shares, store_.Count(session, store_id));
  check.set_checked_count(shares);
  const auto add = [&](const char* what, const chassis::sql::Rows& rows) {
    for (size_t i = 0; i < rows.size(); ++i) {
      check.set_difference_count(check.difference_count() + 1);
      check.add_differences(absl::StrCat("share of ", rows[i].Text("payer"), " in ", rows[i].Text("settlement_number"),
                                         " says ", what, " ", rows[i].Int("says"), ", the ledger ",
                                         rows[i].Int("ledger")));
    }
  };
  ASSIGN_OR_RETURN(const auto booked, store_.BookedOtherwise(session, store_id));
  add("owed", booked);
  ASSIGN_OR_RETURN(const auto collected, store_.CollectedOtherwise(session, store_id));
  add("collected", collected);
  return check;
}

}  // namespace reception
