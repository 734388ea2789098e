// The arithmetic of receivables and the double entries; see the header.
#include "reception-svc/payment/payment_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
using chassis::Refuse;
using v1::LedgerAccount;

constexpr v1::PaymentMethod kCountedMethods[] = {v1::PAYMENT_METHOD_CASH, v1::PAYMENT_METHOD_CARD,
                                                 v1::PAYMENT_METHOD_WECHAT_PAY, v1::PAYMENT_METHOD_ALIPAY,
                                                 v1::PAYMENT_METHOD_TRANSFER};

// An amount of nothing makes no entry.
void Book(LedgerEntries& entries, const std::string& settlement_id, LedgerAccount debit, LedgerAccount credit,
          int64_t amount) {
  if (amount == 0) return;
  v1::LedgerEntry entry;
  entry.set_settlement_id(settlement_id);
  entry.set_debit_account(debit);
  entry.set_credit_account(credit);
  entry.set_amount(amount);
  entries.push_back(std::move(entry));
}

void SetState(v1::Receivable& receivable) {
  receivable.set_open_amount(receivable.total_amount() - receivable.deposit_amount() - receivable.paid_amount() -
                             receivable.on_account_amount());
  receivable.set_state(receivable.open_amount() > 0         ? v1::Receivable::STATE_OPEN
                       : receivable.on_account_amount() > 0 ? v1::Receivable::STATE_ON_ACCOUNT
                                                            : v1::Receivable::STATE_PAID);
}

absl::Status CheckReference(v1::PaymentMethod method, const std::string& reference) {
  if (method == v1::PAYMENT_METHOD_CASH || method == v1::PAYMENT_METHOD_ON_ACCOUNT || !reference.empty()) {
    return absl::OkStatus();
  }
  return Refuse(v1::ERROR_REASON_PAYMENT_REFERENCE_MISSING).At("reference", "缺少凭证号", "missing");
}

int64_t BalanceOf(const std::map<LedgerAccount, int64_t>& balances, LedgerAccount account) {
  const auto found = balances.find(account);
  return found == balances.end() ? 0 : found->second;
}

}  // namespace

chassis::Refusal DayClosed(std::string_view business_date, std::string_view field) {
  return chassis::Refuse(v1::ERROR_REASON_CASH_DAY_CLOSED)
      .With("date", business_date)
      .At(field, "当日已日结", "the day is closed");
}

LedgerAccount AccountOf(v1::PaymentMethod method) {
  switch (method) {
    case v1::PAYMENT_METHOD_CARD:
      return v1::LEDGER_ACCOUNT_CARD;
    case v1::PAYMENT_METHOD_WECHAT_PAY:
      return v1::LEDGER_ACCOUNT_WECHAT_PAY;
    case v1::PAYMENT_METHOD_ALIPAY:
      return v1::LEDGER_ACCOUNT_ALIPAY;
    case v1::PAYMENT_METHOD_TRANSFER:
      return v1::LEDGER_ACCOUNT_TRANSFER;
    case v1::PAYMENT_METHOD_ON_ACCOUNT:
      return v1::LEDGER_ACCOUNT_ON_ACCOUNT;
    default:
      return v1::LEDGER_ACCOUNT_CASH;
  }
}

v1::Receivable OpenReceivable(const v1::Settlement& settlement) {
  v1::Receivable receivable;
  receivable.set_store_id(settlement.store_id());
  receivable.set_settlement_id(settlement.settlement_id());
  receivable.set_settlement_number(settlement.number());
  receivable.set_repair_order_id(settlement.repair_order_id());
  receivable.set_customer_id(settlement.customer_id());
  receivable.set_total_amount(settlement.customer_amount());
  receivable.set_deposit_amount(std::min(settlement.deposit_amount(), settlement.customer_amount()));
  receivable.set_excess_deposit_amount(settlement.deposit_amount() - receivable.deposit_amount());
  SetState(receivable);
  return receivable;
}

LedgerEntries BookSettlement(const v1::Settlement& settlement) {
  LedgerEntries entries;
  const std::string& id = settlement.settlement_id();
  const LedgerAccount sales = v1::LEDGER_ACCOUNT_SALES;
  Book(entries, id, v1::LEDGER_ACCOUNT_RECEIVABLE, sales, settlement.customer_amount());
  Book(entries, id, v1::LEDGER_ACCOUNT_WARRANTY, sales, settlement.warranty_amount());
  Book(entries, id, v1::LEDGER_ACCOUNT_INSURANCE, sales, settlement.insurance_amount());
  Book(entries, id, v1::LEDGER_ACCOUNT_MANUFACTURER, sales, settlement.manufacturer_amount());
  Book(entries, id, v1::LEDGER_ACCOUNT_INTERNAL, sales, settlement.internal_amount());
  Book(entries, id, v1::LEDGER_ACCOUNT_DEPOSIT, v1::LEDGER_ACCOUNT_RECEIVABLE,
       std::min(settlement.deposit_amount(), settlement.customer_amount()));
  return entries;
}

absl::StatusOr<LedgerEntries> Pay(v1::Receivable& receivable, const v1::Payment& payment) {
  RETURN_IF_ERROR(CheckReference(payment.method(), payment.reference()));
  const bool on_account = payment.method() == v1::PAYMENT_METHOD_ON_ACCOUNT;
  const int64_t payable = receivable.open_amount() + (on_account ? 0 : receivable.on_account_amount());
  if (payment.amount() > payable) {
    return Refuse(v1::ERROR_REASON_PAYMENT_ABOVE_OPEN)
        .With("open", payable)
        .At("amount", "超过未付金额", "is above what is open");
  }
  LedgerEntries entries;
  const LedgerAccount account = AccountOf(payment.method());
  const int64_t for_open = std::min(payment.amount(), receivable.open_amount());
  const int64_t for_account = payment.amount() - for_open;
  Book(entries, receivable.settlement_id(), account, v1::LEDGER_ACCOUNT_RECEIVABLE, for_open);
  Book(entries, receivable.settlement_id(), account, v1::LEDGER_ACCOUNT_ON_ACCOUNT, for_account);
  if (on_account) {
    receivable.set_on_account_amount(receivable.on_account_amount() + payment.amount());
  } else {
    receivable.set_paid_amount(receivable.paid_amount() + payment.amount());
    receivable.set_on_account_amount(receivable.on_account_amount() - for_account);
  }
  if (receivable.on_account_amount() == 0) receivable.clear_due_date();
  SetState(receivable);
  return entries;
}

absl::StatusOr<LedgerEntries> Refund(v1::Receivable& receivable, v1::Payment& paid, const v1::Payment& refund) {
  RETURN_IF_ERROR(CheckReference(refund.method(), refund.reference()));
  const bool on_account = paid.method() == v1::PAYMENT_METHOD_ON_ACCOUNT;
  int64_t left = paid.kind() == v1::Payment::KIND_PAYMENT ? paid.amount() - paid.refunded_amount() : 0;
  // A debt that was paid since cannot be taken off the account again.
  if (on_account) left = std::min(left, receivable.on_account_amount());
  if (refund.amount() > left) {
    return Refuse(v1::ERROR_REASON_REFUND_ABOVE_PAYMENT)
        .With("left", left)
        .At("amount", "超过可退金额", "is above what is left of it");
  }
  LedgerEntries entries;
  Book(entries, receivable.settlement_id(), v1::LEDGER_ACCOUNT_RECEIVABLE, AccountOf(paid.method()), refund.amount());
  paid.set_refunded_amount(paid.refunded_amount() + refund.amount());
  if (on_account) {
    receivable.set_on_account_amount(receivable.on_account_amount() - refund.amount());
    if (receivable.on_account_amount() == 0) receivable.clear_due_date();
  } else {
    receivable.set_paid_amount(receivable.paid_amount() - refund.amount());
  }
  SetState(receivable);
  return entries;
}

absl::StatusOr<LedgerEntries> RefundExcess(v1::Receivable& receivable, v1::Payment& refund) {
  RETURN_IF_ERROR(CheckReference(refund.method(), refund.reference()));
  if (refund.method() == v1::PAYMENT_METHOD_ON_ACCOUNT) {
    return Refuse(v1::ERROR_REASON_METHOD_NOT_FOR_REFUND).At("method", "不适用", "does not pay anything out");
  }
  if (receivable.excess_deposit_amount() == 0) {
    return Refuse(v1::ERROR_REASON_NOTHING_TO_REFUND).At("settlement_id", "没有应退订金", "has no excess deposit");
  }
  LedgerEntries entries;
  refund.set_amount(receivable.excess_deposit_amount());
  Book(entries, receivable.settlement_id(), v1::LEDGER_ACCOUNT_DEPOSIT, AccountOf(refund.method()), refund.amount());
  receivable.set_excess_deposit_amount(0);
  return entries;
}

int64_t CreditUse(const LedgerEntries& entries) {
  int64_t use = 0;
  for (const v1::LedgerEntry& entry : entries) {
    if (entry.debit_account() == v1::LEDGER_ACCOUNT_ON_ACCOUNT) use += entry.amount();
    if (entry.credit_account() == v1::LEDGER_ACCOUNT_ON_ACCOUNT) use -= entry.amount();
  }
  return use;
}

absl::Status UseCredit(std::optional<v1::CreditAccount>& account, int64_t amount) {
  const bool usable = account.has_value() && (amount < 0 || !account->blocked());
  if (!usable) {
    return Refuse(v1::ERROR_REASON_NO_CREDIT_ACCOUNT).At("method", "没有签单账户", "there is no credit account");
  }
  const int64_t left = account->limit_amount() - account->used_amount();
  if (amount > left) {
    return Refuse(v1::ERROR_REASON_CREDIT_LIMIT_EXCEEDED)
        .With("left", std::max<int64_t>(left, 0))
        .At("amount", "超过签单额度", "is beyond the credit limit");
  }
  account->set_used_amount(account->used_amount() + amount);
  return absl::OkStatus();
}

std::string DueDate(const std::string& business_date, int32_t due_days) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(business_date, &day)) return business_date;
  return absl::FormatCivilTime(day + due_days);
}

bool IsSettledForPickUp(const v1::Receivable& receivable) { return receivable.open_amount() <= 0; }

absl::StatusOr<v1::CashClose> CloseDay(const v1::CloseCashierDayRequest& request,
                                       const std::map<LedgerAccount, int64_t>& booked, const std::string& today) {
  if (request.business_date() > today) {
    return Refuse(v1::ERROR_REASON_CLOSE_DATE_WRONG).At("business_date", "尚未到来", "has not come yet");
  }
  v1::CashClose close;
  close.set_business_date(request.business_date());
  int64_t difference = 0;
  bool differs = false;
  for (const v1::PaymentMethod method : kCountedMethods) {
    int64_t counted = 0;
    for (const auto& count : request.counted()) {
      if (count.method() == method) counted += count.amount();
    }
    const int64_t in_books = BalanceOf(booked, AccountOf(method));
    if (counted == 0 && in_books == 0) continue;
    v1::MethodTotal& total = *close.add_totals();
    total.set_method(method);
    total.set_booked_amount(in_books);
    total.set_counted_amount(counted);
    difference += counted - in_books;
    differs = differs || counted != in_books;
  }
  // Two differences that cancel out are still two differences.
  if (differs && request.difference_reason().empty()) {
    return Refuse(v1::ERROR_REASON_CLOSE_DIFFERENCE_UNEXPLAINED)
        .With("difference", difference)
        .At("difference_reason", "须说明差异原因", "the difference needs a reason");
  }
  close.set_difference_amount(difference);
  close.set_difference_reason(request.difference_reason());
  return close;
}

std::string DiffersFromLedger(const v1::Receivable& receivable, const std::map<LedgerAccount, int64_t>& balances) {
  int64_t received = 0;
  for (const v1::PaymentMethod method : kCountedMethods) received += BalanceOf(balances, AccountOf(method));
  // Excess deposit paid out left the till without having been a payment of this receivable.
  const int64_t deposit_out = BalanceOf(balances, v1::LEDGER_ACCOUNT_DEPOSIT) - receivable.deposit_amount();
  struct {
    const char* what;
    int64_t says;
    int64_t ledger;
  } const pairs[] = {
      {"open", receivable.open_amount(), BalanceOf(balances, v1::LEDGER_ACCOUNT_RECEIVABLE)},
      {"on account", receivable.on_account_amount(), BalanceOf(balances, v1::LEDGER_ACCOUNT_ON_ACCOUNT)},
      {"paid", receivable.paid_amount(), received + deposit_out},
  };
  for (const auto& pair : pairs) {
    if (pair.says == pair.ledger) continue;
    return absl::StrCat("receivable ", receivable.settlement_number(), ": ", pair.what, " ", pair.says,
                        ", the ledger says ", pair.ledger);
  }
  return "";
}

}  // namespace reception
