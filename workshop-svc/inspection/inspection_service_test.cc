// From the end of the work to the parked vehicle, on a real database (W-08, W-09, W-10, R-40).
#include "workshop-svc/workshop_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;

class Inspecting : public WorkshopFloor {
 protected:
  Inspecting() { ManTheFloor(); }

  template <typename Request>
  absl::Status TryInspect(options::Role role, const std::string& subject, const Request& request) {
    return Send<v1::Inspection>(role, subject, request).status();
  }
  template <typename Request>
  static Request WithFault(Request request, const std::string& job_id) {
    request.mutable_items(0)->set_result(v1::CheckedItem::RESULT_FAILED);
    v1::Fault& fault = *request.add_faults();
    fault.set_job_id(job_id);
    fault.set_description("制动异响");
    return request;
  }
  v1::Job WorkedOff(bool wash = false) {
    v1::CreateJobsRequest release = ARelease({ALine("1", common::SKILL_MECHANICAL)});
    release.set_wash_wanted(wash);
    const v1::Job job = AJobForAlice(release);
    return WorkOff(job, "alice");
  }
  v1::FinishWashRequest Clean(const v1::Job& job) {
    v1::FinishWashRequest request;
    request.set_repair_order_id(job.repair_order_id());
    request.mutable_result()->set_paint_clean(true);
    request.mutable_result()->set_cabin_clean(true);
    request.mutable_result()->set_boot_clean(true);
    request.mutable_result()->set_engine_bay_clean(true);
    request.set_parking_place("F-07");
    return request;
  }
};

// Handbook: W-09, R-40, G-04.
TEST_F(Inspecting, TakesAJobThroughThreeLevelsByThreePeople) {
  const v1::Job job = WorkedOff();
  EXPECT_TRUE(
      IsRefusal(TryInspect(options::ROLE_TEAM_LEADER, "leader", LeaderCheckOf(job)), common::ERROR_REASON_WRONG_STATE))
      << "no level is skipped";
  EXPECT_TRUE(IsRefusal(TryInspect(options::ROLE_TECHNICIAN, "bob", SelfCheckOf(job)), v1::ERROR_REASON_NOT_YOUR_JOB));
  Must<v1::Inspection>(options::ROLE_TECHNICIAN, "alice", SelfCheckOf(job));
  EXPECT_TRUE(
      IsRefusal(TryInspect(options::ROLE_TEAM_LEADER, "stranger", LeaderCheckOf(job)), v1::ERROR_REASON_NOT_YOUR_TEAM));
  v1::RecordLeaderCheckRequest unsigned_check = LeaderCheckOf(job);
  unsigned_check.clear_signature();
  EXPECT_TRUE(
      IsRefusal(TryInspect(options::ROLE_TEAM_LEADER, "leader", unsigned_check), v1::ERROR_REASON_SIGNATURE_MISSING));
  const v1::Inspection checked = Must<v1::Inspection>(options::ROLE_TEAM_LEADER, "leader", LeaderCheckOf(job));
  EXPECT_FALSE(checked.signature().document_digest().empty());
  EXPECT_TRUE(IsRefusal(TryInspect(options::ROLE_QUALITY_INSPECTOR, "alice", FinalInspectionOf(job)),
                        v1::ERROR_REASON_OWN_WORK));
  EXPECT_TRUE(IsRefusal(TryInspect(options::ROLE_TECHNICAL_DIRECTOR, "leader", FinalInspectionOf(job)),
                        v1::ERROR_REASON_OWN_WORK));
  v1::RecordFinalInspectionRequest final_inspection = FinalInspectionOf(job);
  final_inspection.set_parking_place("F-03");
  EXPECT_TRUE(Must<v1::Inspection>(options::ROLE_QUALITY_INSPECTOR, "inspector", final_inspection).passed());

  const v1::OrderProgress progress = ProgressOfOrder(job.repair_order_id());
  EXPECT_TRUE(progress.self_check_passed() && progress.leader_check_passed() && progress.final_inspection_passed());
  EXPECT_TRUE(progress.has_complete_time());
  EXPECT_EQ(progress.parking_place(), "F-03");
  EXPECT_EQ(progress.repair_suggestions(0), "下次保养更换制动液");
  EXPECT_TRUE(progress.has_leader_signature());
  EXPECT_EQ(progress.lines(0).clocked_minutes(), 50);
  EXPECT_EQ(Count("outbox WHERE type = 'InspectionRecorded'"), 3);
  EXPECT_EQ(Count("outbox WHERE type = 'OrderFinished'"), 1);
  EXPECT_EQ(Count("inspection WHERE signature LIKE '%王组长%'"), 0);
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

// Handbook: W-09.
TEST_F(Inspecting, SendsAFailedVehicleBackThroughAllThreeLevels) {
  const v1::Job job = WorkedOff();
  PassTwoLevels(job);
  const v1::Inspection failed = Must<v1::Inspection>(options::ROLE_QUALITY_INSPECTOR, "inspector",
                                                     WithFault(FinalInspectionOf(job), job.job_id()));
  EXPECT_FALSE(failed.passed());
  EXPECT_EQ(failed.faults(0).attributed_technician(), "alice");
  v1::Job back = JobOf(job.job_id());
  EXPECT_EQ(back.state(), v1::Job::STATE_REWORK);
  EXPECT_FALSE(back.lines(0).done());
  EXPECT_EQ(ProgressOfOrder(job.repair_order_id()).rework_count(), 1);
  EXPECT_FALSE(ProgressOfOrder(job.repair_order_id()).leader_check_passed());
  EXPECT_TRUE(IsRefusal(TryInspect(options::ROLE_QUALITY_INSPECTOR, "inspector", FinalInspectionOf(job)),
                        v1::ERROR_REASON_CHECKS_MISSING));
  WorkOff(job, "alice", absl::Minutes(15));
  PassTwoLevels(job);
  Must<v1::Inspection>(options::ROLE_QUALITY_INSPECTOR, "inspector", FinalInspectionOf(job));
  EXPECT_EQ(JobOf(job.job_id()).state(), v1::Job::STATE_FINISHED);
  EXPECT_EQ(JobOf(job.job_id()).clocked_seconds(), 65 * 60);
  v1::GetInspectionReportRequest report;
  report.set_repair_order_id(job.repair_order_id());
  const auto made = AsController<v1::InspectionReport>(report);
  EXPECT_EQ(made.inspections_size(), 6);
  EXPECT_TRUE(made.all_passed());
  EXPECT_EQ(made.suggestions_size(), 1) << "only the leader checks that stand";
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(Inspecting, WantsEveryItemOfTheChecklistAndTheFaultOfAFailedOne) {
  const v1::Job job = WorkedOff();
  v1::RecordSelfCheckRequest incomplete = SelfCheckOf(job);
  incomplete.mutable_items()->RemoveLast();
  EXPECT_TRUE(
      IsRefusal(TryInspect(options::ROLE_TECHNICIAN, "alice", incomplete), v1::ERROR_REASON_CHECKLIST_INCOMPLETE));
  v1::RecordSelfCheckRequest silent = SelfCheckOf(job);
  silent.mutable_items(0)->set_result(v1::CheckedItem::RESULT_FAILED);
  EXPECT_TRUE(IsRefusal(TryInspect(options::ROLE_TECHNICIAN, "alice", silent), v1::ERROR_REASON_FAULT_MISSING));
  EXPECT_EQ(Count("inspection"), 0);
}

// Handbook: W-09.
TEST_F(Inspecting, FollowsTheStoresOwnChecklist) {
  v1::CreateChecklistRequest create;
  create.mutable_checklist()->set_work_kind(common::WORK_KIND_GENERAL_REPAIR);
  create.mutable_checklist()->set_level(v1::INSPECTION_LEVEL_SELF);
  v1::ChecklistItem& item = *create.mutable_checklist()->add_items();
  item.set_code("OWN-1");
  item.set_zh("本店项目");
  item.set_en("our own item");
  Must<v1::Checklist>(options::ROLE_TECHNICAL_DIRECTOR, "director", create);
  const v1::Job job = WorkedOff();
  v1::RecordSelfCheckRequest request = SelfCheckOf(job);
  ASSERT_EQ(request.items_size(), 1);
  EXPECT_EQ(request.items(0).code(), "OWN-1");
  EXPECT_TRUE(TryInspect(options::ROLE_TECHNICIAN, "alice", request).ok());
}

// Handbook: W-08, W-09.
TEST_F(Inspecting, WaitsForTheCustomersAnswerToEveryFinding) {
  const v1::Job job = WorkedOff();
  v1::RaiseFindingRequest raise;
  raise.set_job_id(job.job_id());
  raise.set_description("冷却液渗漏");
  raise.set_reason("水泵密封老化");
  raise.set_severity(v1::Finding::SEVERITY_SOON);
  raise.set_system(common::VEHICLE_SYSTEM_ENGINE);
  raise.add_operations()->set_operation_code("EN-020");
  const v1::Finding finding = Must<v1::Finding>(options::ROLE_TECHNICIAN, "alice", raise);
  PassTwoLevels(job);
  EXPECT_EQ(Count("workshop_order WHERE stage = 'WAITING_FOR_CONSENT'"), 1);
  EXPECT_TRUE(IsRefusal(TryInspect(options::ROLE_QUALITY_INSPECTOR, "inspector", FinalInspectionOf(job)),
                        v1::ERROR_REASON_CONSENT_PENDING));
  v1::WithdrawFindingRequest withdraw;
  withdraw.set_finding_id(finding.finding_id());
  withdraw.set_reason("复查未见渗漏");
  EXPECT_TRUE(
      IsRefusal(Send<v1::Finding>(options::ROLE_TECHNICIAN, "bob", withdraw).status(), v1::ERROR_REASON_NOT_YOUR_JOB));
  Must<v1::Finding>(options::ROLE_TECHNICIAN, "alice", withdraw);
  EXPECT_TRUE(TryInspect(options::ROLE_QUALITY_INSPECTOR, "inspector", FinalInspectionOf(job)).ok());
}

// Handbook: W-10.
TEST_F(Inspecting, WashesWhoWantsItAndParksTheVehicle) {
  const v1::Job job = WorkedOff(true);
  v1::StartWashRequest start;
  start.set_repair_order_id(job.repair_order_id());
  EXPECT_TRUE(IsRefusal(Send<v1::Wash>(options::ROLE_TECHNICIAN, "washer", start).status(),
                        v1::ERROR_REASON_FINAL_INSPECTION_MISSING));
  PassTwoLevels(job);
  Must<v1::Inspection>(options::ROLE_QUALITY_INSPECTOR, "inspector", FinalInspectionOf(job));
  EXPECT_EQ(Count("outbox WHERE type = 'OrderFinished'"), 0) << "not before the wash";
  EXPECT_TRUE(IsRefusal(Send<v1::Wash>(options::ROLE_TECHNICIAN, "washer", Clean(job)).status(),
                        v1::ERROR_REASON_WASH_NOT_STARTED));
  Must<v1::Wash>(options::ROLE_TECHNICIAN, "washer", start);
  EXPECT_EQ(Count("outbox WHERE type = 'WashStarted'"), 1);
  v1::FinishWashRequest dirty = Clean(job);
  dirty.mutable_result()->set_cabin_clean(false);
  EXPECT_EQ(Must<v1::Wash>(options::ROLE_TECHNICIAN, "washer", dirty).state(), v1::Wash::STATE_FAILED);
  Must<v1::Wash>(options::ROLE_TECHNICIAN, "washer", start);
  EXPECT_TRUE(
      IsRefusal(Send<v1::Wash>(options::ROLE_TECHNICIAN, "washer", start).status(), v1::ERROR_REASON_WASH_UNDER_WAY));
  Must<v1::Wash>(options::ROLE_TECHNICIAN, "washer", Clean(job));
  const v1::OrderProgress progress = ProgressOfOrder(job.repair_order_id());
  EXPECT_TRUE(progress.wash_done());
  EXPECT_EQ(progress.parking_place(), "F-07");
  EXPECT_TRUE(progress.has_complete_time());
  EXPECT_EQ(Count("outbox WHERE type = 'OrderFinished'"), 1);
}

TEST_F(Inspecting, RefusesAWashNobodyWants) {
  const v1::Job job = WorkedOff(false);
  v1::StartWashRequest start;
  start.set_repair_order_id(job.repair_order_id());
  EXPECT_TRUE(
      IsRefusal(Send<v1::Wash>(options::ROLE_TECHNICIAN, "washer", start).status(), v1::ERROR_REASON_WASH_NOT_WANTED));
}

// Handbook: W-08, R-33.
TEST_F(Inspecting, ReportsADelayToTheAdviserAtOnce) {
  const v1::Job job = AJobForAlice();
  v1::ReportDelayRequest report;
  report.set_job_id(job.job_id());
  report.set_reason("等待配件");
  *report.mutable_expected_time() = chassis::ToProto(MondayAt(8));
  EXPECT_TRUE(IsRefusal(Send<v1::DelayReport>(options::ROLE_TECHNICIAN, "alice", report).status(),
                        v1::ERROR_REASON_EXPECTED_TIME_PAST));
  *report.mutable_expected_time() = chassis::ToProto(MondayAt(17, 30));
  EXPECT_TRUE(IsRefusal(Send<v1::DelayReport>(options::ROLE_TECHNICIAN, "bob", report).status(),
                        v1::ERROR_REASON_NOT_YOUR_JOB));
  Must<v1::DelayReport>(options::ROLE_TECHNICIAN, "alice", report);
  EXPECT_EQ(Count("outbox WHERE type = 'DelayReported'"), 1);
}

// Handbook: W-05, G-09.
TEST_F(Inspecting, CountsTechniciansTimesByTheHandbooksFormulas) {
  const v1::Job job = WorkedOff();
  PassTwoLevels(job);
  Must<v1::Inspection>(options::ROLE_QUALITY_INSPECTOR, "inspector", FinalInspectionOf(job));
  clock_.Advance(absl::Minutes(50));
  Must<v1::Attendance>(options::ROLE_TECHNICIAN, "alice", v1::ClockOutRequest());
  v1::ListTechnicianTimesRequest request;
  request.set_first_date("2026-11-23");
  request.set_last_date("2026-11-23");
  const auto times = AsController<v1::ListTechnicianTimesResponse>(request);
  ASSERT_EQ(times.technician_times_size(), 1);
  EXPECT_EQ(times.technician_times(0).attended_minutes(), 100);
  EXPECT_EQ(times.technician_times(0).clocked_minutes(), 50);
  EXPECT_EQ(times.technician_times(0).standard_minutes(), 60);
  EXPECT_EQ(times.technician_times(0).efficiency_basis_points(), 12000);
}

}  // namespace
}  // namespace workshop
