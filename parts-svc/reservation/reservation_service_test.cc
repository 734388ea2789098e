// The reservation room on a real database.
#include <atomic>
#include <thread>

#include "aftersales/reception/v1/events.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

namespace reception = aftersales::reception::v1;

class Reserving : public PartsStore {};

TEST_F(Reserving, LetsTenOfSixtyFourHaveTheTenPiecesThereAre) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 10000, 5000);
  std::vector<v1::CreateReservationRequest> requests;
  for (int i = 0; i < 64; ++i) requests.push_back(Holding(NewId(), {{filter, 1000}}));
  std::atomic<int> held = 0, refused = 0;
  std::vector<std::thread> callers;
  for (const auto& request : requests) {
    callers.emplace_back([&] {
      const auto result = Send<v1::Reservation>(request);
      if (result.ok()) {
        ++held;
      } else if (IsRefusal(result.status(), v1::ERROR_REASON_INSUFFICIENT_STOCK)) {
        ++refused;
      } else {
        ADD_FAILURE() << result.status();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(held, 10);
  EXPECT_EQ(refused, 54);
  const v1::PartStock stock = StockOf(filter);
  EXPECT_EQ(stock.on_hand_milli(), 10000);
  EXPECT_EQ(stock.reserved_milli(), 10000);
  EXPECT_EQ(stock.available_milli(), 0);
  EXPECT_EQ(Count("reservation"), 10) << "a refused reservation leaves nothing";
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Reserving, HoldsNothingWhenOneLineIsShortAndNamesIt) {
  const v1::Part filter = APart("F-1"), pad = APart("P-1");
  Receive(filter, 5000, 500);
  Receive(pad, 1000, 900);
  const auto status = Send<v1::Reservation>(Holding(NewId(), {{filter, 2000}, {pad, 4000}})).status();
  ASSERT_TRUE(IsRefusal(status, v1::ERROR_REASON_INSUFFICIENT_STOCK)) << status;
  const auto refusal = chassis::RefusalIn(status);
  EXPECT_EQ(refusal.arguments().at("part"), "P-1");
  EXPECT_EQ(refusal.arguments().at("wanted"), "4000");
  EXPECT_EQ(refusal.arguments().at("available"), "1000");
  ASSERT_EQ(refusal.violations_size(), 1);
  EXPECT_EQ(refusal.violations(0).field(), "lines[1].quantity_milli");
  EXPECT_EQ(StockOf(filter).reserved_milli(), 0);
  EXPECT_EQ(Count("reservation_line"), 0);
}

TEST_F(Reserving, TakesFiveStatementsHoweverManyLines) {
  std::vector<Wanted> wanted;
  for (int i = 0; i < 8; ++i) {
    wanted.push_back({APart(absl::StrCat("F-", i)), 1000});
    Receive(wanted.back().part, 10000, 100);
  }
  Reserve(NewId(), wanted);
  const v1::CreateReservationRequest request = Holding(NewId(), wanted);
  const int64_t before = pool_->Statistics().statements_total;
  Must<v1::Reservation>(request);
  // Parts, reservation, lines, stock, command log.
  EXPECT_LE(pool_->Statistics().statements_total - before, 5);
}

TEST_F(Reserving, AnswersARepeatedRequestWithTheSameReservation) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 5000, 500);
  v1::CreateReservationRequest request = Holding(NewId(), {{filter, 2000}});
  request.set_request_id(NewId());
  const auto first = Must<v1::Reservation>(request);
  const auto again = Must<v1::Reservation>(request);
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_EQ(StockOf(filter).reserved_milli(), 2000);
}

TEST_F(Reserving, RefusesASecondReservationOfTheSameHolder) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 5000, 500);
  const std::string order = NewId();
  Reserve(order, {{filter, 2000}});
  EXPECT_TRUE(
      IsRefusal(Send<v1::Reservation>(Holding(order, {{filter, 1000}})).status(), v1::ERROR_REASON_RESERVATION_EXISTS));
  Cancel(order);
  Reserve(order, {{filter, 1000}});
  EXPECT_EQ(StockOf(filter).reserved_milli(), 1000);
}

TEST_F(Reserving, TakesTheAppointmentsPartsOverInOneStep) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 2000, 500);
  const std::string appointment = NewId(), order = NewId();
  v1::CreateReservationRequest hold = Holding(appointment, {{filter, 2000}});
  hold.set_holder_kind(v1::Reservation::HOLDER_KIND_APPOINTMENT);
  const auto held = Must<v1::Reservation>(hold);
  v1::CreateReservationRequest take = Holding(order, {{filter, 2000}});
  take.set_replaces_holder_id(appointment);
  Must<v1::Reservation>(take);
  EXPECT_EQ(ReservationOf(held.reservation_id()).state(), v1::Reservation::STATE_CANCELLED);
  EXPECT_EQ(StockOf(filter).reserved_milli(), 2000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Reserving, KeepsTheAppointmentsHoldWhenTheOrderCannotBeServed) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 2000, 500);
  const std::string appointment = NewId();
  v1::CreateReservationRequest hold = Holding(appointment, {{filter, 2000}});
  hold.set_holder_kind(v1::Reservation::HOLDER_KIND_APPOINTMENT);
  const auto held = Must<v1::Reservation>(hold);
  v1::CreateReservationRequest take = Holding(NewId(), {{filter, 3000}});
  take.set_replaces_holder_id(appointment);
  EXPECT_FALSE(Send<v1::Reservation>(take).ok());
  EXPECT_EQ(ReservationOf(held.reservation_id()).state(), v1::Reservation::STATE_ACTIVE);
}

class Waiting : public PartsStore {
 protected:
  v1::Reservation Queue(const v1::Part& part, int64_t quantity_milli, absl::Duration needed_in) {
    v1::CreateReservationRequest request = Holding(NewId(), {{part, quantity_milli}});
    request.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
    *request.mutable_lines(0)->mutable_needed_time() = chassis::ToProto(clock_.Now() + needed_in);
    return Must<v1::Reservation>(request);
  }
};

TEST_F(Waiting, IsServedInTheOrderOfNeedWhenGoodsComeIn) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 1000, 100);
  const auto later = Queue(filter, 2000, absl::Hours(48));
  EXPECT_EQ(later.lines(0).reserved_milli(), 1000);
  EXPECT_EQ(later.lines(0).short_milli(), 1000);
  const auto sooner = Queue(filter, 2000, absl::Hours(2));
  EXPECT_EQ(StockOf(filter).short_milli(), 3000);
  Receive(filter, 2000, 200);
  EXPECT_EQ(ReservationOf(sooner.reservation_id()).lines(0).short_milli(), 0);
  EXPECT_EQ(ReservationOf(later.reservation_id()).lines(0).short_milli(), 1000);
  EXPECT_EQ(Events("ReservationFilled"), 1);
  Receive(filter, 5000, 500);
  EXPECT_EQ(ReservationOf(later.reservation_id()).lines(0).short_milli(), 0);
  EXPECT_EQ(Events("ReservationFilled"), 2);
  EXPECT_EQ(StockOf(filter).available_milli(), 4000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Waiting, IsServedWhenAnotherGivesItsPartsUp) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 2000, 200);
  const std::string order = NewId();
  Reserve(order, {{filter, 2000}});
  const auto waiting = Queue(filter, 1000, absl::Hours(1));
  Cancel(order);
  EXPECT_EQ(ReservationOf(waiting.reservation_id()).lines(0).reserved_milli(), 1000);
  EXPECT_EQ(StockOf(filter).available_milli(), 1000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Waiting, LeavesTheQueueWhenCancelled) {
  const v1::Part filter = APart("F-1");
  const auto waiting = Queue(filter, 1000, absl::Hours(1));
  Cancel(waiting.holder_id());
  EXPECT_EQ(StockOf(filter).short_milli(), 0);
  Receive(filter, 1000, 100);
  EXPECT_EQ(StockOf(filter).available_milli(), 1000);
}

class Substituting : public PartsStore {};

TEST_F(Substituting, HoldsTheSuccessorWhenTheOldPartIsShort) {
  const v1::Part old_part = APart("OLD"), new_part = APart("NEW");
  v1::SupersedePartRequest supersede;
  supersede.set_part_id(old_part.part_id());
  supersede.set_successor_part_id(new_part.part_id());
  supersede.set_reason("bulletin 17");
  Must<v1::Part>(supersede);
  Receive(old_part, 1000, 100);
  Receive(new_part, 5000, 600);
  v1::CreateReservationRequest request = Holding(NewId(), {{old_part, 2000}});
  EXPECT_TRUE(IsRefusal(Send<v1::Reservation>(request).status(), v1::ERROR_REASON_INSUFFICIENT_STOCK));
  request.set_substitution_policy(v1::SUBSTITUTION_POLICY_SUCCESSORS);
  const auto held = Must<v1::Reservation>(request);
  EXPECT_EQ(held.lines(0).part_id(), new_part.part_id());
  EXPECT_EQ(held.lines(0).asked_part_id(), old_part.part_id());
  EXPECT_EQ(StockOf(new_part).reserved_milli(), 2000);
  EXPECT_EQ(StockOf(old_part).reserved_milli(), 0);
}

class Ending : public PartsStore {};

TEST_F(Ending, ComesByTimeWithAnEventAndADuty) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 300);
  const auto held = Reserve(NewId(), {{filter, 2000}});
  RunPeriodic("expire_reservations");
  EXPECT_EQ(ReservationOf(held.reservation_id()).state(), v1::Reservation::STATE_ACTIVE);
  clock_.Advance(absl::Hours(24 * 14));
  RunPeriodic("expire_reservations");
  EXPECT_EQ(ReservationOf(held.reservation_id()).state(), v1::Reservation::STATE_EXPIRED);
  EXPECT_EQ(StockOf(filter).available_milli(), 3000);
  EXPECT_EQ(Events("ReservationExpired"), 1);
  EXPECT_EQ(Count("duty WHERE kind = 'reservation_expired' AND state = 'OPEN'"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Ending, FollowsACancelledRepairOrderEvenWhenReceptionForgot) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 300);
  const std::string order = NewId();
  const auto held = Reserve(order, {{filter, 1000}});
  v1::CreateReservationRequest add_on = Holding(NewId(), {{filter, 1000}});
  add_on.set_holder_kind(v1::Reservation::HOLDER_KIND_ADD_ON);
  add_on.set_order_id(order);
  Must<v1::Reservation>(add_on);
  reception::RepairOrderCancelled fact;
  fact.set_repair_order_id(order);
  fact.set_reason("sold the car");
  TakeIn(fact);
  TakeIn(fact);
  EXPECT_EQ(StockOf(filter).reserved_milli(), 0);
  EXPECT_EQ(ReservationOf(held.reservation_id()).state(), v1::Reservation::STATE_CANCELLED);
}

TEST_F(Ending, OfNothingIsNoError) { Cancel(NewId()); }

}  // namespace
}  // namespace parts
