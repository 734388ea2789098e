#include "reception-svc/settlement/settlement_service.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "chassis/duties/duty_board.h"
#include "reception-svc/payer_share/payer_share_rules.h"
#include "reception-svc/payment/payment_rules.h"
#include "reception-svc/release/release_rules.h"
#include "reception-svc/release/release_service.h"
#include "reception-svc/repair_order/order_duties.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
namespace parts = aftersales::parts::v1;
namespace workshop = aftersales::workshop::v1;
using chassis::Call;
using chassis::UnitOfWork;

constexpr absl::Duration kApprovalTime = absl::Minutes(30);
constexpr int64_t kVerifyPage = 200;

common::Duty ApprovalDuty(const v1::Settlement& settlement, absl::Time now) {
  common::Duty duty;
  duty.set_kind(std::string(kDiscountApprovalDuty));
  duty.set_handbook("G-06");
  duty.set_subject_kind("settlement");
  duty.set_subject_id(settlement.settlement_id());
  duty.set_subject_number(settlement.number());
  duty.set_assignee_role(options::ROLE_SERVICE_MANAGER);
  duty.set_escalation_role(options::ROLE_GROUP_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(now + kApprovalTime);
  return duty;
}

}  // namespace

SettlementService::SettlementService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()),
      orders_(rooms.host.cipher()),
      add_ons_(rooms.host.cipher()),
      appointments_(rooms.host.cipher()),
      payments_(rooms.host.cipher()),
      payer_shares_(rooms.host.cipher()),
      board_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &SettlementService::Prepare);
  rooms.rpcs.On(this, &SettlementService::ApplyDiscount);
  rooms.rpcs.On(this, &SettlementService::ApproveDiscount);
  rooms.host.duties().EndsBy(kDiscountApprovalDuty, "ApproveDiscount");
  rooms.rpcs.On(this, &SettlementService::RejectDiscount);
  rooms.rpcs.On(this, &SettlementService::Issue);
  rooms.rpcs.Standard<v1::Settlement>(store_.settlements);
  rooms.Verify("settlement_sums", [this](chassis::sql::Session& session, const std::string& store_id) {
    return VerifySums(session, store_id);
  });
}

absl::StatusOr<SettlementFacts> SettlementService::AskFacts(Call& call, const std::string& order_id) {
  SettlementFacts facts;
  workshop::GetOrderProgressRequest progress;
  progress.set_store_id(call.store_id());
  progress.set_repair_order_id(order_id);
  ASSIGN_OR_RETURN(facts.progress, call.Ask<workshop::OrderProgress>(progress));
  parts::GetOrderPartsRequest drawn;
  drawn.set_store_id(call.store_id());
  drawn.set_repair_order_id(order_id);
  ASSIGN_OR_RETURN(facts.parts, call.Ask<parts::OrderParts>(drawn));
  return facts;
}

absl::Status SettlementService::RefreshOwnFacts(UnitOfWork& work, SettlementFacts& facts) const {
  const v1::RepairOrder& order = facts.order;
  ASSIGN_OR_RETURN(facts.add_ons, add_ons_.OfOrder(work.sql(), order.store_id(), order.repair_order_id()));
  ASSIGN_OR_RETURN(facts.deposit_amount,
                   appointments_.HeldAmount(work.sql(), order.store_id(), order.appointment_id()));
  return absl::OkStatus();
}

template <typename Change>
absl::StatusOr<v1::Settlement> SettlementService::ChangeSettlement(Call& call, const std::string& settlement_id,
                                                                   Change&& change) {
  return call.Transact<v1::Settlement>([&](UnitOfWork& work) -> absl::StatusOr<v1::Settlement> {
    ASSIGN_OR_RETURN(const v1::Settlement before, store_.settlements.Lock(work, call.store_id(), settlement_id));
    v1::Settlement after = before;
    RETURN_IF_ERROR(change(work, after));
    RETURN_IF_ERROR(store_.settlements.Update(work, before, after));
    return after;
  });
}

absl::StatusOr<v1::Settlement> SettlementService::Prepare(Call& call, const v1::PrepareSettlementRequest& request) {
  ASSIGN_OR_RETURN(SettlementFacts asked, AskFacts(call, request.repair_order_id()));
  ASSIGN_OR_RETURN(const auto known, call.Read([&](chassis::sql::Session& session) {
    return store_.OfOrder(session, call.store_id(), request.repair_order_id());
  }));
  std::string number = known.has_value() ? known->number() : "";
  if (number.empty()) {
    ASSIGN_OR_RETURN(number, call.NextNumber("SET"));
  }
  return call.Transact<v1::Settlement>([&](UnitOfWork& work) -> absl::StatusOr<v1::Settlement> {
    SettlementFacts facts = asked;
    ASSIGN_OR_RETURN(facts.order, orders_.orders.Lock(work, call.store_id(), request.repair_order_id()));
    ASSIGN_OR_RETURN(const auto before, store_.OfOrder(work.sql(), call.store_id(), request.repair_order_id()));
    if (before.has_value() && before->state() == v1::Settlement::STATE_ISSUED) {
      return chassis::Refuse(v1::ERROR_REASON_SETTLEMENT_EXISTS)
          .With("number", before->number())
          .At("repair_order_id", "已结算", "was settled");
    }
    RETURN_IF_ERROR(RefreshOwnFacts(work, facts));
    ASSIGN_OR_RETURN(v1::Settlement draft, DraftSettlement(facts));
    draft.set_prepared_by(call.actor().subject);
    if (!before.has_value()) {
      draft.set_settlement_id(work.NewId());
      draft.set_number(number);
      RETURN_IF_ERROR(store_.settlements.Insert(work, draft));
    } else {
      draft.set_settlement_id(before->settlement_id());
      draft.set_number(before->number());
      *draft.mutable_create_time() = before->create_time();
      RETURN_IF_ERROR(store_.settlements.Update(work, *before, draft));
      RETURN_IF_ERROR(work.WaiveDuties(kDiscountApprovalDuty, draft.settlement_id(), "settlement prepared afresh"));
    }
    RETURN_IF_ERROR(board_.SetStage(work, facts.order.visit_id(), v1::BoardEntry::STAGE_INVOICE));
    return draft;
  });
}

absl::StatusOr<v1::Settlement> SettlementService::ApplyDiscount(Call& call, const v1::ApplyDiscountRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  return ChangeSettlement(
      call, request.settlement_id(), [&](UnitOfWork& work, v1::Settlement& settlement) -> absl::Status {
        RETURN_IF_ERROR(chassis::RequireState(settlement, {v1::Settlement::STATE_DRAFT}));
        ASSIGN_OR_RETURN(v1::Discount discount, MakeDiscount(settlement, request));
        const int32_t limit = DiscountLimit(call.identity().roles, store.settings());
        const absl::Status within = CheckDiscountLimit(settlement, discount, limit, store.settings());
        const bool may_wait = request.above_limit() == v1::ApplyDiscountRequest::ABOVE_LIMIT_ASK_APPROVAL;
        if (!within.ok() && !may_wait) return within;
        work.Because(request.reason());
        discount.set_discount_id(work.NewId());
        discount.set_requested_by(call.actor().subject);
        discount.set_status(within.ok() ? v1::DISCOUNT_STATUS_APPLIED : v1::DISCOUNT_STATUS_WAITING);
        if (within.ok()) discount.set_approved_by(call.actor().subject);
        *discount.mutable_create_time() = work.now_proto();
        *settlement.add_discounts() = discount;
        if (!within.ok()) work.Owe(ApprovalDuty(settlement, work.now()));
        Recompute(settlement);
        return absl::OkStatus();
      });
}

absl::StatusOr<v1::Settlement> SettlementService::ApproveDiscount(Call& call,
                                                                  const v1::ApproveDiscountRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  return ChangeSettlement(
      call, request.settlement_id(), [&](UnitOfWork& work, v1::Settlement& settlement) -> absl::Status {
        ASSIGN_OR_RETURN(v1::Discount * discount, WaitingDiscount(settlement, request.discount_id()));
        if (discount->requested_by() == call.actor().subject) {
          return chassis::Refuse(v1::ERROR_REASON_DISCOUNT_SELF_APPROVED)
              .At("discount_id", "本人申请", "was asked for by the same person");
        }
        const int32_t limit = DiscountLimit(call.identity().roles, store.settings());
        RETURN_IF_ERROR(CheckDiscountLimit(settlement, *discount, limit, store.settings()));
        work.Because(request.reason());
        discount->set_status(v1::DISCOUNT_STATUS_APPLIED);
        discount->set_approved_by(call.actor().subject);
        discount->set_decision_reason(request.reason());
        Recompute(settlement);
        return work.CompleteDuties(kDiscountApprovalDuty, settlement.settlement_id(), "approved");
      });
}

absl::StatusOr<v1::Settlement> SettlementService::RejectDiscount(Call& call, const v1::RejectDiscountRequest& request) {
  return ChangeSettlement(
      call, request.settlement_id(), [&](UnitOfWork& work, v1::Settlement& settlement) -> absl::Status {
        ASSIGN_OR_RETURN(v1::Discount * discount, WaitingDiscount(settlement, request.discount_id()));
        work.Because(request.reason());
        discount->set_status(v1::DISCOUNT_STATUS_REJECTED);
        discount->set_decision_reason(request.reason());
        return work.CompleteDuties(kDiscountApprovalDuty, settlement.settlement_id(), "rejected");
      });
}

absl::StatusOr<v1::Settlement> SettlementService::Issue(Call& call, const v1::IssueSettlementRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  ASSIGN_OR_RETURN(const v1::Settlement seen, call.Read([&](chassis::sql::Session& session) {
    return store_.settlements.Get(session, call.store_id(), request.settlement_id());
  }));
  ASSIGN_OR_RETURN(SettlementFacts asked, AskFacts(call, seen.repair_order_id()));
  std::string process_id;
  ASSIGN_OR_RETURN(const v1::Settlement issued, call.Transact<v1::Settlement>([&](UnitOfWork& work)
                                                                                  -> absl::StatusOr<v1::Settlement> {
    SettlementFacts facts = asked;
    ASSIGN_OR_RETURN(facts.order, orders_.orders.Lock(work, call.store_id(), seen.repair_order_id()));
    ASSIGN_OR_RETURN(const v1::Settlement before,
                     store_.settlements.Lock(work, call.store_id(), request.settlement_id()));
    RETURN_IF_ERROR(CheckIssuable(before));
    RETURN_IF_ERROR(RefreshOwnFacts(work, facts));
    RETURN_IF_ERROR(CheckUpToDate(before, facts));
    v1::Settlement settlement = before;
    RETURN_IF_ERROR(chassis::MoveTo(settlement, v1::Settlement::STATE_ISSUED));
    *settlement.mutable_issue_time() = work.now_proto();
    RETURN_IF_ERROR(store_.settlements.Update(work, before, settlement));

    v1::RepairOrder order = facts.order;
    RETURN_IF_ERROR(chassis::MoveTo(order, v1::RepairOrder::STATE_SETTLED));
    // What was reserved and never drawn goes back to stock.
    v1::GiveBackPlan plan;
    plan.set_repair_order_id(order.repair_order_id());
    for (const std::string& holder : HoldersOf(order, facts.add_ons)) plan.add_holder_ids(holder);
    plan.set_reason("settled");
    process_id = work.StartBehind(kGiveBackProcess, order.repair_order_id(), plan);
    order.set_process_id(process_id);
    RETURN_IF_ERROR(orders_.orders.Update(work, facts.order, order));

    RETURN_IF_ERROR(appointments_.CreditDeposits(work, order.appointment_id(), settlement.settlement_id()).status());
    v1::Receivable receivable = OpenReceivable(settlement);
    RETURN_IF_ERROR(payments_.receivables.Insert(work, receivable));
    std::vector<v1::PayerShare> shares = SharesOf(settlement);
    RETURN_IF_ERROR(payer_shares_.shares.InsertAll(work, shares));
    const std::string today = chassis::CivilDate(work.now(), store.time_zone());
    LedgerEntries entries = BookSettlement(settlement);
    RETURN_IF_ERROR(payments_.Post(work, entries, {.payment_id = "", .cashier = "", .business_date = today}));
    v1::SettlementIssued fact;
    fact.set_settlement_id(settlement.settlement_id());
    fact.set_number(settlement.number());
    fact.set_repair_order_id(settlement.repair_order_id());
    fact.set_total_amount(settlement.total_amount());
    work.Publish(fact, {"settlement", settlement.settlement_id(), 1});
    return settlement;
  }));
  // The bill stands; what a peer's outage keeps reserved is given back by the worker.
  if (!process_id.empty()) call.Drive(process_id).IgnoreError();
  return issued;
}

absl::StatusOr<common::LedgerCheck> SettlementService::VerifySums(chassis::sql::Session& session,
                                                                  const std::string& store_id) const {
  common::LedgerCheck check;
  check.set_name("settlement_sums");
  std::string after = "00000000-0000-0000-0000-000000000000";
  while (true) {
    ASSIGN_OR_RETURN(const auto page, store_.IssuedAfter(session, store_id, after, kVerifyPage));
    for (const v1::Settlement& settlement : page) {
      check.set_checked_count(check.checked_count() + 1);
      const std::string difference = SumsDiffer(settlement);
      if (difference.empty()) continue;
      check.set_difference_count(check.difference_count() + 1);
      if (check.differences_size() < 100) check.add_differences(difference);
    }
    if (static_cast<int64_t>(page.size()) < kVerifyPage) return check;
    after = page.back().settlement_id();
  }
}

}  // namespace reception
