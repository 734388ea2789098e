// The stocktake room on a real database: counted while the store works.
#include <random>

#include "aftersales/parts/v1/stock_control_errors.pb.h"
#include "aftersales/parts/v1/stocktake.pb.h"
#include "parts-svc/parts_for_test.h"

namespace parts {
namespace {

namespace options = aftersales::options::v1;

class Counting : public PartsStore {
 protected:
  // From here on somebody else calls.
  void As(const std::string& subject, std::set<options::Role> roles = {options::ROLE_PARTS_CLERK}) {
    identity_.subject = subject;
    identity_.roles = std::move(roles);
  }
  void AsManager() { As("zhang.lei", {options::ROLE_PARTS_MANAGER}); }

  v1::Stocktake Planned(bool freezes = false) {
    v1::PlanStocktakeRequest request;
    request.set_kind(v1::Stocktake::KIND_FULL);
    request.set_freezes(freezes);
    return Must<v1::Stocktake>(request);
  }
  template <typename Request>
  Request Of(const v1::Stocktake& stocktake) {
    Request request;
    request.set_stocktake_id(stocktake.stocktake_id());
    return request;
  }
  v1::Stocktake Started(bool freezes = false) {
    return Must<v1::Stocktake>(Of<v1::StartStocktakeRequest>(Planned(freezes)));
  }
  std::vector<v1::StocktakeLine> Sheet(const v1::Stocktake& stocktake) {
    const auto list = Must<v1::ListStocktakeLinesResponse>(Of<v1::ListStocktakeLinesRequest>(stocktake));
    return {list.stocktake_lines().begin(), list.stocktake_lines().end()};
  }
  v1::RecordCountsRequest Counts(const v1::Stocktake& stocktake, int line, int64_t counted_milli) {
    auto request = Of<v1::RecordCountsRequest>(stocktake);
    auto& counted = *request.add_lines();
    counted.set_stocktake_line_id(Sheet(stocktake)[line].stocktake_line_id());
    counted.set_counted_milli(counted_milli);
    return request;
  }
  void CountLine(const v1::Stocktake& stocktake, int line, int64_t counted_milli) {
    Must<v1::RecordCountsResponse>(Counts(stocktake, line, counted_milli));
  }
  v1::Stocktake Finish(const v1::Stocktake& stocktake) {
    return Must<v1::Stocktake>(Of<v1::FinishCountingRequest>(stocktake));
  }
  v1::ApproveStocktakeRequest Approval(const v1::Stocktake& stocktake) {
    auto request = Of<v1::ApproveStocktakeRequest>(stocktake);
    request.set_reason("miscounted at receipt");
    return request;
  }
  // Counted twice by two people with the same result, and before the manager.
  v1::Stocktake Reviewed(const v1::Stocktake& stocktake, int64_t counted_milli) {
    As("wang.fang");
    CountLine(stocktake, 0, counted_milli);
    if (Finish(stocktake).state() == v1::Stocktake::STATE_RECOUNTING) {
      As("li.na");
      CountLine(stocktake, 0, counted_milli);
      Finish(stocktake);
    }
    AsManager();
    return Must<v1::Stocktake>(Of<v1::GetStocktakeRequest>(stocktake));
  }
};

// Handbook: P-10
TEST_F(Counting, TakesIntoAccountWhatTheStoreDoesBetweenSheetCountAndPosting) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 10000, 1000);
  const auto held = Reserve(NewId(), {{filter, 4000}});
  clock_.Advance(absl::Minutes(1));
  const v1::Stocktake stocktake = Started();
  clock_.Advance(absl::Minutes(1));
  // Between the sheet and the count: 2 drawn, 5 received. The shelf should hold 13; one is missing.
  Must<v1::Issue>(Drawing(held, 2000));
  Receive(filter, 5000, 500);
  clock_.Advance(absl::Minutes(1));
  const absl::Time counted = clock_.Now();
  // Between the count and its being written down: 1 drawn.
  clock_.Advance(absl::Minutes(1));
  Must<v1::Issue>(Drawing(held, 1000));
  clock_.Advance(absl::Minutes(1));
  for (const std::string who : {"wang.fang", "li.na"}) {
    As(who);
    v1::RecordCountsRequest counts = Counts(stocktake, 0, 12000);
    *counts.mutable_lines(0)->mutable_count_time() = chassis::ToProto(counted);
    EXPECT_EQ(Must<v1::RecordCountsResponse>(counts).open_line_count(), 0);
    AsManager();
    // Between the rounds and before the posting: 3 more received, 1 drawn.
    Receive(filter, 3000, 300);
    Finish(stocktake);
  }
  As("zhang.lei", {options::ROLE_PARTS_MANAGER, options::ROLE_PARTS_CLERK});
  Must<v1::Issue>(Drawing(held, 1000));
  const v1::StocktakeLine line = Sheet(stocktake)[0];
  EXPECT_EQ(line.snapshot_milli(), 10000);
  EXPECT_EQ(line.expected_milli(), 13000);
  EXPECT_EQ(line.difference_milli(), -1000);
  EXPECT_EQ(line.first_counter(), "wang.fang");
  EXPECT_EQ(line.counter(), "li.na");
  const auto posted = Must<v1::Stocktake>(Approval(stocktake));
  EXPECT_EQ(posted.state(), v1::Stocktake::STATE_POSTED);
  EXPECT_EQ(posted.loss_amount(), 100);
  // 10 - 2 + 5 - 1 + 3 + 3 - 1 - 1 missing.
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 16000);
  EXPECT_EQ(StockOf(filter).value_amount(), 1600);
  EXPECT_EQ(Events("StocktakePosted"), 1);
  EXPECT_EQ(Count("duty WHERE kind = 'stocktake_open' AND state = 'DONE'"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Counting, IsBlindUntilTheReview) {
  Receive(APart("F-1"), 10000, 1000);
  const v1::Stocktake stocktake = Started();
  EXPECT_EQ(Sheet(stocktake)[0].snapshot_milli(), 0);
  As("wang.fang");
  CountLine(stocktake, 0, 9000);
  EXPECT_EQ(Finish(stocktake).state(), v1::Stocktake::STATE_RECOUNTING);
  const v1::StocktakeLine line = Sheet(stocktake)[0];
  EXPECT_FALSE(line.has_expected_milli());
  EXPECT_FALSE(line.has_first_counted_milli());
  EXPECT_EQ(line.difference_milli(), 0);
  As("li.na");
  CountLine(stocktake, 0, 9000);
  EXPECT_EQ(Finish(stocktake).state(), v1::Stocktake::STATE_REVIEW);
  EXPECT_EQ(Sheet(stocktake)[0].expected_milli(), 10000);
}

TEST_F(Counting, WantsAnotherPersonForTheRecount) {
  Receive(APart("F-1"), 10000, 1000);
  const v1::Stocktake stocktake = Started();
  As("wang.fang");
  CountLine(stocktake, 0, 9000);
  Finish(stocktake);
  EXPECT_TRUE(IsRefusal(Send<v1::RecordCountsResponse>(Counts(stocktake, 0, 9000)).status(),
                        v1::STOCK_CONTROL_ERROR_REASON_SAME_COUNTER));
}

TEST_F(Counting, GoesStraightToTheReviewWhenEverythingIsRight) {
  Receive(APart("F-1"), 10000, 1000);
  const v1::Stocktake reviewed = Reviewed(Started(), 10000);
  EXPECT_EQ(reviewed.state(), v1::Stocktake::STATE_REVIEW);
  EXPECT_EQ(reviewed.accuracy_basis_points(), 10000);
  EXPECT_EQ(reviewed.book_amount(), 1000);
  const auto posted = Must<v1::Stocktake>(Approval(reviewed));
  EXPECT_EQ(posted.deviating_line_count(), 0);
  EXPECT_EQ(Count("stock_movement WHERE document_kind = 'STOCKTAKE'"), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Counting, IsNotFinishedWhileALineIsOpen) {
  Receive(APart("F-1"), 10000, 1000);
  Receive(APart("F-2"), 1000, 1000);
  const v1::Stocktake stocktake = Started();
  CountLine(stocktake, 0, 10000);
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Of<v1::FinishCountingRequest>(stocktake)).status(),
                        v1::STOCK_CONTROL_ERROR_REASON_LINES_NOT_COUNTED));
}

TEST_F(Counting, IsApprovedByTheServiceManagerAboveTheLimitOnly) {
  const v1::Part engine = APart("E-1");
  Receive(engine, 2000, 1200000);
  const v1::Stocktake reviewed = Reviewed(Started(), 1000);  // 600000 missing, the limit is 500000
  EXPECT_TRUE(
      IsRefusal(Send<v1::Stocktake>(Approval(reviewed)).status(), v1::STOCK_CONTROL_ERROR_REASON_VARIANCE_ABOVE_LIMIT));
  EXPECT_EQ(StockOf(engine).on_hand_milli(), 2000);
  As("chen.jing", {options::ROLE_SERVICE_MANAGER});
  EXPECT_EQ(Must<v1::Stocktake>(Approval(reviewed)).loss_amount(), 600000);
  EXPECT_EQ(StockOf(engine).on_hand_milli(), 1000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Counting, AtTheLimitIsTheManagersToApprove) {
  const v1::Part engine = APart("E-1");
  Receive(engine, 2000, 1000000);
  EXPECT_EQ(Must<v1::Stocktake>(Approval(Reviewed(Started(), 1000))).loss_amount(), 500000);
}

TEST_F(Counting, IsNotApprovedByWhoeverCounted) {
  Receive(APart("F-1"), 10000, 1000);
  const v1::Stocktake stocktake = Started();
  AsManager();
  CountLine(stocktake, 0, 10000);
  Finish(stocktake);
  EXPECT_TRUE(
      IsRefusal(Send<v1::Stocktake>(Approval(stocktake)).status(), v1::STOCK_CONTROL_ERROR_REASON_APPROVER_COUNTED));
}

TEST_F(Counting, KeepsTheReasonOfEveryDifference) {
  Receive(APart("F-1"), 10000, 1000);
  const v1::Stocktake reviewed = Reviewed(Started(), 9000);
  v1::ApproveStocktakeRequest approval = Approval(reviewed);
  auto& line = *approval.add_lines();
  line.set_stocktake_line_id(NewId());
  line.set_reason("broken");
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(approval).status(), v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_LINE_UNKNOWN));
  approval.mutable_lines(0)->set_stocktake_line_id(Sheet(reviewed)[0].stocktake_line_id());
  Must<v1::Stocktake>(approval);
  EXPECT_EQ(Sheet(reviewed)[0].reason(), "broken");
  EXPECT_EQ(Count("stock_movement WHERE document_kind = 'STOCKTAKE' AND reason = 'broken'"), 1);
}

TEST_F(Counting, SendsLinesBackToTheShelf) {
  Receive(APart("F-1"), 10000, 1000);
  const v1::Stocktake reviewed = Reviewed(Started(), 9000);
  auto back = Of<v1::RequestRecountRequest>(reviewed);
  back.add_stocktake_line_ids(Sheet(reviewed)[0].stocktake_line_id());
  back.set_reason("look behind the shelf");
  EXPECT_EQ(Must<v1::Stocktake>(back).state(), v1::Stocktake::STATE_RECOUNTING);
  As("sun.li");
  CountLine(reviewed, 0, 10000);
  EXPECT_EQ(Finish(reviewed).state(), v1::Stocktake::STATE_REVIEW);
  EXPECT_EQ(Sheet(reviewed)[0].difference_milli(), 0);
}

TEST_F(Counting, FreezesItsBinsUntilItIsOver) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 10000, 1000);
  const auto held = Reserve(NewId(), {{filter, 4000}});
  const v1::Stocktake stocktake = Started(true);
  const auto frozen = v1::STOCK_CONTROL_ERROR_REASON_BIN_FROZEN;
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(Receipt(filter, 1000, 100)).status(), frozen));
  // An issue leaves the frozen bin alone; there is no other.
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(Drawing(held, 1000)).status(), v1::ERROR_REASON_BIN_SHORT));
  v1::IssuePartsRequest by_name = Drawing(held, 1000);
  by_name.mutable_lines(0)->set_location_id(bin_);
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(by_name).status(), frozen));
  v1::AdjustStockRequest adjust;
  adjust.set_reason("broken");
  adjust.add_lines()->set_part_id(filter.part_id());
  adjust.mutable_lines(0)->set_location_id(bin_);
  adjust.mutable_lines(0)->set_difference_milli(-1000);
  EXPECT_TRUE(IsRefusal(Send<v1::StockDocument>(adjust).status(), frozen));
  const auto second = Planned(true);
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Of<v1::StartStocktakeRequest>(second)).status(), frozen));
  const std::string counted_bin = bin_;
  bin_ = ABin("B1");
  Receive(filter, 2000, 200);
  EXPECT_EQ(Must<v1::Issue>(Drawing(held, 1000)).lines(0).location_id(), bin_);
  bin_ = counted_bin;
  Must<v1::Stocktake>(Approval(Reviewed(stocktake, 9000)));
  As("zhang.lei", {options::ROLE_PARTS_MANAGER, options::ROLE_PARTS_CLERK});
  Receive(filter, 1000, 100);
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 11000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Counting, IsCancelledWithoutATrace) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 10000, 1000);
  const v1::Stocktake stocktake = Started(true);
  auto cancel = Of<v1::CancelStocktakeRequest>(stocktake);
  cancel.set_reason("a delivery is coming");
  EXPECT_EQ(Must<v1::Stocktake>(cancel).state(), v1::Stocktake::STATE_CANCELLED);
  Receive(filter, 1000, 100);
  EXPECT_EQ(Count("duty WHERE kind = 'stocktake_open' AND state = 'WAIVED'"), 1);
  EXPECT_TRUE(IsRefusal(Send<v1::RecordCountsResponse>(Counts(stocktake, 0, 1000)).status(),
                        aftersales::common::v1::ERROR_REASON_WRONG_STATE));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Counting, AllowsNoStepOutOfTurn) {
  const auto wrong = aftersales::common::v1::ERROR_REASON_WRONG_STATE;
  Receive(APart("F-1"), 10000, 1000);
  const v1::Stocktake planned = Planned();
  auto recount = Of<v1::RequestRecountRequest>(planned);
  recount.add_stocktake_line_ids(NewId());
  recount.set_reason("why not");
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Of<v1::FinishCountingRequest>(planned)).status(), wrong));
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Approval(planned)).status(), wrong));
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(recount).status(), wrong));
  Must<v1::Stocktake>(Of<v1::StartStocktakeRequest>(planned));
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Of<v1::StartStocktakeRequest>(planned)).status(), wrong));
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Approval(planned)).status(), wrong));
  Must<v1::Stocktake>(Approval(Reviewed(planned, 10000)));
  auto cancel = Of<v1::CancelStocktakeRequest>(planned);
  cancel.set_reason("too late");
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(cancel).status(), wrong));
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Approval(planned)).status(), wrong));
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(recount).status(), wrong));
}

TEST_F(Counting, FindsGoodsTheSheetDoesNotName) {
  const v1::Part filter = APart("F-1"), plug = APart("P-1");
  Receive(filter, 10000, 1000);
  const v1::Stocktake stocktake = Started();
  auto found = Of<v1::AddStocktakeLineRequest>(stocktake);
  found.set_part_id(plug.part_id());
  found.set_location_id(bin_);
  found.set_counted_milli(3000);
  As("wang.fang");
  const auto line = Must<v1::StocktakeLine>(found);
  EXPECT_TRUE(line.found());
  found.set_request_id(NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::StocktakeLine>(found).status(), v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_LINE_EXISTS));
  found.set_location_id(ABin("T1", v1::Location::KIND_IN_TRANSIT));
  EXPECT_TRUE(IsRefusal(Send<v1::StocktakeLine>(found).status(), v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_SCOPE));
  CountLine(stocktake, 0, 10000);
  EXPECT_EQ(Finish(stocktake).state(), v1::Stocktake::STATE_RECOUNTING);
  As("li.na");
  CountLine(stocktake, 1, 3000);
  Finish(stocktake);
  AsManager();
  Must<v1::Stocktake>(Approval(stocktake));
  EXPECT_EQ(StockOf(plug).on_hand_milli(), 3000);
  EXPECT_EQ(StockOf(plug).value_amount(), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Counting, PutsMissingGoodsThatWereHeldBackIntoTheQueue) {
  const v1::Part filter = APart("F-1");
  Receive(filter, 3000, 300);
  const auto first = Reserve(NewId(), {{filter, 2000}});
  clock_.Advance(absl::Minutes(1));
  const auto second = Reserve(NewId(), {{filter, 1000}});
  Must<v1::Stocktake>(Approval(Reviewed(Started(), 2000)));
  EXPECT_EQ(ReservationOf(first.reservation_id()).lines(0).reserved_milli(), 2000);
  EXPECT_EQ(ReservationOf(second.reservation_id()).lines(0).reserved_milli(), 0);
  EXPECT_EQ(ReservationOf(second.reservation_id()).lines(0).short_milli(), 1000);
  EXPECT_EQ(StockOf(filter).on_hand_milli(), 2000);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Counting, CountsEveryBatchForItself) {
  v1::Part oil = PartNamed("OIL");
  oil.set_tracking(v1::Part::TRACKING_BATCH);
  oil = Create(oil);
  for (const std::string batch : {"L1", "L2"}) {
    v1::ReceiveStockRequest receipt = Receipt(oil, 4000, 400);
    receipt.mutable_lines(0)->set_batch_code(batch);
    Must<v1::StockDocument>(receipt);
  }
  const v1::Stocktake stocktake = Started();
  const auto sheet = Sheet(stocktake);
  ASSERT_EQ(sheet.size(), 2u);
  EXPECT_EQ(sheet[0].batch_code(), "L1");
  As("wang.fang");
  CountLine(stocktake, 0, 4000);
  CountLine(stocktake, 1, 3000);
  Finish(stocktake);
  As("li.na");
  CountLine(stocktake, 1, 3000);
  Finish(stocktake);
  AsManager();
  EXPECT_EQ(Must<v1::Stocktake>(Approval(stocktake)).deviating_line_count(), 1);
  EXPECT_EQ(StockOf(oil).on_hand_milli(), 7000);
  EXPECT_EQ(Count("stock_movement WHERE document_kind = 'STOCKTAKE' AND batch_code = 'L2'"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Counting, CountsByBinByPartAndByClass) {
  const v1::Part filter = APart("F-1"), plug = APart("P-1");
  Receive(filter, 1000, 100);
  Receive(plug, 1000, 100);
  bin_ = ABin("B1");
  Receive(plug, 1000, 100);
  const auto lines = [&](const v1::PlanStocktakeRequest& scope) {
    v1::PlanStocktakeRequest request = scope;
    request.set_kind(v1::Stocktake::KIND_CYCLIC);
    return Must<v1::Stocktake>(Of<v1::StartStocktakeRequest>(Must<v1::Stocktake>(request))).line_count();
  };
  v1::PlanStocktakeRequest by_bin, by_part, by_warehouse, by_class;
  by_bin.add_location_ids(bin_);
  by_part.add_part_ids(plug.part_id());
  by_warehouse.set_warehouse_id(warehouse_id_);
  by_class.set_part_class(v1::Stocktake::PART_CLASS_C);
  EXPECT_EQ(lines(by_bin), 1);
  EXPECT_EQ(lines(by_part), 2);
  EXPECT_EQ(lines(by_warehouse), 3);
  EXPECT_EQ(lines(by_class), 3);  // nobody has drawn anything yet
  v1::PlanStocktakeRequest of_a = by_class;
  of_a.set_kind(v1::Stocktake::KIND_CYCLIC);
  of_a.set_part_class(v1::Stocktake::PART_CLASS_A);
  const auto empty = Must<v1::Stocktake>(of_a);
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Of<v1::StartStocktakeRequest>(empty)).status(),
                        v1::STOCK_CONTROL_ERROR_REASON_STOCKTAKE_EMPTY));
}

TEST_F(Counting, IsOwedByClassAndDoneWithAFullCount) {
  Receive(APart("F-1"), 1000, 100);
  RunPeriodic("stocktake_due");
  EXPECT_EQ(Count("duty WHERE kind = 'stocktake_due'"), 0);
  clock_.Advance(absl::Hours(24 * 31));
  RunPeriodic("stocktake_due");
  RunPeriodic("stocktake_due");
  EXPECT_EQ(Count("duty WHERE kind = 'stocktake_due' AND state = 'OPEN'"), 1);  // A: monthly
  clock_.Advance(absl::Hours(24 * 70));
  RunPeriodic("stocktake_due");
  EXPECT_EQ(Count("duty WHERE kind = 'stocktake_due' AND state = 'OPEN'"), 2);  // B: quarterly
  Must<v1::Stocktake>(Approval(Reviewed(Started(), 1000)));
  RunPeriodic("stocktake_due");
  EXPECT_EQ(Count("duty WHERE kind = 'stocktake_due' AND state = 'OPEN'"), 0);
}

// Handbook: P-10, P-03
TEST_F(Counting, MakesTheAccountAgreeWithTheShelfWhateverTheStoreDoesMeanwhile) {
  std::mt19937 random(20261122);
  const auto upto = [&](int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(random); };
  const v1::Part filter = APart("F-1");
  Receive(filter, 200000, 20000);
  const auto held = Reserve(NewId(), {{filter, 100000}});
  int64_t on_shelf = 200000;  // what really lies there: the model
  const auto work = [&] {
    As("zhang.lei", {options::ROLE_PARTS_MANAGER, options::ROLE_PARTS_CLERK});
    for (int64_t i = upto(2); i >= 0; --i) {
      clock_.Advance(absl::Seconds(1 + upto(60)));
      if (upto(1) == 0) {
        Receive(filter, 1000, 100 + upto(50));
        on_shelf += 1000;
      } else if (Send<v1::Issue>(Drawing(held, 1000)).ok()) {
        on_shelf -= 1000;
      }
    }
    clock_.Advance(absl::Seconds(1));
  };
  for (int round = 0; round < 12; ++round) {
    on_shelf += 1000 * (upto(4) - 2);  // somebody took some, or put some there, without a paper
    const v1::Stocktake stocktake = Started();
    work();
    for (const std::string who : {"wang.fang", "li.na"}) {
      As(who);
      v1::RecordCountsRequest counts = Counts(stocktake, 0, on_shelf);
      *counts.mutable_lines(0)->mutable_count_time() = chassis::ToProto(clock_.Now());
      work();  // before it is written down
      As(who);
      Must<v1::RecordCountsResponse>(counts);
      work();
      if (Finish(stocktake).state() == v1::Stocktake::STATE_REVIEW) break;
    }
    work();
    As("chen.jing", {options::ROLE_SERVICE_MANAGER});
    Must<v1::Stocktake>(Approval(stocktake));
    ASSERT_EQ(StockOf(filter).on_hand_milli(), on_shelf) << "round " << round;
  }
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Counting, OfAnotherStoreDoesNotExist) {
  Receive(APart("F-1"), 1000, 100);
  const v1::Stocktake stocktake = Started();
  const auto line = Counts(stocktake, 0, 1000);
  Execute("UPDATE stocktake SET store_id = UNHEX('111111111111711181111111111111aa')");
  Execute("UPDATE stocktake_line SET store_id = UNHEX('111111111111711181111111111111aa')");
  const auto unknown = aftersales::common::v1::ERROR_REASON_NOT_FOUND;
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Of<v1::GetStocktakeRequest>(stocktake)).status(), unknown));
  EXPECT_TRUE(IsRefusal(Send<v1::RecordCountsResponse>(line).status(), unknown));
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Of<v1::FinishCountingRequest>(stocktake)).status(), unknown));
  EXPECT_TRUE(IsRefusal(Send<v1::Stocktake>(Approval(stocktake)).status(), unknown));
}

}  // namespace
}  // namespace parts
