// The supplier invoice room; see supplier_invoice_service.h.
#include "parts-svc/supplier_invoice/supplier_invoice_service.h"

#include <algorithm>
#include <set>

#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "chassis/duties/duty_board.h"
#include "parts-svc/payable/approval_rules.h"
#include "parts-svc/payable/payable_duties.h"
#include "parts-svc/supplier_invoice/supplier_invoice_checks.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

std::vector<std::string> ReceiptIdsOf(const v1::SupplierInvoice& invoice) {
  std::vector<std::string> ids;
  for (const auto& line : invoice.lines()) ids.push_back(line.goods_receipt_id());
  for (const auto& charge : invoice.charges()) ids.push_back(charge.goods_receipt_id());
  return ids;
}

std::vector<std::string> ReceiptIdsOf(const v1::RegisterSupplierInvoiceRequest& request) {
  std::vector<std::string> ids;
  for (const auto& line : request.lines()) ids.push_back(line.goods_receipt_id());
  for (const auto& charge : request.charges()) ids.push_back(charge.goods_receipt_id());
  return ids;
}

// Somebody agrees with the supplier, approves or rejects it within the days a difference may take, and before it is
// due: his terms of payment run on meanwhile.
aftersales::common::v1::Duty BlockedDuty(const v1::SupplierInvoice& invoice, absl::Time now, int days,
                                         const std::string& time_zone) {
  absl::Time due = now + absl::Hours(24) * days;
  absl::CivilDay due_day;
  if (absl::ParseCivilTime(invoice.due_date(), &due_day)) due = std::min(due, EndOf(due_day, time_zone));
  aftersales::common::v1::Duty duty;
  duty.set_kind(kInvoiceBlockedDuty);
  duty.set_handbook("P-09");
  duty.set_subject_kind("supplier_invoice");
  duty.set_subject_id(invoice.supplier_invoice_id());
  duty.set_subject_number(invoice.number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  duty.set_escalation_role(aftersales::options::v1::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(std::max(due, now));
  return duty;
}

}  // namespace

SupplierInvoiceService::SupplierInvoiceService(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      ledger_(rooms.host.cipher()),
      book_(rooms.host.cipher()),
      policy_(rooms.host.cipher()),
      suppliers_(rooms.host.cipher()),
      receipts_(rooms.host.cipher()),
      store_(rooms.host.cipher()),
      payables_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &SupplierInvoiceService::RegisterInvoice);
  rooms.rpcs.On(this, &SupplierInvoiceService::MatchInvoice);
  rooms.rpcs.On(this, &SupplierInvoiceService::ApproveInvoice);
  rooms.rpcs.On(this, &SupplierInvoiceService::RejectInvoice);
  rooms.rpcs.Standard<Invoice>(store_.table());
  rooms.Verify("supplier_invoices", VerifySupplierInvoices);
  rooms.host.duties().EndsBy(kInvoiceBlockedDuty,
                             "MatchSupplierInvoice, ApproveSupplierInvoice, RejectSupplierInvoice");
  for (const auto& [state, outcome] : std::map<Invoice::State, const char*>{{Invoice::STATE_MATCHED, "matched"},
                                                                            {Invoice::STATE_MISMATCHED, "mismatched"},
                                                                            {Invoice::STATE_APPROVED, "approved"},
                                                                            {Invoice::STATE_REJECTED, "rejected"}}) {
    outcomes_[state] = &rooms.host.metrics().Counter("parts_supplier_invoices_total",
                                                     "Suppliers' bills by outcome of the three-way match (P-09)",
                                                     {{"outcome", outcome}});
  }
}

absl::StatusOr<v1::SupplierInvoice> SupplierInvoiceService::RegisterInvoice(
    chassis::Call& call, const v1::RegisterSupplierInvoiceRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("SIV"));
  absl::StatusOr<Invoice> registered = call.Transact<Invoice>([&](UnitOfWork& work) -> absl::StatusOr<Invoice> {
    ASSIGN_OR_RETURN(const v1::Supplier supplier,
                     suppliers_.suppliers().Get(work.sql(), work.store_id(), request.supplier_id()));
    ASSIGN_OR_RETURN(const auto twin, store_.NumberOf(work.sql(), work.store_id(), request.supplier_id(),
                                                      request.supplier_invoice_number()));
    if (twin.has_value()) {
      return chassis::Refuse(v1::RECEIVING_ERROR_REASON_INVOICE_TWICE)
          .With("invoice", request.supplier_invoice_number())
          .With("number", *twin)
          .At("supplier_invoice_number", "已登记", "is registered already");
    }
    ASSIGN_OR_RETURN(const Receipts receipts, receipts_.LockByIds(work, ReceiptIdsOf(request)));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
    ASSIGN_OR_RETURN(Invoice invoice, Bill(request, receipts, chassis::CivilDate(work.now(), store.time_zone()),
                                           [&] { return work.NewId(); }));
    invoice.set_store_id(work.store_id());
    invoice.set_supplier_invoice_id(work.NewId());
    invoice.set_number(number);
    invoice.set_supplier_name(supplier.display_name());
    invoice.set_registrar(work.actor().subject);
    absl::CivilDay day;
    if (!absl::ParseCivilTime(request.invoice_date(), &day)) return absl::InternalError("a date that is none");
    const int payment_days = supplier.has_payment_days() ? supplier.payment_days() : policy.payment_days();
    invoice.set_due_date(absl::FormatCivilTime(DueDay(day, payment_days)));
    Match(receipts, policy.invoice_price_tolerance_basis_points(), invoice);
    const auto insert = [&] { return store_.table().Insert(work, invoice); };
    if (!invoice.findings().empty()) {
      RETURN_IF_ERROR(chassis::MoveTo(invoice, Invoice::STATE_MISMATCHED));
      RETURN_IF_ERROR(insert());
      work.Owe(BlockedDuty(invoice, work.now(), policy.difference_days(), store.time_zone()));
      return invoice;
    }
    RETURN_IF_ERROR(chassis::MoveTo(invoice, Invoice::STATE_MATCHED));
    RETURN_IF_ERROR(LetStand(work, receipts, store.time_zone(), invoice, insert));
    return invoice;
  });
  if (registered.ok()) Outcome(registered->state()).Increment();
  return registered;
}

absl::StatusOr<v1::SupplierInvoice> SupplierInvoiceService::MatchInvoice(
    chassis::Call& call, const v1::MatchSupplierInvoiceRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  absl::StatusOr<Invoice> matched = call.Transact<Invoice>([&](UnitOfWork& work) -> absl::StatusOr<Invoice> {
    ASSIGN_OR_RETURN(const Invoice before, store_.table().Lock(work, work.store_id(), request.supplier_invoice_id()));
    RETURN_IF_ERROR(chassis::RequireState(before, {Invoice::STATE_MISMATCHED}));
    ASSIGN_OR_RETURN(const Receipts receipts, receipts_.LockByIds(work, ReceiptIdsOf(before)));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
    Invoice after = before;
    Match(receipts, policy.invoice_price_tolerance_basis_points(), after);
    const auto update = [&] { return store_.table().Update(work, before, after); };
    if (!after.findings().empty()) {
      RETURN_IF_ERROR(update());
      return after;
    }
    RETURN_IF_ERROR(chassis::MoveTo(after, Invoice::STATE_MATCHED));
    RETURN_IF_ERROR(LetStand(work, receipts, store.time_zone(), after, update));
    RETURN_IF_ERROR(work.CompleteDuties(kInvoiceBlockedDuty, after.supplier_invoice_id(), "matched"));
    return after;
  });
  if (matched.ok() && matched->state() == Invoice::STATE_MATCHED) Outcome(matched->state()).Increment();
  return matched;
}

absl::StatusOr<v1::SupplierInvoice> SupplierInvoiceService::ApproveInvoice(
    chassis::Call& call, const v1::ApproveSupplierInvoiceRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  absl::StatusOr<Invoice> approved = call.Transact<Invoice>([&](UnitOfWork& work) -> absl::StatusOr<Invoice> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const Invoice before, store_.table().Lock(work, work.store_id(), request.supplier_invoice_id()));
    Invoice after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Invoice::STATE_APPROVED));
    RETURN_IF_ERROR(CheckFourEyes(work.actor().subject, before.registrar()));
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
    RETURN_IF_ERROR(CheckApprovalLimit(policy, call.identity().roles, before.gross_amount()));
    ASSIGN_OR_RETURN(const Receipts receipts, receipts_.LockByIds(work, ReceiptIdsOf(before)));
    // What is approved is what does not match now.
    Match(receipts, policy.invoice_price_tolerance_basis_points(), after);
    after.set_approver(work.actor().subject);
    after.set_reason(request.reason());
    RETURN_IF_ERROR(
        LetStand(work, receipts, store.time_zone(), after, [&] { return store_.table().Update(work, before, after); }));
    RETURN_IF_ERROR(work.CompleteDuties(kInvoiceBlockedDuty, after.supplier_invoice_id(), "approved"));
    return after;
  });
  if (approved.ok()) Outcome(Invoice::STATE_APPROVED).Increment();
  return approved;
}

absl::StatusOr<v1::SupplierInvoice> SupplierInvoiceService::RejectInvoice(
    chassis::Call& call, const v1::RejectSupplierInvoiceRequest& request) {
  absl::StatusOr<Invoice> rejected = call.Transact<Invoice>([&](UnitOfWork& work) -> absl::StatusOr<Invoice> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const Invoice before, store_.table().Lock(work, work.store_id(), request.supplier_invoice_id()));
    Invoice after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Invoice::STATE_REJECTED));
    after.set_reason(request.reason());
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    RETURN_IF_ERROR(work.CompleteDuties(kInvoiceBlockedDuty, after.supplier_invoice_id(), "rejected"));
    return after;
  });
  if (rejected.ok()) Outcome(Invoice::STATE_REJECTED).Increment();
  return rejected;
}

absl::Status SupplierInvoiceService::LetStand(UnitOfWork& work, const Receipts& receipts, const std::string& time_zone,
                                              Invoice& invoice, const std::function<absl::Status()>& write) {
  std::set<std::string> ids;
  std::vector<std::string> location_ids;
  for (const auto& [id, receipt] : receipts) {
    for (const auto& line : receipt.lines()) {
      ids.insert(line.part_id());
      location_ids.push_back(line.location_id());
      location_ids.push_back(line.quarantine_location_id());
    }
  }
  const std::vector<std::string> part_ids(ids.begin(), ids.end());
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
  // From here to the commit the value of these parts stands still.
  ASSIGN_OR_RETURN(const StocksByPart stocks, ledger_.LockStocks(work, part_ids));
  Receipts billed = receipts;
  const std::vector<CostChange> changes = Stand(stocks, billed, invoice);
  RETURN_IF_ERROR(receipts_.Update(work, receipts, billed));
  absl::CivilDay due_day;
  if (!absl::ParseCivilTime(invoice.due_date(), &due_day)) return absl::InternalError("a bill without a due date");
  ASSIGN_OR_RETURN(const v1::Payable payable, payables_.Open(work, invoice, EndOf(due_day, time_zone)));
  invoice.set_payable_id(payable.payable_id());
  *invoice.mutable_post_time() = work.now_proto();
  RETURN_IF_ERROR(write());
  std::vector<v1::StockMovement> movements = CostMovements(work.store_id(), changes);
  if (movements.empty()) return absl::OkStatus();
  return book_.Post(work,
                    {v1::DOCUMENT_KIND_LANDED_COST, invoice.supplier_invoice_id(), invoice.number(),
                     invoice.supplier_invoice_number()},
                    parts, places, movements);
}

}  // namespace parts
