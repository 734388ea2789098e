// The sales room, first half; see sale_service.h.
#include "parts-svc/sale/sale_service.h"

#include "aftersales/parts/v1/sales_errors.pb.h"
#include "aftersales/parts/v1/sales_events.pb.h"
#include "parts-svc/receivable/receivable_rules.h"
#include "parts-svc/sale/sale_checks.h"
#include "parts-svc/version.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

constexpr int64_t kExpiredPerRound = 200;

}  // namespace

SaleService::SaleService(chassis::Rooms& rooms)
    : host_(rooms.host),
      catalogue_(rooms.host.cipher()),
      buyers_(rooms.host.cipher()),
      policies_(rooms.host.cipher()),
      reservations_(rooms.host.cipher()),
      receivables_(rooms.host.cipher()),
      holding_(rooms.host.cipher()),
      store_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &SaleService::Quote);
  rooms.rpcs.On(this, &SaleService::Requote);
  rooms.rpcs.On(this, &SaleService::DecideDiscount);
  rooms.rpcs.On(this, &SaleService::Confirm);
  rooms.rpcs.On(this, &SaleService::Hold);
  rooms.rpcs.On(this, &SaleService::Cancel);
  rooms.rpcs.On(this, &SaleService::Close);
  rooms.rpcs.Standard<v1::Sale>(store_.table());
  rooms.Verify("sales", VerifySales);
  rooms.Periodically("expire_quotations", absl::Minutes(10), [this] { return ExpireQuotations(); });
}

template <typename Request>
absl::Status SaleService::PriceToday(chassis::Call& call, UnitOfWork& work, const Request& request,
                                     const aftersales::common::v1::Store& store, v1::Sale& sale) {
  sale.set_terms(request.terms() == v1::SALE_TERMS_UNSPECIFIED ? v1::SALE_TERMS_AT_ONCE : request.terms());
  sale.set_price_level(v1::PRICE_LEVEL_RETAIL);
  sale.set_kind(v1::SALE_KIND_COUNTER);
  if (!sale.buyer_id().empty()) {
    ASSIGN_OR_RETURN(const v1::Buyer buyer, buyers_.Find(work.sql(), work.store_id(), sale.buyer_id()));
    RETURN_IF_ERROR(CheckNotBlocked(buyer));
    sale.set_price_level(buyer.price_level());
    if (buyer.kind() == v1::Buyer::KIND_WHOLESALE) sale.set_kind(v1::SALE_KIND_WHOLESALE);
  } else if (sale.terms() == v1::SALE_TERMS_ON_ACCOUNT) {
    return chassis::Refuse(v1::SALES_ERROR_REASON_CREDIT_NEEDS_BUYER).At("buyer_id", "必填", "is required");
  }
  std::vector<std::string> part_ids;
  for (const auto& line : request.lines()) part_ids.push_back(line.part_id());
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  ASSIGN_OR_RETURN(const PricesByPart prices,
                   catalogue_.PricesInForce(work.sql(), work.store_id(), sale.price_level(), part_ids, work.now()));
  RETURN_IF_ERROR(PriceLines(
      request.lines(), parts, prices, store.settings().tax_basis_points(), [&] { return work.NewId(); }, sale));
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  sale.set_valid_date(DayAfter(chassis::CivilDate(work.now(), store.time_zone()), policy.quotation_days()));
  return CheckDiscount(policy, call.identity().roles, work.actor().subject,
                       request.ask_approval() ? Asking::kForApproval : Asking::kNobody, sale);
}

absl::StatusOr<v1::Sale> SaleService::Quote(chassis::Call& call, const v1::QuoteSaleRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("SAL"));
  return call.Transact<v1::Sale>([&](UnitOfWork& work) -> absl::StatusOr<v1::Sale> {
    v1::Sale sale;
    sale.set_store_id(work.store_id());
    sale.set_number(number);
    sale.set_state(v1::Sale::STATE_QUOTED);
    sale.set_buyer_id(request.buyer_id());
    sale.set_currency_code(store.currency_code());
    sale.set_salesperson(work.actor().subject);
    sale.set_note(request.note());
    RETURN_IF_ERROR(PriceToday(call, work, request, store, sale));
    RETURN_IF_ERROR(store_.table().Insert(work, sale));
    return sale;
  });
}

absl::StatusOr<v1::Sale> SaleService::Requote(chassis::Call& call, const v1::RequoteSaleRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return call.Transact<v1::Sale>([&](UnitOfWork& work) -> absl::StatusOr<v1::Sale> {
    ASSIGN_OR_RETURN(const v1::Sale before, store_.table().Lock(work, work.store_id(), request.sale_id()));
    v1::Sale after = before;
    RETURN_IF_ERROR(chassis::RequireState(after, {v1::Sale::STATE_QUOTED, v1::Sale::STATE_EXPIRED}));
    if (after.state() == v1::Sale::STATE_EXPIRED) RETURN_IF_ERROR(chassis::MoveTo(after, v1::Sale::STATE_QUOTED));
    RETURN_IF_ERROR(PriceToday(call, work, request, store, after));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::Sale> SaleService::DecideDiscount(chassis::Call& call,
                                                     const v1::DecideSaleDiscountRequest& request) {
  return call.Transact<v1::Sale>([&](UnitOfWork& work) -> absl::StatusOr<v1::Sale> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::Sale before, store_.table().Lock(work, work.store_id(), request.sale_id()));
    RETURN_IF_ERROR(chassis::RequireState(before, {v1::Sale::STATE_QUOTED}));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
    v1::Sale after = before;
    RETURN_IF_ERROR(
        parts::DecideDiscount(policy, call.identity().roles, work.actor().subject, request.decision(), after));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::Status SaleService::CheckBuyerFor(UnitOfWork& work, const v1::Sale& sale, const std::string& today) {
  if (sale.buyer_id().empty()) return absl::OkStatus();
  if (sale.terms() != v1::SALE_TERMS_ON_ACCOUNT) {
    ASSIGN_OR_RETURN(const v1::Buyer buyer, buyers_.Find(work.sql(), work.store_id(), sale.buyer_id()));
    return CheckNotBlocked(buyer);
  }
  // Orders on account of one buyer follow each other, so that two of them never share the last of the credit.
  ASSIGN_OR_RETURN(const v1::Buyer buyer, buyers_.Lock(work, sale.buyer_id()));
  RETURN_IF_ERROR(CheckNotBlocked(buyer));
  ASSIGN_OR_RETURN(const Debt debt, receivables_.DebtOf(work.sql(), work.store_id(), sale.buyer_id(), today));
  ASSIGN_OR_RETURN(const int64_t ordered, store_.OrderedOnAccount(work.sql(), work.store_id(), sale.buyer_id()));
  return CheckCredit(buyer, debt.open_amount + ordered, debt.overdue_amount, sale.gross_amount());
}

absl::StatusOr<v1::Sale> SaleService::Confirm(chassis::Call& call, const v1::ConfirmSaleRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return call.Transact<v1::Sale>([&](UnitOfWork& work) -> absl::StatusOr<v1::Sale> {
    const std::string today = chassis::CivilDate(work.now(), store.time_zone());
    ASSIGN_OR_RETURN(const v1::Sale before, store_.table().Lock(work, work.store_id(), request.sale_id()));
    v1::Sale after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::Sale::STATE_CONFIRMED));
    RETURN_IF_ERROR(CheckConfirmable(after, today));
    RETURN_IF_ERROR(CheckBuyerFor(work, before, today));
    *after.mutable_confirm_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    v1::SaleConfirmed fact;
    fact.set_sale_id(after.sale_id());
    fact.set_sale_number(after.number());
    fact.set_buyer_id(after.buyer_id());
    fact.set_gross_amount(after.gross_amount());
    work.Publish(fact, {"sale", after.sale_id(), VersionOf(after)});
    v1::CreateReservationRequest hold = HoldFor(after, request.shortage_policy());
    for (auto& line : *hold.mutable_lines()) {
      if (request.has_needed_time()) *line.mutable_needed_time() = request.needed_time();
    }
    RETURN_IF_ERROR(holding_.Reserve(work, hold, store.settings().reservation_days()).status());
    return after;
  });
}

absl::StatusOr<v1::Sale> SaleService::Hold(chassis::Call& call, const v1::HoldSaleRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return call.Transact<v1::Sale>([&](UnitOfWork& work) -> absl::StatusOr<v1::Sale> {
    ASSIGN_OR_RETURN(const v1::Sale sale, store_.table().Lock(work, work.store_id(), request.sale_id()));
    RETURN_IF_ERROR(chassis::RequireState(sale, {v1::Sale::STATE_CONFIRMED, v1::Sale::STATE_PARTLY_DELIVERED}));
    ASSIGN_OR_RETURN(const auto held, reservations_.LockOpenOf(work, sale.sale_id()));
    if (!held.empty()) {
      return chassis::Refuse(v1::SALES_ERROR_REASON_SALE_HAS_HOLD).At("sale_id", "备货仍有效", "has its goods held");
    }
    RETURN_IF_ERROR(
        holding_.Reserve(work, HoldFor(sale, request.shortage_policy()), store.settings().reservation_days()).status());
    return sale;
  });
}

absl::Status SaleService::LetGo(UnitOfWork& work, const v1::Sale& sale, std::string_view reason) {
  ASSIGN_OR_RETURN(const auto held, reservations_.LockOpenOf(work, sale.sale_id()));
  return holding_.EndAll(work, held, reason);
}

absl::StatusOr<v1::Sale> SaleService::Cancel(chassis::Call& call, const v1::CancelSaleRequest& request) {
  return call.Transact<v1::Sale>([&](UnitOfWork& work) -> absl::StatusOr<v1::Sale> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::Sale before, store_.table().Lock(work, work.store_id(), request.sale_id()));
    v1::Sale after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::Sale::STATE_CANCELLED));
    after.set_end_reason(request.reason());
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    RETURN_IF_ERROR(LetGo(work, after, request.reason()));
    return after;
  });
}

absl::StatusOr<v1::Sale> SaleService::Close(chassis::Call& call, const v1::CloseSaleRequest& request) {
  return call.Transact<v1::Sale>([&](UnitOfWork& work) -> absl::StatusOr<v1::Sale> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const v1::Sale before, store_.table().Lock(work, work.store_id(), request.sale_id()));
    v1::Sale after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, v1::Sale::STATE_CLOSED));
    if (!IsFullyDelivered(after) && request.reason().empty()) return chassis::ReasonRequired("reason");
    ASSIGN_OR_RETURN(const int64_t open, receivables_.OpenOfSale(work.sql(), work.store_id(), after.sale_id()));
    if (open > 0) {
      return chassis::Refuse(v1::SALES_ERROR_REASON_SALE_NOT_PAID)
          .With("open", open)
          .At("sale_id", "尚有未收款", "is not paid yet");
    }
    after.set_end_reason(request.reason());
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    RETURN_IF_ERROR(LetGo(work, after, request.reason()));
    return after;
  });
}

absl::Status SaleService::ExpireQuotations() {
  const absl::Time now = host_.clock().Now();
  std::vector<SaleStore::Due> due;
  RETURN_IF_ERROR(host_.pool().Read(now + absl::Seconds(10), [&](chassis::sql::Session& session) -> absl::Status {
    // A quotation holds on its last day in every time zone of the group; what is confirmed late is refused anyhow.
    ASSIGN_OR_RETURN(due, store_.Expired(session, chassis::CivilDate(now - absl::Hours(14), "UTC"), kExpiredPerRound));
    return absl::OkStatus();
  }));
  for (const SaleStore::Due& one : due) {
    RETURN_IF_ERROR(host_.CommitInBackground(one.store_id, "ExpireQuotation",
                                             [&](UnitOfWork& work) { return Expire(work, one.sale_id); }));
  }
  return absl::OkStatus();
}

absl::Status SaleService::Expire(UnitOfWork& work, const std::string& sale_id) {
  ASSIGN_OR_RETURN(const v1::Sale before, store_.table().Lock(work, work.store_id(), sale_id));
  // It was confirmed or quoted again meanwhile.
  if (before.state() != v1::Sale::STATE_QUOTED ||
      before.valid_date() >= chassis::CivilDate(work.now() - absl::Hours(14), "UTC")) {
    return absl::OkStatus();
  }
  v1::Sale after = before;
  work.Because("the quotation's time has passed");
  RETURN_IF_ERROR(chassis::MoveTo(after, v1::Sale::STATE_EXPIRED));
  return store_.table().Update(work, before, after);
}

}  // namespace parts
