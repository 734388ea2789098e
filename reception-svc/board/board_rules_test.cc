#include "reception-svc/board/board_rules.h"

#include "chassis/time/clock.h"
#include "gtest/gtest.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

v1::BoardEntry AVehicle(const std::string& visit_id, const std::string& etag = "1") {
  v1::BoardEntry entry;
  entry.set_visit_id(visit_id);
  entry.set_etag(etag);
  entry.set_on_board(true);
  entry.set_stage(v1::BoardEntry::STAGE_WORK_IN_PROGRESS);
  *entry.mutable_promised_time() = chassis::ToProto(kNow);
  *entry.mutable_update_time() = chassis::ToProto(kNow - absl::Minutes(1));
  return entry;
}

TEST(MarkLate, CountsFromThePromiseUntilTheVehicleIsReady) {
  v1::BoardEntry entry = AVehicle("a");
  MarkLate(entry, kNow);
  EXPECT_FALSE(entry.late());
  MarkLate(entry, kNow + absl::Minutes(30));
  EXPECT_TRUE(entry.late());
  EXPECT_EQ(entry.late_minutes(), 30);
  entry.set_stage(v1::BoardEntry::STAGE_COMPLETED);
  MarkLate(entry, kNow + absl::Minutes(30));
  EXPECT_FALSE(entry.late());
}

TEST(BoardView, TellsTheSnapshotOnceAndThenOnlyWhatChanged) {
  BoardView view;
  EXPECT_EQ(view.Update({AVehicle("a"), AVehicle("b")}).entries_size(), 2);
  EXPECT_EQ(view.Update({AVehicle("a"), AVehicle("b")}).entries_size(), 0);
  const v1::WatchBoardResponse news = view.Update({AVehicle("a"), AVehicle("b", "2"), AVehicle("c")});
  ASSERT_EQ(news.entries_size(), 2);
  EXPECT_EQ(news.entries(0).visit_id(), "b");
  EXPECT_EQ(news.entries(1).visit_id(), "c");
}

TEST(BoardView, TellsWhoHasLeft) {
  BoardView view;
  view.Update({AVehicle("a"), AVehicle("b")});
  const v1::WatchBoardResponse news = view.Update({AVehicle("b")});
  ASSERT_EQ(news.left_visit_ids_size(), 1);
  EXPECT_EQ(news.left_visit_ids(0), "a");
}

TEST(BoardView, TellsAVehicleAgainWhenItTurnsLateOrItsNextDutyChanges) {
  BoardView view;
  v1::BoardEntry entry = AVehicle("a");
  view.Update({entry});
  MarkLate(entry, kNow + absl::Minutes(1));
  EXPECT_EQ(view.Update({entry}).entries_size(), 1);
  MarkLate(entry, kNow + absl::Minutes(2));
  EXPECT_EQ(view.Update({entry}).entries_size(), 0) << "minutes pass for everybody";
  entry.set_next_duty_kind("progress_check");
  EXPECT_EQ(view.Update({entry}).entries_size(), 1);
}

TEST(BoardView, ResumesWithWhatChangedSinceAndWhoLeft) {
  v1::BoardEntry gone = AVehicle("gone", "3");
  gone.set_on_board(false);
  BoardView view;
  view.Resume({AVehicle("a"), AVehicle("b", "2")}, {AVehicle("b", "2"), gone});
  const v1::WatchBoardResponse news = view.Update({AVehicle("a"), AVehicle("b", "2")});
  ASSERT_EQ(news.entries_size(), 1);
  EXPECT_EQ(news.entries(0).visit_id(), "b");
  ASSERT_EQ(news.left_visit_ids_size(), 1);
  EXPECT_EQ(news.left_visit_ids(0), "gone");
  EXPECT_EQ(news.revision(), absl::ToUnixMicros(kNow - absl::Minutes(1)));
}

}  // namespace
}  // namespace reception
