// How other rooms owe and claim money; see payable_book.h.
#include "parts-svc/payable/payable_book.h"

#include "parts-svc/payable/payable_duties.h"

namespace parts {

using chassis::UnitOfWork;
namespace options = aftersales::options::v1;

absl::StatusOr<v1::Payable> PayableBook::Open(UnitOfWork& work, const v1::SupplierInvoice& invoice,
                                              absl::Time due_time) {
  v1::Payable payable;
  payable.set_store_id(work.store_id());
  payable.set_payable_id(work.NewId());
  payable.set_supplier_id(invoice.supplier_id());
  payable.set_supplier_name(invoice.supplier_name());
  payable.set_supplier_invoice_id(invoice.supplier_invoice_id());
  payable.set_supplier_invoice_number(invoice.supplier_invoice_number());
  payable.set_number(invoice.number());
  payable.set_due_date(invoice.due_date());
  payable.set_state(v1::Payable::STATE_OPEN);
  payable.set_amount(invoice.gross_amount());
  RETURN_IF_ERROR(store_.payables().Insert(work, payable));
  v1::PayableEntry entry = Entry(payable, v1::PayableEntry::ACCOUNT_PURCHASES, v1::PayableEntry::ACCOUNT_PAYABLES,
                                 payable.amount(), invoice.supplier_invoice_id(), invoice.number());
  RETURN_IF_ERROR(store_.entries().Insert(work, entry));

  aftersales::common::v1::Duty duty;
  duty.set_kind(kPayableDueDuty);
  duty.set_handbook("P-09");
  duty.set_subject_kind("payable");
  duty.set_subject_id(payable.payable_id());
  duty.set_subject_number(payable.number());
  duty.set_assignee_role(options::ROLE_CASHIER);
  duty.set_escalation_role(options::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(due_time);
  work.Owe(std::move(duty));
  return payable;
}

absl::StatusOr<v1::SupplierCredit> PayableBook::Grant(UnitOfWork& work, v1::SupplierCredit credit) {
  credit.set_store_id(work.store_id());
  credit.set_supplier_credit_id(work.NewId());
  credit.set_state(v1::SupplierCredit::STATE_OPEN);
  credit.set_amount(credit.net_amount() + credit.tax_amount());
  RETURN_IF_ERROR(store_.credits().Insert(work, credit));
  v1::PayableEntry entry;
  entry.set_store_id(work.store_id());
  entry.set_supplier_id(credit.supplier_id());
  entry.set_debit_account(v1::PayableEntry::ACCOUNT_SUPPLIER_CREDITS);
  entry.set_credit_account(v1::PayableEntry::ACCOUNT_PURCHASES);
  entry.set_amount(credit.amount());
  entry.set_document_id(credit.supplier_credit_id());
  entry.set_document_number(credit.number());
  RETURN_IF_ERROR(store_.entries().Insert(work, entry));
  return credit;
}

}  // namespace parts
