// The receiving room on a real database.
#include "parts-svc/receiving/receiving_for_test.h"

namespace parts {
namespace {

class Receiving : public ReceivingStoreForTest {};

// Handbook: P-09, P-03.
TEST_F(Receiving, PutsADeliveryAwayAtTheOrdersPriceAndTellsTheOrder) {
  const v1::Part filter = APart("F-1");
  const auto order = AnOrder(ASupplier(), {{filter, 10000, 100}});
  const auto started = Must<Receipt>(Arrival(order, {10000}));
  EXPECT_EQ(started.number().substr(0, 9), "SH01-GRN-");
  EXPECT_EQ(started.state(), Receipt::STATE_COUNTING);
  EXPECT_EQ(started.supplier_name(), order.supplier_name());
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 0);
  EXPECT_EQ(Must<Receipt>(Inspection(started)).state(), Receipt::STATE_INSPECTED);
  const auto posted = Must<Receipt>(Posting(started));
  EXPECT_EQ(posted.state(), Receipt::STATE_CLOSED);
  EXPECT_EQ(posted.receiver_signature().document_digest().size(), 32u);
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 10000);
  EXPECT_EQ(StockOf(filter).value_amount(), 1000);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).state(), v1::PurchaseOrder::STATE_RECEIVED);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).lines(0).received_milli(), 10000);
  EXPECT_EQ(OpenDuties("receipt_difference_open"), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Receiving, ServesWhoWaitsForThePart) {
  const v1::Part filter = APart("F-1");
  v1::CreateReservationRequest request = Holding(NewId(), {{filter, 2000}});
  request.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  const auto waiting = Must<v1::Reservation>(request);
  Received(AnOrder(ASupplier(), {{filter, 5000, 100}}), {5000});
  EXPECT_EQ(ReservationOf(waiting.reservation_id()).lines(0).reserved_milli(), 2000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Receiving, InPartsLeavesTheRestOnOrder) {
  const v1::Part filter = APart("F-1");
  const auto order = AnOrder(ASupplier(), {{filter, 10000, 100}});
  auto arrival = Arrival(order, {4000});
  arrival.mutable_lines(0)->set_announced_milli(4000);
  const auto first = Must<Receipt>(arrival);
  Must<Receipt>(Inspection(first));
  EXPECT_TRUE(Must<Receipt>(Posting(first)).differences().empty());
  EXPECT_EQ(OrderOf(order.purchase_order_id()).state(), v1::PurchaseOrder::STATE_PARTLY_RECEIVED);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).lines(0).open_milli(), 6000);
  Received(order, {6000});
  EXPECT_EQ(OrderOf(order.purchase_order_id()).state(), v1::PurchaseOrder::STATE_RECEIVED);
  ExpectRefused<Receipt>(Arrival(order, {1000}), v1::RECEIVING_ERROR_REASON_ORDER_TAKES_NO_GOODS);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Receiving, OfTwoDeliveriesAtOnceNeverTakesMoreThanWasOrdered) {
  const v1::Part filter = APart("F-1");
  const auto order = AnOrder(ASupplier(), {{filter, 10000, 100}});
  const auto one = Must<Receipt>(Arrival(order, {7000})), two = Must<Receipt>(Arrival(order, {7000}));
  Must<Receipt>(Inspection(one));
  Must<Receipt>(Inspection(two));
  Must<Receipt>(Posting(one));
  const auto second = Must<Receipt>(Posting(two));
  EXPECT_EQ(second.lines(0).accepted_milli(), 3000);
  EXPECT_EQ(second.lines(0).excess_milli(), 4000);
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 10000);
  EXPECT_EQ(StockOf(filter).owned_milli(), 14000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Receiving, WithoutAnOrderIsForTheManagerWithAReason) {
  const v1::Part filter = APart("F-1");
  const auto supplier = ASupplier();
  v1::StartGoodsReceiptRequest request;
  request.set_supplier_id(supplier.supplier_id());
  auto& line = *request.add_lines();
  line.set_part_id(filter.part_id());
  line.set_counted_milli(3000);
  line.set_unit_cost_amount(70);
  ExpectRefused<Receipt>(request, v1::RECEIVING_ERROR_REASON_SUPPLIER_OR_ORDER);
  request.set_reason("sample delivery");
  As("zhao.min", {aftersales::options::v1::ROLE_PARTS_CLERK});
  ExpectRefused<Receipt>(request, v1::RECEIVING_ERROR_REASON_ORDERLESS_BY_MANAGER);
  AsManager();
  const auto receipt = Must<Receipt>(request);
  Must<Receipt>(Inspection(receipt));
  Must<Receipt>(Posting(receipt));
  EXPECT_EQ(StockOf(filter).value_amount(), 210);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Receiving, IsSignedBySomebodyOfTheStoreAndNeverChangedAfterwards) {
  const v1::Part filter = APart("F-1");
  const auto order = AnOrder(ASupplier(), {{filter, 10000, 100}});
  const auto receipt = Must<Receipt>(Arrival(order, {10000}));
  ExpectWrongState<Receipt>(Posting(receipt));
  Must<Receipt>(Inspection(receipt));
  auto posting = Posting(receipt);
  posting.mutable_receiver_signature()->set_signer_role(aftersales::common::v1::Signature::SIGNER_ROLE_CUSTOMER);
  ExpectRefused<Receipt>(posting, v1::RECEIVING_ERROR_REASON_STORE_SIGNS);
  const auto posted = Must<Receipt>(Posting(receipt));
  ExpectWrongState<Receipt>(Posting(receipt));
  ExpectWrongState<Receipt>(Inspection(receipt));
  v1::CountGoodsReceiptRequest count;
  count.set_goods_receipt_id(receipt.goods_receipt_id());
  *count.add_lines() = Arrival(order, {1000}).lines(0);
  ExpectWrongState<Receipt>(count);
  v1::CancelGoodsReceiptRequest cancel;
  cancel.set_goods_receipt_id(receipt.goods_receipt_id());
  cancel.set_reason("mistake");
  ExpectWrongState<Receipt>(cancel);
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 10000);
}

TEST_F(Receiving, CountsAgainUntilItIsPostedAndMayBeGivenUp) {
  const v1::Part filter = APart("F-1");
  const auto order = AnOrder(ASupplier(), {{filter, 10000, 100}});
  const auto receipt = Must<Receipt>(Arrival(order, {9000}));
  Must<Receipt>(Inspection(receipt));
  v1::CountGoodsReceiptRequest count;
  count.set_goods_receipt_id(receipt.goods_receipt_id());
  *count.add_lines() = Arrival(order, {10000}).lines(0);
  EXPECT_EQ(Must<Receipt>(count).state(), Receipt::STATE_COUNTING);
  Must<Receipt>(Inspection(receipt));
  EXPECT_EQ(Must<Receipt>(Inspection(receipt)).lines(0).accepted_milli(), 10000);
  v1::CancelGoodsReceiptRequest cancel;
  cancel.set_goods_receipt_id(receipt.goods_receipt_id());
  cancel.set_reason("another store's delivery");
  EXPECT_EQ(Must<Receipt>(cancel).state(), Receipt::STATE_CANCELLED);
  ExpectWrongState<Receipt>(Posting(receipt));
  EXPECT_EQ(OrderOf(order.purchase_order_id()).state(), v1::PurchaseOrder::STATE_SENT);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Receiving, OfATrackedPartNeedsItsSerialNumbers) {
  v1::Part pump = PartNamed("PUMP");
  pump.set_tracking(v1::Part::TRACKING_SERIAL);
  pump = Create(pump);
  const auto order = AnOrder(ASupplier(), {{pump, 2000, 900}});
  EXPECT_TRUE(IsRefusal(Send<Receipt>(Arrival(order, {1000})).status(), v1::ERROR_REASON_BATCH_REQUIRED));
  auto arrival = Arrival(order, {1000});
  *arrival.add_lines() = arrival.lines(0);
  arrival.mutable_lines(0)->set_batch_code("P1");
  arrival.mutable_lines(1)->set_batch_code("P1");
  ExpectRefused<Receipt>(arrival, v1::RECEIVING_ERROR_REASON_COUNTED_TWICE);
  arrival.mutable_lines(1)->set_batch_code("P2");
  const auto receipt = Must<Receipt>(arrival);
  Must<Receipt>(Inspection(receipt));
  EXPECT_TRUE(Must<Receipt>(Posting(receipt)).differences().empty());
  EXPECT_EQ(StockOf(pump).on_hand_milli(), 2000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

class Differing : public ReceivingStoreForTest {
 protected:
  Differing() : filter_(APart("F-1")), belt_(APart("B-1")), supplier_(ASupplier()) {}
  v1::Part filter_, belt_;
  v1::Supplier supplier_;
};

// Handbook: P-09.
TEST_F(Differing, PutsWhatIsWrongIntoQuarantineAndOwesASettlement) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  const auto posted = Received(order, {12000}, 1000);
  EXPECT_EQ(posted.state(), Receipt::STATE_DIFFERENCES_OPEN);
  ASSERT_EQ(posted.differences_size(), 2);
  EXPECT_EQ(posted.differences(0).kind(), Difference::KIND_DAMAGED);
  EXPECT_EQ(posted.differences(1).kind(), Difference::KIND_OVER);
  const v1::PartStock stock = StockOf(filter_);
  EXPECT_EQ(stock.on_hand_milli(), 10000);
  EXPECT_EQ(stock.owned_milli(), 12000);
  EXPECT_EQ(stock.value_amount(), 1200);
  EXPECT_EQ(OpenDuties("receipt_difference_open"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Differing, NeedsAQuarantineBinForThem) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  const auto receipt = Must<Receipt>(Arrival(order, {12000}));
  auto inspection = Inspection(receipt);
  inspection.clear_quarantine_location_id();
  ExpectRefused<Receipt>(inspection, v1::RECEIVING_ERROR_REASON_QUARANTINE_BIN_NEEDED);
  inspection.set_quarantine_location_id(bin_);
  ExpectRefused<Receipt>(inspection, v1::RECEIVING_ERROR_REASON_QUARANTINE_BIN_NEEDED);
  inspection.set_quarantine_location_id(quarantine_);
  inspection.set_location_id(quarantine_);
  ExpectRefused<Receipt>(inspection, v1::RECEIVING_ERROR_REASON_PUT_AWAY_BIN_NEEDED);
}

TEST_F(Differing, ReleasesFromQuarantineWhatIsAcceptedAfterAll) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  const auto posted = Received(order, {10000}, 2000);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).lines(0).rejected_milli(), 2000);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).lines(0).open_milli(), 2000);
  auto settling = Settling(posted, Difference::SETTLEMENT_ACCEPT);
  settling.set_location_id(quarantine_);
  ExpectRefused<Receipt>(settling, v1::RECEIVING_ERROR_REASON_PUT_AWAY_BIN_NEEDED);
  const auto settled = Must<Receipt>(Settling(posted, Difference::SETTLEMENT_ACCEPT));
  EXPECT_EQ(settled.state(), Receipt::STATE_CLOSED);
  EXPECT_EQ(settled.differences(0).settlement_number().substr(0, 9), "SH01-QIN-");
  EXPECT_EQ(settled.lines(0).billable_milli(), 10000);
  EXPECT_EQ(StockOf(filter_).on_hand_milli(), 10000);
  EXPECT_EQ(StockOf(filter_).value_amount(), 1000);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).state(), v1::PurchaseOrder::STATE_RECEIVED);
  EXPECT_EQ(OpenDuties("receipt_difference_open"), 0);
  ExpectRefused<Receipt>(Settling(posted, Difference::SETTLEMENT_RETURN),
                         v1::RECEIVING_ERROR_REASON_DIFFERENCE_SETTLED);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Differing, SendsRejectedGoodsBackForOthersThatFollow) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  const auto posted = Received(order, {10000}, 2000);
  const auto settled = Must<Receipt>(Settling(posted, Difference::SETTLEMENT_REPLACEMENT));
  EXPECT_EQ(settled.state(), Receipt::STATE_CLOSED);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).lines(0).open_milli(), 2000) << "still owed";
  v1::GetSupplierReturnRequest get;
  get.set_supplier_return_id(settled.differences(0).supplier_return_id());
  const auto draft = Must<Return>(get);
  EXPECT_EQ(draft.settlement(), Return::SETTLEMENT_REPLACEMENT);
  EXPECT_EQ(draft.expected_amount(), 200);
  const auto shipped = Shipped(draft);
  EXPECT_EQ(shipped.cost_amount(), 200);
  EXPECT_EQ(StockOf(filter_).owned_milli(), 8000);
  Must<Return>(Crediting(shipped, 0));
  Received(order, {2000});
  EXPECT_EQ(OrderOf(order.purchase_order_id()).state(), v1::PurchaseOrder::STATE_RECEIVED);
  EXPECT_EQ(FromSupplier(), 1000);
  EXPECT_EQ(Variance(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Differing, WhatIsRefusedForGoodIsNoLongerOnOrder) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  Must<Receipt>(Settling(Received(order, {10000}, 2000), Difference::SETTLEMENT_RETURN));
  EXPECT_EQ(OrderOf(order.purchase_order_id()).lines(0).open_milli(), 0);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).lines(0).cancelled_milli(), 2000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Differing, IsOpenAgainWhenItsReturnIsGivenUp) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  const auto settled = Must<Receipt>(Settling(Received(order, {10000}, 2000), Difference::SETTLEMENT_REPLACEMENT));
  v1::CancelSupplierReturnRequest cancel;
  cancel.set_supplier_return_id(settled.differences(0).supplier_return_id());
  cancel.set_reason("the supplier fetches nothing");
  Must<Return>(cancel);
  const auto open = ReceiptOf(settled.goods_receipt_id());
  EXPECT_EQ(open.state(), Receipt::STATE_DIFFERENCES_OPEN);
  EXPECT_EQ(OpenDuties("receipt_difference_open"), 1);
  EXPECT_EQ(Figure("parts_receipts_differing"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  Must<Receipt>(Settling(open, Difference::SETTLEMENT_ACCEPT));
  EXPECT_EQ(Figure("parts_receipts_differing"), 0);
  EXPECT_EQ(StockOf(filter_).on_hand_milli(), 10000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Differing, ShortGoodsFollowAreLetGoOrCredited) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}, {belt_, 10000, 50}});
  const auto posted = Received(order, {8000, 9000});
  ASSERT_EQ(posted.differences_size(), 2);
  EXPECT_EQ(posted.differences(0).kind(), Difference::KIND_SHORT);
  ExpectRefused<Receipt>(Settling(posted, Difference::SETTLEMENT_RETURN),
                         v1::RECEIVING_ERROR_REASON_SETTLEMENT_NOT_FOR_DIFFERENCE);
  Must<Receipt>(Settling(posted, Difference::SETTLEMENT_REPLACEMENT));
  ExpectRefused<Receipt>(Settling(posted, Difference::SETTLEMENT_ACCEPT),
                         v1::RECEIVING_ERROR_REASON_DIFFERENCE_SETTLED);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).lines(0).open_milli(), 2000);
  EXPECT_EQ(Must<Receipt>(Settling(posted, Difference::SETTLEMENT_ACCEPT, 1)).state(), Receipt::STATE_CLOSED);
  EXPECT_EQ(OrderOf(order.purchase_order_id()).lines(1).open_milli(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Differing, CreditForWhatIsShortLessensWhatIsOwedAndTheRestIsVariance) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  const auto posted = Received(order, {8000});
  auto settling = Settling(posted, Difference::SETTLEMENT_CREDIT);
  ExpectRefused<Receipt>(settling, v1::RECEIVING_ERROR_REASON_CREDIT_NOTE_NEEDED);
  settling.set_credit_note_number("CN-7");
  settling.set_credit_amount(150);
  settling.set_credit_tax_amount(19);
  const auto settled = Must<Receipt>(settling);
  EXPECT_EQ(settled.state(), Receipt::STATE_CLOSED);
  v1::GetSupplierCreditRequest get;
  get.set_supplier_credit_id(settled.differences(0).supplier_credit_id());
  EXPECT_EQ(Must<v1::SupplierCredit>(get).amount(), 169);
  EXPECT_EQ(Variance(), 50) << "billed at 200, credited with 150";
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Differing, APartNobodyOrderedLeavesTheAverageAloneAndIsTakenAtAnAgreedPrice) {
  Receive(belt_, 3000, 1000);
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  auto arrival = Arrival(order, {10000});
  arrival.add_lines()->set_part_id(belt_.part_id());
  arrival.mutable_lines(1)->set_counted_milli(3000);
  const auto started = Must<Receipt>(arrival);
  Must<Receipt>(Inspection(started));
  const auto posted = Must<Receipt>(Posting(started));
  ASSERT_EQ(posted.differences_size(), 1);
  EXPECT_EQ(posted.differences(0).kind(), Difference::KIND_WRONG_PART);
  EXPECT_EQ(StockOf(belt_).value_amount(), 2000);
  EXPECT_EQ(StockOf(belt_).on_hand_milli(), 3000);
  auto settling = Settling(posted, Difference::SETTLEMENT_ACCEPT);
  settling.set_unit_cost_amount(400);
  const auto settled = Must<Receipt>(settling);
  EXPECT_EQ(settled.lines(1).agreed_unit_amount(), 400);
  EXPECT_EQ(StockOf(belt_).on_hand_milli(), 6000);
  const auto bill = Must<Bill>(Billing(settled, "INV-1", 3000, 1200, 1));
  EXPECT_EQ(bill.state(), Bill::STATE_MATCHED);
  EXPECT_EQ(StockOf(belt_).value_amount(), 2200) << "the bill makes them what they cost";
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Differing, IsUnknownInAnotherReceipt) {
  const auto order = AnOrder(supplier_, {{filter_, 10000, 100}});
  const auto posted = Received(order, {8000});
  auto settling = Settling(posted, Difference::SETTLEMENT_ACCEPT);
  settling.set_goods_receipt_difference_id(NewId());
  ExpectRefused<Receipt>(settling, v1::RECEIVING_ERROR_REASON_DIFFERENCE_UNKNOWN);
}

class Verifying : public ReceivingStoreForTest {};

TEST_F(Verifying, FindsAReceiptThatWasMeddledWith) {
  const v1::Part filter = APart("F-1");
  const auto order = AnOrder(ASupplier(), {{filter, 10000, 100}});
  Received(order, {10000}, 1000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  Execute("UPDATE goods_receipt_line SET cost_amount = cost_amount + 1");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE goods_receipt_line SET cost_amount = cost_amount - 1, billed_milli = 1000");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE goods_receipt_line SET billed_milli = 0, returned_milli = 1000");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE goods_receipt_line SET returned_milli = 0");
  Execute("UPDATE goods_receipt SET state = 'CLOSED'");
  EXPECT_EQ(Differences().size(), 1u);
}

}  // namespace
}  // namespace parts
