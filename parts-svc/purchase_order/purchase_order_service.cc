// The purchase order room; see purchase_order_service.h.
#include "parts-svc/purchase_order/purchase_order_service.h"

#include "absl/strings/ascii.h"
#include "aftersales/parts/v1/procurement_events.pb.h"
#include "chassis/duties/duty_board.h"
#include "chassis/time/dates.h"
#include "parts-svc/purchase_order/procurement_duties.h"
#include "parts-svc/purchase_order/purchase_order_checks.h"
#include "parts-svc/version.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

// An order waits a day at most for its answer.
constexpr absl::Duration kApprovalTime = absl::Hours(24);

aftersales::common::v1::Duty ApprovalDuty(const v1::PurchaseOrder& order, const v1::PartsPolicy& policy,
                                          absl::Time now) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(kOrderApprovalDuty);
  duty.set_handbook("P-08");
  duty.set_subject_kind("purchase_order");
  duty.set_subject_id(order.purchase_order_id());
  duty.set_subject_number(order.number());
  duty.set_assignee_role(ApproverFor(order.total_amount(), policy));
  duty.set_escalation_role(aftersales::options::v1::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(now + kApprovalTime);
  return duty;
}

void PublishSent(UnitOfWork& work, const v1::PurchaseOrder& order) {
  v1::PurchaseOrderSent fact;
  fact.set_purchase_order_id(order.purchase_order_id());
  fact.set_purchase_order_number(order.number());
  fact.set_supplier_id(order.supplier_id());
  fact.set_revision(order.revision());
  fact.set_total_amount(order.total_amount());
  fact.set_expected_date(order.expected_date());
  work.Publish(fact, {"purchase_order", order.purchase_order_id(), VersionOf(order)});
}

std::vector<std::string> PartsOf(const v1::PurchaseOrder& order) {
  std::vector<std::string> part_ids;
  for (const v1::PurchaseOrderLine& line : order.lines()) part_ids.push_back(line.part_id());
  return part_ids;
}

absl::StatusOr<std::string> Today(UnitOfWork& work) {
  ASSIGN_OR_RETURN(const auto store, work.host().stores().Get(work.store_id(), work.now() + absl::Seconds(5)));
  return chassis::CivilDate(work.now(), store.time_zone());
}

}  // namespace

PurchaseOrderService::PurchaseOrderService(chassis::Rooms& rooms) : desk_(rooms.host.cipher()) {
  rooms.rpcs.Standard<v1::PurchaseOrder>(desk_.orders().orders());
  rooms.rpcs.Standard<v1::PurchaseOrderRevision>(desk_.orders().revisions());
  rooms.rpcs.On(this, &PurchaseOrderService::Create);
  rooms.rpcs.On(this, &PurchaseOrderService::Revise);
  rooms.rpcs.On(this, &PurchaseOrderService::Submit);
  rooms.rpcs.On(this, &PurchaseOrderService::Approve);
  rooms.rpcs.On(this, &PurchaseOrderService::Return);
  rooms.rpcs.On(this, &PurchaseOrderService::Reject);
  rooms.rpcs.On(this, &PurchaseOrderService::SendOut);
  rooms.rpcs.On(this, &PurchaseOrderService::Confirm);
  rooms.rpcs.On(this, &PurchaseOrderService::Cancel);
  rooms.rpcs.On(this, &PurchaseOrderService::Close);
  rooms.rpcs.On(this, &PurchaseOrderService::Get);
  rooms.host.duties().EndsBy(kOrderApprovalDuty, "ApprovePurchaseOrder");
  rooms.host.duties().EndsBy(kLateOrderDuty, "PostGoodsReceipt");
  rooms.host.duties().EndsBy(kSpecialOrderDuty, "PostGoodsReceipt");
  rooms.Verify("purchase_orders", VerifyPurchaseOrders);
  rooms.Verify("special_orders", VerifySpecialOrders);
  for (const auto state :
       {v1::PurchaseOrder::STATE_DRAFT, v1::PurchaseOrder::STATE_SUBMITTED, v1::PurchaseOrder::STATE_APPROVED,
        v1::PurchaseOrder::STATE_SENT, v1::PurchaseOrder::STATE_CLOSED, v1::PurchaseOrder::STATE_CANCELLED,
        v1::PurchaseOrder::STATE_REJECTED}) {
    const std::string name(chassis::StateName(v1::PurchaseOrder::State_descriptor(), state));
    steps_[state] = &rooms.host.metrics().Counter("parts_purchase_orders_total", "Purchase orders by step (P-08)",
                                                  {{"step", absl::AsciiStrToLower(name)}});
  }
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Moved(chassis::Call& call, const std::string& purchase_order_id,
                                                              v1::PurchaseOrder::State state, const std::string& reason,
                                                              const Change& change) {
  auto moved = call.Transact<v1::PurchaseOrder>([&](UnitOfWork& work) -> absl::StatusOr<v1::PurchaseOrder> {
    if (!reason.empty()) work.Because(reason);
    ASSIGN_OR_RETURN(const v1::PurchaseOrder before, desk_.orders().LockOrder(work, purchase_order_id));
    v1::PurchaseOrder after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, state));
    if (!reason.empty()) after.set_state_reason(reason);
    RETURN_IF_ERROR(change(work, before, after));
    RETURN_IF_ERROR(desk_.Save(work, before, reason, after));
    if (state == v1::PurchaseOrder::STATE_SENT) PublishSent(work, after);
    return after;
  });
  if (moved.ok()) steps_.at(state)->Increment();
  return moved;
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Create(chassis::Call& call,
                                                               const v1::CreatePurchaseOrderRequest& request) {
  PurchaseOrderDraft draft;
  ASSIGN_OR_RETURN(draft.number, call.NextNumber("PO"));
  draft.supplier_id = request.supplier_id();
  draft.note = request.note();
  draft.lines.assign(request.lines().begin(), request.lines().end());
  for (size_t i = 0; i < draft.lines.size(); ++i) {
    if (draft.lines[i].purchase_order_line_id().empty()) continue;
    return chassis::InvalidField(absl::StrCat("lines[", i, "].purchase_order_line_id"), "新订单请留空",
                                 "is filled by the service: leave it empty");
  }
  auto order = call.Transact<v1::PurchaseOrder>([&](UnitOfWork& work) -> absl::StatusOr<v1::PurchaseOrder> {
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, desk_.Policy(work));
    return desk_.Draft(work, draft, BuyerOf(call.actor().subject, call.identity().roles, policy));
  });
  if (order.ok()) steps_.at(v1::PurchaseOrder::STATE_DRAFT)->Increment();
  return order;
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Revise(chassis::Call& call,
                                                               const v1::RevisePurchaseOrderRequest& request) {
  return call.Transact<v1::PurchaseOrder>([&](UnitOfWork& work) -> absl::StatusOr<v1::PurchaseOrder> {
    ASSIGN_OR_RETURN(const v1::PurchaseOrder before, desk_.orders().LockOrder(work, request.purchase_order_id()));
    if (before.etag() != request.etag()) return chassis::ChangedMeanwhile("purchase order");
    RETURN_IF_ERROR(
        chassis::RequireState(before, {v1::PurchaseOrder::STATE_DRAFT, v1::PurchaseOrder::STATE_APPROVED,
                                       v1::PurchaseOrder::STATE_SENT, v1::PurchaseOrder::STATE_PARTLY_RECEIVED}));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, desk_.Policy(work));
    ASSIGN_OR_RETURN(const v1::Supplier supplier, desk_.GoodSupplier(work, before.supplier_id(), policy));
    std::vector<std::string> part_ids = PartsOf(before);
    for (const auto& line : request.lines()) part_ids.push_back(line.part_id());
    ASSIGN_OR_RETURN(const Terms terms, desk_.TermsFor(work, supplier, part_ids, policy));
    ASSIGN_OR_RETURN(const auto specials, desk_.special_orders().LockServedBy(work, before.purchase_order_id()));
    const Buyer buyer = BuyerOf(call.actor().subject, call.identity().roles, policy);
    v1::PurchaseOrder after = before;
    RETURN_IF_ERROR(WriteLines(
        {request.lines().begin(), request.lines().end()}, terms, buyer, PromisesOf(specials),
        [&] { return work.NewId(); }, after));
    after.set_note(request.note());
    if (before.state() != v1::PurchaseOrder::STATE_DRAFT) {
      RETURN_IF_ERROR(ReviseApproved(work, request, buyer, policy, terms, before, after));
    }
    RETURN_IF_ERROR(desk_.Save(work, before, request.reason(), after));
    if (IsOut(before)) PublishSent(work, after);
    return after;
  });
}

absl::Status PurchaseOrderService::ReviseApproved(UnitOfWork& work, const v1::RevisePurchaseOrderRequest& request,
                                                  const Buyer& buyer, const v1::PartsPolicy& policy, const Terms& terms,
                                                  const v1::PurchaseOrder& before, v1::PurchaseOrder& after) {
  if (request.reason().empty()) return chassis::ReasonRequired("reason");
  work.Because(request.reason());
  RETURN_IF_ERROR(desk_.CheckContracts(work, after, terms));
  if (after.total_amount() > before.approved_amount()) {
    RETURN_IF_ERROR(CheckAuthority(buyer, after.total_amount(), policy));
    after.set_approved_amount(after.total_amount());
    after.set_approver(buyer.subject);
    *after.mutable_approve_time() = work.now_proto();
  }
  if (!IsOut(before)) return absl::OkStatus();
  v1::PurchaseOrderRevision kept;
  kept.set_store_id(work.store_id());
  kept.set_purchase_order_revision_id(work.NewId());
  kept.set_purchase_order_id(before.purchase_order_id());
  kept.set_revision(before.revision());
  *kept.mutable_purchase_order() = before;
  kept.set_reason(request.reason());
  kept.set_actor(buyer.subject);
  RETURN_IF_ERROR(desk_.orders().revisions().Insert(work, kept));
  after.set_revision(before.revision() + 1);
  Promised(after);
  return Settle(after);
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Submit(chassis::Call& call,
                                                               const v1::SubmitPurchaseOrderRequest& request) {
  return Moved(call, request.purchase_order_id(), v1::PurchaseOrder::STATE_SUBMITTED, "",
               [&](UnitOfWork& work, const v1::PurchaseOrder&, v1::PurchaseOrder& after) -> absl::Status {
                 ASSIGN_OR_RETURN(const v1::PartsPolicy policy, desk_.Policy(work));
                 ASSIGN_OR_RETURN(const v1::Supplier supplier, desk_.GoodSupplier(work, after.supplier_id(), policy));
                 ASSIGN_OR_RETURN(const Terms terms, desk_.TermsFor(work, supplier, PartsOf(after), policy));
                 RETURN_IF_ERROR(CheckDates(after, terms.today));
                 RETURN_IF_ERROR(CheckPrices(terms, after));
                 RETURN_IF_ERROR(desk_.CheckContracts(work, after, terms));
                 after.clear_state_reason();
                 after.set_submitter(work.actor().subject);
                 *after.mutable_submit_time() = work.now_proto();
                 work.Owe(ApprovalDuty(after, policy, work.now()));
                 return absl::OkStatus();
               });
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Approve(chassis::Call& call,
                                                                const v1::ApprovePurchaseOrderRequest& request) {
  return Moved(call, request.purchase_order_id(), v1::PurchaseOrder::STATE_APPROVED, "",
               [&](UnitOfWork& work, const v1::PurchaseOrder& before, v1::PurchaseOrder& after) -> absl::Status {
                 if (before.etag() != request.etag()) return chassis::ChangedMeanwhile("purchase order");
                 ASSIGN_OR_RETURN(const v1::PartsPolicy policy, desk_.Policy(work));
                 RETURN_IF_ERROR(CheckAuthority(BuyerOf(call.actor().subject, call.identity().roles, policy),
                                                after.total_amount(), policy));
                 after.set_approver(work.actor().subject);
                 *after.mutable_approve_time() = work.now_proto();
                 after.set_approved_amount(after.total_amount());
                 return work.CompleteDuties(kOrderApprovalDuty, after.purchase_order_id(), "APPROVED");
               });
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Return(chassis::Call& call,
                                                               const v1::ReturnPurchaseOrderRequest& request) {
  return Moved(call, request.purchase_order_id(), v1::PurchaseOrder::STATE_DRAFT, request.reason(),
               [](UnitOfWork& work, const v1::PurchaseOrder&, v1::PurchaseOrder& after) {
                 return work.CompleteDuties(kOrderApprovalDuty, after.purchase_order_id(), "RETURNED");
               });
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Reject(chassis::Call& call,
                                                               const v1::RejectPurchaseOrderRequest& request) {
  return Moved(call, request.purchase_order_id(), v1::PurchaseOrder::STATE_REJECTED, request.reason(),
               [](UnitOfWork& work, const v1::PurchaseOrder&, v1::PurchaseOrder& after) {
                 GiveUpRest(after);
                 *after.mutable_close_time() = work.now_proto();
                 return work.CompleteDuties(kOrderApprovalDuty, after.purchase_order_id(), "REJECTED");
               });
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::SendOut(chassis::Call& call,
                                                                const v1::SendPurchaseOrderRequest& request) {
  return Moved(call, request.purchase_order_id(), v1::PurchaseOrder::STATE_SENT, "",
               [&](UnitOfWork& work, const v1::PurchaseOrder&, v1::PurchaseOrder& after) -> absl::Status {
                 ASSIGN_OR_RETURN(const v1::PartsPolicy policy, desk_.Policy(work));
                 RETURN_IF_ERROR(desk_.GoodSupplier(work, after.supplier_id(), policy).status());
                 ASSIGN_OR_RETURN(const std::string today, Today(work));
                 RETURN_IF_ERROR(CheckDates(after, today));
                 Promised(after);
                 after.set_sender(work.actor().subject);
                 *after.mutable_send_time() = work.now_proto();
                 return absl::OkStatus();
               });
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Confirm(chassis::Call& call,
                                                                const v1::ConfirmPurchaseOrderRequest& request) {
  return call.Transact<v1::PurchaseOrder>([&](UnitOfWork& work) -> absl::StatusOr<v1::PurchaseOrder> {
    ASSIGN_OR_RETURN(const v1::PurchaseOrder before, desk_.orders().LockOrder(work, request.purchase_order_id()));
    RETURN_IF_ERROR(
        chassis::RequireState(before, {v1::PurchaseOrder::STATE_SENT, v1::PurchaseOrder::STATE_PARTLY_RECEIVED}));
    v1::PurchaseOrder after = before;
    for (int i = 0; i < request.lines_size(); ++i) {
      ASSIGN_OR_RETURN(v1::PurchaseOrderLine * line, LineOf(after, request.lines(i).purchase_order_line_id(),
                                                            absl::StrCat("lines[", i, "].purchase_order_line_id")));
      line->set_expected_date(request.lines(i).expected_date());
    }
    ASSIGN_OR_RETURN(const std::string today, Today(work));
    if (request.lines_size() > 0) RETURN_IF_ERROR(CheckDates(after, today));
    Total(after);
    if (!request.supplier_reference().empty()) after.set_supplier_reference(request.supplier_reference());
    *after.mutable_confirm_time() = work.now_proto();
    RETURN_IF_ERROR(desk_.Save(work, before, "the supplier confirmed other dates", after));
    return after;
  });
}

absl::Status PurchaseOrderService::KeepSpecialOrders(UnitOfWork& work, const v1::PurchaseOrder& after) {
  ASSIGN_OR_RETURN(const auto specials, desk_.special_orders().LockServedBy(work, after.purchase_order_id()));
  return CheckPromises(after, PromisesOf(specials));
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Cancel(chassis::Call& call,
                                                               const v1::CancelPurchaseOrderRequest& request) {
  return Moved(call, request.purchase_order_id(), v1::PurchaseOrder::STATE_CANCELLED, request.reason(),
               [&](UnitOfWork& work, const v1::PurchaseOrder&, v1::PurchaseOrder& after) -> absl::Status {
                 if (!request.reopen_special_orders()) RETURN_IF_ERROR(KeepSpecialOrders(work, after));
                 GiveUpRest(after);
                 *after.mutable_close_time() = work.now_proto();
                 return work.WaiveDuties(kOrderApprovalDuty, after.purchase_order_id(), request.reason());
               });
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Close(chassis::Call& call,
                                                              const v1::ClosePurchaseOrderRequest& request) {
  return Moved(call, request.purchase_order_id(), v1::PurchaseOrder::STATE_CLOSED, request.reason(),
               [&](UnitOfWork& work, const v1::PurchaseOrder& before, v1::PurchaseOrder& after) -> absl::Status {
                 const bool outstanding = before.state() == v1::PurchaseOrder::STATE_PARTLY_RECEIVED;
                 if (outstanding && request.reason().empty()) return chassis::ReasonRequired("reason");
                 if (!request.reopen_special_orders()) RETURN_IF_ERROR(KeepSpecialOrders(work, after));
                 GiveUpRest(after);
                 *after.mutable_close_time() = work.now_proto();
                 return absl::OkStatus();
               });
}

absl::StatusOr<v1::PurchaseOrder> PurchaseOrderService::Get(chassis::Call& call,
                                                            const v1::GetPurchaseOrderRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::PurchaseOrder> {
    ASSIGN_OR_RETURN(v1::PurchaseOrder order,
                     desk_.orders().orders().Get(session, request.store_id(), request.purchase_order_id()));
    ASSIGN_OR_RETURN(const auto specials,
                     desk_.special_orders().ServedBy(session, request.store_id(), request.purchase_order_id()));
    for (const v1::SpecialOrder& special : specials) {
      for (v1::PurchaseOrderLine& line : *order.mutable_lines()) {
        if (line.purchase_order_line_id() != special.purchase_order_line_id()) continue;
        line.set_reservation_line_id(special.reservation_line_id());
        line.set_holder_number(special.holder_number());
      }
    }
    return order;
  });
}

}  // namespace parts
