// Jobs from orders on a real database (R-26, R-27, R-32, W-02).
#include <atomic>
#include <thread>

#include "workshop-svc/workshop_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;

class OrderIntake : public WorkshopFloor {
 protected:
  OrderIntake() { ManTheFloor(); }

  absl::Status Cancel(const std::string& repair_order_id) {
    v1::CancelJobsRequest request;
    request.set_repair_order_id(repair_order_id);
    request.set_reason("客户取消");
    return Send<v1::CancelJobsResponse>(options::ROLE_SUITE_SERVICE, "service:reception-svc", request).status();
  }
  v1::AddJobLinesRequest AddOn(const std::string& repair_order_id, v1::OrderLine line) {
    v1::AddJobLinesRequest request;
    request.set_repair_order_id(repair_order_id);
    request.set_add_on_id(ids_.NewId());
    line.set_line_id(ids_.NewId());
    *request.add_lines() = line;
    return request;
  }
};

// Handbook: W-02, R-26.
TEST_F(OrderIntake, MakesOneJobPerSkillWithAllLines) {
  const auto release = ARelease({ALine("1", common::SKILL_MECHANICAL), ALine("2", common::SKILL_PAINT),
                                 ALine("3", common::SKILL_MECHANICAL, 30)});
  const auto created = AsSuite<v1::CreateJobsResponse>(release);
  ASSERT_EQ(created.jobs_size(), 2);
  EXPECT_NE(created.jobs(0).number(), created.jobs(1).number());
  const v1::Job job = JobOf(created.jobs(0).job_id());
  EXPECT_EQ(job.lines_size(), 2);
  EXPECT_EQ(job.standard_minutes(), 90);
  EXPECT_EQ(job.state(), v1::Job::STATE_CREATED);
  EXPECT_EQ(Count("outbox WHERE type = 'OrderStageChanged'"), 1);
}

// Handbook: W-02, G-07.
TEST_F(OrderIntake, AnswersTheSameOrderWithTheSameJobs) {
  v1::CreateJobsRequest release = ARelease({ALine("1", common::SKILL_MECHANICAL)});
  const auto first = AsSuite<v1::CreateJobsResponse>(release);
  const auto again = AsSuite<v1::CreateJobsResponse>(release);
  EXPECT_EQ(first.jobs(0).job_id(), again.jobs(0).job_id());
  EXPECT_EQ(Count("job"), 1);
  release.mutable_lines(0)->set_line_id(ids_.NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::CreateJobsResponse>(options::ROLE_SUITE_SERVICE, "s", release).status(),
                        v1::ERROR_REASON_JOBS_DIFFER));
}

// Handbook: W-02, G-07.
TEST_F(OrderIntake, MakesNoJobTwiceWhenCalledAtOnce) {
  const v1::CreateJobsRequest release = ARelease({ALine("1", common::SKILL_MECHANICAL)});
  std::atomic<int> odd = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      const auto created = Send<v1::CreateJobsResponse>(options::ROLE_SUITE_SERVICE, "s", release);
      if (!created.ok() && !absl::IsAborted(created.status())) ++odd;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(odd, 0);
  EXPECT_EQ(Count("job"), 1);
}

// Handbook.
TEST_F(OrderIntake, TakesTheAppointmentsBayOver) {
  v1::HoldSlotRequest hold;
  hold.set_holder_id(ids_.NewId());
  hold.set_skill(common::SKILL_MECHANICAL);
  *hold.mutable_start_time() = chassis::ToProto(MondayAt(10));
  hold.set_duration_minutes(60);
  AsSuite<v1::SlotHold>(hold);
  v1::CreateJobsRequest release = ARelease({ALine("1", common::SKILL_MECHANICAL)});
  release.set_slot_holder_id(hold.holder_id());
  const auto created = AsSuite<v1::CreateJobsResponse>(release);
  EXPECT_EQ(JobOf(created.jobs(0).job_id()).bay_id(), bay_.bay_id());
  ASSERT_TRUE(Cancel(release.repair_order_id()).ok());
  EXPECT_EQ(Count("slot_unit"), 0) << "cancellation releases everything";
}

// Handbook: R-27.
TEST_F(OrderIntake, CancelsBeforeWorkAndNotAfter) {
  const v1::Job waiting = AnAcceptedJob();
  ASSERT_TRUE(Cancel(waiting.repair_order_id()).ok());
  EXPECT_EQ(JobOf(waiting.job_id()).state(), v1::Job::STATE_CANCELLED);
  EXPECT_TRUE(Cancel(waiting.repair_order_id()).ok()) << "again is no error";
  EXPECT_TRUE(Cancel(ids_.NewId()).ok()) << "nor is what was never created";
  const v1::Job begun = AJobForAlice();
  ClockOn(begun, "alice");
  EXPECT_TRUE(IsRefusal(Cancel(begun.repair_order_id()), v1::ERROR_REASON_WORK_HAS_BEGUN));
  EXPECT_EQ(JobOf(begun.job_id()).state(), v1::Job::STATE_IN_PROGRESS);
}

TEST_F(OrderIntake, MakesNewJobsForAnOrderReleasedAgainAfterItsCancellation) {
  const v1::CreateJobsRequest release = ARelease({ALine("1", common::SKILL_MECHANICAL)});
  const auto first = AsSuite<v1::CreateJobsResponse>(release);
  ASSERT_TRUE(Cancel(release.repair_order_id()).ok());
  const auto second = AsSuite<v1::CreateJobsResponse>(release);
  ASSERT_EQ(second.jobs_size(), 1);
  EXPECT_NE(first.jobs(0).job_id(), second.jobs(0).job_id());
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: W-07, R-32.
TEST_F(OrderIntake, JoinsAnAddOnToTheJobInWorkAndRepeatsHarmlessly) {
  const v1::Job job = AJobForAlice();
  ClockOn(job, "alice");
  v1::AddJobLinesRequest add_on = AddOn(job.repair_order_id(), ALine("pads", common::SKILL_MECHANICAL, 40));
  *add_on.mutable_promised_time() = chassis::ToProto(MondayAt(17, 45));
  AsSuite<v1::CreateJobsResponse>(add_on);
  AsSuite<v1::CreateJobsResponse>(add_on);
  const v1::Job joined = JobOf(job.job_id());
  EXPECT_EQ(joined.lines_size(), 2);
  EXPECT_EQ(joined.lines(1).add_on_id(), add_on.add_on_id());
  EXPECT_EQ(joined.standard_minutes(), 100);
  EXPECT_EQ(Count("job"), 1);
  EXPECT_EQ(Count("add_on_decision WHERE approved = 1"), 1);
}

TEST_F(OrderIntake, GivesAnAddOnItsOwnJobWhenTheTechnicianLacksTheCertificate) {
  const v1::Job job = AJobForAlice();
  v1::OrderLine special = ALine("hv", common::SKILL_MECHANICAL);
  special.set_certificate_code("HV2");
  const auto jobs = AsSuite<v1::CreateJobsResponse>(AddOn(job.repair_order_id(), special));
  EXPECT_EQ(jobs.jobs_size(), 2);
  EXPECT_EQ(JobOf(job.job_id()).lines_size(), 1);
}

// Handbook: W-09, R-32.
TEST_F(OrderIntake, OpensAnOrderAgainWhenAnAddOnComesAfterTheChecks) {
  const v1::Job job = AJobForAlice();
  WorkOff(job, "alice");
  PassTwoLevels(job);
  Must<v1::Inspection>(options::ROLE_QUALITY_INSPECTOR, "inspector", FinalInspectionOf(job));
  EXPECT_TRUE(ProgressOfOrder(job.repair_order_id()).has_complete_time());
  EXPECT_EQ(Count("outbox WHERE type = 'OrderFinished'"), 1);
  const auto jobs =
      AsSuite<v1::CreateJobsResponse>(AddOn(job.repair_order_id(), ALine("pads", common::SKILL_MECHANICAL)));
  EXPECT_EQ(jobs.jobs_size(), 2) << "finished work is not touched";
  const v1::OrderProgress progress = ProgressOfOrder(job.repair_order_id());
  EXPECT_FALSE(progress.has_complete_time());
  EXPECT_FALSE(progress.final_inspection_passed());
  EXPECT_FALSE(progress.self_check_passed());
  EXPECT_EQ(progress.lines_size(), 2);
  EXPECT_TRUE(progress.lines(0).done());
  EXPECT_FALSE(progress.lines(1).done());
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: W-08, R-32, G-05.
TEST_F(OrderIntake, PassesADeclineOnToTheTeamLeaderWhoTakesNoteOnce) {
  const v1::Job job = AJobForAlice();
  ClockOn(job, "alice");
  v1::RaiseFindingRequest raise;
  raise.set_job_id(job.job_id());
  raise.set_description("前制动片磨损至极限");
  raise.set_reason("目视检查");
  raise.set_severity(v1::Finding::SEVERITY_NOW);
  raise.set_safety_critical(true);
  raise.set_system(common::VEHICLE_SYSTEM_BRAKES);
  raise.add_operations()->set_operation_code("BR-010");
  const v1::Finding finding = Must<v1::Finding>(options::ROLE_TECHNICIAN, "alice", raise);
  EXPECT_EQ(Count("outbox WHERE type = 'FindingRaised'"), 1);

  v1::RecordAddOnDeclineRequest decline;
  decline.set_repair_order_id(job.repair_order_id());
  decline.set_add_on_id(ids_.NewId());
  decline.set_finding_id(finding.finding_id());
  decline.set_safety_critical(true);
  *decline.mutable_decline_time() = chassis::ToProto(MondayAt(10));
  AsSuite<v1::RecordAddOnDeclineResponse>(decline);
  AsSuite<v1::RecordAddOnDeclineResponse>(decline);
  EXPECT_EQ(Count("duty WHERE kind = 'acknowledge_decision' AND assignee = 'leader' AND state = 'OPEN'"), 1);
  EXPECT_EQ(Count("finding WHERE state = 'DECLINED'"), 1);
  EXPECT_EQ(Count("workshop_order WHERE open_finding_count = 0"), 1);

  v1::AcknowledgeDecisionRequest acknowledge;
  acknowledge.set_add_on_id(decline.add_on_id());
  EXPECT_TRUE(IsRefusal(Send<v1::AddOnDecision>(options::ROLE_TEAM_LEADER, "stranger", acknowledge).status(),
                        v1::ERROR_REASON_NOT_YOUR_TEAM));
  EXPECT_EQ(Must<v1::AddOnDecision>(options::ROLE_TEAM_LEADER, "leader", acknowledge).receiver(), "leader");
  EXPECT_EQ(Count("duty WHERE kind = 'acknowledge_decision' AND state = 'DONE'"), 1);
  EXPECT_TRUE(IsRefusal(Send<v1::AddOnDecision>(options::ROLE_TEAM_LEADER, "leader", acknowledge).status(),
                        v1::ERROR_REASON_ALREADY_ACKNOWLEDGED));
}

// Handbook: G-01.
TEST_F(OrderIntake, KnowsNothingOfAnotherStoresOrder) {
  const v1::Job job = AnAcceptedJob();
  v1::GetOrderProgressRequest progress;
  progress.set_store_id(kOther);
  progress.set_repair_order_id(job.repair_order_id());
  EXPECT_TRUE(absl::IsNotFound(Send<v1::OrderProgress>(options::ROLE_SERVICE_MANAGER, "manager", progress).status()));
  v1::GetJobRequest get;
  get.set_store_id(kOther);
  get.set_job_id(job.job_id());
  EXPECT_TRUE(absl::IsNotFound(Send<v1::Job>(options::ROLE_SERVICE_MANAGER, "manager", get).status()));
  v1::ListJobsRequest list;
  list.set_store_id(kOther);
  EXPECT_TRUE(AsController<v1::ListJobsResponse>(list).jobs().empty());
}

}  // namespace
}  // namespace workshop
