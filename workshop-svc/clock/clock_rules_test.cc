#include "workshop-svc/clock/clock_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::FromProto;
using chassis::IsRefusal;
using Job = v1::Job;

TEST(Clock, BooksItsTimeOnTheJob) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_VERIFIED)});
  Job& job = file.jobs[0];
  ASSERT_TRUE(BeginWork(file, job, MondayAt(9)).ok());
  EXPECT_TRUE(file.order.has_begin_time());
  v1::Clocking clocking = NewClocking(job, "c", MondayAt(9), absl::InfinitePast());
  EXPECT_TRUE(clocking.open());
  CloseClocking(clocking, job, MondayAt(9, 45));
  EXPECT_FALSE(clocking.has_open());
  EXPECT_EQ(job.clocked_seconds(), 45 * 60);
}

TEST(Clock, NeverBeginsBeforeTheLastIntervalEndedNorEndsBeforeItBegan) {
  Job job = AJob("1", Job::STATE_IN_PROGRESS);
  v1::Clocking clocking = NewClocking(job, "c", MondayAt(9), MondayAt(9) + absl::Milliseconds(3));
  EXPECT_EQ(FromProto(clocking.start_time()), MondayAt(9) + absl::Milliseconds(3));
  CloseClocking(clocking, job, MondayAt(9));
  EXPECT_EQ(FromProto(clocking.end_time()), FromProto(clocking.start_time()));
  EXPECT_EQ(job.clocked_seconds(), 0);
}

TEST(BeginWork, NeedsAVerifiedVehicle) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_DISPATCHED)});
  EXPECT_TRUE(IsRefusal(BeginWork(file, file.jobs[0], MondayAt(9)), common::ERROR_REASON_WRONG_STATE));
}

TEST(StopWork, LeadsToTheSelfCheckOnlyWhenEveryLineIsDone) {
  Job job = AJob("1", Job::STATE_IN_PROGRESS);
  EXPECT_EQ(*StopWork(job), v1::PAUSE_REASON_END_OF_SHIFT);
  EXPECT_EQ(job.state(), Job::STATE_PAUSED);
  Job done = AJob("1", Job::STATE_IN_PROGRESS);
  for (v1::JobLine& line : *done.mutable_lines()) line.set_done(true);
  EXPECT_EQ(*StopWork(done), v1::PAUSE_REASON_UNSPECIFIED);
  EXPECT_EQ(done.state(), Job::STATE_WORK_DONE);
}

TEST(Pause, NeedsWorkUnderWay) {
  Job job = AJob("1", Job::STATE_PAUSED);
  EXPECT_TRUE(IsRefusal(Pause(job, v1::PAUSE_REASON_BREAK), common::ERROR_REASON_WRONG_STATE));
}

TEST(TimesOf, ShowTheHandbooksRatios) {
  const v1::TechnicianTimes times = TimesOf("a", 8 * 3600, 6 * 3600, 450);
  EXPECT_EQ(times.productivity_basis_points(), 7500);
  EXPECT_EQ(times.efficiency_basis_points(), 12500);
  EXPECT_EQ(times.utilisation_basis_points(), 9375);
  EXPECT_EQ(TimesOf("a", 0, 0, 0).efficiency_basis_points(), 0);
}

}  // namespace
}  // namespace workshop
