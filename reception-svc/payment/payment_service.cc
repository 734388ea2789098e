#include "reception-svc/payment/payment_service.h"

#include "absl/strings/str_cat.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "chassis/duties/duty_board.h"
#include "reception-svc/payment/payment_rules.h"
#include "reception-svc/repair_order/order_duties.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
using chassis::Call;
using chassis::UnitOfWork;

constexpr int64_t kVerifyPage = 200;
constexpr size_t kDifferencesMax = 100;

void AddDifference(common::LedgerCheck& check, std::string difference) {
  check.set_difference_count(check.difference_count() + 1);
  if (static_cast<size_t>(check.differences_size()) < kDifferencesMax) check.add_differences(std::move(difference));
}

// Who sold on account sees that it is paid by its date.
common::Duty CollectionDuty(const v1::Receivable& receivable, absl::Time due) {
  common::Duty duty;
  duty.set_kind(std::string(kReceivableDuty));
  duty.set_handbook("R-43");
  duty.set_subject_kind("settlement");
  duty.set_subject_id(receivable.settlement_id());
  duty.set_subject_number(receivable.settlement_number());
  duty.set_assignee_role(options::ROLE_CASHIER);
  duty.set_escalation_role(options::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(due);
  return duty;
}

}  // namespace

PaymentService::PaymentService(chassis::Rooms& rooms) : store_(rooms.host.cipher()), gate_passes_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &PaymentService::Record);
  rooms.rpcs.On(this, &PaymentService::RefundOne);
  rooms.rpcs.On(this, &PaymentService::RefundDepositExcess);
  rooms.rpcs.On(this, &PaymentService::Close);
  rooms.host.duties().EndsBy(kReceivableDuty, "RecordPayment");
  rooms.rpcs.Standard<v1::Payment>(store_.payments);
  rooms.rpcs.Standard<v1::Receivable>(store_.receivables);
  rooms.rpcs.Standard<v1::CashClose>(store_.cash_closes);
  rooms.rpcs.Standard<v1::CreditAccount>(
      store_.credit_accounts,
      [this](UnitOfWork& work, const v1::CreditAccount* before, v1::CreditAccount& account) -> absl::Status {
        account.set_used_amount(before == nullptr ? 0 : before->used_amount());
        if (before != nullptr) return absl::OkStatus();
        ASSIGN_OR_RETURN(const auto known, store_.LockCreditAccount(work, account.customer_id()));
        if (!known.has_value()) return absl::OkStatus();
        return chassis::Refuse(v1::ERROR_REASON_CREDIT_ACCOUNT_EXISTS)
            .At("credit_account.customer_id", "已有账户", "has an account");
      });
  rooms.Verify("payments", [this](chassis::sql::Session& session, const std::string& store_id) {
    return VerifyPayments(session, store_id);
  });
}

absl::StatusOr<v1::Payment> PaymentService::NewPayment(Call& call, v1::Payment::Kind kind) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("PAY"));
  v1::Payment payment;
  payment.set_store_id(call.store_id());
  payment.set_number(number);
  payment.set_kind(kind);
  payment.set_cashier(call.actor().subject);
  payment.set_business_date(chassis::CivilDate(call.Now(), store.time_zone()));
  return payment;
}

absl::Status PaymentService::CheckDayOpen(UnitOfWork& work, const v1::Payment& payment) const {
  ASSIGN_OR_RETURN(const bool closed,
                   store_.IsDayClosed(work.sql(), payment.store_id(), payment.cashier(), payment.business_date()));
  if (!closed) return absl::OkStatus();
  return DayClosed(payment.business_date(), "settlement_id");
}

absl::Status PaymentService::Save(UnitOfWork& work, const v1::Receivable& before, v1::Receivable& receivable,
                                  v1::Payment& payment, LedgerEntries& entries) const {
  if (const int64_t use = CreditUse(entries); use != 0) {
    ASSIGN_OR_RETURN(std::optional<v1::CreditAccount> account,
                     store_.LockCreditAccount(work, receivable.customer_id()));
    const std::optional<v1::CreditAccount> account_before = account;
    RETURN_IF_ERROR(UseCredit(account, use));
    RETURN_IF_ERROR(store_.credit_accounts.Update(work, *account_before, *account));
    if (use > 0) {
      receivable.set_due_date(DueDate(payment.business_date(), account->due_days()));
      work.Owe(CollectionDuty(receivable, work.now() + absl::Hours(24) * account->due_days()));
    }
  }
  if (before.on_account_amount() > 0 && receivable.on_account_amount() == 0) {
    RETURN_IF_ERROR(work.CompleteDuties(kReceivableDuty, receivable.settlement_id(), "paid"));
  }
  RETURN_IF_ERROR(store_.receivables.Update(work, before, receivable));
  payment.set_payment_id(work.NewId());
  RETURN_IF_ERROR(store_.payments.Insert(work, payment));
  RETURN_IF_ERROR(store_.Post(
      work, entries,
      {.payment_id = payment.payment_id(), .cashier = payment.cashier(), .business_date = payment.business_date()}));
  v1::PaymentReceived fact;
  fact.set_settlement_id(payment.settlement_id());
  fact.set_payment_id(payment.payment_id());
  fact.set_method(std::string(chassis::StateName(v1::PaymentMethod_descriptor(), payment.method())));
  fact.set_amount(payment.kind() == v1::Payment::KIND_REFUND ? -payment.amount() : payment.amount());
  work.Publish(fact, {"settlement", payment.settlement_id(), 1});
  return absl::OkStatus();
}

absl::StatusOr<v1::Payment> PaymentService::Record(Call& call, const v1::RecordPaymentRequest& request) {
  ASSIGN_OR_RETURN(v1::Payment blank, NewPayment(call, v1::Payment::KIND_PAYMENT));
  blank.set_settlement_id(request.settlement_id());
  blank.set_method(request.method());
  blank.set_amount(request.amount());
  blank.set_reference(request.reference());
  return call.Transact<v1::Payment>([&](UnitOfWork& work) -> absl::StatusOr<v1::Payment> {
    v1::Payment payment = blank;
    RETURN_IF_ERROR(CheckDayOpen(work, payment));
    ASSIGN_OR_RETURN(const v1::Receivable before,
                     store_.receivables.Lock(work, call.store_id(), request.settlement_id()));
    v1::Receivable receivable = before;
    ASSIGN_OR_RETURN(LedgerEntries entries, Pay(receivable, payment));
    RETURN_IF_ERROR(Save(work, before, receivable, payment, entries));
    return payment;
  });
}

absl::StatusOr<v1::Payment> PaymentService::RefundOne(Call& call, const v1::RefundPaymentRequest& request) {
  ASSIGN_OR_RETURN(v1::Payment blank, NewPayment(call, v1::Payment::KIND_REFUND));
  blank.set_amount(request.amount());
  blank.set_reason(request.reason());
  blank.set_reference(request.reference());
  blank.set_refunded_payment_id(request.payment_id());
  const bool is_manager = call.CallerIs(options::ROLE_SERVICE_MANAGER);
  return call.Transact<v1::Payment>([&](UnitOfWork& work) -> absl::StatusOr<v1::Payment> {
    v1::Payment refund = blank;
    RETURN_IF_ERROR(CheckDayOpen(work, refund));
    ASSIGN_OR_RETURN(const v1::Payment seen, store_.payments.Get(work.sql(), call.store_id(), request.payment_id()));
    refund.set_settlement_id(seen.settlement_id());
    refund.set_method(seen.method());
    // The receivable is the lock of its payments.
    ASSIGN_OR_RETURN(const v1::Receivable before, store_.receivables.Lock(work, call.store_id(), seen.settlement_id()));
    ASSIGN_OR_RETURN(const auto passes, PassesOf(gate_passes_, work.sql(), call.store_id(), seen.settlement_id()));
    if (!passes.empty() && !is_manager) {
      return chassis::Refuse(v1::ERROR_REASON_VEHICLE_HAS_LEFT).At("payment_id", "已签发出门证", "has a gate pass");
    }
    ASSIGN_OR_RETURN(const v1::Payment paid_before, store_.payments.Lock(work, call.store_id(), request.payment_id()));
    v1::Payment paid = paid_before;
    v1::Receivable receivable = before;
    ASSIGN_OR_RETURN(LedgerEntries entries, Refund(receivable, paid, refund));
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.payments.Update(work, paid_before, paid));
    RETURN_IF_ERROR(Save(work, before, receivable, refund, entries));
    return refund;
  });
}

absl::StatusOr<v1::Payment> PaymentService::RefundDepositExcess(Call& call,
                                                                const v1::RefundExcessDepositRequest& request) {
  ASSIGN_OR_RETURN(v1::Payment blank, NewPayment(call, v1::Payment::KIND_REFUND));
  blank.set_settlement_id(request.settlement_id());
  blank.set_method(request.method());
  blank.set_reference(request.reference());
  blank.set_reason("deposit above the bill");
  return call.Transact<v1::Payment>([&](UnitOfWork& work) -> absl::StatusOr<v1::Payment> {
    v1::Payment refund = blank;
    RETURN_IF_ERROR(CheckDayOpen(work, refund));
    ASSIGN_OR_RETURN(const v1::Receivable before,
                     store_.receivables.Lock(work, call.store_id(), request.settlement_id()));
    v1::Receivable receivable = before;
    ASSIGN_OR_RETURN(LedgerEntries entries, RefundExcess(receivable, refund));
    work.Because(refund.reason());
    RETURN_IF_ERROR(Save(work, before, receivable, refund, entries));
    return refund;
  });
}

absl::StatusOr<v1::CashClose> PaymentService::Close(Call& call, const v1::CloseCashierDayRequest& request) {
  ASSIGN_OR_RETURN(const common::Store store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("CC"));
  return call.Transact<v1::CashClose>([&](UnitOfWork& work) -> absl::StatusOr<v1::CashClose> {
    const std::string& cashier = call.actor().subject;
    ASSIGN_OR_RETURN(const bool closed,
                     store_.IsDayClosed(work.sql(), call.store_id(), cashier, request.business_date()));
    if (closed) return DayClosed(request.business_date(), "business_date");
    ASSIGN_OR_RETURN(const auto booked, store_.BookedBy(work.sql(), call.store_id(), cashier, request.business_date()));
    ASSIGN_OR_RETURN(v1::CashClose close, CloseDay(request, booked, chassis::CivilDate(work.now(), store.time_zone())));
    close.set_store_id(call.store_id());
    close.set_cash_close_id(work.NewId());
    close.set_number(number);
    close.set_cashier(cashier);
    work.Because(request.difference_reason());
    RETURN_IF_ERROR(store_.cash_closes.Insert(work, close));
    return close;
  });
}

absl::StatusOr<common::LedgerCheck> PaymentService::VerifyPayments(chassis::sql::Session& session,
                                                                   const std::string& store_id) const {
  common::LedgerCheck check;
  check.set_name("payments");
  std::string after = "00000000-0000-0000-0000-000000000000";
  while (true) {
    ASSIGN_OR_RETURN(const auto page, store_.ReceivablesAfter(session, store_id, after, kVerifyPage));
    std::vector<std::string> ids;
    for (const v1::Receivable& receivable : page) ids.push_back(receivable.settlement_id());
    ASSIGN_OR_RETURN(auto balances, store_.BalancesOf(session, store_id, ids));
    for (const v1::Receivable& receivable : page) {
      check.set_checked_count(check.checked_count() + 1);
      std::string difference = DiffersFromLedger(receivable, balances[receivable.settlement_id()]);
      if (!difference.empty()) AddDifference(check, std::move(difference));
    }
    if (static_cast<int64_t>(page.size()) < kVerifyPage) break;
    after = page.back().settlement_id();
  }
  ASSIGN_OR_RETURN(const auto payments, store_.PaymentsThatDiffer(session, store_id));
  for (size_t i = 0; i < payments.size(); ++i) {
    AddDifference(check, absl::StrCat("payment ", payments[i].Text("number"), " says ", payments[i].Int("amount"),
                                      ", the ledger ", payments[i].Int("booked")));
  }
  ASSIGN_OR_RETURN(const auto accounts, store_.CreditAccountsThatDiffer(session, store_id));
  for (size_t i = 0; i < accounts.size(); ++i) {
    AddDifference(check, absl::StrCat("credit account ", accounts[i].Id("credit_account_id"), " says ",
                                      accounts[i].Int("used_amount"), ", its receivables ", accounts[i].Int("owed")));
  }
  return check;
}

}  // namespace reception
