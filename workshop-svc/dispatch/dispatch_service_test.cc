// Dispatch and clocks on a real database (W-03, W-04, W-05, S-01).
#include <atomic>
#include <thread>

#include "workshop-svc/workshop_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;

class Dispatch : public WorkshopFloor {
 protected:
  Dispatch() { ManTheFloor(); }

  absl::Status TryAssign(const v1::Job& job, const v1::StaffMember& to) {
    return Send<v1::Job>(options::ROLE_WORKSHOP_CONTROLLER, "controller", Assigning(job, to)).status();
  }
  v1::Job NeedingHv2() {
    v1::OrderLine line = ALine("hv", common::SKILL_MECHANICAL);
    line.set_certificate_code("HV2");
    return AnAcceptedJob(ARelease({line}));
  }
  void Certify(const v1::StaffMember& member, const std::string& expiry_date) {
    v1::RecordCertificateRequest request;
    request.set_staff_member_id(member.staff_member_id());
    request.mutable_certificate()->set_code("HV2");
    request.mutable_certificate()->set_issue_date("2024-01-01");
    request.mutable_certificate()->set_expiry_date(expiry_date);
    AsController<v1::StaffMember>(request);
  }
  absl::Status TryClockOn(const v1::Job& job, const std::string& subject) {
    v1::ClockOnRequest request;
    request.set_job_id(job.job_id());
    return Send<v1::Job>(options::ROLE_TECHNICIAN, subject, request).status();
  }
};

// Handbook: W-03, S-01.
TEST_F(Dispatch, RefusesAnExpiredCertificateAndTakesItsRenewal) {
  const v1::Job job = NeedingHv2();
  EXPECT_TRUE(IsRefusal(TryAssign(job, alice_), v1::ERROR_REASON_CERTIFICATE_MISSING));
  Certify(alice_, "2026-11-22");
  const absl::Status refused = TryAssign(job, alice_);
  ASSERT_TRUE(IsRefusal(refused, v1::ERROR_REASON_CERTIFICATE_EXPIRED)) << refused;
  EXPECT_EQ(chassis::RefusalIn(refused).arguments().at("code"), "HV2");
  EXPECT_EQ(chassis::RefusalIn(refused).arguments().at("date"), "2026-11-22");
  EXPECT_EQ(JobOf(job.job_id()).state(), v1::Job::STATE_ACCEPTED);
  Certify(alice_, "2029-11-22");
  EXPECT_TRUE(TryAssign(job, alice_).ok());
  EXPECT_EQ(Count("staff_certificate"), 1) << "renewed, not doubled";
}

// Handbook: W-03, S-01.
TEST_F(Dispatch, RefusesWorkOnceTheCertificateHasRunOut) {
  const v1::Job job = NeedingHv2();
  Certify(alice_, "2026-11-23");
  ASSERT_TRUE(TryAssign(job, alice_).ok());
  Verify(job, "alice");
  clock_.Advance(absl::Hours(24));
  EXPECT_TRUE(IsRefusal(TryClockOn(job, "alice"), v1::ERROR_REASON_CERTIFICATE_EXPIRED));
}

// Handbook: W-01, W-03.
TEST_F(Dispatch, RefusesWhoIsAbsentWhateverTheReason) {
  v1::RecordAbsenceRequest absence;
  absence.set_staff_member_id(alice_.staff_member_id());
  absence.set_presence(v1::Attendance::PRESENCE_SICK);
  absence.set_first_date("2026-11-23");
  absence.set_last_date("2026-11-23");
  absence.set_reason("发烧");
  AsController<v1::RecordAbsenceResponse>(absence);
  EXPECT_TRUE(IsRefusal(TryAssign(AnAcceptedJob(), alice_), v1::ERROR_REASON_TECHNICIAN_ABSENT));
}

// Handbook: W-03, G-03.
TEST_F(Dispatch, ProposesTheLeastLoadedAndAsksWhySomebodyElse) {
  const v1::Job first = AnAcceptedJob(ARelease({ALine("1", common::SKILL_MECHANICAL, 240)}));
  ASSERT_TRUE(TryAssign(first, alice_).ok());
  v1::CreateJobsRequest release = ARelease({ALine("2", common::SKILL_MECHANICAL)});
  release.set_vin("LSVAL41Z882104203");
  const v1::Job second = AnAcceptedJob(release);
  v1::ProposeAssignmentRequest propose;
  propose.set_job_id(second.job_id());
  const auto proposal = AsController<v1::ProposeAssignmentResponse>(propose);
  ASSERT_EQ(proposal.candidates_size(), 3);
  EXPECT_EQ(proposal.candidates(0).subject(), "leader") << "grade 5";
  EXPECT_EQ(proposal.candidates(1).subject(), "bob");
  EXPECT_EQ(proposal.candidates(2).subject(), "alice");
  v1::AssignJobRequest request = Assigning(second, alice_);
  request.clear_override_reason();
  EXPECT_TRUE(IsRefusal(Send<v1::Job>(options::ROLE_WORKSHOP_CONTROLLER, "controller", request).status(),
                        v1::ERROR_REASON_OVERRIDE_REASON_REQUIRED));
  ASSERT_TRUE(TryAssign(second, alice_).ok());
  EXPECT_EQ(Count("command_log WHERE reason = '熟悉该车型'"), 2);
}

// Handbook: W-03.
TEST_F(Dispatch, QueuesByUrgencyAndLeavesAssignedJobsOut) {
  AnAcceptedJob();
  v1::CreateJobsRequest waiting = ARelease({ALine("2", common::SKILL_MECHANICAL)});
  waiting.set_customer_waits(true);
  const v1::Job urgent = AnAcceptedJob(waiting);
  v1::ListDispatchQueueRequest list;
  auto queue = AsController<v1::ListDispatchQueueResponse>(list);
  ASSERT_EQ(queue.entries_size(), 2);
  EXPECT_EQ(queue.entries(0).job_id(), urgent.job_id());
  ASSERT_TRUE(TryAssign(urgent, alice_).ok());
  queue = AsController<v1::ListDispatchQueueResponse>(list);
  EXPECT_EQ(queue.entries_size(), 1);
  list.set_store_id(kOther);
  EXPECT_TRUE(AsController<v1::ListDispatchQueueResponse>(list).entries().empty());
}

// Handbook: W-03.
TEST_F(Dispatch, ShowsWatchersASnapshotAndThenWhatChanges) {
  const v1::Job job = AnAcceptedJob();
  v1::WatchDispatchQueueRequest request;
  request.set_store_id(kHome);
  std::vector<v1::WatchDispatchQueueResponse> seen;
  const auto watch = [&] {
    seen.clear();
    chassis::identity::Identity identity;
    identity.subject = "controller";
    identity.roles = {options::ROLE_WORKSHOP_CONTROLLER};
    identity.store_ids = {kHome};
    chassis::Call call(host_, identity,
                       {.store_id = kHome, .actor = {}, .method = "", .request_id = "", .request_digest = ""},
                       host_.clock().Now() + absl::Hours(1), "en", "");
    const absl::Status ended = EntryOf(v1::WatchDispatchQueueRequest::descriptor())
                                   .stream(
                                       call, request,
                                       [&](const google::protobuf::Message& response) {
                                         seen.push_back(static_cast<const v1::WatchDispatchQueueResponse&>(response));
                                         // While the watcher pauses, the job is dispatched; after the second answer he
                                         // has seen enough.
                                         if (seen.size() == 1) {
                                           EXPECT_TRUE(TryAssign(job, alice_).ok());
                                         }
                                         return seen.size() < 2;
                                       },
                                       [] { return false; });
    EXPECT_TRUE(ended.ok()) << ended;
  };
  watch();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_TRUE(seen[0].snapshot());
  EXPECT_EQ(seen[0].entries_size(), 1);
  EXPECT_EQ(seen[1].removed_job_ids(0), job.job_id());
  EXPECT_NE(seen[0].revision(), seen[1].revision());
}

// Handbook: W-05, G-02.
TEST_F(Dispatch, LetsOnlyTheAssignedTechnicianAct) {
  const v1::Job job = AJobForAlice();
  EXPECT_TRUE(IsRefusal(TryClockOn(job, "bob"), v1::ERROR_REASON_NOT_YOUR_JOB));
  ASSERT_TRUE(TryClockOn(job, "alice").ok());
  v1::PauseJobRequest pause;
  pause.set_job_id(job.job_id());
  pause.set_reason(v1::PAUSE_REASON_BREAK);
  EXPECT_TRUE(IsRefusal(Send<v1::Job>(options::ROLE_TECHNICIAN, "bob", pause).status(), v1::ERROR_REASON_NOT_YOUR_JOB));
}

// Handbook: W-04.
TEST_F(Dispatch, LetsNobodyBeginOnAVehicleTheTeamHasNotVerified) {
  const v1::Job job = AnAcceptedJob();
  ASSERT_TRUE(TryAssign(job, alice_).ok());
  EXPECT_TRUE(IsRefusal(TryClockOn(job, "alice"), common::ERROR_REASON_WRONG_STATE));
  v1::VerifyVehicleRequest verify;
  verify.set_job_id(job.job_id());
  EXPECT_TRUE(IsRefusal(Send<v1::Verification>(options::ROLE_TECHNICIAN, "alice", verify).status(),
                        v1::ERROR_REASON_FACT_UNCHECKED));
  v1::CheckedFact& fact = *verify.add_facts();
  fact.set_fact("odometer 48210 km");
  fact.set_difference("48260 km");
  Must<v1::Verification>(options::ROLE_TECHNICIAN, "alice", verify);
  EXPECT_EQ(Count("outbox WHERE type = 'VehicleDifferenceReported'"), 1);
  EXPECT_TRUE(TryClockOn(job, "alice").ok());
}

// Handbook: W-05.
TEST_F(Dispatch, PutsATechnicianOnOneClockOnlyHoweverManyCallAtOnce) {
  std::vector<v1::Job> jobs;
  for (int i = 0; i < 8; ++i) jobs.push_back(AJobForAlice());
  std::atomic<int> running = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (const v1::Job& job : jobs) {
    callers.emplace_back([&] {
      const absl::Status clocked = TryClockOn(job, "alice");
      if (clocked.ok()) ++running;
      if (IsRefusal(clocked, v1::ERROR_REASON_ALREADY_CLOCKED_ON)) ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(running, 1);
  EXPECT_EQ(refused, 7);
  EXPECT_EQ(Count("clocking"), 1);
  EXPECT_EQ(Count("attendance"), 1) << "the first clock-on is the clock-in";
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: W-05, G-09.
TEST_F(Dispatch, ClocksPausesWithReasonsAndSumsTheTime) {
  const v1::Job job = AJobForAlice();
  ClockOn(job, "alice");
  clock_.Advance(absl::Minutes(20));
  v1::PauseJobRequest pause;
  pause.set_job_id(job.job_id());
  pause.set_reason(v1::PAUSE_REASON_WAITING_FOR_PARTS);
  EXPECT_EQ(Must<v1::Job>(options::ROLE_TECHNICIAN, "alice", pause).pause_reason(), v1::PAUSE_REASON_WAITING_FOR_PARTS);
  EXPECT_EQ(Count("workshop_order WHERE stage = 'WAITING_FOR_PARTS'"), 1);
  clock_.Advance(absl::Minutes(60));
  v1::ResumeJobRequest resume;
  resume.set_job_id(job.job_id());
  Must<v1::Job>(options::ROLE_TECHNICIAN, "alice", resume);
  clock_.Advance(absl::Minutes(25));
  v1::ClockOffRequest off;
  off.set_job_id(job.job_id());
  off.add_done_line_ids(job.lines(0).line_id());
  const v1::Job done = Must<v1::Job>(options::ROLE_TECHNICIAN, "alice", off);
  EXPECT_EQ(done.state(), v1::Job::STATE_WORK_DONE);
  EXPECT_EQ(done.clocked_seconds(), 45 * 60);
  EXPECT_EQ(Count("clocking WHERE pause_reason = 'WAITING_FOR_PARTS'"), 1);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  Execute("UPDATE job SET clocked_seconds = clocked_seconds + 60");
  EXPECT_EQ(Differences().size(), 1u) << "verify finds a changed sum";
}

// Handbook: W-05, G-09.
TEST_F(Dispatch, FindsIntervalsThatOverlap) {
  WorkOff(AJobForAlice(), "alice", absl::Minutes(30));
  WorkOff(AJobForAlice(), "alice", absl::Minutes(30));
  ASSERT_EQ(Differences(), std::vector<std::string>());
  // Both intervals move by as much, so that their sums stay right and only their overlap is wrong.
  Execute(
      "UPDATE clocking SET start_time = start_time - INTERVAL 10 MINUTE, end_time = end_time - INTERVAL 10 MINUTE "
      "ORDER BY start_time DESC LIMIT 1");
  const std::vector<std::string> differences = Differences();
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_NE(differences[0].find("overlaps"), std::string::npos);
}

// Handbook: S-01.
TEST_F(Dispatch, KeepsStaffWithJobsActive) {
  const v1::Job job = AJobForAlice();
  v1::DeactivateStaffMemberRequest request;
  request.set_staff_member_id(alice_.staff_member_id());
  request.set_reason("离职");
  EXPECT_TRUE(IsRefusal(Send<v1::StaffMember>(options::ROLE_WORKSHOP_CONTROLLER, "controller", request).status(),
                        v1::ERROR_REASON_STAFF_HAS_JOBS));
  ASSERT_TRUE(TryAssign(job, bob_).ok());
  EXPECT_EQ(AsController<v1::StaffMember>(request).state(), v1::StaffMember::STATE_INACTIVE);
  EXPECT_TRUE(IsRefusal(TryAssign(AnAcceptedJob(), alice_), v1::ERROR_REASON_STAFF_MEMBER_INACTIVE));
}

// Handbook: S-01, G-01.
TEST_F(Dispatch, RefusesStaffEntriesWithUnknownReferences) {
  v1::CreateStaffMemberRequest request;
  v1::StaffMember& member = *request.mutable_staff_member();
  member.set_staff_number("X-1");
  member.set_name("王五");
  member.set_subject("wang.wu");
  member.set_post(options::ROLE_TECHNICIAN);
  member.set_team_id(ids_.NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::StaffMember>(options::ROLE_WORKSHOP_CONTROLLER, "controller", request).status(),
                        v1::ERROR_REASON_STAFF_REFERENCE_UNKNOWN));
  // A team of another store is as unknown as one that does not exist.
  member.set_team_id(ATeamOf("他店一组", kOther));
  EXPECT_TRUE(IsRefusal(Send<v1::StaffMember>(options::ROLE_WORKSHOP_CONTROLLER, "controller", request).status(),
                        v1::ERROR_REASON_STAFF_REFERENCE_UNKNOWN));
  member.clear_team_id();
  member.set_subject("alice");
  EXPECT_TRUE(
      absl::IsAlreadyExists(Send<v1::StaffMember>(options::ROLE_WORKSHOP_CONTROLLER, "controller", request).status()));
}

// Handbook: G-13.
TEST_F(Dispatch, KeepsStaffNamesOutOfTheTablesInClear) {
  EXPECT_EQ(Count("staff_member WHERE name LIKE '%李四%'"), 0);
  EXPECT_EQ(Count("staff_member"), 3);
}

// Handbook: W-07.
TEST_F(Dispatch, AsksTheCounterOnlyForWhatTheOrderHolds) {
  const v1::Job job = AJobForAlice();
  parts::OrderParts::Line& held = *order_parts_.add_lines();
  held.set_holder_line_id(ids_.NewId());
  held.set_part_id(ids_.NewId());
  held.set_part_number("OF-1001");
  held.set_reserved_milli(1000);
  v1::RequestPartsRequest request;
  request.set_job_id(job.job_id());
  auto& line = *request.add_lines();
  line.set_holder_line_id(held.holder_line_id());
  line.set_quantity_milli(1000);
  const v1::PartRequest made = Must<v1::PartRequest>(options::ROLE_TECHNICIAN, "alice", request);
  EXPECT_EQ(made.lines(0).part_number(), "OF-1001");
  EXPECT_EQ(Count("outbox WHERE type = 'PartsRequested'"), 1);
  EXPECT_TRUE(IsRefusal(Send<v1::PartRequest>(options::ROLE_TECHNICIAN, "alice", request).status(),
                        v1::ERROR_REASON_QUANTITY_OVER_ORDER));
  request.mutable_lines(0)->set_holder_line_id(ids_.NewId());
  EXPECT_TRUE(IsRefusal(Send<v1::PartRequest>(options::ROLE_TECHNICIAN, "alice", request).status(),
                        v1::ERROR_REASON_PART_NOT_ON_ORDER));

  // The counter issues in two steps, as parts-svc's events tell.
  parts::PartsIssued issue;
  issue.set_order_id(job.repair_order_id());
  auto& issued = *issue.add_lines();
  issued.set_holder_line_id(held.holder_line_id());
  issued.set_quantity_milli(400);
  TakeIn(issue);
  v1::CancelPartRequestRequest cancel;
  cancel.set_part_request_id(made.part_request_id());
  cancel.set_reason("不需要了");
  EXPECT_TRUE(IsRefusal(Send<v1::PartRequest>(options::ROLE_TECHNICIAN, "alice", cancel).status(),
                        v1::ERROR_REASON_PARTS_ISSUED));
  issued.set_quantity_milli(600);
  TakeIn(issue);
  EXPECT_EQ(Count("part_request WHERE state = 'FULFILLED'"), 1);
}

// Handbook: W-07.
TEST_F(Dispatch, KeepsTheTechniciansPlanOnTheJob) {
  const v1::Job job = AJobForAlice();
  v1::PlanRepairRequest request;
  request.set_job_id(job.job_id());
  request.mutable_plan()->set_method("拆检前制动，测量盘厚");
  request.mutable_plan()->set_planned_minutes(55);
  const v1::Job planned = Must<v1::Job>(options::ROLE_TECHNICIAN, "alice", request);
  EXPECT_EQ(JobOf(job.job_id()).plan().method(), planned.plan().method());
  EXPECT_EQ(chassis::FromProto(planned.plan().plan_time()), MondayAt(9));
  EXPECT_TRUE(
      IsRefusal(Send<v1::Job>(options::ROLE_TECHNICIAN, "bob", request).status(), v1::ERROR_REASON_NOT_YOUR_JOB));
}

}  // namespace
}  // namespace workshop
