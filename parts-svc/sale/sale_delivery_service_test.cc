// Deliveries, returns and what is owed for them, on a real database.
#include <atomic>
#include <thread>

#include "parts-svc/sale/sales_for_test.h"

namespace parts {
namespace {

constexpr auto kOnAccount = v1::SALE_TERMS_ON_ACCOUNT;

class DeliveringGoods : public SalesCounter {};

// Handbook: P-12
TEST_F(DeliveringGoods, OverTheCounterIsPaidOnTheSpotAndPostedAtAverage) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto sale = Order("", {{filter, 2}});
  EXPECT_TRUE(
      IsRefusal(Send<v1::SaleDelivery>(Delivering(sale, 2)).status(), v1::SALES_ERROR_REASON_PAYMENT_NOT_EQUAL));
  EXPECT_TRUE(
      IsRefusal(Send<v1::SaleDelivery>(Delivering(sale, 2, 22601)).status(), v1::SALES_ERROR_REASON_PAYMENT_NOT_EQUAL));
  const auto note = Must<v1::SaleDelivery>(Delivering(sale, 2, 22600));
  EXPECT_EQ(note.number().substr(0, 9), "SH01-SDN-");
  EXPECT_EQ(note.cost_amount(), 10000);
  EXPECT_EQ(note.net_amount(), 20000);
  EXPECT_EQ(note.buyer_signature().document_digest().size(), 32u);
  EXPECT_EQ(SaleOf(sale).state(), v1::Sale::STATE_DELIVERED);
  EXPECT_EQ(ReceivableOf(note).state(), v1::Receivable::STATE_SETTLED);
  const v1::PartStock stock = StockOf(filter);
  EXPECT_EQ(stock.on_hand_milli(), 8000);
  EXPECT_EQ(stock.reserved_milli(), 0);
  EXPECT_EQ(stock.value_amount(), 40000);
  EXPECT_EQ(Events("SaleDelivered"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(DeliveringGoods, InPartsIsTogetherWorthExactlyWhatWasQuoted) {
  const v1::Part bolt = APart("B-1");
  APrice(bolt, 3333);
  Receive(bolt, 7000, 1000);
  const auto sale = Order(ABuyerAtRetail(), {{bolt, 7, 300}}, kOnAccount);
  int64_t net = 0, tax = 0;
  for (int i = 0; i < 7; ++i) {
    const auto note = Must<v1::SaleDelivery>(Delivering(sale, 1));
    net += note.net_amount();
    tax += note.tax_amount();
    EXPECT_EQ(SaleOf(sale).state(), i < 6 ? v1::Sale::STATE_PARTLY_DELIVERED : v1::Sale::STATE_DELIVERED);
  }
  EXPECT_EQ(net, sale.net_amount());
  EXPECT_EQ(tax, sale.tax_amount());
  EXPECT_EQ(StockOf(bolt).value_amount(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(DeliveringGoods, TakesOnlyWhatIsHeldAgainstTheBuyersSignature) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto sale = Order("", {{filter, 2}});
  EXPECT_TRUE(
      IsRefusal(Send<v1::SaleDelivery>(Delivering(sale, 3, 33900)).status(), v1::SALES_ERROR_REASON_SALE_NOT_HELD));
  v1::DeliverSaleRequest twice = Delivering(sale, 2, 22600);
  *twice.add_lines() = twice.lines(0);
  EXPECT_TRUE(IsRefusal(Send<v1::SaleDelivery>(twice).status(), v1::SALES_ERROR_REASON_SALE_NOT_HELD));
  v1::DeliverSaleRequest other = Delivering(sale, 2, 22600);
  other.mutable_lines(0)->set_sale_line_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::SaleDelivery>(other).status(), v1::SALES_ERROR_REASON_SALE_LINE_UNKNOWN));
  v1::DeliverSaleRequest unsigned_by_buyer = Delivering(sale, 2, 22600);
  *unsigned_by_buyer.mutable_buyer_signature() = TechnicianSignature();
  EXPECT_TRUE(IsRefusal(Send<v1::SaleDelivery>(unsigned_by_buyer).status(), v1::SALES_ERROR_REASON_SIGNER_NOT_BUYER));
  v1::DeliverSaleRequest by_card = Delivering(sale, 2, 22600);
  by_card.mutable_payments(0)->set_method(v1::COLLECTION_METHOD_CARD);
  EXPECT_TRUE(IsRefusal(Send<v1::SaleDelivery>(by_card).status(), v1::SALES_ERROR_REASON_COLLECTION_REFERENCE_MISSING));
  EXPECT_EQ(Count("sale_delivery"), 0);
  EXPECT_EQ(Count("sales_receivable"), 0);
}

TEST_F(DeliveringGoods, IsRefusedBeforeTheOrderAndAfterTheEnd) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto quoted = Must<v1::Sale>(Asking("", {{filter, 1}}));
  EXPECT_FALSE(Send<v1::SaleDelivery>(Delivering(quoted, 1, 11300)).ok());
  const auto sale = Order("", {{filter, 1}});
  Must<v1::SaleDelivery>(Delivering(sale, 1, 11300));
  EXPECT_FALSE(Send<v1::SaleDelivery>(Delivering(sale, 1, 11300)).ok());
  v1::CancelSaleRequest cancel;
  cancel.set_sale_id(sale.sale_id());
  cancel.set_reason("too late");
  EXPECT_FALSE(Send<v1::Sale>(cancel).ok());
  v1::CloseSaleRequest close;
  close.set_sale_id(sale.sale_id());
  EXPECT_EQ(Must<v1::Sale>(close).state(), v1::Sale::STATE_CLOSED);
  EXPECT_FALSE(Send<v1::Sale>(close).ok());
}

TEST_F(DeliveringGoods, KeepsTheAddressSealedAndTheCarrierFollows) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto sale = Order("", {{filter, 1}});
  v1::DeliverSaleRequest request = Delivering(sale, 1, 11300);
  request.mutable_shipping()->set_recipient_name("赵强");
  request.mutable_shipping()->set_recipient_phone("13900139000");
  request.mutable_shipping()->set_address("上海市徐汇区漕溪北路 1 号");
  const auto note = Must<v1::SaleDelivery>(request);
  EXPECT_EQ(Count("sale_delivery WHERE shipping LIKE '%13900139000%'"), 0);
  v1::TrackSaleDeliveryRequest track;
  track.set_sale_delivery_id(note.sale_delivery_id());
  track.set_carrier("顺丰");
  track.set_tracking_number("SF1234567890");
  const auto tracked = Must<v1::SaleDelivery>(track);
  EXPECT_EQ(tracked.tracking_number(), "SF1234567890");
  EXPECT_EQ(tracked.shipping().recipient_phone(), "13900139000");
}

TEST_F(DeliveringGoods, ByManyAtOnceNeverExceedsTheOrder) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto sale = Order(ABuyer("KX", 10000000).buyer_id(), {{filter, 4}}, kOnAccount);
  std::atomic<int> delivered = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      if (Send<v1::SaleDelivery>(Delivering(sale, 1)).ok()) ++delivered;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(delivered, 4);
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 6000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

class BringingBack : public SalesCounter {};

// Handbook: P-12
TEST_F(BringingBack, ComesInAtTheCostItWentOutWithAndIsCredited) {
  const v1::Part filter = APart("F-1");
  APrice(filter, 10000);
  Receive(filter, 3000, 1000);
  const auto sale = Order(ABuyerAtRetail(), {{filter, 3}}, kOnAccount);
  const auto note = Must<v1::SaleDelivery>(Delivering(sale, 3));
  Receive(filter, 1000, 9000);
  const auto back = Must<v1::SaleDelivery>(Returning(note, 1));
  EXPECT_EQ(back.number().substr(0, 9), "SH01-SRN-");
  EXPECT_EQ(back.cost_amount(), 333);
  EXPECT_EQ(StockOf(filter).value_amount(), 9333);
  EXPECT_EQ(StockOf(filter).available_milli(), 2000);
  v1::Receivable receivable = ReceivableOf(note);
  EXPECT_EQ(receivable.credited_amount(), 11300);
  EXPECT_EQ(receivable.open_amount(), 22600);
  Must<v1::SaleDelivery>(Returning(note, 2));
  EXPECT_EQ(StockOf(filter).value_amount(), 10000);
  EXPECT_EQ(ReceivableOf(note).state(), v1::Receivable::STATE_SETTLED);
  EXPECT_TRUE(
      IsRefusal(Send<v1::SaleDelivery>(Returning(note, 1)).status(), v1::SALES_ERROR_REASON_RETURN_EXCEEDS_DELIVERY));
  EXPECT_TRUE(
      IsRefusal(Send<v1::SaleDelivery>(Returning(back, 1)).status(), v1::SALES_ERROR_REASON_NOT_A_SALE_DELIVERY));
  EXPECT_EQ(Events("SaleGoodsReturned"), 2);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(BringingBack, PaysBackWhatWasPaid) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const auto sale = Order("", {{filter, 2}});
  const auto note = Must<v1::SaleDelivery>(Delivering(sale, 2, 22600));
  EXPECT_TRUE(
      IsRefusal(Send<v1::SaleDelivery>(Returning(note, 1)).status(), v1::SALES_ERROR_REASON_REFUND_METHOD_MISSING));
  v1::ReturnSaleGoodsRequest request = Returning(note, 1);
  request.set_refund_method(v1::COLLECTION_METHOD_WECHAT_PAY);
  EXPECT_TRUE(IsRefusal(Send<v1::SaleDelivery>(request).status(), v1::SALES_ERROR_REASON_COLLECTION_REFERENCE_MISSING));
  request.set_refund_reference("wx-1");
  Must<v1::SaleDelivery>(request);
  const v1::Receivable receivable = ReceivableOf(note);
  EXPECT_EQ(receivable.collected_amount(), 11300);
  EXPECT_EQ(receivable.credited_amount(), 11300);
  EXPECT_EQ(receivable.open_amount(), 0);
  EXPECT_EQ(Count("sales_collection WHERE kind = 'REFUND' AND amount = 11300"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(BringingBack, IntoQuarantineIsOursButNotForSale) {
  const v1::Part filter = OnTheShelf("F-1", 1);
  const auto note = Must<v1::SaleDelivery>(Delivering(Order("", {{filter, 1}}), 1, 11300));
  v1::ReturnSaleGoodsRequest request = Returning(note, 1);
  request.set_refund_method(v1::COLLECTION_METHOD_CASH);
  request.mutable_lines(0)->set_location_id(ABin("OLD-1", v1::Location::KIND_OLD_PARTS));
  EXPECT_TRUE(IsRefusal(Send<v1::SaleDelivery>(request).status(), v1::ERROR_REASON_LOCATION_KIND));
  request.mutable_lines(0)->set_location_id(ABin("Q1", v1::Location::KIND_QUARANTINE));
  Must<v1::SaleDelivery>(request);
  EXPECT_EQ(StockOf(filter).available_milli(), 0);
  EXPECT_EQ(StockOf(filter).owned_milli(), 1000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

class CollectingMoney : public SalesCounter {};

// Handbook: P-12
TEST_F(CollectingMoney, InPartsUntilNothingIsOpenAndTheDutyIsDone) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const v1::Buyer buyer = ABuyer("KX", 10000000, 30);
  const auto sale = Order(buyer.buyer_id(), {{filter, 2}}, kOnAccount);
  const auto note = Must<v1::SaleDelivery>(Delivering(sale, 2));
  EXPECT_EQ(ReceivableOf(note).due_date(), "2026-12-21");
  EXPECT_EQ(Count("duty WHERE kind = 'receivable_due' AND state = 'OPEN'"), 1);
  EXPECT_EQ(Must<v1::Receivable>(Paying(note, 8080)).open_amount(), 10000);
  v1::CloseSaleRequest close;
  close.set_sale_id(sale.sale_id());
  EXPECT_TRUE(IsRefusal(Send<v1::Sale>(close).status(), v1::SALES_ERROR_REASON_SALE_NOT_PAID));
  EXPECT_TRUE(
      IsRefusal(Send<v1::Receivable>(Paying(note, 10001)).status(), v1::SALES_ERROR_REASON_COLLECTION_ABOVE_OPEN));
  EXPECT_EQ(Must<v1::Receivable>(Paying(note, 10000)).state(), v1::Receivable::STATE_SETTLED);
  EXPECT_FALSE(Send<v1::Receivable>(Paying(note, 1)).ok());
  EXPECT_EQ(Count("duty WHERE kind = 'receivable_due' AND state = 'DONE'"), 1);
  Must<v1::Sale>(close);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(CollectingMoney, OfABuyerPaysWhatIsDueFirst) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const v1::Buyer buyer = ABuyer("KX", 10000000, 30);
  std::vector<v1::SaleDelivery> notes;
  for (int i = 0; i < 3; ++i) {
    notes.push_back(Must<v1::SaleDelivery>(Delivering(Order(buyer.buyer_id(), {{filter, 1}}, kOnAccount), 1)));
    clock_.Advance(absl::Hours(24));
  }
  v1::CollectFromBuyerRequest request;
  request.set_buyer_id(buyer.buyer_id());
  request.mutable_payment()->set_method(v1::COLLECTION_METHOD_CASH);
  request.mutable_payment()->set_amount(10000);
  EXPECT_EQ(Must<v1::CollectFromBuyerResponse>(request).receivables_size(), 2);
  EXPECT_EQ(ReceivableOf(notes[0]).open_amount(), 0);
  EXPECT_EQ(ReceivableOf(notes[1]).open_amount(), 8080);
  EXPECT_EQ(ReceivableOf(notes[2]).open_amount(), 9040);
  request.mutable_payment()->set_amount(17121);
  EXPECT_TRUE(
      IsRefusal(Send<v1::CollectFromBuyerResponse>(request).status(), v1::SALES_ERROR_REASON_COLLECTION_ABOVE_OPEN));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(CollectingMoney, ShowsHowOldTheDebtsAre) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const v1::Buyer buyer = ABuyer("KX", 10000000, 0);
  const v1::Buyer other = ABuyer("PD", 10000000, 30);
  const auto first = Order(buyer.buyer_id(), {{filter, 1}}, kOnAccount);
  const auto second = Order(other.buyer_id(), {{filter, 2}}, kOnAccount);
  Must<v1::SaleDelivery>(Delivering(first, 1));
  clock_.Advance(absl::Hours(24 * 10));
  Must<v1::SaleDelivery>(Delivering(second, 2));
  clock_.Advance(absl::Hours(24 * 30));
  const auto ageing = Must<v1::ReceivablesAgeing>(v1::GetReceivablesAgeingRequest());
  ASSERT_EQ(ageing.lines_size(), 2);
  EXPECT_EQ(ageing.lines(0).buyer_code(), "PD");
  EXPECT_EQ(ageing.lines(0).not_due_amount(), 18080);
  EXPECT_EQ(ageing.lines(1).overdue_31_to_60_amount(), 9040);
  EXPECT_EQ(ageing.total().open_amount(), 27120);
  EXPECT_EQ(Figure("parts_receivables_open_amount"), 27120);
  EXPECT_EQ(Figure("parts_receivables_overdue_amount"), 9040);
}

TEST_F(CollectingMoney, GivesUpWhatNobodyWillPayWithAReason) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const v1::Buyer buyer = ABuyer("KX", 10000000, 30);
  const auto note = Must<v1::SaleDelivery>(Delivering(Order(buyer.buyer_id(), {{filter, 1}}, kOnAccount), 1));
  v1::WriteOffReceivableRequest write_off;
  write_off.set_receivable_id(note.receivable_id());
  EXPECT_FALSE(Send<v1::Receivable>(write_off).ok());
  write_off.set_reason("bankrupt");
  const auto receivable = Must<v1::Receivable>(write_off);
  EXPECT_EQ(receivable.state(), v1::Receivable::STATE_WRITTEN_OFF);
  EXPECT_EQ(receivable.open_amount(), 0);
  EXPECT_FALSE(Send<v1::Receivable>(Paying(note, 1)).ok());
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(CollectingMoney, IsProvedAgainstWhoTampersWithIt) {
  const v1::Part filter = OnTheShelf("F-1", 10);
  const v1::Buyer buyer = ABuyer("KX", 10000000, 30);
  const auto note = Must<v1::SaleDelivery>(Delivering(Order(buyer.buyer_id(), {{filter, 1}}, kOnAccount), 1));
  Must<v1::Receivable>(Paying(note, 1000));
  Execute("UPDATE sales_collection SET amount = 900");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE sales_collection SET amount = 1000");
  Execute("UPDATE sales_receivable SET gross_amount = gross_amount - 40, open_amount = open_amount - 40");
  EXPECT_EQ(Differences().size(), 1u);
}

}  // namespace
}  // namespace parts
