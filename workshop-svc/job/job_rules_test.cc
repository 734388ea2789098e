#include "workshop-svc/job/job_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;
using Job = v1::Job;
using Stage = v1::OrderStageChanged;

TEST(JobStates, FollowTheTableAndNothingElse) {
  Job job = AJob("j", Job::STATE_CREATED);
  EXPECT_TRUE(IsRefusal(chassis::MoveTo(job, Job::STATE_IN_PROGRESS), common::ERROR_REASON_WRONG_STATE));
  for (const Job::State next :
       {Job::STATE_ACCEPTED, Job::STATE_DISPATCHED, Job::STATE_VERIFIED, Job::STATE_IN_PROGRESS, Job::STATE_PAUSED,
        Job::STATE_IN_PROGRESS, Job::STATE_WORK_DONE, Job::STATE_SELF_CHECKED, Job::STATE_REWORK,
        Job::STATE_IN_PROGRESS, Job::STATE_WORK_DONE, Job::STATE_SELF_CHECKED, Job::STATE_LEADER_CHECKED,
        Job::STATE_FINISHED}) {
    EXPECT_TRUE(chassis::MoveTo(job, next).ok()) << next;
  }
  EXPECT_TRUE(IsRefusal(chassis::MoveTo(job, Job::STATE_CANCELLED), common::ERROR_REASON_WRONG_STATE));
}

TEST(JobStates, SkipNoLevelOfInspection) {
  Job job = AJob("j", Job::STATE_WORK_DONE);
  EXPECT_FALSE(chassis::MoveTo(job, Job::STATE_LEADER_CHECKED).ok());
  EXPECT_FALSE(chassis::MoveTo(job, Job::STATE_FINISHED).ok());
}

TEST(BySkill, MakesOneGroupPerSkill) {
  v1::CreateJobsRequest request;
  *request.add_lines() = ALine("1", common::SKILL_MECHANICAL);
  *request.add_lines() = ALine("2", common::SKILL_PAINT);
  *request.add_lines() = ALine("3", common::SKILL_MECHANICAL);
  const auto groups = BySkill(request.lines());
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups.at(common::SKILL_MECHANICAL).size(), 2u);
}

TEST(HoldsExactly, ComparesTheReleasedLinesAndNotTheAddOns) {
  OrderFile file = AnOrderWith({AJob("j", Job::STATE_CREATED)});
  v1::CreateJobsRequest request;
  *request.add_lines() = ALine("j-2", common::SKILL_MECHANICAL);
  EXPECT_FALSE(HoldsExactly(file, request.lines()));
  *request.add_lines() = ALine("j-1", common::SKILL_MECHANICAL);
  EXPECT_TRUE(HoldsExactly(file, request.lines()));
  v1::OrderLine extra = ALine("x", common::SKILL_MECHANICAL);
  extra.set_add_on_id("add-on");
  AddLines(file.jobs[0], {extra});
  EXPECT_TRUE(HoldsExactly(file, request.lines()));
}

TEST(CheckLines, RefusesALineThatComesTwice) {
  v1::CreateJobsRequest request;
  *request.add_lines() = ALine("1", common::SKILL_MECHANICAL);
  *request.add_lines() = ALine("1", common::SKILL_PAINT);
  EXPECT_TRUE(IsRefusal(CheckLines(request.lines()), common::ERROR_REASON_INVALID_FIELD));
}

TEST(Accept, TakesEveryWaitingJobWithNameAndTime) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_CREATED), AJob("2", Job::STATE_CREATED)});
  ASSERT_TRUE(Accept(file, "controller", MondayAt(9)).ok());
  for (const Job& job : file.jobs) {
    EXPECT_EQ(job.state(), Job::STATE_ACCEPTED);
    EXPECT_EQ(job.accepted_by(), "controller");
    EXPECT_EQ(chassis::FromProto(job.accept_time()), MondayAt(9));
  }
  EXPECT_TRUE(IsRefusal(Accept(file, "controller", MondayAt(9)), common::ERROR_REASON_WRONG_STATE));
}

TEST(CancelAll, CancelsWhatHasNotBegun) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_ACCEPTED), AJob("2", Job::STATE_VERIFIED)});
  ASSERT_TRUE(CancelAll(file).ok());
  EXPECT_TRUE(LiveJobs(file).empty());
  EXPECT_EQ(file.order.state(), v1::WorkshopOrder::STATE_CANCELLED);
}

TEST(CancelAll, RefusesOnceAnyWorkHasBegun) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_ACCEPTED), AJob("2", Job::STATE_PAUSED)});
  EXPECT_TRUE(IsRefusal(CancelAll(file), v1::ERROR_REASON_WORK_HAS_BEGUN));
  EXPECT_EQ(file.jobs[0].state(), Job::STATE_ACCEPTED);
}

TEST(RequireAssignedTo, LetsOnlyTheTechnicianAct) {
  EXPECT_TRUE(RequireAssignedTo(AJob("j", Job::STATE_DISPATCHED), "technician-a").ok());
  EXPECT_TRUE(
      IsRefusal(RequireAssignedTo(AJob("j", Job::STATE_DISPATCHED), "technician-b"), v1::ERROR_REASON_NOT_YOUR_JOB));
  EXPECT_TRUE(IsRefusal(RequireAssignedTo(AJob("j", Job::STATE_ACCEPTED), ""), v1::ERROR_REASON_NOT_YOUR_JOB));
}

TEST(MarkDone, NamesTheLineItDoesNotKnow) {
  Job job = AJob("j", Job::STATE_IN_PROGRESS);
  v1::MarkLinesDoneRequest request;
  request.add_line_ids("j-1");
  ASSERT_TRUE(MarkDone(job, request.line_ids(), "line_ids", MondayAt(10)).ok());
  EXPECT_FALSE(AllLinesDone(job));
  request.add_line_ids("other");
  const absl::Status refused = MarkDone(job, request.line_ids(), "line_ids", MondayAt(10));
  ASSERT_TRUE(IsRefusal(refused, v1::ERROR_REASON_LINE_UNKNOWN));
  EXPECT_EQ(chassis::RefusalIn(refused).violations(0).field(), "line_ids[1]");
}

TEST(StageOf, SaysWhereTheVehicleIs) {
  EXPECT_EQ(StageOf(AnOrderWith({AJob("1", Job::STATE_VERIFIED)})), Stage::STAGE_WAITING);
  EXPECT_EQ(StageOf(AnOrderWith({AJob("1", Job::STATE_IN_PROGRESS), AJob("2", Job::STATE_ACCEPTED)})),
            Stage::STAGE_WORK_IN_PROGRESS);
  Job waiting = AJob("1", Job::STATE_PAUSED);
  waiting.set_pause_reason(v1::PAUSE_REASON_WAITING_FOR_PARTS);
  EXPECT_EQ(StageOf(AnOrderWith({waiting, AJob("2", Job::STATE_WORK_DONE)})), Stage::STAGE_WAITING_FOR_PARTS);
  waiting.set_pause_reason(v1::PAUSE_REASON_WAITING_FOR_CONSENT);
  EXPECT_EQ(StageOf(AnOrderWith({waiting})), Stage::STAGE_WAITING_FOR_CONSENT);
  waiting.set_pause_reason(v1::PAUSE_REASON_BREAK);
  EXPECT_EQ(StageOf(AnOrderWith({waiting})), Stage::STAGE_WORK_IN_PROGRESS);
  EXPECT_EQ(StageOf(AnOrderWith({AJob("1", Job::STATE_WORK_DONE), AJob("2", Job::STATE_ACCEPTED)})),
            Stage::STAGE_WORK_IN_PROGRESS);
  EXPECT_EQ(StageOf(AnOrderWith({AJob("1", Job::STATE_WORK_DONE), AJob("2", Job::STATE_CANCELLED)})),
            Stage::STAGE_QUALITY_ASSURANCE);
}

TEST(StageOf, WaitsForConsentWhenWorkIsOverButAFindingIsOpen) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_LEADER_CHECKED)});
  file.order.set_open_finding_count(1);
  EXPECT_EQ(StageOf(file), Stage::STAGE_WAITING_FOR_CONSENT);
}

TEST(Settle, FinishesAnOrderOnceInspectedAndWashedIfWanted) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_FINISHED)});
  file.order.set_final_inspection_id("inspection");
  file.order.set_wash_wanted(true);
  EXPECT_FALSE(Settle(file, MondayAt(15)));
  EXPECT_EQ(file.order.stage(), Stage::STAGE_WASHING);
  file.order.set_wash_done(true);
  EXPECT_TRUE(Settle(file, MondayAt(16)));
  EXPECT_EQ(file.order.state(), v1::WorkshopOrder::STATE_FINISHED);
  EXPECT_EQ(chassis::FromProto(file.order.complete_time()), MondayAt(16));
  EXPECT_FALSE(Settle(file, MondayAt(17))) << "only once";
}

TEST(Reopen, AsksForInspectionAndWashAgain) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_FINISHED)});
  file.order.set_final_inspection_id("inspection");
  ASSERT_TRUE(Settle(file, MondayAt(16)));
  ASSERT_TRUE(Reopen(file.order).ok());
  file.jobs.push_back(AJob("2", Job::STATE_CREATED));
  EXPECT_FALSE(Settle(file, MondayAt(16)));
  EXPECT_EQ(file.order.state(), v1::WorkshopOrder::STATE_OPEN);
  EXPECT_EQ(file.order.stage(), Stage::STAGE_WORK_IN_PROGRESS);
  EXPECT_FALSE(file.order.has_complete_time());
}

TEST(TakesLines, EndsWithTheWork) {
  EXPECT_TRUE(TakesLines(AJob("1", Job::STATE_PAUSED)));
  EXPECT_TRUE(TakesLines(AJob("1", Job::STATE_REWORK)));
  EXPECT_FALSE(TakesLines(AJob("1", Job::STATE_WORK_DONE)));
  EXPECT_FALSE(TakesLines(AJob("1", Job::STATE_FINISHED)));
}

TEST(ProgressOf, SharesTheClockedTimeAmongTheLinesWithoutLosingAMinute) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_FINISHED), AJob("2", Job::STATE_CANCELLED)});
  file.jobs[0].set_clocked_seconds(100 * 60);
  const v1::OrderProgress progress = ProgressOf(file);
  ASSERT_EQ(progress.lines_size(), 2);
  EXPECT_EQ(progress.lines(0).clocked_minutes() + progress.lines(1).clocked_minutes(), 100);
  EXPECT_EQ(progress.lines(0).clocked_minutes(), 67);
  EXPECT_EQ(progress.lines(0).technician(), "technician-a");
  EXPECT_FALSE(progress.self_check_passed());
}

}  // namespace
}  // namespace workshop
