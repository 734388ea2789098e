#include "reception-svc/payment/payment_rules.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "reception-svc/gate_pass/gate_pass_rules.h"
#include "reception-svc/orders_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
using chassis::IsRefusal;

v1::Settlement Bill(int64_t customer_amount, int64_t deposit_amount = 0) {
  v1::Settlement settlement;
  settlement.set_settlement_id("bill");
  settlement.set_number("SH01-SET-20261121-0001");
  settlement.set_customer_amount(customer_amount);
  settlement.set_deposit_amount(deposit_amount);
  return settlement;
}

// A receivable with the ledger that belongs to it.
struct Books {
  explicit Books(const v1::Settlement& bill) : receivable(OpenReceivable(bill)) { Add(BookSettlement(bill)); }

  void Add(const LedgerEntries& entries) {
    for (const auto& entry : entries) {
      balances[entry.debit_account()] += entry.amount();
      balances[entry.credit_account()] -= entry.amount();
    }
  }
  absl::Status Take(v1::PaymentMethod method, int64_t amount, v1::Payment* kept = nullptr) {
    v1::Payment payment;
    payment.set_kind(v1::Payment::KIND_PAYMENT);
    payment.set_method(method);
    payment.set_amount(amount);
    payment.set_reference("slip");
    auto entries = Pay(receivable, payment);
    if (!entries.ok()) return entries.status();
    Add(*entries);
    if (kept != nullptr) *kept = payment;
    return absl::OkStatus();
  }
  absl::Status GiveBack(v1::Payment& paid, int64_t amount) {
    v1::Payment refund;
    refund.set_method(paid.method());
    refund.set_amount(amount);
    refund.set_reference("slip");
    auto entries = Refund(receivable, paid, refund);
    if (!entries.ok()) return entries.status();
    Add(*entries);
    return absl::OkStatus();
  }
  void ExpectBalanced() { EXPECT_EQ(DiffersFromLedger(receivable, balances), ""); }

  v1::Receivable receivable;
  std::map<v1::LedgerAccount, int64_t> balances;
};

// Handbook: R-43.
TEST(Payment, MayBeSplitAndPartial) {
  Books books(Bill(33900));
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_CASH, 10000).ok());
  EXPECT_EQ(books.receivable.open_amount(), 23900);
  EXPECT_EQ(books.receivable.state(), v1::Receivable::STATE_OPEN);
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_WECHAT_PAY, 23900).ok());
  EXPECT_EQ(books.receivable.state(), v1::Receivable::STATE_PAID);
  EXPECT_EQ(books.balances[v1::LEDGER_ACCOUNT_CASH], 10000);
  books.ExpectBalanced();
}

TEST(Payment, NeverExceedsWhatIsOpen) {
  Books books(Bill(33900));
  const absl::Status status = books.Take(v1::PAYMENT_METHOD_CARD, 33901);
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_PAYMENT_ABOVE_OPEN));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("open"), "33900");
  // Handbook: G-11.
  const chassis::Presentation store{.currency_code = "CNY", .time_zone = "Asia/Shanghai"};
  EXPECT_EQ(chassis::Worded(chassis::RefusalIn(status), "en", store), "the payment is above what is open (339.00 CNY)");
  EXPECT_EQ(chassis::Worded(chassis::RefusalIn(status), "zh-CN", store), "收款超过未付金额 339.00 CNY");
}

TEST(Payment, OtherThanCashNeedsItsReference) {
  v1::Receivable receivable = OpenReceivable(Bill(100));
  v1::Payment payment;
  payment.set_amount(100);
  payment.set_method(v1::PAYMENT_METHOD_ALIPAY);
  EXPECT_TRUE(IsRefusal(Pay(receivable, payment).status(), v1::ERROR_REASON_PAYMENT_REFERENCE_MISSING));
  payment.set_method(v1::PAYMENT_METHOD_CASH);
  EXPECT_TRUE(Pay(receivable, payment).ok());
}

TEST(Payment, OnAccountLeavesNothingToPayBeforePickUp) {
  Books books(Bill(33900));
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_ON_ACCOUNT, 33900).ok());
  EXPECT_EQ(books.receivable.state(), v1::Receivable::STATE_ON_ACCOUNT);
  EXPECT_TRUE(IsSettledForPickUp(books.receivable));
  books.ExpectBalanced();
  // The debt is paid later.
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_TRANSFER, 33900).ok());
  EXPECT_EQ(books.receivable.state(), v1::Receivable::STATE_PAID);
  EXPECT_EQ(books.receivable.on_account_amount(), 0);
  books.ExpectBalanced();
  EXPECT_TRUE(IsRefusal(books.Take(v1::PAYMENT_METHOD_ON_ACCOUNT, 1), v1::ERROR_REASON_PAYMENT_ABOVE_OPEN));
}

// Handbook.
TEST(Payment, CreditsTheDepositFirst) {
  Books books(Bill(33900, 20000));
  EXPECT_EQ(books.receivable.open_amount(), 13900);
  EXPECT_EQ(books.balances[v1::LEDGER_ACCOUNT_DEPOSIT], 20000);
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_CASH, 13900).ok());
  EXPECT_EQ(books.receivable.state(), v1::Receivable::STATE_PAID);
  books.ExpectBalanced();
}

TEST(Payment, ADepositAboveTheBillIsPaidOut) {
  Books books(Bill(33900, 40000));
  EXPECT_EQ(books.receivable.state(), v1::Receivable::STATE_PAID);
  EXPECT_EQ(books.receivable.excess_deposit_amount(), 6100);
  v1::Payment refund;
  refund.set_method(v1::PAYMENT_METHOD_ON_ACCOUNT);
  EXPECT_TRUE(IsRefusal(RefundExcess(books.receivable, refund).status(), v1::ERROR_REASON_METHOD_NOT_FOR_REFUND));
  refund.set_method(v1::PAYMENT_METHOD_CASH);
  auto entries = RefundExcess(books.receivable, refund);
  ASSERT_TRUE(entries.ok());
  books.Add(*entries);
  EXPECT_EQ(refund.amount(), 6100);
  books.ExpectBalanced();
  EXPECT_TRUE(IsRefusal(RefundExcess(books.receivable, refund).status(), v1::ERROR_REASON_NOTHING_TO_REFUND));
}

// Handbook: R-43.
TEST(Refund, OpensWhatThePaymentPaid) {
  Books books(Bill(33900));
  v1::Payment paid;
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_CARD, 33900, &paid).ok());
  ASSERT_TRUE(books.GiveBack(paid, 3900).ok());
  EXPECT_EQ(books.receivable.open_amount(), 3900);
  EXPECT_EQ(books.receivable.state(), v1::Receivable::STATE_OPEN);
  EXPECT_EQ(paid.refunded_amount(), 3900);
  books.ExpectBalanced();
  EXPECT_TRUE(IsRefusal(books.GiveBack(paid, 30001), v1::ERROR_REASON_REFUND_ABOVE_PAYMENT));
}

TEST(Refund, OfAnAccountPaymentGivesTheCreditBack) {
  Books books(Bill(33900));
  v1::Payment paid;
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_ON_ACCOUNT, 33900, &paid).ok());
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_CASH, 30000).ok());
  // What was paid off since is no credit any more.
  EXPECT_TRUE(IsRefusal(books.GiveBack(paid, 3901), v1::ERROR_REASON_REFUND_ABOVE_PAYMENT));
  ASSERT_TRUE(books.GiveBack(paid, 3900).ok());
  EXPECT_EQ(books.receivable.on_account_amount(), 0);
  EXPECT_EQ(books.receivable.open_amount(), 3900);
  books.ExpectBalanced();
}

TEST(CreditAccount, IsUsedUpToItsLimit) {
  std::optional<v1::CreditAccount> account;
  EXPECT_TRUE(IsRefusal(UseCredit(account, 1), v1::ERROR_REASON_NO_CREDIT_ACCOUNT));
  account.emplace().set_limit_amount(50000);
  ASSERT_TRUE(UseCredit(account, 33900).ok());
  const absl::Status status = UseCredit(account, 16101);
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_CREDIT_LIMIT_EXCEEDED));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("left"), "16100");
  account->set_blocked(true);
  EXPECT_TRUE(IsRefusal(UseCredit(account, 1), v1::ERROR_REASON_NO_CREDIT_ACCOUNT));
  EXPECT_TRUE(UseCredit(account, -33900).ok());
  EXPECT_EQ(account->used_amount(), 0);
}

TEST(CreditAccount, IsUsedByWhatGoesOnAccount) {
  Books books(Bill(33900));
  v1::Payment payment;
  payment.set_method(v1::PAYMENT_METHOD_ON_ACCOUNT);
  payment.set_amount(33900);
  EXPECT_EQ(CreditUse(*Pay(books.receivable, payment)), 33900);
  payment.set_method(v1::PAYMENT_METHOD_CASH);
  payment.set_amount(900);
  EXPECT_EQ(CreditUse(*Pay(books.receivable, payment)), -900);
}

TEST(CreditAccount, DebtsAreDueAfterTheAgreedDays) { EXPECT_EQ(DueDate("2026-11-21", 30), "2026-12-21"); }

TEST(Ledger, ShowsADifference) {
  Books books(Bill(33900));
  books.balances[v1::LEDGER_ACCOUNT_RECEIVABLE] -= 1;
  EXPECT_NE(DiffersFromLedger(books.receivable, books.balances), "");
}

TEST(Ledger, BooksEveryShareToWhoOwesIt) {
  v1::Settlement bill = Bill(11300);
  bill.set_warranty_amount(22600);
  Books books(bill);
  EXPECT_EQ(books.balances[v1::LEDGER_ACCOUNT_WARRANTY], 22600);
  EXPECT_EQ(books.balances[v1::LEDGER_ACCOUNT_RECEIVABLE], 11300);
  EXPECT_EQ(books.balances[v1::LEDGER_ACCOUNT_SALES], -33900);
}

v1::CloseCashierDayRequest Count(int64_t cash, int64_t card) {
  v1::CloseCashierDayRequest request;
  request.set_business_date(kToday);
  request.add_counted()->set_method(v1::PAYMENT_METHOD_CASH);
  request.mutable_counted(0)->set_amount(cash);
  request.add_counted()->set_method(v1::PAYMENT_METHOD_CARD);
  request.mutable_counted(1)->set_amount(card);
  return request;
}

TEST(CashClose, ComparesCountedWithBookedPerMethod) {
  const std::map<v1::LedgerAccount, int64_t> booked = {
      {v1::LEDGER_ACCOUNT_CASH, 10000}, {v1::LEDGER_ACCOUNT_CARD, 5000}, {v1::LEDGER_ACCOUNT_RECEIVABLE, -15000}};
  const auto close = CloseDay(Count(10000, 5000), booked, kToday);
  ASSERT_TRUE(close.ok()) << close.status();
  EXPECT_EQ(close->totals_size(), 2);
  EXPECT_EQ(close->difference_amount(), 0);
  // Two differences that cancel out are still two.
  EXPECT_TRUE(
      IsRefusal(CloseDay(Count(11000, 4000), booked, kToday).status(), v1::ERROR_REASON_CLOSE_DIFFERENCE_UNEXPLAINED));
  auto explained = Count(9900, 5000);
  explained.set_difference_reason("change given wrongly");
  EXPECT_EQ(CloseDay(explained, booked, kToday)->difference_amount(), -100);
}

TEST(CashClose, IsForADayThatHasCome) {
  EXPECT_TRUE(IsRefusal(CloseDay(Count(0, 0), {}, "2026-11-20").status(), v1::ERROR_REASON_CLOSE_DATE_WRONG));
}

TEST(GatePass, IsIssuedOnlyWhenNothingIsOpen) {
  Books books(Bill(33900));
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_CASH, 33899).ok());
  const absl::Status status = CheckGatePassDue(books.receivable);
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_NOT_PAID));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("open"), "1");
  ASSERT_TRUE(books.Take(v1::PAYMENT_METHOD_ON_ACCOUNT, 1).ok());
  EXPECT_TRUE(CheckGatePassDue(books.receivable).ok());
}

}  // namespace
}  // namespace reception
