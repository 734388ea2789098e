// How payables and credits move; see payable_rules.h.
#include "parts-svc/payable/payable_rules.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace parts {
namespace {

using Buckets = v1::PayablesAgeing::Buckets;

absl::Status CheckOpen(const v1::Payable& payable, int64_t amount, const std::string& field) {
  const int64_t free_amount = OpenAmount(payable) - payable.proposed_amount();
  if (amount <= free_amount) return absl::OkStatus();
  return chassis::Refuse(v1::RECEIVING_ERROR_REASON_PAYMENT_EXCEEDS_PAYABLE)
      .With("number", payable.number())
      .With("open", free_amount)
      .With("wanted", amount)
      .At(field, "超过未付金额", "is more than is open");
}

absl::Status MoveByAmounts(v1::Payable& payable) {
  const auto state = OpenAmount(payable) == 0 ? v1::Payable::STATE_SETTLED : v1::Payable::STATE_PARTLY_SETTLED;
  if (payable.state() == state) return absl::OkStatus();
  return chassis::MoveTo(payable, state);
}

void AddTo(const OpenItem& item, absl::CivilDay as_of, Buckets& buckets) {
  if (item.credit) {
    buckets.set_credit_amount(buckets.credit_amount() + item.amount);
    buckets.set_net_amount(buckets.net_amount() - item.amount);
    return;
  }
  const int64_t days = as_of - item.due_day;
  if (days <= 0) {
    buckets.set_not_due_amount(buckets.not_due_amount() + item.amount);
  } else if (days <= 30) {
    buckets.set_overdue_1_to_30_amount(buckets.overdue_1_to_30_amount() + item.amount);
  } else if (days <= 60) {
    buckets.set_overdue_31_to_60_amount(buckets.overdue_31_to_60_amount() + item.amount);
  } else if (days <= 90) {
    buckets.set_overdue_61_to_90_amount(buckets.overdue_61_to_90_amount() + item.amount);
  } else {
    buckets.set_overdue_over_90_amount(buckets.overdue_over_90_amount() + item.amount);
  }
  buckets.set_net_amount(buckets.net_amount() + item.amount);
}

}  // namespace

int64_t OpenAmount(const v1::Payable& payable) {
  return payable.amount() - payable.paid_amount() - payable.credited_amount();
}

absl::Status Propose(int64_t amount, const std::string& field, v1::Payable& payable) {
  RETURN_IF_ERROR(CheckOpen(payable, amount, field));
  payable.set_proposed_amount(payable.proposed_amount() + amount);
  return absl::OkStatus();
}

void Withdraw(int64_t amount, v1::Payable& payable) { payable.set_proposed_amount(payable.proposed_amount() - amount); }

absl::Status Pay(int64_t amount, v1::Payable& payable) {
  Withdraw(amount, payable);
  payable.set_paid_amount(payable.paid_amount() + amount);
  return MoveByAmounts(payable);
}

absl::Status SetOff(int64_t amount, v1::Payable& payable, v1::SupplierCredit& credit) {
  const int64_t left = credit.amount() - credit.applied_amount();
  if (credit.supplier_id() != payable.supplier_id()) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_OTHER_SUPPLIER)
        .With("number", payable.number())
        .At("payable_id", "属于另一供应商", "belongs to another supplier");
  }
  if (amount > left) {
    return chassis::Refuse(v1::RECEIVING_ERROR_REASON_CREDIT_EXCEEDED)
        .With("number", credit.number())
        .With("left", left)
        .With("wanted", amount)
        .At("amount", "超过贷项余额", "is more than is left of the credit");
  }
  RETURN_IF_ERROR(CheckOpen(payable, amount, "amount"));
  credit.set_applied_amount(credit.applied_amount() + amount);
  payable.set_credited_amount(payable.credited_amount() + amount);
  const auto state = amount == left ? v1::SupplierCredit::STATE_APPLIED : v1::SupplierCredit::STATE_PARTLY_APPLIED;
  if (credit.state() != state) RETURN_IF_ERROR(chassis::MoveTo(credit, state));
  return MoveByAmounts(payable);
}

v1::PayableEntry Entry(const v1::Payable& payable, v1::PayableEntry::Account debit, v1::PayableEntry::Account credit,
                       int64_t amount, const std::string& document_id, const std::string& document_number) {
  v1::PayableEntry entry;
  entry.set_store_id(payable.store_id());
  entry.set_supplier_id(payable.supplier_id());
  entry.set_payable_id(payable.payable_id());
  entry.set_debit_account(debit);
  entry.set_credit_account(credit);
  entry.set_amount(amount);
  entry.set_document_id(document_id);
  entry.set_document_number(document_number);
  return entry;
}

absl::CivilDay DueDay(absl::CivilDay invoice_day, int payment_days) { return invoice_day + payment_days; }

absl::Time EndOf(absl::CivilDay day, const std::string& time_zone) {
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone(time_zone, &zone);
  return absl::FromCivil(day + 1, zone);
}

v1::PayablesAgeing Age(const std::vector<OpenItem>& items, absl::CivilDay as_of) {
  v1::PayablesAgeing ageing;
  ageing.set_as_of_date(absl::FormatCivilTime(as_of));
  std::map<std::string, int> place;
  for (const OpenItem& item : items) {
    const auto [found, fresh] = place.emplace(item.supplier_id, ageing.suppliers_size());
    if (fresh) {
      v1::PayablesAgeing::Supplier& supplier = *ageing.add_suppliers();
      supplier.set_supplier_id(item.supplier_id);
      supplier.set_supplier_name(item.supplier_name);
    }
    AddTo(item, as_of, *ageing.mutable_suppliers(found->second)->mutable_buckets());
    AddTo(item, as_of, *ageing.mutable_total());
  }
  return ageing;
}

}  // namespace parts
