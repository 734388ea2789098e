// The payable room on a real database: payments in parts, credits, ageing, who may approve, and whether it adds up.
#include <atomic>
#include <thread>

#include "parts-svc/receiving/receiving_for_test.h"

namespace parts {
namespace {

namespace roles = aftersales::options::v1;
using Payment = v1::SupplierPayment;

class Paying : public ReceivingStoreForTest {
 protected:
  Paying() : filter_(APart("F-1")), supplier_(ASupplier()) {}

  // A bill of this net amount, and what is owed for it with 13 % tax.
  v1::Payable Owing(const std::string& number, int64_t net_amount) {
    const auto receipt = Received(AnOrder(supplier_, {{filter_, 1000, net_amount}}), {1000});
    return PayableOf(Must<Bill>(Billing(receipt, number, 1000, net_amount)));
  }
  v1::ProposeSupplierPaymentRequest Proposal(const std::vector<std::pair<v1::Payable, int64_t>>& lines) {
    v1::ProposeSupplierPaymentRequest request;
    request.set_method(Payment::METHOD_BANK_TRANSFER);
    for (const auto& [payable, amount] : lines) {
      auto& line = *request.add_lines();
      line.set_payable_id(payable.payable_id());
      line.set_amount(amount);
    }
    return request;
  }
  v1::ApproveSupplierPaymentRequest Approval(const Payment& payment) {
    v1::ApproveSupplierPaymentRequest request;
    request.set_supplier_payment_id(payment.supplier_payment_id());
    return request;
  }
  v1::RecordSupplierPaymentRequest Transfer(const Payment& payment) {
    v1::RecordSupplierPaymentRequest request;
    request.set_supplier_payment_id(payment.supplier_payment_id());
    request.set_bank_reference("ICBC-1");
    return request;
  }
  v1::RejectSupplierPaymentRequest Rejection(const Payment& payment) {
    v1::RejectSupplierPaymentRequest request;
    request.set_supplier_payment_id(payment.supplier_payment_id());
    request.set_reason("not this month");
    return request;
  }
  Payment Paid(const std::vector<std::pair<v1::Payable, int64_t>>& lines) {
    const auto payment = Must<Payment>(Proposal(lines));
    AsOtherManager();
    Must<Payment>(Approval(payment));
    AsManager();
    return Must<Payment>(Transfer(payment));
  }
  v1::Payable Now(const v1::Payable& payable) {
    v1::GetPayableRequest request;
    request.set_payable_id(payable.payable_id());
    return Must<v1::Payable>(request);
  }
  // A credit of this much with tax, from goods sent back.
  v1::SupplierCredit ACredit(int64_t net_amount, int64_t tax_amount) {
    const auto receipt = Received(AnOrder(supplier_, {{filter_, 1000, net_amount}}), {1000});
    const auto credited = Must<Return>(Crediting(
        Shipped(Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_CREDIT_NOTE))), net_amount, tax_amount));
    v1::GetSupplierCreditRequest get;
    get.set_supplier_credit_id(credited.supplier_credit_id());
    return Must<v1::SupplierCredit>(get);
  }
  v1::ApplySupplierCreditRequest SettingOff(const v1::SupplierCredit& credit, const v1::Payable& payable,
                                            int64_t amount) {
    v1::ApplySupplierCreditRequest request;
    request.set_supplier_credit_id(credit.supplier_credit_id());
    request.set_payable_id(payable.payable_id());
    request.set_amount(amount);
    return request;
  }

  v1::Part filter_;
  v1::Supplier supplier_;
};

// Handbook: P-09.
TEST_F(Paying, InPartsSettlesWhatIsOwedAndEndsTheDuty) {
  const auto payable = Owing("INV-1", 1000);
  const auto first = Paid({{payable, 500}});
  EXPECT_EQ(first.number().substr(0, 9), "SH01-SPY-");
  EXPECT_EQ(first.state(), Payment::STATE_PAID);
  EXPECT_EQ(first.bank_reference(), "ICBC-1");
  EXPECT_EQ(Now(payable).state(), v1::Payable::STATE_PARTLY_SETTLED);
  EXPECT_EQ(Now(payable).open_amount(), 630);
  EXPECT_EQ(OpenDuties("payable_due"), 1);
  Paid({{payable, 630}});
  EXPECT_EQ(Now(payable).state(), v1::Payable::STATE_SETTLED);
  EXPECT_EQ(OpenDuties("payable_due"), 0);
  ExpectRefused<Payment>(Proposal({{payable, 1}}), v1::RECEIVING_ERROR_REASON_PAYMENT_EXCEEDS_PAYABLE);
  v1::ListPayableEntriesRequest entries;
  entries.set_filter("payable_id = \"" + payable.payable_id() + "\"");
  EXPECT_EQ(Must<v1::ListPayableEntriesResponse>(entries).payable_entries_size(), 3);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Paying, SeveralBillsAtOnceIsOnePayment) {
  const auto one = Owing("INV-1", 1000), two = Owing("INV-2", 2000);
  const auto payment = Paid({{one, 1130}, {two, 260}});
  EXPECT_EQ(payment.amount(), 1390);
  EXPECT_EQ(Now(one).state(), v1::Payable::STATE_SETTLED);
  EXPECT_EQ(Now(two).open_amount(), 2000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Paying, NeverProposesMoreThanIsOpen) {
  const auto payable = Owing("INV-1", 1000);
  ExpectRefused<Payment>(Proposal({{payable, 1131}}), v1::RECEIVING_ERROR_REASON_PAYMENT_EXCEEDS_PAYABLE);
  ExpectRefused<Payment>(Proposal({{payable, 1}, {payable, 1}}), v1::RECEIVING_ERROR_REASON_PAYABLE_TWICE);
  const auto payment = Must<Payment>(Proposal({{payable, 1130}}));
  ExpectRefused<Payment>(Proposal({{payable, 1}}), v1::RECEIVING_ERROR_REASON_PAYMENT_EXCEEDS_PAYABLE);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  EXPECT_EQ(Must<Payment>(Rejection(payment)).state(), Payment::STATE_REJECTED);
  Must<Payment>(Proposal({{payable, 1130}}));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Paying, OfTwoSuppliersInOnePaymentIsRefused) {
  const auto one = Owing("INV-1", 1000);
  supplier_ = ASupplier("S2");
  const auto two = Owing("INV-2", 1000);
  ExpectRefused<Payment>(Proposal({{one, 1}, {two, 1}}), v1::RECEIVING_ERROR_REASON_OTHER_SUPPLIER);
}

// Handbook: P-09, G-06.
TEST_F(Paying, IsApprovedBySomebodyElseWithinHisLimit) {
  const auto payable = Owing("INV-1", 4900000);
  const auto payment = Must<Payment>(Proposal({{payable, 5537000}}));
  ExpectRefused<Payment>(Approval(payment), v1::RECEIVING_ERROR_REASON_OWN_APPROVAL);
  AsOtherManager();
  ExpectRefused<Payment>(Approval(payment), v1::RECEIVING_ERROR_REASON_OVER_APPROVAL_LIMIT);
  As("chen.jie", {roles::ROLE_SERVICE_MANAGER});
  EXPECT_EQ(Must<Payment>(Approval(payment)).approver(), "chen.jie");
}

TEST_F(Paying, GoesThroughItsStatesOnly) {
  const auto payable = Owing("INV-1", 1000);
  const auto payment = Must<Payment>(Proposal({{payable, 100}}));
  ExpectWrongState<Payment>(Transfer(payment));
  AsOtherManager();
  Must<Payment>(Approval(payment));
  ExpectWrongState<Payment>(Approval(payment));
  Must<Payment>(Transfer(payment));
  ExpectWrongState<Payment>(Transfer(payment));
  ExpectWrongState<Payment>(Rejection(payment));
  const auto withdrawn = Must<Payment>(Proposal({{payable, 100}}));
  AsManager();
  Must<Payment>(Approval(withdrawn));
  Must<Payment>(Rejection(withdrawn));
  ExpectWrongState<Payment>(Transfer(withdrawn));
  ExpectWrongState<Payment>(Rejection(withdrawn));
  EXPECT_EQ(Now(payable).open_amount(), 1030);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Paying, ByManyAtOnceNeverPaysTwice) {
  const auto payable = Owing("INV-1", 1000);
  std::atomic<int> proposed = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      if (Send<Payment>(Proposal({{payable, 500}})).ok()) ++proposed;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(proposed, 2);
  EXPECT_EQ(Now(payable).proposed_amount(), 1000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Paying, ACreditIsSetOffAgainstABill) {
  const auto payable = Owing("INV-1", 1000);
  const auto credit = ACredit(200, 26);
  EXPECT_EQ(credit.number().substr(0, 9), "SH01-SCR-");
  EXPECT_EQ(credit.state(), v1::SupplierCredit::STATE_OPEN);
  ExpectRefused<v1::SupplierCredit>(SettingOff(credit, payable, 227), v1::RECEIVING_ERROR_REASON_CREDIT_EXCEEDED);
  EXPECT_EQ(Must<v1::SupplierCredit>(SettingOff(credit, payable, 100)).state(),
            v1::SupplierCredit::STATE_PARTLY_APPLIED);
  EXPECT_EQ(Must<v1::SupplierCredit>(SettingOff(credit, payable, 126)).state(), v1::SupplierCredit::STATE_APPLIED);
  EXPECT_EQ(Now(payable).credited_amount(), 226);
  EXPECT_EQ(Now(payable).open_amount(), 904);
  Paid({{payable, 904}});
  EXPECT_EQ(Now(payable).state(), v1::Payable::STATE_SETTLED);
  EXPECT_EQ(OpenDuties("payable_due"), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Paying, ACreditOfAnotherSupplierIsNotSetOff) {
  const auto credit = ACredit(200, 26);
  supplier_ = ASupplier("S2");
  ExpectRefused<v1::SupplierCredit>(SettingOff(credit, Owing("INV-1", 1000), 100),
                                    v1::RECEIVING_ERROR_REASON_OTHER_SUPPLIER);
}

TEST_F(Paying, ShowsHowOldWhatIsOwedIs) {
  const auto payable = Owing("INV-1", 1000);  // due 2026-12-20
  ACredit(200, 26);
  v1::GetPayablesAgeingRequest request;
  EXPECT_EQ(Must<v1::PayablesAgeing>(request).total().not_due_amount(), 1130);
  Paid({{payable, 130}});
  request.set_as_of_date("2027-02-01");
  const auto ageing = Must<v1::PayablesAgeing>(request);
  ASSERT_EQ(ageing.suppliers_size(), 1);
  EXPECT_EQ(ageing.suppliers(0).supplier_name(), supplier_.display_name());
  EXPECT_EQ(ageing.suppliers(0).buckets().overdue_31_to_60_amount(), 1000);
  EXPECT_EQ(ageing.total().credit_amount(), 226);
  EXPECT_EQ(ageing.total().net_amount(), 774);
  EXPECT_NE(ageing.formula().find("due date"), std::string::npos);
  EXPECT_EQ(Figure("parts_payable_open_amount"), 1000);
  EXPECT_EQ(Figure("parts_payable_overdue_amount"), 0);
  clock_.Set(absl::FromCivil(absl::CivilDay(2027, 2, 1), absl::UTCTimeZone()));
  EXPECT_EQ(Figure("parts_payable_overdue_amount"), 1000);
  v1::ListPayablesRequest list;
  list.set_filter("state = \"PARTLY_SETTLED\"");
  EXPECT_EQ(Must<v1::ListPayablesResponse>(list).payables(0).open_amount(), 1000);
}

TEST_F(Paying, IsVerified) {
  const auto payable = Owing("INV-1", 1000);
  Must<v1::SupplierCredit>(SettingOff(ACredit(200, 26), payable, 100));
  Paid({{payable, 500}});
  EXPECT_EQ(Differences(), std::vector<std::string>());
  Execute("UPDATE payable SET paid_amount = paid_amount + 1");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE payable SET paid_amount = paid_amount - 1, amount = amount + 1");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE payable SET amount = amount - 1, state = 'SETTLED'");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE payable SET state = 'PARTLY_SETTLED'");
  Execute("UPDATE supplier_payment_line SET amount = 499");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE supplier_payment_line SET amount = 500");
  Execute("UPDATE supplier_credit SET applied_amount = 99");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE supplier_credit SET applied_amount = 100");
  Execute("UPDATE payable_entry SET amount = amount + 1 WHERE credit_account = 'BANK'");
  EXPECT_EQ(Differences().size(), 1u);
}

}  // namespace
}  // namespace parts
