// The special order room on a real database: from the short line of a reservation to the goods on it.
#include <atomic>
#include <thread>

#include "parts-svc/purchase_order/procurement_for_test.h"

namespace parts {
namespace {

using aftersales::common::v1::ERROR_REASON_NOT_FOUND;
using aftersales::common::v1::ERROR_REASON_WRONG_STATE;

class OrderingSpecially : public Procuring {
 protected:
  v1::Supplier supplier_ = ASupplier("S1");
  v1::Part filter_ = APart("F-1");
  v1::SupplierPart offer_ = AnOffer(supplier_, filter_, 1000);
  std::string repair_order_ = NewId();

  v1::Reservation Short(int64_t quantity_milli = 2000) {
    return Must<v1::Reservation>(Waiting(repair_order_, {{filter_, quantity_milli}}));
  }
  v1::CreateSpecialOrdersResponse Ordered() { return Must<v1::CreateSpecialOrdersResponse>(SpecialFor(repair_order_)); }
  v1::CancelSpecialOrderRequest Cancelling(const v1::SpecialOrder& special) {
    v1::CancelSpecialOrderRequest request;
    request.set_special_order_id(special.special_order_id());
    request.set_reason("the customer brought his own");
    return request;
  }
};

// Handbook: P-08, P-04.
TEST_F(OrderingSpecially, TakesAShortLineToItsGoods) {
  const v1::Reservation reservation = Short();
  const auto made = Ordered();
  ASSERT_EQ(made.special_orders_size(), 1);
  ASSERT_EQ(made.purchase_orders_size(), 1);
  v1::SpecialOrder special = made.special_orders(0);
  const v1::PurchaseOrder draft = made.purchase_orders(0);
  EXPECT_EQ(special.state(), v1::SpecialOrder::STATE_ORDERED);
  EXPECT_EQ(special.purchase_order_number(), draft.number());
  EXPECT_EQ(special.expected_date(), "2026-11-26");
  EXPECT_EQ(draft.origin(), v1::PurchaseOrder::ORIGIN_SPECIAL_ORDER);
  EXPECT_EQ(OpenDuties(kSpecialOrderDuty), 1);
  const v1::PurchaseOrder shown = OrderNow(draft);
  EXPECT_EQ(shown.lines(0).reservation_line_id(), reservation.lines(0).reservation_line_id());
  EXPECT_EQ(shown.lines(0).holder_number(), "SH01-RO-20261121-0001");
  EXPECT_TRUE(IsRefusal(Send<v1::CreateSpecialOrdersResponse>(SpecialFor(repair_order_)).status(),
                        v1::PROCUREMENT_ERROR_REASON_NOTHING_SHORT))
      << "a line is ordered once";

  const v1::PurchaseOrder order = Sent(draft);
  ASSERT_TRUE(Came(order, 1000).ok());
  EXPECT_EQ(SpecialNow(special).received_milli(), 1000);
  EXPECT_EQ(SpecialNow(special).state(), v1::SpecialOrder::STATE_ORDERED);
  ASSERT_TRUE(Came(order, 1000).ok());
  Receive(filter_, 2000, 2000);
  special = SpecialNow(special);
  EXPECT_EQ(special.state(), v1::SpecialOrder::STATE_ARRIVED);
  EXPECT_EQ(OpenDuties(kSpecialOrderDuty), 0);
  EXPECT_EQ(Events("SpecialOrderChanged"), 2) << "ordered, arrived";
  EXPECT_EQ(ReservationOf(reservation.reservation_id()).lines(0).reserved_milli(), 2000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(OrderingSpecially, BuysWhatTheSupplierSellsAndWaitsWhereNobodyDoes) {
  v1::UpdateSupplierPartRequest packs;
  *packs.mutable_supplier_part() = offer_;
  packs.mutable_supplier_part()->set_pack_quantity_milli(6000);
  packs.mutable_update_mask()->add_paths("pack_quantity_milli");
  Must<v1::SupplierPart>(packs);
  const v1::Part rare = APart("R-1");
  Must<v1::Reservation>(Waiting(repair_order_, {{filter_, 2000}, {rare, 1000}}));
  const auto made = Ordered();
  ASSERT_EQ(made.special_orders_size(), 2);
  ASSERT_EQ(made.purchase_orders_size(), 1);
  EXPECT_EQ(made.purchase_orders(0).lines(0).quantity_milli(), 6000);
  const v1::SpecialOrder waiting = made.special_orders(1);
  EXPECT_EQ(waiting.state(), v1::SpecialOrder::STATE_WAITING);
  EXPECT_EQ(OpenDuties(kSpecialOrderDuty), 2) << "owed all the same";

  v1::OrderSpecialOrdersRequest order;
  order.add_special_order_ids(waiting.special_order_id());
  order.set_supplier_id(supplier_.supplier_id());
  EXPECT_TRUE(IsRefusal(Send<v1::OrderSpecialOrdersResponse>(order).status(),
                        v1::PROCUREMENT_ERROR_REASON_ORDER_PRICE_UNKNOWN));
  AnOffer(supplier_, rare, 50000);
  const auto found = Must<v1::OrderSpecialOrdersResponse>(order);
  EXPECT_EQ(found.special_orders(0).purchase_order_number(), found.purchase_order().number());
  order.set_request_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::OrderSpecialOrdersResponse>(order).status(), ERROR_REASON_WRONG_STATE));
  order.add_special_order_ids(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::OrderSpecialOrdersResponse>(order).status(), ERROR_REASON_NOT_FOUND));
}

TEST_F(OrderingSpecially, GoesToThePreferredSupplierOfEachPart) {
  const v1::Supplier dear = ASupplier("S2");
  v1::CreateSupplierPartRequest preferred = Offer(dear, filter_, 2000);
  preferred.mutable_supplier_part()->set_preferred(true);
  Must<v1::SupplierPart>(preferred);
  const v1::Part pad = APart("P-1");
  AnOffer(supplier_, pad, 500);
  AnOffer(dear, pad, 600);
  Must<v1::Reservation>(Waiting(repair_order_, {{filter_, 1000}, {pad, 1000}}));
  const auto made = Ordered();
  ASSERT_EQ(made.purchase_orders_size(), 2);
  std::map<std::string, std::string> supplier_of;
  for (const auto& order : made.purchase_orders()) supplier_of[order.lines(0).part_number()] = order.supplier_code();
  EXPECT_EQ(supplier_of["F-1"], "S2");
  EXPECT_EQ(supplier_of["P-1"], "S1") << "the cheaper one where none is preferred";
}

// Handbook: P-07, P-08.
TEST_F(OrderingSpecially, GoesToTheNextSupplierOnceThePreferredOnesPapersHaveEnded) {
  const v1::Supplier preferred = ASupplier("S2", "2026-11-21");
  v1::CreateSupplierPartRequest offer = Offer(preferred, filter_, 2000);
  offer.mutable_supplier_part()->set_preferred(true);
  Must<v1::SupplierPart>(offer);
  const v1::Part rare = APart("R-1");
  AnOffer(preferred, rare, 500);
  clock_.Advance(absl::Hours(24));
  Must<v1::Reservation>(Waiting(repair_order_, {{filter_, 2000}, {rare, 1000}}));
  v1::CreateSpecialOrdersRequest by_name = SpecialFor(repair_order_);
  by_name.set_supplier_id(preferred.supplier_id());
  EXPECT_TRUE(IsRefusal(Send<v1::CreateSpecialOrdersResponse>(by_name).status(),
                        v1::PROCUREMENT_ERROR_REASON_SUPPLIER_PAPER_MISSING));
  const auto made = Ordered();
  ASSERT_EQ(made.purchase_orders_size(), 1);
  EXPECT_EQ(made.purchase_orders(0).supplier_code(), "S1");
  ASSERT_EQ(made.special_orders_size(), 2);
  EXPECT_EQ(made.special_orders(0).state(), v1::SpecialOrder::STATE_ORDERED);
  EXPECT_EQ(made.special_orders(1).state(), v1::SpecialOrder::STATE_WAITING) << "nobody else offers it";
}

TEST_F(OrderingSpecially, RefusesLinesThatAreNotShort) {
  Receive(filter_, 5000, 5000);
  const v1::Reservation served = Short();
  EXPECT_TRUE(IsRefusal(Send<v1::CreateSpecialOrdersResponse>(SpecialFor(repair_order_)).status(),
                        v1::PROCUREMENT_ERROR_REASON_NOTHING_SHORT));
  const v1::Part pad = APart("P-1");
  const std::string other = NewId();
  Must<v1::Reservation>(Waiting(other, {{pad, 1000}}));
  v1::CreateSpecialOrdersRequest request = SpecialFor(other);
  request.add_reservation_line_ids(served.lines(0).reservation_line_id());
  EXPECT_TRUE(
      IsRefusal(Send<v1::CreateSpecialOrdersResponse>(request).status(), v1::PROCUREMENT_ERROR_REASON_LINE_NOT_SHORT));
}

// Handbook: P-08.
TEST_F(OrderingSpecially, KeepsItsPurchaseOrderFromBeingCancelledUnlessItIsToWaitAgain) {
  Short();
  const auto made = Ordered();
  const v1::PurchaseOrder order = Sent(made.purchase_orders(0));
  v1::CancelPurchaseOrderRequest cancel = On<v1::CancelPurchaseOrderRequest>(order, "the supplier is out");
  const auto refused = Send<v1::PurchaseOrder>(cancel).status();
  ASSERT_TRUE(IsRefusal(refused, v1::PROCUREMENT_ERROR_REASON_SERVES_SPECIAL_ORDERS)) << refused;
  EXPECT_EQ(chassis::RefusalIn(refused).arguments().at("holders"), "SH01-RO-20261121-0001");
  v1::RevisePurchaseOrderRequest less = Revision(order, "less");
  less.mutable_lines(0)->set_quantity_milli(1000);
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(less).status(), v1::PROCUREMENT_ERROR_REASON_SERVES_SPECIAL_ORDERS));
  cancel.set_reopen_special_orders(true);
  Must<v1::PurchaseOrder>(cancel);
  const v1::SpecialOrder special = SpecialNow(made.special_orders(0));
  EXPECT_EQ(special.state(), v1::SpecialOrder::STATE_WAITING);
  EXPECT_EQ(special.purchase_order_id(), "");
  EXPECT_EQ(special.state_reason(), "the supplier is out");
  EXPECT_EQ(OpenDuties(kSpecialOrderDuty), 1) << "still owed";
  EXPECT_EQ(Events("SpecialOrderChanged"), 2) << "ordered, not any more";
  v1::OrderSpecialOrdersRequest again;
  again.add_special_order_ids(special.special_order_id());
  again.set_supplier_id(supplier_.supplier_id());
  Must<v1::OrderSpecialOrdersResponse>(again);
  EXPECT_EQ(Events("SpecialOrderChanged"), 3) << "ordered again";
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(OrderingSpecially, WaitsForTheRestWhenItsOrderIsClosedShort) {
  Short(5000);
  const auto made = Ordered();
  const v1::PurchaseOrder order = Sent(made.purchase_orders(0));
  ASSERT_TRUE(Came(order, 2000).ok());
  v1::ClosePurchaseOrderRequest close = On<v1::ClosePurchaseOrderRequest>(order, "discontinued");
  EXPECT_TRUE(IsRefusal(Send<v1::PurchaseOrder>(close).status(), v1::PROCUREMENT_ERROR_REASON_SERVES_SPECIAL_ORDERS));
  close.set_reopen_special_orders(true);
  Must<v1::PurchaseOrder>(close);
  EXPECT_EQ(SpecialNow(made.special_orders(0)).quantity_milli(), 3000);
  EXPECT_EQ(SpecialNow(made.special_orders(0)).state(), v1::SpecialOrder::STATE_WAITING);
}

// Handbook: R-33, P-08.
TEST_F(OrderingSpecially, TellsTheDocumentWhenItGetsLater) {
  Short();
  const auto made = Ordered();
  const v1::PurchaseOrder order = Sent(made.purchase_orders(0));
  v1::ConfirmPurchaseOrderRequest confirm = On<v1::ConfirmPurchaseOrderRequest>(order);
  auto& line = *confirm.add_lines();
  line.set_purchase_order_line_id(order.lines(0).purchase_order_line_id());
  line.set_expected_date("2026-12-03");
  Must<v1::PurchaseOrder>(confirm);
  EXPECT_EQ(SpecialNow(made.special_orders(0)).expected_date(), "2026-12-03");
  EXPECT_EQ(Events("SpecialOrderChanged"), 2);
}

TEST_F(OrderingSpecially, LeavesADraftWithItsLineAndBecomesFreeStockOnceOnItsWay) {
  Short();
  auto made = Ordered();
  EXPECT_EQ(Must<v1::SpecialOrder>(Cancelling(made.special_orders(0))).state(), v1::SpecialOrder::STATE_CANCELLED);
  EXPECT_EQ(OrderNow(made.purchase_orders(0)).state(), v1::PurchaseOrder::STATE_CANCELLED) << "nothing is left on it";
  EXPECT_EQ(OpenDuties(kSpecialOrderDuty), 0);

  made = Ordered();
  const v1::PurchaseOrder order = Sent(made.purchase_orders(0));
  EXPECT_EQ(Must<v1::SpecialOrder>(Cancelling(made.special_orders(0))).state(), v1::SpecialOrder::STATE_UNCLAIMED);
  EXPECT_TRUE(IsRefusal(Send<v1::SpecialOrder>(Cancelling(made.special_orders(0))).status(), ERROR_REASON_WRONG_STATE));
  Must<v1::PurchaseOrder>(On<v1::CancelPurchaseOrderRequest>(order, "nobody needs it"));
  EXPECT_EQ(SpecialNow(made.special_orders(0)).state(), v1::SpecialOrder::STATE_CANCELLED);
}

// Handbook: P-08.
TEST_F(OrderingSpecially, OrdersALineOnceHoweverManyAskAtOnce) {
  Short();
  std::atomic<int> ordered = 0, refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      const absl::Status status = Send<v1::CreateSpecialOrdersResponse>(SpecialFor(repair_order_)).status();
      if (status.ok()) {
        ++ordered;
      } else if (IsRefusal(status, v1::PROCUREMENT_ERROR_REASON_NOTHING_SHORT)) {
        ++refused;
      } else {
        ADD_FAILURE() << status;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(ordered, 1);
  EXPECT_EQ(refused, 7);
  EXPECT_EQ(Count("purchase_order"), 1);
}

// Handbook: P-04, R-27.
TEST_F(OrderingSpecially, IsNobodysWhenTheReservationIsGivenUp) {
  Short();
  const auto made = Ordered();
  Sent(made.purchase_orders(0));
  Cancel(repair_order_);
  EXPECT_EQ(SpecialNow(made.special_orders(0)).state(), v1::SpecialOrder::STATE_UNCLAIMED);
  EXPECT_EQ(OpenDuties(kSpecialOrderDuty), 0);
  EXPECT_EQ(Events("SpecialOrderChanged"), 2) << "ordered, nobody's";
}

TEST_F(OrderingSpecially, GoesWithTheDocumentThatReplacesTheOneThatWaited) {
  const std::string appointment = NewId();
  Must<v1::Reservation>(Waiting(appointment, {{filter_, 2000}}));
  const auto made = Must<v1::CreateSpecialOrdersResponse>(SpecialFor(appointment));
  v1::CreateReservationRequest replacing = Waiting(repair_order_, {{filter_, 2000}});
  replacing.set_replaces_holder_id(appointment);
  const auto reservation = Must<v1::Reservation>(replacing);
  const v1::SpecialOrder special = SpecialNow(made.special_orders(0));
  EXPECT_EQ(special.state(), v1::SpecialOrder::STATE_ORDERED);
  EXPECT_EQ(special.reservation_line_id(), reservation.lines(0).reservation_line_id());
  EXPECT_EQ(special.holder_id(), repair_order_);
  EXPECT_EQ(Events("SpecialOrderChanged"), 2) << "ordered, with another document";
}

}  // namespace
}  // namespace parts
