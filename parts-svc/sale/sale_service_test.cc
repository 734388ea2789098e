// Quotations and orders on a real database.
#include <atomic>
#include <thread>

#include "parts-svc/sale/sales_for_test.h"

namespace parts {
namespace {

constexpr auto kOnAccount = v1::SALE_TERMS_ON_ACCOUNT;

class Quoting : public SalesCounter {};

// Handbook: P-12
TEST_F(Quoting, PricesEachLineAtTheBuyersLevelWithItsTax) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto retail = Must<v1::Sale>(Asking("", {{filter, 2}}));
  EXPECT_EQ(retail.number().substr(0, 9), "SH01-SAL-");
  EXPECT_EQ(retail.kind(), v1::SALE_KIND_COUNTER);
  EXPECT_EQ(retail.net_amount(), 20000);
  EXPECT_EQ(retail.tax_amount(), 2600);
  EXPECT_EQ(retail.gross_amount(), 22600);
  EXPECT_EQ(retail.valid_date(), "2026-11-28");
  const auto wholesale = Must<v1::Sale>(Asking(ABuyer("KX").buyer_id(), {{filter, 2, 500}}));
  EXPECT_EQ(wholesale.kind(), v1::SALE_KIND_WHOLESALE);
  EXPECT_EQ(wholesale.net_amount(), 15200);
  EXPECT_EQ(StockOf(filter).reserved_milli(), 0) << "a quotation holds nothing";
}

TEST_F(Quoting, RefusesAPartWithoutAPriceOfTheLevel) {
  const v1::Part filter = APart("F-1");
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Asking("", {{filter, 1}})).status(), v1::SALES_ERROR_REASON_NO_PRICE_AT_LEVEL));
  const v1::Part unknown;
  EXPECT_FALSE(Send<v1::Sale>(Asking("", {{unknown, 1}})).ok());
}

TEST_F(Quoting, HasADiscountLimitPerRole) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  AsClerk();
  Must<v1::Sale>(Asking("", {{filter, 1, 500}}));
  EXPECT_TRUE(
      IsRefusal(Send<v1::Sale>(Asking("", {{filter, 1, 501}})).status(), v1::SALES_ERROR_REASON_DISCOUNT_ABOVE_LIMIT));
  AsManager();
  Must<v1::Sale>(Asking("", {{filter, 1, 2000}}));
  EXPECT_TRUE(
      IsRefusal(Send<v1::Sale>(Asking("", {{filter, 1, 2001}})).status(), v1::SALES_ERROR_REASON_DISCOUNT_ABOVE_LIMIT));
}

TEST_F(Quoting, LetsAHigherPostApproveWhatIsAboveTheLimit) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  AsClerk();
  v1::QuoteSaleRequest request = Asking("", {{filter, 1, 2500}});
  request.set_ask_approval(true);
  const auto sale = Must<v1::Sale>(request);
  EXPECT_EQ(sale.discount_state(), v1::Sale::DISCOUNT_STATE_WAITING);
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Ordering(sale)).status(), v1::SALES_ERROR_REASON_DISCOUNT_NOT_APPROVED));
  v1::DecideSaleDiscountRequest decide;
  decide.set_sale_id(sale.sale_id());
  decide.set_decision(v1::DecideSaleDiscountRequest::DECISION_APPROVE);
  decide.set_reason("old customer");
  As("wang.fang", {aftersales::options::v1::ROLE_SERVICE_MANAGER});
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(decide).status(), v1::SALES_ERROR_REASON_DISCOUNT_SELF_APPROVED));
  AsManager();
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(decide).status(), v1::SALES_ERROR_REASON_DISCOUNT_ABOVE_LIMIT));
  AsServiceManager();
  EXPECT_EQ(Must<v1::Sale>(decide).discount_state(), v1::Sale::DISCOUNT_STATE_APPROVED);
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(decide).status(), v1::SALES_ERROR_REASON_NO_DISCOUNT_WAITS));
  AsClerk();
  EXPECT_EQ(Must<v1::Sale>(Ordering(sale)).state(), v1::Sale::STATE_CONFIRMED);
}

TEST_F(Quoting, KeepsARefusedDiscountFromBecomingAnOrder) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  AsClerk();
  v1::QuoteSaleRequest request = Asking("", {{filter, 1, 2500}});
  request.set_ask_approval(true);
  const auto sale = Must<v1::Sale>(request);
  AsServiceManager();
  v1::DecideSaleDiscountRequest decide;
  decide.set_sale_id(sale.sale_id());
  decide.set_decision(v1::DecideSaleDiscountRequest::DECISION_REFUSE);
  decide.set_reason("too much");
  Must<v1::Sale>(decide);
  AsClerk();
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Ordering(sale)).status(), v1::SALES_ERROR_REASON_DISCOUNT_NOT_APPROVED));
  v1::RequoteSaleRequest again;
  again.set_sale_id(sale.sale_id());
  auto& line = *again.add_lines();
  line.set_part_id(filter.part_id());
  line.set_quantity_milli(1000);
  line.set_discount_basis_points(300);
  EXPECT_EQ(Must<v1::Sale>(again).net_amount(), 9700);
  Must<v1::Sale>(Ordering(sale));
}

TEST_F(Quoting, HoldsUntilItsLastDayAndIsRenewedAfterwards) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto sale = Must<v1::Sale>(Asking("", {{filter, 1}}));
  clock_.Advance(absl::Hours(24 * 8));
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Ordering(sale)).status(), v1::SALES_ERROR_REASON_QUOTATION_EXPIRED));
  clock_.Advance(absl::Hours(24));
  RunPeriodic("expire_quotations");
  EXPECT_EQ(SaleOf(sale).state(), v1::Sale::STATE_EXPIRED);
  EXPECT_FALSE(Send<v1::Sale>(Ordering(sale)).ok());
  v1::RequoteSaleRequest again;
  again.set_sale_id(sale.sale_id());
  auto& line = *again.add_lines();
  line.set_part_id(filter.part_id());
  line.set_quantity_milli(2000);
  EXPECT_EQ(Must<v1::Sale>(again).state(), v1::Sale::STATE_QUOTED);
  EXPECT_EQ(Must<v1::Sale>(Ordering(sale)).gross_amount(), 22600);
}

class OrderingGoods : public SalesCounter {};

// Handbook: P-12
TEST_F(OrderingGoods, HoldsEveryLineOrNone) {
  const v1::Part filter = OnTheShelf("F-1", 10), belt = OnTheShelf("B-1", 1);
  const auto sale = Must<v1::Sale>(Asking("", {{filter, 2}, {belt, 2}}));
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Ordering(sale)).status(), v1::ERROR_REASON_INSUFFICIENT_STOCK));
  EXPECT_EQ(StockOf(filter).reserved_milli(), 0);
  EXPECT_EQ(SaleOf(sale).state(), v1::Sale::STATE_QUOTED);
  v1::ConfirmSaleRequest queue = Ordering(sale);
  queue.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  EXPECT_EQ(Must<v1::Sale>(queue).state(), v1::Sale::STATE_CONFIRMED);
  EXPECT_EQ(StockOf(filter).reserved_milli(), 2000);
  EXPECT_EQ(StockOf(belt).reserved_milli(), 1000);
  Receive(belt, 1000, 5000);
  EXPECT_EQ(StockOf(belt).reserved_milli(), 2000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(OrderingGoods, OnAccountNeedsANamedBuyerWithinHisLimit) {
  const v1::Part filter = OnTheShelf("F-1", 100);
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Asking("", {{filter, 1}}, kOnAccount)).status(),
                        v1::SALES_ERROR_REASON_CREDIT_NEEDS_BUYER));
  // 80.00 each, 90.40 with tax: two fit into 200.00.
  const v1::Buyer buyer = ABuyer("KX", 20000);
  const auto first = Order(buyer.buyer_id(), {{filter, 1}}, kOnAccount);
  const auto second = Order(buyer.buyer_id(), {{filter, 1}}, kOnAccount);
  const auto third = Must<v1::Sale>(Asking(buyer.buyer_id(), {{filter, 1}}, kOnAccount));
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Ordering(third)).status(), v1::SALES_ERROR_REASON_CREDIT_LIMIT))
      << "orders that are not delivered yet count";
  const auto delivery = Must<v1::SaleDelivery>(Delivering(first, 1));
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Ordering(third)).status(), v1::SALES_ERROR_REASON_CREDIT_LIMIT))
      << "what was delivered and not paid counts";
  Must<v1::Receivable>(Paying(delivery, 9040));
  Must<v1::Sale>(Ordering(third));
  EXPECT_EQ(second.state(), v1::Sale::STATE_CONFIRMED);
}

TEST_F(OrderingGoods, OfTwoAtOnceNeverTakesMoreThanTheCredit) {
  const v1::Part filter = OnTheShelf("F-1", 100);
  const v1::Buyer buyer = ABuyer("KX", 10000);
  std::vector<v1::Sale> sales;
  for (int i = 0; i < 6; ++i) sales.push_back(Must<v1::Sale>(Asking(buyer.buyer_id(), {{filter, 1}}, kOnAccount)));
  std::atomic<int> confirmed = 0;
  std::vector<std::thread> callers;
  for (const v1::Sale& sale : sales) {
    callers.emplace_back([&, sale] {
      if (Send<v1::Sale>(Ordering(sale)).ok()) ++confirmed;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(confirmed, 1);
}

TEST_F(OrderingGoods, IsRefusedToABuyerWhoIsOverdueOrBlocked) {
  const v1::Part filter = OnTheShelf("F-1", 100);
  const v1::Buyer buyer = ABuyer("KX", 1000000, 30);
  const auto sale = Order(buyer.buyer_id(), {{filter, 1}}, kOnAccount);
  Must<v1::SaleDelivery>(Delivering(sale, 1));
  clock_.Advance(absl::Hours(24 * 31));
  const auto next = Must<v1::Sale>(Asking(buyer.buyer_id(), {{filter, 1}}, kOnAccount));
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Ordering(next)).status(), v1::SALES_ERROR_REASON_BUYER_OVERDUE));
  v1::BlockBuyerRequest block;
  block.set_buyer_id(buyer.buyer_id());
  block.set_reason("does not pay");
  Must<v1::Buyer>(block);
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Ordering(next)).status(), v1::SALES_ERROR_REASON_BUYER_BLOCKED));
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(Asking(buyer.buyer_id(), {{filter, 1}})).status(),
                        v1::SALES_ERROR_REASON_BUYER_BLOCKED));
  v1::UnblockBuyerRequest unblock;
  unblock.set_buyer_id(buyer.buyer_id());
  unblock.set_reason("paid");
  EXPECT_FALSE(Must<v1::Buyer>(unblock).blocked());
}

TEST_F(OrderingGoods, GivesTheGoodsFreeWhenCancelled) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto sale = Order("", {{filter, 4}});
  EXPECT_EQ(StockOf(filter).reserved_milli(), 4000);
  v1::CancelSaleRequest cancel;
  cancel.set_sale_id(sale.sale_id());
  cancel.set_reason("changed his mind");
  EXPECT_EQ(Must<v1::Sale>(cancel).state(), v1::Sale::STATE_CANCELLED);
  EXPECT_EQ(StockOf(filter).reserved_milli(), 0);
  EXPECT_FALSE(Send<v1::Sale>(cancel).ok());
  EXPECT_FALSE(Send<v1::Sale>(Ordering(sale)).ok());
  EXPECT_FALSE(Send<v1::SaleDelivery>(Delivering(sale, 1, 11300)).ok());
}

TEST_F(OrderingGoods, HoldsThemAgainWhenTheTimeOfTheHoldHasPassed) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto sale = Order("", {{filter, 4}});
  v1::HoldSaleRequest hold;
  hold.set_sale_id(sale.sale_id());
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(hold).status(), v1::SALES_ERROR_REASON_SALE_HAS_HOLD));
  clock_.Advance(absl::Hours(24 * 15));
  RunPeriodic("expire_reservations");
  EXPECT_TRUE(
      IsRefusal(Send<v1::SaleDelivery>(Delivering(sale, 4, 45200)).status(), v1::SALES_ERROR_REASON_SALE_HOLD_ENDED));
  Must<v1::Sale>(hold);
  Must<v1::SaleDelivery>(Delivering(sale, 4, 45200));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

}  // namespace
}  // namespace parts
