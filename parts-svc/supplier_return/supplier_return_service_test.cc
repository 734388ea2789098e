// The supplier return room on a real database: moving average and variance to the cent.
#include "parts-svc/receiving/receiving_for_test.h"

namespace parts {
namespace {

namespace roles = aftersales::options::v1;

class SendingBack : public ReceivingStoreForTest {
 protected:
  SendingBack() : filter_(APart("F-1")), supplier_(ASupplier()) {}
  Return ReturnNumbered(const std::string& id) {
    v1::GetSupplierReturnRequest get;
    get.set_supplier_return_id(id);
    return Must<Return>(get);
  }
  v1::Part filter_;
  v1::Supplier supplier_;
};

// Handbook: P-09, P-03.
TEST_F(SendingBack, LeavesAtTheCurrentAverageAndTheDifferenceToTheCreditIsVariance) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 3000, 1000}}), {3000});
  Must<Bill>(Billing(receipt, "INV-1", 3000, 3000));
  Receive(filter_, 4000, 5001);  // 7 pieces for 8001: average 1143
  const auto draft = Must<Return>(Returning(receipt, 2000, Return::SETTLEMENT_CREDIT_NOTE));
  EXPECT_EQ(draft.number().substr(0, 9), "SH01-PRT-");
  EXPECT_EQ(draft.expected_amount(), 2000);
  EXPECT_EQ(StockOf(filter_).on_hand_milli(), 7000) << "nothing has left yet";
  const auto shipped = Shipped(draft);
  EXPECT_EQ(shipped.cost_amount(), 2286);
  EXPECT_EQ(shipped.shipper_signature().document_digest().size(), 32u);
  EXPECT_EQ(StockOf(filter_).on_hand_milli(), 5000);
  EXPECT_EQ(StockOf(filter_).value_amount(), 5715);
  const auto credited = Must<Return>(Crediting(shipped, 2000, 260));
  EXPECT_EQ(credited.state(), Return::STATE_CREDITED);
  EXPECT_EQ(Variance(), 286);
  EXPECT_EQ(StockOf(filter_).value_amount(), 5715) << "what stays is not touched";
  v1::GetSupplierCreditRequest get;
  get.set_supplier_credit_id(credited.supplier_credit_id());
  EXPECT_EQ(Must<v1::SupplierCredit>(get).amount(), 2260);
  // Bills less credits is what the supplier's account gave: 3000 + 5001 - 2000.
  EXPECT_EQ(FromSupplier(), 6001);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SendingBack, ForMoreThanTheAverageIsAGain) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 2000, 1000}}), {2000});
  Receive(filter_, 2000, 200);  // average 550
  auto draft = Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_CREDIT_NOTE));
  Must<Return>(Crediting(Shipped(draft), 1000));
  EXPECT_EQ(Variance(), -450);
  EXPECT_EQ(StockOf(filter_).value_amount(), 1650);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SendingBack, PieceByPieceTakesTheWholeValueWithoutDrift) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 3000, 333}}), {3000});
  Receive(filter_, 4000, 1);  // 7 pieces for 1000
  int64_t left = 1000;
  for (int i = 0; i < 3; ++i) {
    const auto shipped = Shipped(Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_NOT_BILLED)));
    Must<Return>(Crediting(shipped, 0));
    left -= shipped.cost_amount();
    EXPECT_EQ(StockOf(filter_).value_amount(), left);
  }
  EXPECT_EQ(left, 571);
  EXPECT_EQ(FromSupplier(), 1) << "the receipt's 999 went back to the cent";
  EXPECT_EQ(Variance(), 429 - 999);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SendingBack, OfGoodsNeverBilledLowersWhatMayBeBilled) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000});
  Must<Return>(Crediting(Shipped(Must<Return>(Returning(receipt, 4000, Return::SETTLEMENT_NOT_BILLED))), 0));
  EXPECT_EQ(ReceiptOf(receipt.goods_receipt_id()).lines(0).billable_milli(), 6000);
  EXPECT_EQ(Must<Bill>(Billing(receipt, "INV-1", 10000, 1000)).state(), Bill::STATE_MISMATCHED);
  EXPECT_EQ(Must<Bill>(Billing(receipt, "INV-2", 6000, 600)).state(), Bill::STATE_MATCHED);
  EXPECT_EQ(FromSupplier(), 600);
  EXPECT_EQ(Variance(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SendingBack, OfMoreThanCameIsRefused) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 10000, 100}}), {10000}, 2000);
  Must<Return>(Returning(receipt, 5000, Return::SETTLEMENT_NOT_BILLED));
  // Of 10 that came 2 wait in quarantine for their settlement and 5 are going back.
  ExpectRefused<Return>(Returning(receipt, 4000, Return::SETTLEMENT_NOT_BILLED),
                        v1::RECEIVING_ERROR_REASON_RETURN_EXCEEDS_RECEIPT);
  Must<Return>(Returning(receipt, 3000, Return::SETTLEMENT_NOT_BILLED));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SendingBack, ToAnotherSupplierOrOfAnUnpostedReceiptIsRefused) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  auto arrival = Arrival(order, {4000});
  arrival.mutable_lines(0)->set_announced_milli(4000);
  const auto receipt = Must<Receipt>(arrival);
  ExpectRefused<Return>(Returning(receipt, 1000, Return::SETTLEMENT_NOT_BILLED),
                        v1::RECEIVING_ERROR_REASON_RECEIPT_NOT_POSTED);
  Must<Receipt>(Inspection(receipt));
  const auto posted = Must<Receipt>(Posting(receipt));
  auto request = Returning(posted, 1000, Return::SETTLEMENT_NOT_BILLED);
  request.mutable_lines(0)->set_goods_receipt_line_id(NewId());
  ExpectRefused<Return>(request, v1::RECEIVING_ERROR_REASON_RECEIPT_LINE_UNKNOWN);
  request = Returning(posted, 1000, Return::SETTLEMENT_NOT_BILLED);
  request.set_supplier_id(ASupplier("S2").supplier_id());
  ExpectRefused<Return>(request, v1::RECEIVING_ERROR_REASON_OTHER_SUPPLIER);
}

TEST_F(SendingBack, OfOldStockNamesThePartAndWhatIsExpected) {
  Receive(filter_, 3000, 1000);
  v1::DraftSupplierReturnRequest request;
  request.set_supplier_id(supplier_.supplier_id());
  request.set_settlement(Return::SETTLEMENT_CREDIT_NOTE);
  request.set_reason("dead stock taken back");
  auto& line = *request.add_lines();
  line.set_part_id(filter_.part_id());
  line.set_quantity_milli(3000);
  line.set_location_id(bin_);
  ExpectRefused<Return>(request, v1::RECEIVING_ERROR_REASON_RETURN_NEEDS_PART);
  line.set_expected_amount(900);
  const auto shipped = Shipped(Must<Return>(request));
  EXPECT_EQ(shipped.cost_amount(), 1000);
  EXPECT_EQ(StockOf(filter_).value_amount(), 0) << "nothing on hand is worth nothing";
  Must<Return>(Crediting(shipped, 850));
  EXPECT_EQ(Variance(), 150);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-09, G-06.
TEST_F(SendingBack, IsApprovedBySomebodyElseWithinHisLimit) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 4000, 1000000}}), {4000});
  const auto small = Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_NOT_BILLED));
  v1::ApproveSupplierReturnRequest approve;
  approve.set_supplier_return_id(small.supplier_return_id());
  ExpectRefused<Return>(approve, v1::RECEIVING_ERROR_REASON_OWN_APPROVAL);
  v1::UpdatePartsPolicyRequest policy;
  policy.mutable_parts_policy()->set_clerk_order_limit_amount(1000);
  policy.mutable_parts_policy()->set_manager_order_limit_amount(1500000);
  policy.mutable_update_mask()->add_paths("clerk_order_limit_amount");
  policy.mutable_update_mask()->add_paths("manager_order_limit_amount");
  policy.set_reason("a small store");
  Must<v1::PartsPolicy>(policy);
  const auto large = Must<Return>(Returning(receipt, 2000, Return::SETTLEMENT_NOT_BILLED));
  approve.set_supplier_return_id(large.supplier_return_id());
  AsOtherManager();
  ExpectRefused<Return>(approve, v1::RECEIVING_ERROR_REASON_OVER_APPROVAL_LIMIT);
  As("chen.jie", {roles::ROLE_SERVICE_MANAGER});
  EXPECT_EQ(Must<Return>(approve).approver(), "chen.jie");
  AsManager();
  EXPECT_EQ(Approved(small.supplier_return_id()).state(), Return::STATE_APPROVED);
}

TEST_F(SendingBack, GoesThroughItsStatesOnly) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 4000, 100}}), {4000});
  const auto draft = Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_CREDIT_NOTE));
  ExpectWrongState<Return>(Shipping(draft.supplier_return_id()));
  ExpectWrongState<Return>(Crediting(draft, 100));
  Approved(draft.supplier_return_id());
  v1::ApproveSupplierReturnRequest again;
  again.set_supplier_return_id(draft.supplier_return_id());
  ExpectWrongState<Return>(again);
  auto ship = Shipping(draft.supplier_return_id());
  ship.mutable_shipper_signature()->set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_CUSTOMER);
  ExpectRefused<Return>(ship, v1::RECEIVING_ERROR_REASON_STORE_SIGNS);
  const auto shipped = Must<Return>(Shipping(draft.supplier_return_id()));
  v1::CancelSupplierReturnRequest cancel;
  cancel.set_supplier_return_id(draft.supplier_return_id());
  cancel.set_reason("too late");
  ExpectWrongState<Return>(cancel);
  ExpectRefused<Return>(Crediting(shipped, 0), v1::RECEIVING_ERROR_REASON_CREDIT_NOTE_NEEDED);
  Must<Return>(Crediting(shipped, 100));
  ExpectWrongState<Return>(Crediting(shipped, 100));
  const auto exchange = Shipped(Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_REPLACEMENT)));
  ExpectRefused<Return>(Crediting(exchange, 100), v1::RECEIVING_ERROR_REASON_CREDIT_NOTE_NOT_EXPECTED);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SendingBack, GivenUpFreesTheReceipt) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 4000, 100}}), {4000});
  const auto draft = Must<Return>(Returning(receipt, 4000, Return::SETTLEMENT_NOT_BILLED));
  v1::CancelSupplierReturnRequest cancel;
  cancel.set_supplier_return_id(draft.supplier_return_id());
  cancel.set_reason("sold after all");
  Must<Return>(cancel);
  const auto line = ReceiptOf(receipt.goods_receipt_id()).lines(0);
  EXPECT_EQ(line.returned_milli(), 0);
  EXPECT_EQ(line.billable_milli(), 4000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SendingBack, LeavesWhatIsReservedAndNeverMoreThanTheBinHolds) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 4000, 100}}), {4000});
  const auto draft = Must<Return>(Returning(receipt, 3000, Return::SETTLEMENT_NOT_BILLED));
  Approved(draft.supplier_return_id());
  const auto held = Reserve(NewId(), {{filter_, 2000}});
  EXPECT_TRUE(
      IsRefusal(Send<Return>(Shipping(draft.supplier_return_id())).status(), v1::ERROR_REASON_INSUFFICIENT_STOCK));
  Must<v1::Issue>(Drawing(held, 2000));
  EXPECT_TRUE(IsRefusal(Send<Return>(Shipping(draft.supplier_return_id())).status(), v1::ERROR_REASON_BIN_SHORT));
  EXPECT_EQ(ReturnNumbered(draft.supplier_return_id()).state(), Return::STATE_APPROVED);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SendingBack, IsVerified) {
  const auto receipt = Received(AnOrder(supplier_, {{filter_, 4000, 100}}), {4000});
  Must<Return>(Crediting(Shipped(Must<Return>(Returning(receipt, 1000, Return::SETTLEMENT_CREDIT_NOTE))), 90));
  EXPECT_EQ(Differences(), std::vector<std::string>());
  Execute("UPDATE supplier_return_line SET cost_amount = cost_amount + 1");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE supplier_return_line SET cost_amount = cost_amount - 1, credit_amount = 100");
  EXPECT_EQ(Differences().size(), 1u);
}

}  // namespace
}  // namespace parts
