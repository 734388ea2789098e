// From the bill to the gate: settlement, money, gate pass, delivery, on a real schema.
#include "gmock/gmock.h"
#include "reception-svc/repairs_for_test.h"

namespace reception {
namespace {

using chassis::IsRefusal;
using testing::IsEmpty;

class SettlementRoom : public testing::Test {
 protected:
  absl::StatusOr<v1::Settlement> Discount(
      const v1::Settlement& bill, options::Role role, int32_t basis_points,
      v1::ApplyDiscountRequest::AboveLimit above_limit = v1::ApplyDiscountRequest::ABOVE_LIMIT_UNSPECIFIED) {
    v1::ApplyDiscountRequest request;
    request.set_settlement_id(bill.settlement_id());
    request.set_target(v1::DISCOUNT_TARGET_ALL);
    request.set_basis_points(basis_points);
    request.set_reason("ten years a customer");
    request.set_above_limit(above_limit);
    return desk.Do<v1::Settlement>(role, request);
  }
  v1::Receivable ReceivableOf(const v1::Settlement& bill) {
    v1::GetReceivableRequest request;
    request.set_settlement_id(bill.settlement_id());
    return desk.Must<v1::Receivable>(options::ROLE_CASHIER, request);
  }
  absl::StatusOr<v1::GatePass> Exit(const v1::GatePass& pass) {
    v1::CheckExitRequest request;
    request.set_number(pass.number());
    request.set_code(pass.code());
    request.set_plate(RepairDesk::kPlate);
    return desk.Do<v1::GatePass>(options::ROLE_GATE_GUARD, request);
  }
  RepairDesk desk;
};

// Handbook: R-42.
TEST_F(SettlementRoom, IssuedBillsOpenTheReceivableAndGiveSparePartsBack) {
  const v1::Settlement bill = desk.AnIssuedSettlement();
  EXPECT_EQ(bill.state(), v1::Settlement::STATE_ISSUED);
  EXPECT_EQ(bill.total_amount(), 59664);
  EXPECT_EQ(ReceivableOf(bill).open_amount(), 59664);
  EXPECT_EQ(desk.OrderNow(bill.repair_order_id()).state(), v1::RepairOrder::STATE_SETTLED);
  EXPECT_THAT(desk.reservation_holders, IsEmpty());
  EXPECT_EQ(desk.Count("outbox WHERE type = 'SettlementIssued'"), 1);
  EXPECT_THAT(desk.Differences(), IsEmpty());
}

TEST_F(SettlementRoom, AnIssuedBillIsNotPreparedAgain) {
  const v1::Settlement bill = desk.AnIssuedSettlement();
  v1::PrepareSettlementRequest request;
  request.set_repair_order_id(bill.repair_order_id());
  EXPECT_TRUE(IsRefusal(desk.Do<v1::Settlement>(options::ROLE_SERVICE_ADVISER, request).status(),
                        v1::ERROR_REASON_SETTLEMENT_EXISTS));
  EXPECT_FALSE(Discount(bill, options::ROLE_SERVICE_ADVISER, 100).ok());
}

TEST_F(SettlementRoom, ADiscountWithinTheLimitIsAppliedAndOneBeyondItRefused) {
  const v1::Settlement draft = desk.Drafted(desk.Completed(desk.Released()));
  EXPECT_TRUE(
      IsRefusal(Discount(draft, options::ROLE_SERVICE_ADVISER, 600).status(), v1::ERROR_REASON_DISCOUNT_ABOVE_LIMIT));
  const auto discounted = Discount(draft, options::ROLE_SERVICE_ADVISER, 500);
  ASSERT_TRUE(discounted.ok()) << discounted.status();
  EXPECT_EQ(discounted->discount_amount(), 2640);
  EXPECT_EQ(discounted->total_amount(), 56681);
  EXPECT_THAT(desk.Issued(draft).discounts_size(), 1);
  EXPECT_THAT(desk.Differences(), IsEmpty());
}

TEST_F(SettlementRoom, AHigherRoleApprovesWhatIsBeyondTheLimit) {
  const v1::Settlement draft = desk.Drafted(desk.Completed(desk.Released()));
  const auto waiting =
      Discount(draft, options::ROLE_SERVICE_ADVISER, 1500, v1::ApplyDiscountRequest::ABOVE_LIMIT_ASK_APPROVAL);
  ASSERT_TRUE(waiting.ok()) << waiting.status();
  EXPECT_EQ(waiting->total_amount(), draft.total_amount());
  EXPECT_EQ(desk.OpenDuties("discount_approval"), 1);
  v1::IssueSettlementRequest issue;
  issue.set_settlement_id(draft.settlement_id());
  EXPECT_TRUE(
      IsRefusal(desk.Do<v1::Settlement>(options::ROLE_CASHIER, issue).status(), v1::ERROR_REASON_DISCOUNT_PENDING));
  v1::ApproveDiscountRequest approve;
  approve.set_settlement_id(draft.settlement_id());
  approve.set_discount_id(waiting->discounts(0).discount_id());
  approve.set_reason("complaint settled");
  EXPECT_TRUE(IsRefusal(desk.Do<v1::Settlement>(options::ROLE_SERVICE_MANAGER, approve, "service_adviser").status(),
                        v1::ERROR_REASON_DISCOUNT_SELF_APPROVED));
  const auto approved = desk.Must<v1::Settlement>(options::ROLE_SERVICE_MANAGER, approve);
  EXPECT_EQ(approved.discounts(0).approved_by(), "service_manager");
  EXPECT_LT(approved.total_amount(), draft.total_amount());
  EXPECT_EQ(desk.OpenDuties("discount_approval"), 0);
}

TEST_F(SettlementRoom, ADraftIsOutdatedWhenPartsCameBackSince) {
  const v1::Settlement draft = desk.Drafted(desk.Completed(desk.Released()));
  desk.drawn.begin()->second = 4000;
  v1::IssueSettlementRequest issue;
  issue.set_settlement_id(draft.settlement_id());
  EXPECT_TRUE(
      IsRefusal(desk.Do<v1::Settlement>(options::ROLE_CASHIER, issue).status(), v1::ERROR_REASON_SETTLEMENT_OUTDATED));
  const v1::Settlement fresh = desk.Drafted(desk.OrderNow(draft.repair_order_id()));
  EXPECT_EQ(fresh.settlement_id(), draft.settlement_id());
  EXPECT_EQ(fresh.number(), draft.number());
  EXPECT_EQ(desk.Issued(fresh).parts_amount(), 32000);
}

// Handbook: R-43.
TEST_F(SettlementRoom, PaysSplitRefundsAndBalances) {
  const v1::Settlement bill = desk.AnIssuedSettlement();
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 20000).ok());
  EXPECT_TRUE(IsRefusal(desk.Pay(bill, v1::PAYMENT_METHOD_CARD, 39665).status(), v1::ERROR_REASON_PAYMENT_ABOVE_OPEN));
  const auto card = desk.Pay(bill, v1::PAYMENT_METHOD_CARD, 39664);
  ASSERT_TRUE(card.ok()) << card.status();
  EXPECT_EQ(ReceivableOf(bill).state(), v1::Receivable::STATE_PAID);
  v1::RefundPaymentRequest refund;
  refund.set_payment_id(card->payment_id());
  refund.set_amount(664);
  refund.set_reason("rounded down");
  refund.set_reference("slip-2");
  desk.Must<v1::Payment>(options::ROLE_CASHIER, refund);
  EXPECT_EQ(ReceivableOf(bill).open_amount(), 664);
  EXPECT_THAT(desk.Differences(), IsEmpty());
  desk.Execute("UPDATE ledger_entry SET amount = amount - 1 WHERE debit_account = 'CASH'");
  EXPECT_EQ(desk.Differences().size(), 2u);  // the receivable and the payment both tell
}

// Handbook: R-43, G-09.
TEST_F(SettlementRoom, OnAccountWithinTheLimitAndDueLater) {
  const v1::Settlement bill = desk.AnIssuedSettlement();
  EXPECT_TRUE(
      IsRefusal(desk.Pay(bill, v1::PAYMENT_METHOD_ON_ACCOUNT, 59664).status(), v1::ERROR_REASON_NO_CREDIT_ACCOUNT));
  v1::CreateCreditAccountRequest create;
  create.mutable_credit_account()->set_customer_id(RepairDesk::kCustomer);
  create.mutable_credit_account()->set_limit_amount(50000);
  create.mutable_credit_account()->set_due_days(30);
  desk.Must<v1::CreditAccount>(options::ROLE_SERVICE_MANAGER, create);
  EXPECT_TRUE(IsRefusal(desk.Do<v1::CreditAccount>(options::ROLE_SERVICE_MANAGER, create).status(),
                        v1::ERROR_REASON_CREDIT_ACCOUNT_EXISTS));
  EXPECT_TRUE(
      IsRefusal(desk.Pay(bill, v1::PAYMENT_METHOD_ON_ACCOUNT, 59664).status(), v1::ERROR_REASON_CREDIT_LIMIT_EXCEEDED));
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_ON_ACCOUNT, 50000).ok());
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 9664).ok());
  const v1::Receivable receivable = ReceivableOf(bill);
  EXPECT_EQ(receivable.state(), v1::Receivable::STATE_ON_ACCOUNT);
  EXPECT_EQ(receivable.due_date(), "2026-12-21");
  EXPECT_EQ(desk.OpenDuties("receivable_due"), 1);
  v1::ListReceivablesRequest list;
  list.set_filter("state = \"ON_ACCOUNT\" AND due_date < \"2027-01-01\"");
  EXPECT_EQ(desk.Must<v1::ListReceivablesResponse>(options::ROLE_CASHIER, list).receivables_size(), 1);
  EXPECT_TRUE(desk.Pass(bill).ok());
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_TRANSFER, 50000).ok());
  EXPECT_EQ(desk.OpenDuties("receivable_due"), 0);
  EXPECT_EQ(ReceivableOf(bill).state(), v1::Receivable::STATE_PAID);
  EXPECT_THAT(desk.Differences(), IsEmpty());
}

TEST_F(SettlementRoom, TheCashierClosesTheDayOnce) {
  const v1::Settlement bill = desk.AnIssuedSettlement();
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 20000).ok());
  v1::CloseCashierDayRequest close;
  close.set_business_date("2026-11-21");
  close.add_counted()->set_method(v1::PAYMENT_METHOD_CASH);
  close.mutable_counted(0)->set_amount(19900);
  EXPECT_TRUE(IsRefusal(desk.Do<v1::CashClose>(options::ROLE_CASHIER, close).status(),
                        v1::ERROR_REASON_CLOSE_DIFFERENCE_UNEXPLAINED));
  close.set_difference_reason("change given wrongly");
  const auto closed = desk.Must<v1::CashClose>(options::ROLE_CASHIER, close);
  EXPECT_EQ(closed.difference_amount(), -100);
  EXPECT_EQ(closed.totals(0).booked_amount(), 20000);
  EXPECT_TRUE(IsRefusal(desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 1).status(), v1::ERROR_REASON_CASH_DAY_CLOSED));
  EXPECT_TRUE(
      IsRefusal(desk.Do<v1::CashClose>(options::ROLE_CASHIER, close).status(), v1::ERROR_REASON_CASH_DAY_CLOSED));
}

// Handbook: R-43.
TEST_F(SettlementRoom, TheWarrantyGiversShareIsCollectedInParts) {
  desk.neighbours.vehicles_by_plate[RepairDesk::kPlate].set_warranty_end_date("2028-01-01");
  v1::RepairOrder order = desk.ADraftOrder();
  v1::DecideCoverageRequest decide;
  decide.set_repair_order_id(order.repair_order_id());
  for (const auto& line : order.lines()) {
    auto& decision = *decide.add_decisions();
    decision.set_line_id(line.line_id());
    decision.set_coverage(&line == &order.lines(0) ? v1::COVERAGE_IN_WARRANTY : v1::COVERAGE_OUT_OF_WARRANTY);
    decision.set_reason("defect of the part");
  }
  order = desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, decide);
  const v1::Settlement bill =
      desk.Issued(desk.Drafted(desk.Completed(*desk.Release(*desk.Sign(desk.Prepared(order))))));
  EXPECT_EQ(bill.warranty_amount(), 18984);
  EXPECT_EQ(ReceivableOf(bill).open_amount(), 40680) << "the customer owes the rest";
  v1::ListPayerSharesRequest list;
  list.set_filter("payer = \"WARRANTY\" AND state = \"OPEN\"");
  const auto open = desk.Must<v1::ListPayerSharesResponse>(options::ROLE_CASHIER, list);
  ASSERT_EQ(open.payer_shares_size(), 1);

  v1::CollectPayerShareRequest collect;
  collect.set_payer_share_id(open.payer_shares(0).payer_share_id());
  collect.set_method(v1::PAYMENT_METHOD_TRANSFER);
  collect.set_amount(10000);
  collect.set_reference("CN-2026-11");
  EXPECT_EQ(desk.Must<v1::PayerShare>(options::ROLE_CASHIER, collect).open_amount(), 8984);
  EXPECT_EQ(desk.Count("payment WHERE kind = 'SHARE' AND reference = 'CN-2026-11'"), 1);
  EXPECT_TRUE(IsRefusal(desk.Do<v1::PayerShare>(options::ROLE_CASHIER, collect).status(),
                        v1::PAYER_SHARE_ERROR_REASON_SHARE_ABOVE_OPEN));
  collect.set_amount(8984);
  EXPECT_EQ(desk.Must<v1::PayerShare>(options::ROLE_CASHIER, collect).state(), v1::PayerShare::STATE_COLLECTED);
  EXPECT_EQ(ReceivableOf(bill).paid_amount(), 0) << "not the customer's money";
  // The cashier counts it at the end of the day.
  v1::CloseCashierDayRequest close;
  close.set_business_date("2026-11-21");
  close.add_counted()->set_method(v1::PAYMENT_METHOD_TRANSFER);
  close.mutable_counted(0)->set_amount(18984);
  EXPECT_EQ(desk.Must<v1::CashClose>(options::ROLE_CASHIER, close).difference_amount(), 0);
  EXPECT_THAT(desk.Differences(), IsEmpty());
  desk.Execute("UPDATE payer_share SET collected_amount = 1");
  EXPECT_EQ(desk.Differences().size(), 1u);
}

TEST_F(SettlementRoom, NoPassWhileMoneyIsOpenAndNoExitTwice) {
  const v1::Settlement bill = desk.AnIssuedSettlement();
  EXPECT_TRUE(IsRefusal(desk.Pass(bill).status(), v1::ERROR_REASON_NOT_PAID));
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 59664).ok());
  const auto pass = desk.Pass(bill);
  ASSERT_TRUE(pass.ok()) << pass.status();
  EXPECT_TRUE(IsRefusal(desk.Pass(bill).status(), v1::ERROR_REASON_GATE_PASS_EXISTS));
  v1::GatePass wrong = *pass;
  wrong.set_code("000000");
  EXPECT_TRUE(IsRefusal(Exit(wrong).status(), v1::ERROR_REASON_GATE_PASS_WRONG));
  ASSERT_TRUE(Exit(*pass).ok());
  EXPECT_TRUE(IsRefusal(Exit(*pass).status(), v1::ERROR_REASON_GATE_PASS_USED));
  EXPECT_EQ(desk.Count("board_entry WHERE on_board = 1"), 0);
}

TEST_F(SettlementRoom, NobodyButTheManagerRefundsAfterTheGatePass) {
  const v1::Settlement bill = desk.AnIssuedSettlement();
  const auto paid = desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 59664);
  ASSERT_TRUE(desk.Pass(bill).ok());
  v1::RefundPaymentRequest refund;
  refund.set_payment_id(paid->payment_id());
  refund.set_amount(100);
  refund.set_reason("goodwill");
  EXPECT_TRUE(
      IsRefusal(desk.Do<v1::Payment>(options::ROLE_CASHIER, refund).status(), v1::ERROR_REASON_VEHICLE_HAS_LEFT));
  EXPECT_TRUE(desk.Do<v1::Payment>(options::ROLE_SERVICE_MANAGER, refund).ok());
}

// Handbook.
TEST_F(SettlementRoom, DeliveryClosesTheVisitAndTellsCustomerRelations) {
  const v1::Settlement bill = desk.AnIssuedSettlement();
  EXPECT_TRUE(IsRefusal(desk.Deliver(bill.repair_order_id()).status(), v1::ERROR_REASON_GATE_PASS_MISSING));
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 59664).ok());
  ASSERT_TRUE(desk.Pass(bill).ok());
  const auto delivery = desk.Deliver(bill.repair_order_id());
  ASSERT_TRUE(delivery.ok()) << delivery.status();
  EXPECT_EQ(delivery->next_maintenance_date(), "2027-11-21");
  EXPECT_EQ(delivery->next_maintenance_km(), 58215);
  EXPECT_EQ(delivery->guarantee_until_km(), 50210);
  EXPECT_EQ(delivery->preferred_contact_time(), "18:00-20:00");
  EXPECT_EQ(desk.OrderNow(bill.repair_order_id()).state(), v1::RepairOrder::STATE_DELIVERED);
  EXPECT_EQ(desk.Count("visit WHERE state = 'CLOSED' AND outcome = 'DELIVERED' AND present_plate IS NULL"), 1);
  EXPECT_EQ(desk.Count("outbox WHERE type = 'VehicleDelivered'"), 1);
  EXPECT_EQ(desk.OpenDuties("pick_up_notice"), 0);
  EXPECT_THAT(desk.Differences(), IsEmpty());
  // The vehicle comes again tomorrow: the plate is free.
  desk.ACheckedInVisit();
}

// Handbook.
TEST_F(SettlementRoom, TheSignatureMayFollowTheExit) {
  const v1::Settlement bill = desk.AnIssuedSettlement();
  ASSERT_TRUE(desk.Pay(bill, v1::PAYMENT_METHOD_CASH, 59664).ok());
  const auto pass = desk.Pass(bill);
  ASSERT_TRUE(Exit(*pass).ok());
  EXPECT_TRUE(desk.Deliver(bill.repair_order_id()).ok());
}

TEST_F(SettlementRoom, TakeBackNamesWhatIsMissing) {
  const v1::RepairOrder order = desk.Released();
  v1::TakeBackVehicleRequest request;
  request.set_repair_order_id(order.repair_order_id());
  EXPECT_TRUE(IsRefusal(desk.Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request).status(),
                        v1::ERROR_REASON_LINES_MISSING));
  EXPECT_EQ(desk.OrderNow(order.repair_order_id()).state(), v1::RepairOrder::STATE_RELEASED);
}

}  // namespace
}  // namespace reception
