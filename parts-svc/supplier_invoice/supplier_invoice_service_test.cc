// The supplier invoice room on a real database: the three-way match, price differences and landed cost to the cent.
#include <random>

#include "parts-svc/receiving/receiving_for_test.h"

namespace parts {
namespace {

namespace roles = aftersales::options::v1;

class Billed : public ReceivingStoreForTest {
 protected:
  Billed() : filter_(APart("F-1")), belt_(APart("B-1")), supplier_(ASupplier()) {}

  void Issue(const v1::Part& part, int64_t quantity_milli) {
    Must<v1::Issue>(Drawing(Reserve(NewId(), {{part, quantity_milli}}), quantity_milli));
  }
  v1::RegisterSupplierInvoiceRequest Freight(const Receipt& receipt, int64_t net_amount) {
    v1::RegisterSupplierInvoiceRequest request;
    request.set_supplier_id(carrier_.empty() ? carrier_ = ASupplier("S2").supplier_id() : carrier_);
    request.set_supplier_invoice_number("FR-" + NewId().substr(24));
    request.set_invoice_date("2026-11-21");
    auto& charge = *request.add_charges();
    charge.set_kind(v1::SupplierInvoiceCharge::KIND_FREIGHT);
    charge.set_goods_receipt_id(receipt.goods_receipt_id());
    charge.set_net_amount(net_amount);
    return request;
  }
  v1::ApproveSupplierInvoiceRequest Approval(const Bill& bill) {
    v1::ApproveSupplierInvoiceRequest request;
    request.set_supplier_invoice_id(bill.supplier_invoice_id());
    request.set_reason("agreed with the supplier");
    return request;
  }
  v1::MatchSupplierInvoiceRequest Rematch(const Bill& bill) {
    v1::MatchSupplierInvoiceRequest request;
    request.set_supplier_invoice_id(bill.supplier_invoice_id());
    return request;
  }
  void Tolerate(int basis_points) {
    v1::UpdatePartsPolicyRequest policy;
    policy.mutable_parts_policy()->set_invoice_price_tolerance_basis_points(basis_points);
    policy.mutable_update_mask()->add_paths("invoice_price_tolerance_basis_points");
    policy.set_reason("rounding of this supplier");
    Must<v1::PartsPolicy>(policy);
  }

  v1::Part filter_, belt_;
  v1::Supplier supplier_;
  std::string carrier_;
};

// Handbook: P-09.
TEST_F(Billed, AsOrderedAndReceivedIsOwedByTheSuppliersTerms) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000});
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 10000, 1000));
  EXPECT_EQ(bill.number().substr(0, 9), "SH01-SIV-");
  EXPECT_EQ(bill.state(), Bill::STATE_MATCHED);
  EXPECT_EQ(bill.gross_amount(), 1130);
  EXPECT_EQ(bill.due_date(), "2026-12-20") << "30 days from the bill's date";
  const v1::Payable payable = PayableOf(bill);
  EXPECT_EQ(payable.state(), v1::Payable::STATE_OPEN);
  EXPECT_EQ(payable.amount(), 1130);
  EXPECT_EQ(payable.open_amount(), 1130);
  EXPECT_EQ(OpenDuties("payable_due"), 1);
  EXPECT_EQ(ReceiptOf(receipt.goods_receipt_id()).lines(0).billed_milli(), 10000);
  EXPECT_EQ(FromSupplier(), 1000);
  EXPECT_EQ(Variance(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Billed, DearerThanOrderedIsBlockedUntilSomebodyElseApproves) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000});
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 10000, 1001));
  EXPECT_EQ(bill.state(), Bill::STATE_MISMATCHED);
  ASSERT_EQ(bill.findings_size(), 1);
  EXPECT_EQ(bill.findings(0).kind(), v1::MatchFinding::KIND_PRICE);
  EXPECT_EQ(bill.findings(0).expected(), 1000);
  EXPECT_TRUE(bill.payable_id().empty());
  EXPECT_EQ(StockOf(filter_).value_amount(), 1000);
  EXPECT_EQ(Count("payable"), 0);
  ExpectRefused<Bill>(Approval(bill), v1::RECEIVING_ERROR_REASON_OWN_APPROVAL);
  AsOtherManager();
  const auto approved = Must<Bill>(Approval(bill));
  EXPECT_EQ(approved.state(), Bill::STATE_APPROVED);
  EXPECT_EQ(approved.lines(0).stock_amount(), 1);
  EXPECT_EQ(PayableOf(approved).amount(), 1131);
  EXPECT_EQ(StockOf(filter_).value_amount(), 1001);
  ExpectWrongState<Bill>(Approval(bill));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-09, G-05
TEST_F(Billed, AndBlockedIsOwedASettlementUntilItMatchesIsApprovedOrRejected) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000}, 2000);
  const auto matching = Must<Bill>(Billing(receipt, "INV-1", 10000, 1000));
  EXPECT_EQ(OpenDuties("supplier_invoice_blocked"), 1);
  EXPECT_EQ(Count("duty WHERE kind = 'supplier_invoice_blocked' AND assignee_role = 'PARTS_MANAGER' AND due_time > "
                  "'2026-11-21'"),
            1);
  Must<Bill>(Rematch(matching));
  EXPECT_EQ(OpenDuties("supplier_invoice_blocked"), 1) << "still blocked, owed once";
  Must<Receipt>(Settling(receipt, Difference::SETTLEMENT_ACCEPT));
  Must<Bill>(Rematch(matching));
  EXPECT_EQ(OpenDuties("supplier_invoice_blocked"), 0);
  const auto approved = Must<Bill>(Billing(receipt, "INV-2", 1000, 100));
  const auto rejected = Must<Bill>(Billing(receipt, "INV-3", 1000, 100));
  EXPECT_EQ(OpenDuties("supplier_invoice_blocked"), 2);
  AsOtherManager();
  Must<Bill>(Approval(approved));
  v1::RejectSupplierInvoiceRequest reject;
  reject.set_supplier_invoice_id(rejected.supplier_invoice_id());
  reject.set_reason("billed twice");
  Must<Bill>(reject);
  EXPECT_EQ(OpenDuties("supplier_invoice_blocked"), 0);
  EXPECT_EQ(Count("duty WHERE kind = 'supplier_invoice_blocked' AND state = 'DONE'"), 3);
}

// Handbook: P-09, G-05
TEST_F(Billed, AndBlockedIsSettledBeforeItIsDueHoweverLongADifferenceMayTake) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000});
  auto late = Billing(receipt, "INV-1", 10000, 1001);
  late.set_invoice_date("2026-10-23");
  EXPECT_EQ(Must<Bill>(late).due_date(), "2026-11-22");
  EXPECT_EQ(Count("duty WHERE kind = 'supplier_invoice_blocked' AND due_time = '2026-11-22 16:00:00'"), 1);
}

TEST_F(Billed, WithinTheToleranceMatchesAndTheGoodsCostWhatWasBilled) {
  Tolerate(200);
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000});
  Issue(filter_, 4000);
  EXPECT_EQ(StockOf(filter_).value_amount(), 600);
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 10000, 1020));
  EXPECT_EQ(bill.state(), Bill::STATE_MATCHED);
  EXPECT_EQ(bill.lines(0).stock_amount(), 12) << "6 of 10 are still here";
  EXPECT_EQ(bill.lines(0).variance_amount(), 8);
  EXPECT_EQ(StockOf(filter_).value_amount(), 612);
  EXPECT_EQ(Variance(), 8);
  EXPECT_EQ(FromSupplier(), 1020);
  EXPECT_EQ(
      Must<Bill>(Billing(Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000}), "INV-2", 10000, 1021)).state(),
      Bill::STATE_MISMATCHED);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Billed, CheaperThanOrderedMatchesAndTheGoodsBecomeCheaper) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 3000, 100}}), {3000});
  Issue(filter_, 1000);
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 3000, 200));
  EXPECT_EQ(bill.state(), Bill::STATE_MATCHED);
  EXPECT_EQ(bill.lines(0).stock_amount(), -67);
  EXPECT_EQ(bill.lines(0).variance_amount(), -33);
  EXPECT_EQ(StockOf(filter_).value_amount(), 133);
  EXPECT_EQ(FromSupplier(), 200);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Billed, ForMoreThanWasAcceptedIsBlockedUntilTheRestIsAccepted) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000}, 2000);
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 10000, 1000));
  EXPECT_EQ(bill.state(), Bill::STATE_MISMATCHED);
  ASSERT_EQ(bill.findings_size(), 1);
  EXPECT_EQ(bill.findings(0).kind(), v1::MatchFinding::KIND_QUANTITY);
  EXPECT_EQ(bill.findings(0).expected(), 8000);
  EXPECT_EQ(bill.findings(0).billed(), 10000);
  EXPECT_EQ(Must<Bill>(Rematch(bill)).state(), Bill::STATE_MISMATCHED);
  Must<Receipt>(Settling(receipt, Difference::SETTLEMENT_ACCEPT));
  const auto matched = Must<Bill>(Rematch(bill));
  EXPECT_EQ(matched.state(), Bill::STATE_MATCHED);
  EXPECT_TRUE(matched.findings().empty());
  ExpectWrongState<Bill>(Rematch(bill));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Billed, InPartsNeverBillsTheSameGoodsTwice) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 3000, 333}}), {3000});
  EXPECT_EQ(Must<Bill>(Billing(receipt, "INV-1", 1000, 333)).state(), Bill::STATE_MATCHED);
  EXPECT_EQ(Must<Bill>(Billing(receipt, "INV-2", 2000, 666)).state(), Bill::STATE_MATCHED);
  EXPECT_EQ(Must<Bill>(Billing(receipt, "INV-3", 1000, 333)).state(), Bill::STATE_MISMATCHED);
  EXPECT_EQ(Variance(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Billed, WithTheSameGoodsOnTwoLinesIsOneQuantity) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 3000, 100}}), {3000});
  auto request = Billing(receipt, "INV-1", 2000, 200);
  *request.add_lines() = request.lines(0);
  const auto bill = Must<Bill>(request);
  EXPECT_EQ(bill.state(), Bill::STATE_MISMATCHED);
  EXPECT_EQ(bill.findings(0).expected(), 1000);
}

TEST_F(Billed, BeyondWhatCameButApprovedIsCreditedWhenTheGoodsGoBack) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000}, 2000);
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 10000, 1000));
  AsOtherManager();
  Must<Bill>(Approval(bill));
  AsManager();
  const auto settled = Must<Receipt>(Settling(receipt, Difference::SETTLEMENT_RETURN));
  v1::GetSupplierReturnRequest get;
  get.set_supplier_return_id(settled.differences(0).supplier_return_id());
  const auto draft = Must<Return>(get);
  EXPECT_EQ(draft.settlement(), Return::SETTLEMENT_CREDIT_NOTE);
  Must<Return>(Crediting(Shipped(draft), 200, 26));
  EXPECT_EQ(FromSupplier(), 800);
  EXPECT_EQ(StockOf(filter_).value_amount(), 800);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Billed, TwiceUnderTheSameNumberIsRefused) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 3000, 100}}), {3000});
  Must<Bill>(Billing(receipt, "INV-1", 1000, 100));
  ExpectRefused<Bill>(Billing(receipt, "INV-1", 1000, 100), v1::RECEIVING_ERROR_REASON_INVOICE_TWICE);
  EXPECT_EQ(Count("supplier_invoice"), 1);
}

TEST_F(Billed, OfNothingOfTomorrowOrOfAnotherSuppliersGoodsIsRefused) {
  const auto order = AnOrder(supplier_, {{filter_, 3000, 100}});
  const auto started = Must<Receipt>(Arrival(order, {3000}));
  ExpectRefused<Bill>(Billing(started, "INV-1", 1000, 100), v1::RECEIVING_ERROR_REASON_RECEIPT_NOT_POSTED);
  Must<Receipt>(Inspection(started));
  const auto receipt = Must<Receipt>(Posting(started));
  auto request = Billing(receipt, "INV-1", 1000, 100);
  request.set_invoice_date("2026-11-22");
  ExpectRefused<Bill>(request, v1::RECEIVING_ERROR_REASON_INVOICE_DATE_AHEAD);
  ExpectRefused<Bill>(Billing(receipt, "INV-1", 1000, 0), v1::RECEIVING_ERROR_REASON_INVOICE_EMPTY);
  request = Billing(receipt, "INV-1", 1000, 100);
  request.mutable_lines(0)->set_goods_receipt_line_id(NewId());
  ExpectRefused<Bill>(request, v1::RECEIVING_ERROR_REASON_RECEIPT_LINE_UNKNOWN);
  request = Billing(receipt, "INV-1", 1000, 100);
  request.set_supplier_id(ASupplier("S2").supplier_id());
  ExpectRefused<Bill>(request, v1::RECEIVING_ERROR_REASON_OTHER_SUPPLIER);
}

TEST_F(Billed, WronglyGoesBackForGood) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 3000, 100}}), {3000});
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 3000, 999));
  v1::RejectSupplierInvoiceRequest reject;
  reject.set_supplier_invoice_id(bill.supplier_invoice_id());
  reject.set_reason("wrong price");
  EXPECT_EQ(Must<Bill>(reject).state(), Bill::STATE_REJECTED);
  ExpectWrongState<Bill>(reject);
  AsOtherManager();
  ExpectWrongState<Bill>(Approval(bill));
  EXPECT_EQ(Must<Bill>(Billing(receipt, "INV-1A", 3000, 300)).state(), Bill::STATE_MATCHED);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-09, G-06.
TEST_F(Billed, AboveTheApproversLimitGoesHigher) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 1000, 4900000}}), {1000});
  const auto bill = Must<Bill>(Billing(receipt, "INV-1", 1000, 4900001));
  AsOtherManager();
  ExpectRefused<Bill>(Approval(bill), v1::RECEIVING_ERROR_REASON_OVER_APPROVAL_LIMIT);
  As("chen.jie", {roles::ROLE_SERVICE_MANAGER});
  EXPECT_EQ(Must<Bill>(Approval(bill)).state(), Bill::STATE_APPROVED);
  As("sun.li", {roles::ROLE_PARTS_MANAGER, roles::ROLE_PARTS_CLERK, roles::ROLE_SERVICE_MANAGER});
  const auto large =
      Must<Bill>(Billing(Received(AnOrder(supplier_, {{filter_, 1000, 19000000}}), {1000}), "INV-2", 1000, 19000001));
  As("chen.jie", {roles::ROLE_SERVICE_MANAGER});
  ExpectRefused<Bill>(Approval(large), v1::RECEIVING_ERROR_REASON_OVER_APPROVAL_LIMIT);
  As("group", {roles::ROLE_GROUP_MANAGER});
  EXPECT_EQ(Must<Bill>(Approval(large)).state(), Bill::STATE_APPROVED);
}

class LandedCost : public Billed {};

// Handbook: P-09, P-03.
TEST_F(LandedCost, SpreadsByValueOverTheReceiptsGoods) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 200}, {belt_, 10000, 100}}), {10000, 10000});
  const auto bill = Must<Bill>(Freight(receipt, 100));
  EXPECT_EQ(bill.state(), Bill::STATE_MATCHED);
  EXPECT_EQ(bill.charges(0).stock_amount(), 100);
  EXPECT_EQ(StockOf(filter_).value_amount(), 2067);
  EXPECT_EQ(StockOf(belt_).value_amount(), 1033);
  EXPECT_EQ(PayableOf(bill).amount(), 100);
  EXPECT_EQ(FromSupplier(), 3100);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(LandedCost, OfGoodsAlreadySoldIsVariance) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 200}, {belt_, 10000, 100}}), {10000, 10000});
  Issue(filter_, 10000);
  Issue(belt_, 3000);
  const auto bill = Must<Bill>(Freight(receipt, 301));
  // 201 for the filters, all gone; 100 for the belts, of which 7 of 10 are here.
  EXPECT_EQ(bill.charges(0).stock_amount(), 70);
  EXPECT_EQ(bill.charges(0).variance_amount(), 231);
  EXPECT_EQ(StockOf(filter_).value_amount(), 0);
  EXPECT_EQ(StockOf(belt_).value_amount(), 770);
  EXPECT_EQ(Variance(), 231);
  EXPECT_EQ(FromSupplier(), 3301);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(LandedCost, TogetherWithTheGoodsBillIsOneBill) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 3000, 100}}), {3000});
  auto request = Billing(receipt, "INV-1", 3000, 300);
  auto& charge = *request.add_charges();
  charge.set_kind(v1::SupplierInvoiceCharge::KIND_DUTY);
  charge.set_goods_receipt_id(receipt.goods_receipt_id());
  charge.set_net_amount(31);
  charge.set_tax_amount(4);
  const auto bill = Must<Bill>(request);
  EXPECT_EQ(bill.net_amount(), 331);
  EXPECT_EQ(bill.gross_amount(), 374);
  EXPECT_EQ(StockOf(filter_).value_amount(), 331);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(LandedCost, ManyTimesOverNeverDrifts) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 7000, 33}, {belt_, 3000, 17}}), {7000, 3000});
  int64_t sent = 0;
  for (int i = 1; i <= 20; ++i) {
    if (i % 5 == 0 && StockOf(filter_).on_hand_milli() > 0) Issue(filter_, 1000);
    Must<Bill>(Freight(receipt, i * 7));
    sent += i * 7;
  }
  EXPECT_EQ(FromSupplier(), 231 + 51 + sent);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// What the parts cost that went out for orders, at the average of the moment.
class Trading : public LandedCost {
 protected:
  int64_t Issued() {
    return Sum(
        "SELECT COALESCE(SUM(m.cost_amount), 0) AS n FROM stock_movement m JOIN location l ON l.store_id = "
        "m.store_id AND l.location_id = m.to_location_id WHERE l.kind = 'WORKSHOP'");
  }
  // One thing that happens in a parts store, and what it adds to what suppliers were given for goods.
  int64_t Happen(std::mt19937& chance) {
    const auto any = [&](int64_t most) { return static_cast<int64_t>(chance() % static_cast<uint64_t>(most)) + 1; };
    const v1::Part& part = chance() % 2 == 0 ? filter_ : belt_;
    switch (chance() % 6) {
      case 0:
      case 1: {
        const int64_t pieces = any(9), unit = any(997);
        receipts_.push_back(Received(AnOrder(supplier_, {{part, pieces * 1000, unit}}), {pieces * 1000}));
        return receipts_.back().cost_amount();
      }
      case 2: {
        const int64_t free_milli = StockOf(part).available_milli();
        if (free_milli > 0) Issue(part, std::min<int64_t>(free_milli, any(4) * 1000));
        return 0;
      }
      case 3: {
        if (receipts_.empty()) return 0;
        const int64_t freight = any(211);
        Must<Bill>(Freight(receipts_[chance() % receipts_.size()], freight));
        return freight;
      }
      case 4: {
        if (receipts_.empty()) return 0;
        const Receipt receipt = ReceiptOf(receipts_[chance() % receipts_.size()].goods_receipt_id());
        const v1::GoodsReceiptLine& line = receipt.lines(0);
        if (line.billed_milli() > 0 || line.billable_milli() == 0) return 0;
        const int64_t booked = line.cost_amount() * line.billable_milli() / line.counted_milli();
        const int64_t net = std::max<int64_t>(1, booked - any(50));
        const auto bill = Must<Bill>(Billing(receipt, NewId(), line.billable_milli(), net));
        EXPECT_EQ(bill.state(), Bill::STATE_MATCHED);
        return bill.lines(0).stock_amount() + bill.lines(0).variance_amount();
      }
      default: {
        if (receipts_.empty()) return 0;
        const Receipt receipt = ReceiptOf(receipts_[chance() % receipts_.size()].goods_receipt_id());
        const v1::GoodsReceiptLine& line = receipt.lines(0);
        v1::Part of_line;
        of_line.set_part_id(line.part_id());
        if (line.returned_milli() == line.counted_milli() || StockOf(of_line).available_milli() < 1000) return 0;
        const int64_t given = any(700);
        Must<Return>(Crediting(Shipped(Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_CREDIT_NOTE))), given));
        return -given;
      }
    }
  }
  std::vector<Receipt> receipts_;
};

// Whatever is ordered, billed, shipped back and drawn in whatever order: what suppliers were given is in the goods, in
// what was drawn and in the variance account, to the cent.
TEST_F(Trading, NeverLosesOrInventsACent) {
  std::mt19937 chance(20261121);
  int64_t given = 0;
  for (int i = 0; i < 120; ++i) {
    given += Happen(chance);
    ASSERT_EQ(FromSupplier(), given) << "after step " << i;
    ASSERT_EQ(StockOf(filter_).value_amount() + StockOf(belt_).value_amount() + Issued() + Variance(), given);
  }
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Billed, IsVerified) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000});
  Must<Bill>(Billing(receipt, "INV-1", 10000, 900));
  EXPECT_EQ(Differences(), std::vector<std::string>());
  Execute("UPDATE supplier_invoice_line SET stock_amount = -99");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE supplier_invoice_line SET stock_amount = -100, net_amount = 901");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE supplier_invoice_line SET net_amount = 900");
  Execute("DELETE FROM payable");
  EXPECT_GE(Differences().size(), 1u) << "a bill that stands and nothing is owed for it";
}

}  // namespace
}  // namespace parts
