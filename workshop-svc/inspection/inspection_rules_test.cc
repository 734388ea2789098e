#include "workshop-svc/inspection/inspection_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;
using Job = v1::Job;

v1::Inspection Passing(v1::InspectionLevel level, const std::string& job_id = "") {
  v1::Inspection inspection;
  inspection.set_inspection_id("inspection");
  inspection.set_level(level);
  inspection.set_job_id(job_id);
  const v1::Checklist checklist = DefaultChecklist(common::WORK_KIND_GENERAL_REPAIR, level);
  for (const v1::ChecklistItem& item : checklist.items()) {
    v1::CheckedItem& checked = *inspection.add_items();
    checked.set_code(item.code());
    checked.set_result(v1::CheckedItem::RESULT_PASSED);
  }
  inspection.set_passed(true);
  return inspection;
}

v1::Inspection Failing(v1::InspectionLevel level, const std::string& job_id, const std::string& fault_job_id = "",
                       const std::string& line_id = "") {
  v1::Inspection inspection = Passing(level, job_id);
  inspection.mutable_items(0)->set_result(v1::CheckedItem::RESULT_FAILED);
  v1::Fault& fault = *inspection.add_faults();
  fault.set_job_id(fault_job_id);
  fault.set_description("制动异响");
  if (!line_id.empty()) fault.add_line_ids(line_id);
  inspection.set_passed(false);
  return inspection;
}

TEST(DefaultChecklist, DiffersByKindAndLevel) {
  EXPECT_GT(DefaultChecklist(common::WORK_KIND_ACCIDENT, v1::INSPECTION_LEVEL_FINAL).items_size(),
            DefaultChecklist(common::WORK_KIND_GENERAL_REPAIR, v1::INSPECTION_LEVEL_FINAL).items_size());
  EXPECT_NE(DefaultChecklist(common::WORK_KIND_ACCIDENT, v1::INSPECTION_LEVEL_SELF).items(0).code(),
            DefaultChecklist(common::WORK_KIND_ACCIDENT, v1::INSPECTION_LEVEL_LEADER).items(0).code());
}

TEST(CheckItems, WantsEachItemOnceAndNoOthers) {
  const v1::Checklist checklist = DefaultChecklist(common::WORK_KIND_GENERAL_REPAIR, v1::INSPECTION_LEVEL_SELF);
  v1::Inspection inspection = Passing(v1::INSPECTION_LEVEL_SELF);
  EXPECT_TRUE(CheckItems(checklist, inspection).ok());
  inspection.mutable_items(0)->set_code("INVENTED");
  const absl::Status refused = CheckItems(checklist, inspection);
  ASSERT_TRUE(IsRefusal(refused, v1::ERROR_REASON_CHECKLIST_INCOMPLETE));
  const std::string words = chassis::Worded(chassis::RefusalIn(refused), "en");
  EXPECT_NE(words.find("INVENTED"), std::string::npos);
  EXPECT_NE(words.find(checklist.items(0).code()), std::string::npos);
}

TEST(CheckItems, WantsTheFaultOfAFailedItem) {
  const v1::Checklist checklist = DefaultChecklist(common::WORK_KIND_GENERAL_REPAIR, v1::INSPECTION_LEVEL_SELF);
  v1::Inspection inspection = Failing(v1::INSPECTION_LEVEL_SELF, "j");
  EXPECT_TRUE(CheckItems(checklist, inspection).ok());
  inspection.clear_faults();
  EXPECT_TRUE(IsRefusal(CheckItems(checklist, inspection), v1::ERROR_REASON_FAULT_MISSING));
}

TEST(IsPassed, MeansNoFailedItemAndNoFault) {
  EXPECT_TRUE(IsPassed(Passing(v1::INSPECTION_LEVEL_SELF)));
  v1::Inspection beside_the_list = Passing(v1::INSPECTION_LEVEL_SELF);
  beside_the_list.add_faults()->set_description("rattle");
  EXPECT_FALSE(IsPassed(beside_the_list));
}

TEST(CompleteFaults, AttributesToTheJobsTechnician) {
  const OrderFile file = AnOrderWith({AJob("1", Job::STATE_SELF_CHECKED)});
  v1::Inspection inspection = Failing(v1::INSPECTION_LEVEL_LEADER, "1");
  ASSERT_TRUE(CompleteFaults(file, inspection).ok());
  EXPECT_EQ(inspection.faults(0).job_id(), "1");
  EXPECT_EQ(inspection.faults(0).attributed_technician(), "technician-a");
}

TEST(CompleteFaults, OfAFinalInspectionNameTheirJob) {
  const OrderFile file = AnOrderWith({AJob("1", Job::STATE_LEADER_CHECKED), AJob("2", Job::STATE_LEADER_CHECKED)});
  v1::Inspection unnamed = Failing(v1::INSPECTION_LEVEL_FINAL, "");
  EXPECT_TRUE(IsRefusal(CompleteFaults(file, unnamed), v1::ERROR_REASON_JOB_NOT_ON_ORDER));
  v1::Inspection wrong_line = Failing(v1::INSPECTION_LEVEL_FINAL, "", "2", "1-1");
  EXPECT_TRUE(IsRefusal(CompleteFaults(file, wrong_line), v1::ERROR_REASON_LINE_UNKNOWN));
  v1::Inspection named = Failing(v1::INSPECTION_LEVEL_FINAL, "", "2", "2-1");
  EXPECT_TRUE(CompleteFaults(file, named).ok());
}

TEST(LeaderCheck, IsTheLeadersOrTheStandInsAndNeverOnOwnWork) {
  const Job job = AJob("1", Job::STATE_SELF_CHECKED);
  Leadership leadership;
  leadership.leader = ALeader("l");
  leadership.stand_in = ALeader("s");
  EXPECT_TRUE(RequireMayLeaderCheck({"leader-l", "l"}, false, leadership, job, {}).ok());
  EXPECT_TRUE(RequireMayLeaderCheck({"leader-s", "s"}, false, leadership, job, {}).ok());
  EXPECT_TRUE(
      IsRefusal(RequireMayLeaderCheck({"leader-x", "x"}, false, leadership, job, {}), v1::ERROR_REASON_NOT_YOUR_TEAM));
  EXPECT_TRUE(
      IsRefusal(RequireMayLeaderCheck({"technician-a", "a"}, false, leadership, job, {}), v1::ERROR_REASON_OWN_WORK));
  EXPECT_TRUE(IsRefusal(RequireMayLeaderCheck({"leader-l", "l"}, false, leadership, job, {{"1", "l"}}),
                        v1::ERROR_REASON_OWN_WORK))
      << "who clocked on the job worked on it";
}

TEST(LeaderCheck, GoesToTheDirectorOnlyWhereTheLeaderDidTheWorkAlone) {
  Job job = AJob("1", Job::STATE_SELF_CHECKED);
  Leadership leadership;
  leadership.leader = ALeader("l");
  const Inspector director{"director", "d"};
  EXPECT_TRUE(IsRefusal(RequireMayLeaderCheck(director, true, leadership, job, {}), v1::ERROR_REASON_NOT_YOUR_TEAM));
  job.set_technician("leader-l");
  EXPECT_TRUE(RequireMayLeaderCheck(director, true, leadership, job, {}).ok());
  EXPECT_FALSE(RequireMayLeaderCheck(director, false, leadership, job, {}).ok());
}

TEST(FinalInspection, IsNobodysWhoWorkedOnOrCheckedTheVehicle) {
  const OrderFile file = AnOrderWith({AJob("1", Job::STATE_LEADER_CHECKED)});
  v1::Inspection leader_check;
  leader_check.set_inspected_by("leader-l");
  EXPECT_TRUE(RequireMayFinalInspect({"inspector", "i"}, file, {}, {leader_check}).ok());
  EXPECT_TRUE(IsRefusal(RequireMayFinalInspect({"technician-a", ""}, file, {}, {}), v1::ERROR_REASON_OWN_WORK));
  EXPECT_TRUE(IsRefusal(RequireMayFinalInspect({"inspector", "i"}, file, {{"1", "i"}}, {}), v1::ERROR_REASON_OWN_WORK));
  EXPECT_TRUE(
      IsRefusal(RequireMayFinalInspect({"leader-l", "l"}, file, {}, {leader_check}), v1::ERROR_REASON_OWN_WORK));
}

TEST(FinalInspection, WaitsForEveryJobAndEveryAnswer) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_LEADER_CHECKED), AJob("2", Job::STATE_SELF_CHECKED)});
  EXPECT_TRUE(IsRefusal(RequireReadyForFinal(file), v1::ERROR_REASON_CHECKS_MISSING));
  file.jobs[1].set_state(Job::STATE_LEADER_CHECKED);
  file.order.set_open_finding_count(1);
  EXPECT_TRUE(IsRefusal(RequireReadyForFinal(file), v1::ERROR_REASON_CONSENT_PENDING));
  file.order.set_open_finding_count(0);
  EXPECT_TRUE(RequireReadyForFinal(file).ok());
  file.order.set_final_inspection_id("passed");
  EXPECT_TRUE(IsRefusal(RequireReadyForFinal(file), v1::ERROR_REASON_ALREADY_INSPECTED));
}

TEST(FinalInspection, SendsTheFaultyJobThroughAllThreeLevelsAgain) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_LEADER_CHECKED), AJob("2", Job::STATE_LEADER_CHECKED)});
  file.jobs[0].set_self_check_id("self");
  file.jobs[0].set_leader_check_id("leader");
  const v1::Inspection failed = Failing(v1::INSPECTION_LEVEL_FINAL, "", "1", "1-2");
  ASSERT_TRUE(ApplyFinalInspection(file, failed, MondayAt(15)).ok());
  EXPECT_EQ(file.jobs[0].state(), Job::STATE_REWORK);
  EXPECT_TRUE(file.jobs[0].self_check_id().empty());
  EXPECT_TRUE(file.jobs[0].leader_check_id().empty());
  EXPECT_TRUE(file.jobs[0].lines(0).done());
  EXPECT_FALSE(file.jobs[0].lines(1).done());
  EXPECT_EQ(file.jobs[1].state(), Job::STATE_LEADER_CHECKED) << "the other job stays checked";
  EXPECT_EQ(file.order.rework_count(), 1);
  EXPECT_TRUE(IsRefusal(RequireReadyForFinal(file), v1::ERROR_REASON_CHECKS_MISSING));
}

TEST(FinalInspection, FinishesEveryJobWhenPassed) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_LEADER_CHECKED), AJob("2", Job::STATE_CANCELLED)});
  ASSERT_TRUE(ApplyFinalInspection(file, Passing(v1::INSPECTION_LEVEL_FINAL), MondayAt(15)).ok());
  EXPECT_EQ(file.jobs[0].state(), Job::STATE_FINISHED);
  EXPECT_EQ(file.jobs[1].state(), Job::STATE_CANCELLED);
  EXPECT_EQ(file.order.final_inspection_id(), "inspection");
}

TEST(SelfCheck, NeedsTheWorkDone) {
  OrderFile file = AnOrderWith({AJob("1", Job::STATE_IN_PROGRESS)});
  EXPECT_TRUE(IsRefusal(ApplySelfCheck(file, file.jobs[0], Passing(v1::INSPECTION_LEVEL_SELF, "1")),
                        common::ERROR_REASON_WRONG_STATE));
}

}  // namespace
}  // namespace workshop
