// The demand room on a real database: what it counts, and that it counts it once.
#include "aftersales/parts/v1/demand.pb.h"
#include "aftersales/parts/v1/planning_errors.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

class Demanding : public PartsStore {
 protected:
  using PartsStore::Count;
  void Count() {
    clock_.Advance(absl::Minutes(11));
    RunPeriodic("count_demand");
  }
  v1::PartDemandHistory HistoryOf(const v1::Part& part, int months = 0) {
    v1::GetPartDemandRequest request;
    request.set_part_id(part.part_id());
    request.set_month_count(months);
    return Must<v1::PartDemandHistory>(request);
  }
  v1::Reservation Queue(const v1::Part& part, int64_t quantity_milli) {
    v1::CreateReservationRequest request = Holding(NewId(), {{part, quantity_milli}});
    request.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
    return Must<v1::Reservation>(request);
  }
  v1::RecordLostSaleRequest Lost(const v1::Part& part, int64_t quantity_milli) {
    v1::RecordLostSaleRequest request;
    request.set_part_id(part.part_id());
    request.set_quantity_milli(quantity_milli);
    request.set_reason("the customer could not wait");
    return request;
  }
  v1::StockMonth Month(const std::string& month) {
    v1::ListStockMonthsRequest request;
    request.set_filter("month = \"" + month + "\"");
    const auto response = Must<v1::ListStockMonthsResponse>(request);
    return response.stock_months_size() == 1 ? response.stock_months(0) : v1::StockMonth();
  }
};

// Handbook: P-06, G-09
TEST_F(Demanding, CountsIssuesNetOfReturnsInTheMonthOfTheStoresCalendar) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 10000, 5000);
  const auto held = Reserve(NewId(), {{filter, 4000}});
  const auto note = Must<v1::Issue>(Drawing(held, 4000));
  Must<v1::Issue>(Bringing(note, 1000));
  Count();
  const auto history = HistoryOf(filter);
  ASSERT_EQ(history.months_size(), 12);
  EXPECT_EQ(history.months(0).month(), "2026-11-01");
  EXPECT_EQ(history.months(0).order_milli(), 3000);
  EXPECT_EQ(history.months(0).demand_milli(), 3000);
  EXPECT_EQ(history.months(0).cost_amount(), 1500);
  EXPECT_EQ(history.months(0).received_milli(), 10000);
  EXPECT_EQ(history.months(0).requested_line_count(), 1);
  EXPECT_EQ(history.months(0).served_line_count(), 1);
  EXPECT_EQ(history.months(1).demand_milli(), 0);
  EXPECT_EQ(Month("2026-11-01").value_change_amount(), 3500);
  EXPECT_EQ(Month("2026-11-01").cost_amount(), 1500);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Demanding, CountsNothingTwiceAndLeavesOutNothingHoweverOftenItRuns) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 100000, 5000);
  for (int day = 0; day < 40; ++day) {
    Must<v1::Issue>(Drawing(Reserve(NewId(), {{filter, 1000}}), 1000));
    clock_.Advance(absl::Hours(24));
    if (day % 3 == 0) Count();
    if (day % 7 == 0) RunPeriodic("count_demand");
  }
  Count();
  const auto history = HistoryOf(filter, 3);
  int64_t sum = 0;
  for (const auto& month : history.months()) sum += month.order_milli();
  EXPECT_EQ(sum, 40000);
  EXPECT_GT(history.months(1).order_milli(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Demanding, LeavesWhatIsTooYoungForTheNextTurn) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 10000, 5000);
  RunPeriodic("count_demand");
  EXPECT_EQ(Count("part_demand"), 0);
  Count();
  EXPECT_EQ(HistoryOf(filter).months(0).received_milli(), 10000);
}

// Handbook: P-06, P-01
TEST_F(Demanding, FollowsTheSupersessionChain) {
  const v1::Part old = APart("F-1"), middle = APart("F-2"), newest = APart("F-3");
  Receive(old, 10000, 5000);
  Must<v1::Issue>(Drawing(Reserve(NewId(), {{old, 2000}}), 2000));
  for (const auto& [from, to] : std::vector<std::pair<v1::Part, v1::Part>>{{old, middle}, {middle, newest}}) {
    v1::SupersedePartRequest request;
    request.set_part_id(from.part_id());
    request.set_successor_part_id(to.part_id());
    request.set_reason("bulletin");
    Must<v1::Part>(request);
  }
  Count();
  const auto history = HistoryOf(newest);
  EXPECT_EQ(history.months(0).demand_milli(), 2000);
  EXPECT_EQ(std::vector<std::string>(history.predecessor_numbers().begin(), history.predecessor_numbers().end()),
            (std::vector<std::string>{"F-2", "F-1"}));
}

// Handbook: P-06
TEST_F(Demanding, KeepsSpecialOrdersApartFromWhatIsPlannedFor) {
  const v1::Part filter = APart("F-1");
  const auto waiting = Queue(filter, 2000);
  const auto bytes = [](const std::string& id) { return absl::StrCat("UNHEX(REPLACE('", id, "', '-', ''))"); };
  Execute(absl::StrCat(
      "INSERT INTO special_order (store_id, special_order_id, version, state, reservation_id, "
      "reservation_line_id, holder_kind, holder_id, holder_number, part_id, part_number, quantity_milli, "
      "received_milli, needed_time, purchase_order_number, creator, state_reason, create_time) VALUES (",
      bytes(kStore), ", ", bytes(NewId()), ", 1, 'ARRIVED', ", bytes(waiting.reservation_id()), ", ",
      bytes(waiting.lines(0).reservation_line_id()), ", 'REPAIR_ORDER', ", bytes(waiting.holder_id()), ", '', ",
      bytes(filter.part_id()), ", 'F-1', 2000, 2000, UTC_TIMESTAMP(6), '', '', '', UTC_TIMESTAMP(6))"));
  Receive(filter, 5000, 500);
  Must<v1::Issue>(Drawing(waiting, 2000));
  Must<v1::Issue>(Drawing(Reserve(NewId(), {{filter, 1000}}), 1000));
  Count();
  const auto month = HistoryOf(filter).months(0);
  EXPECT_EQ(month.order_milli(), 3000);
  EXPECT_EQ(month.special_order_milli(), 2000);
  EXPECT_EQ(month.demand_milli(), 1000);
  EXPECT_EQ(month.special_order_cost_amount(), 200);
  EXPECT_EQ(Month("2026-11-01").special_order_cost_amount(), 200);
}

// Handbook: P-11
TEST_F(Demanding, TellsLinesServedAtOnceFromThoseThatWaited) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 1000, 500);
  Queue(filter, 1000);
  const auto waiting = Queue(filter, 2000);
  Receive(filter, 2000, 1000);  // it is served later; at first request it was not
  Count();
  EXPECT_EQ(Month("2026-11-01").requested_line_count(), 2);
  EXPECT_EQ(Month("2026-11-01").served_line_count(), 1);
  EXPECT_EQ(ReservationOf(waiting.reservation_id()).lines(0).short_milli(), 0);
}

TEST_F(Demanding, CountsALineOnceWhenTheOrderTakesTheAppointmentsPlace) {
  const v1::Part filter = APart("F-1"), plug = APart("P-1");
  Receive(filter, 1000, 500);
  const auto appointment = Reserve(NewId(), {{filter, 1000}});
  v1::CreateReservationRequest order = Holding(NewId(), {{filter, 1000}, {plug, 1000}});
  order.set_replaces_holder_id(appointment.holder_id());
  order.set_shortage_policy(v1::SHORTAGE_POLICY_QUEUE);
  Must<v1::Reservation>(order);
  Count();
  EXPECT_EQ(Month("2026-11-01").requested_line_count(), 2);
  EXPECT_EQ(Month("2026-11-01").served_line_count(), 1);
}

TEST_F(Demanding, RecordsAsLostWhatADocumentGivesUpWaitingFor) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 1000, 500);
  const auto given_up = Queue(filter, 3000);
  Cancel(given_up.holder_id());
  const auto expired = Queue(filter, 5000);
  clock_.Advance(absl::Hours(24 * 20));
  RunPeriodic("expire_reservations");
  v1::ListLostSalesRequest list;
  list.set_filter("reservation_id = \"" + given_up.reservation_id() + "\"");
  const auto lost = Must<v1::ListLostSalesResponse>(list);
  ASSERT_EQ(lost.lost_sales_size(), 1);
  EXPECT_EQ(lost.lost_sales(0).quantity_milli(), 2000);
  EXPECT_EQ(lost.lost_sales(0).cause(), v1::LostSale::CAUSE_GIVEN_UP);
  EXPECT_EQ(Count("lost_sale"), 2);
  Count();
  const auto history = HistoryOf(filter, 2);
  EXPECT_EQ(history.months(0).lost_milli() + history.months(1).lost_milli(), 6000);
  EXPECT_EQ(Month("2026-11-01").requested_line_count(), 2);  // not once more for being given up
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: P-11
TEST_F(Demanding, CountsALostSaleAsDemandAndAgainstTheFillRate) {
  const v1::Part filter = APart("F-1");
  const auto lost = Must<v1::LostSale>(Lost(filter, 2000));
  EXPECT_EQ(lost.cause(), v1::LostSale::CAUSE_NOT_IN_STOCK);
  Count();
  EXPECT_EQ(HistoryOf(filter).months(0).demand_milli(), 2000);
  EXPECT_EQ(Month("2026-11-01").requested_line_count(), 1);
  EXPECT_EQ(Month("2026-11-01").served_line_count(), 0);
  EXPECT_EQ(Month("2026-11-01").lost_line_count(), 1);
}

TEST_F(Demanding, RefusesALostSaleOfNoPartOrBetweenTwoSteps) {
  v1::Part unknown;
  unknown.set_part_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::LostSale>(Lost(unknown, 1000)).status(), v1::PLANNING_ERROR_REASON_LOST_SALE_PART));
  const v1::Part filter = APart("F-1");
  EXPECT_TRUE(IsRefusal(Send<v1::LostSale>(Lost(filter, 1500)).status(), v1::ERROR_REASON_QUANTITY_STEP));
  EXPECT_EQ(Count("lost_sale"), 0);
}

TEST_F(Demanding, FindsAHistoryThatDoesNotAgreeWithTheLedger) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 10000, 5000);
  Must<v1::Issue>(Drawing(Reserve(NewId(), {{filter, 4000}}), 4000));
  Count();
  Execute("UPDATE part_demand SET order_milli = order_milli + 1");
  EXPECT_EQ(Differences().size(), 1u);
}

}  // namespace
}  // namespace parts
