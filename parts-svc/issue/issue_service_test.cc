// The issue room on a real database.
#include <atomic>
#include <thread>

#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

class Issuing : public PartsStore {};

TEST_F(Issuing, DrawsWhatIsReservedAtMovingAverageAndTellsTheWorld) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 2000, 1000);
  Receive(filter, 1000, 1100);  // average 700
  const auto held = Reserve(NewId(), {{filter, 2000}});
  const auto note = Must<v1::Issue>(Drawing(held, 1000));
  EXPECT_EQ(note.number().substr(0, 9), "SH01-ISS-");
  EXPECT_EQ(note.cost_amount(), 700);
  EXPECT_EQ(note.lines(0).location_id(), bin_);
  EXPECT_EQ(note.technician_signature().document_digest().size(), 32u);
  const v1::PartStock stock = StockOf(filter);
  EXPECT_EQ(stock.on_hand_milli(), 2000);
  EXPECT_EQ(stock.reserved_milli(), 1000);
  EXPECT_EQ(stock.value_amount(), 1400);
  EXPECT_EQ(Events("PartsIssued"), 1);
  EXPECT_EQ(ReservationOf(held.reservation_id()).state(), v1::Reservation::STATE_ACTIVE);
  Must<v1::Issue>(Drawing(held, 1000));
  EXPECT_EQ(ReservationOf(held.reservation_id()).state(), v1::Reservation::STATE_CONSUMED);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Issuing, TakesAFixedNumberOfStatementsHoweverManyLines) {
  std::vector<Wanted> wanted;
  for (int i = 0; i < 6; ++i) {
    wanted.push_back({APart(absl::StrCat("F-", i)), 1000});
    Receive(wanted.back().part, 10000, 100);
  }
  const auto statements = [&](const std::vector<Wanted>& some) {
    const auto held = Reserve(NewId(), some);
    v1::IssuePartsRequest draw = Drawing(held, 1000);
    for (int i = 1; i < held.lines_size(); ++i) *draw.add_lines() = Drawing(held, 1000, i).lines(0);
    const int64_t before = pool_->Statistics().statements_total;
    Must<v1::Issue>(draw);
    return pool_->Statistics().statements_total - before;
  };
  statements({wanted[0]});
  const int64_t one = statements({wanted[0]});
  EXPECT_LE(one, 20);
  EXPECT_EQ(statements(wanted), one);
}

TEST_F(Issuing, RefusesMoreThanIsReservedAndStoresNothing) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 9000, 900);
  const auto held = Reserve(NewId(), {{filter, 2000}});
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(Drawing(held, 3000)).status(), v1::ERROR_REASON_ISSUE_EXCEEDS_RESERVATION));
  EXPECT_EQ(Count("issue"), 0);
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 9000);
}

TEST_F(Issuing, RefusesWhatNoReservationOfTheOrderHolds) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 9000, 900);
  const auto held = Reserve(NewId(), {{filter, 2000}});
  v1::IssuePartsRequest request = Drawing(held, 1000);
  request.set_order_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(request).status(), v1::ERROR_REASON_NOTHING_RESERVED));
}

TEST_F(Issuing, ServesAnAddOnOfTheOrder) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 9000, 900);
  const std::string order = NewId();
  v1::CreateReservationRequest add_on = Holding(NewId(), {{filter, 1000}});
  add_on.set_holder_kind(v1::Reservation::HOLDER_KIND_ADD_ON);
  add_on.set_order_id(order);
  const auto held = Must<v1::Reservation>(add_on);
  Must<v1::Issue>(Drawing(held, 1000));
  EXPECT_EQ(OrderPartsOf(order).lines(0).issued_milli(), 1000);
}

TEST_F(Issuing, NeedsTheTechniciansSignature) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 9000, 900);
  v1::IssuePartsRequest request = Drawing(Reserve(NewId(), {{filter, 2000}}), 1000);
  request.mutable_technician_signature()->set_signer_role(
      aftersales::common::v1::Signature::SIGNER_ROLE_SERVICE_ADVISER);
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(request).status(), v1::ERROR_REASON_SIGNER_NOT_TECHNICIAN));
  request.clear_technician_signature();
  EXPECT_FALSE(Send<v1::Issue>(request).ok());
}

TEST_F(Issuing, TakesFromSeveralBinsWhenOneIsNotEnough) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 2000, 200);
  bin_ = ABin("A2");
  Receive(filter, 4000, 400);
  const auto held = Reserve(NewId(), {{filter, 5000}});
  const auto note = Must<v1::Issue>(Drawing(held, 5000));
  EXPECT_EQ(note.lines_size(), 2);
  EXPECT_EQ(note.cost_amount(), 500);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Issuing, OfOneReservationByManyAtOnceNeverExceedsIt) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 20000, 2000);
  const auto held = Reserve(NewId(), {{filter, 5000}});
  std::atomic<int> issued = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 16; ++i) {
    callers.emplace_back([&] {
      const auto note = Send<v1::Issue>(Drawing(held, 1000));
      if (note.ok()) ++issued;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(issued, 5);
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 15000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

class Returning : public PartsStore {};

TEST_F(Returning, BringsBackAtTheCostItWentOutWithAndFreesTheStock) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 1000);
  const auto held = Reserve(NewId(), {{filter, 3000}});
  const auto note = Must<v1::Issue>(Drawing(held, 3000));
  EXPECT_EQ(note.cost_amount(), 1000);
  EXPECT_EQ(StockOf(filter).value_amount(), 0) << "nothing on hand is worth nothing";
  Receive(filter, 1000, 9000);
  const auto returned = Must<v1::Issue>(Bringing(note, 1000));
  EXPECT_EQ(returned.kind(), v1::Issue::KIND_RETURN);
  EXPECT_EQ(returned.number().substr(0, 9), "SH01-RTN-");
  EXPECT_EQ(returned.cost_amount(), 333);
  EXPECT_EQ(StockOf(filter).value_amount(), 9333);
  EXPECT_EQ(StockOf(filter).available_milli(), 2000);
  EXPECT_EQ(Events("PartsReturned"), 1);
  Must<v1::Issue>(Bringing(note, 2000));
  EXPECT_EQ(StockOf(filter).value_amount(), 10000);
  const v1::OrderParts facts = OrderPartsOf(held.order_id());
  ASSERT_EQ(facts.lines_size(), 1);
  EXPECT_EQ(facts.lines(0).issued_milli(), 0);
  EXPECT_EQ(facts.lines(0).returned_milli(), 3000);
  EXPECT_EQ(facts.cost_amount(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Returning, RefusesMoreThanWentOut) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 1000);
  const auto note = Must<v1::Issue>(Drawing(Reserve(NewId(), {{filter, 3000}}), 2000));
  Must<v1::Issue>(Bringing(note, 1000));
  const auto status = Send<v1::Issue>(Bringing(note, 2000)).status();
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_RETURN_EXCEEDS_ISSUE));
  EXPECT_EQ(chassis::RefusalIn(status).violations(0).field(), "lines[0].quantity_milli");
}

TEST_F(Returning, AgainstAReturnNoteIsRefused) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 1000);
  const auto note = Must<v1::Issue>(Drawing(Reserve(NewId(), {{filter, 3000}}), 2000));
  const auto returned = Must<v1::Issue>(Bringing(note, 1000));
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(Bringing(returned, 1000)).status(), v1::ERROR_REASON_NOT_AN_ISSUE));
}

TEST_F(Returning, ServesTheQueue) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 1000, 100);
  const auto note = Must<v1::Issue>(Drawing(Reserve(NewId(), {{filter, 1000}}), 1000));
  v1::CreateReservationRequest request = Holding(NewId(), {{filter, 1000}});
  request.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  const auto waiting = Must<v1::Reservation>(request);
  Must<v1::Issue>(Bringing(note, 1000));
  EXPECT_EQ(ReservationOf(waiting.reservation_id()).lines(0).reserved_milli(), 1000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

class Tracked : public PartsStore {
 protected:
  v1::ReceiveStockRequest Serial(const v1::Part& part, const std::string& serial) {
    v1::ReceiveStockRequest request = Receipt(part, 1000, 100);
    request.mutable_lines(0)->set_batch_code(serial);
    return request;
  }
};

TEST_F(Tracked, GoodsAreDrawnByTheirSerialNumber) {
  v1::Part pump = PartNamed("PUMP");
  pump.set_tracking(v1::Part::TRACKING_SERIAL);
  pump = Create(pump);
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(Receipt(pump, 1000, 100)).status(), v1::ERROR_REASON_BATCH_REQUIRED));
  Must<v1::StockDocument>(Serial(pump, "S1"));
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(Serial(pump, "S1")).status(), v1::ERROR_REASON_SERIAL_IN_STOCK));
  Must<v1::StockDocument>(Serial(pump, "S2"));
  const auto held = Reserve(NewId(), {{pump, 2000}});
  v1::IssuePartsRequest draw = Drawing(held, 1000);
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(draw).status(), v1::ERROR_REASON_BATCH_REQUIRED));
  draw.mutable_lines(0)->set_batch_code("S3");
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(draw).status(), v1::ERROR_REASON_BATCH_NOT_IN_STOCK));
  draw.mutable_lines(0)->set_batch_code("S1");
  const auto note = Must<v1::Issue>(draw);
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(draw).status(), v1::ERROR_REASON_BATCH_NOT_IN_STOCK));
  EXPECT_EQ(Must<v1::Issue>(Bringing(note, 1000)).lines(0).batch_code(), "S1");
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

class Verifying : public PartsStore {};

TEST_F(Verifying, FindsABalanceThatWasMeddledWith) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 1000);
  Must<v1::Issue>(Drawing(Reserve(NewId(), {{filter, 3000}}), 1000));
  EXPECT_EQ(Differences(), std::vector<std::string>());
  Execute("UPDATE stock_balance SET on_hand_milli = on_hand_milli + 1000");
  EXPECT_EQ(Differences().size(), 2u) << "bin against ledger, store against bins";
  Execute("UPDATE stock_balance SET on_hand_milli = on_hand_milli - 1000");
  Execute("UPDATE part_stock SET value_amount = value_amount + 1");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE part_stock SET value_amount = value_amount - 1, reserved_milli = reserved_milli - 1000");
  EXPECT_EQ(Differences().size(), 1u);
  Execute("UPDATE part_stock SET reserved_milli = reserved_milli + 1000");
  Execute("UPDATE issue_line SET quantity_milli = 2000");
  EXPECT_EQ(Differences().size(), 2u) << "note against movement, reservation against notes";
}

}  // namespace
}  // namespace parts
