#include "workshop-svc/dispatch/dispatch_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::IsRefusal;
using Job = v1::Job;

constexpr char kToday[] = "2026-11-23";

v1::QueueEntry Entry(const v1::WorkshopOrder& order, const Job& job = AJob("j", Job::STATE_ACCEPTED)) {
  return EntryOf(job, order, MondayAt(9), Language::kEnglish);
}

v1::WorkshopOrder PromisedAt(absl::Time promised) {
  v1::WorkshopOrder order = AnOrder();
  *order.mutable_promised_time() = chassis::ToProto(promised);
  return order;
}

CandidateFacts Facts(const std::string& id, int grade) {
  CandidateFacts facts;
  facts.member = ATechnician(id, common::SKILL_MECHANICAL, grade);
  return facts;
}

TEST(DispatchQueue, PutsWhatIsLateBeforeWhoWaitsBeforeWhoIsImportant) {
  v1::WorkshopOrder waiting = AnOrder();
  waiting.set_customer_waits(true);
  v1::WorkshopOrder vip = AnOrder();
  vip.set_vip(true);
  std::vector<v1::QueueEntry> queue = {Entry(AnOrder()), Entry(vip), Entry(waiting), Entry(PromisedAt(MondayAt(10)))};
  SortQueue(queue);
  EXPECT_EQ(queue[0].reasons(0).kind(), v1::PriorityReason::KIND_PROMISED_TIME);
  EXPECT_EQ(queue[1].reasons(0).kind(), v1::PriorityReason::KIND_CUSTOMER_WAITS);
  EXPECT_EQ(queue[2].reasons(0).kind(), v1::PriorityReason::KIND_VIP);
  EXPECT_EQ(queue[3].reasons_size(), 0);
}

TEST(DispatchQueue, ExplainsEveryPoint) {
  v1::WorkshopOrder order = PromisedAt(MondayAt(12));
  order.set_customer_waits(true);
  order.set_vip(true);
  order.set_work_kind(common::WORK_KIND_COMEBACK);
  Job job = AJob("j", Job::STATE_ACCEPTED);
  job.mutable_lines(0)->set_safety_critical(true);
  const v1::QueueEntry entry = Entry(order, job);
  EXPECT_EQ(entry.reasons_size(), 5);
  int points = 0;
  for (const v1::PriorityReason& reason : entry.reasons()) {
    points += reason.points();
    EXPECT_FALSE(reason.text().empty());
  }
  EXPECT_EQ(points, entry.priority());
}

TEST(DispatchQueue, SpeaksTheCallersLanguage) {
  v1::WorkshopOrder order = AnOrder();
  order.set_customer_waits(true);
  EXPECT_EQ(EntryOf(AJob("j", Job::STATE_ACCEPTED), order, MondayAt(9), LanguageOf("zh-CN")).reasons(0).text(),
            "客户在店等候");
  EXPECT_EQ(Entry(order).reasons(0).text(), "the customer is waiting");
}

TEST(QueueChanges, NameWhatCameWhatChangedAndWhatWent) {
  v1::WorkshopOrder vip = AnOrder();
  vip.set_vip(true);
  const auto stays = Entry(AnOrder(), AJob("stays", Job::STATE_ACCEPTED));
  const std::vector<v1::QueueEntry> before = {stays, Entry(AnOrder(), AJob("moves", Job::STATE_ACCEPTED)),
                                              Entry(AnOrder(), AJob("goes", Job::STATE_ACCEPTED))};
  const std::vector<v1::QueueEntry> after = {stays, Entry(vip, AJob("moves", Job::STATE_ACCEPTED)),
                                             Entry(AnOrder(), AJob("comes", Job::STATE_ACCEPTED))};
  const auto changes = QueueChanges(before, after);
  ASSERT_EQ(changes.entries_size(), 2);
  EXPECT_EQ(changes.entries(0).job_id(), "moves");
  EXPECT_EQ(changes.entries(1).job_id(), "comes");
  ASSERT_EQ(changes.removed_job_ids_size(), 1);
  EXPECT_EQ(changes.removed_job_ids(0), "goes");
  EXPECT_NE(RevisionOf(before), RevisionOf(after));
  EXPECT_EQ(RevisionOf(before), RevisionOf(before));
}

TEST(RankCandidates, PrefersSkillButNotAgainstAFullDesk) {
  CandidateFacts master = Facts("master", 5);
  CandidateFacts junior = Facts("junior", 3);
  auto ranked = RankCandidates(AJob("j", Job::STATE_ACCEPTED), {junior, master}, kToday, Language::kEnglish);
  EXPECT_EQ(ranked[0].staff_member_id(), "master");
  master.queued_minutes = 6 * 60;
  ranked = RankCandidates(AJob("j", Job::STATE_ACCEPTED), {junior, master}, kToday, Language::kEnglish);
  EXPECT_EQ(ranked[0].staff_member_id(), "junior");
}

TEST(RankCandidates, PrefersWhoHasTheVehicleInHandAlready) {
  CandidateFacts known = Facts("known", 3);
  known.works_on_order = true;
  const auto ranked =
      RankCandidates(AJob("j", Job::STATE_ACCEPTED), {Facts("better", 4), known}, kToday, Language::kEnglish);
  EXPECT_EQ(ranked[0].staff_member_id(), "known");
}

TEST(RankCandidates, PutsWhoCannotBeAssignedLastWithTheObstacle) {
  CandidateFacts expired = Facts("expired", 5);
  *expired.member.add_certificates() = ACertificate("HV2", "2020-01-01", "2026-01-01");
  CandidateFacts sick = Facts("sick", 5);
  *sick.member.add_certificates() = ACertificate("HV2", "2020-01-01", "2030-01-01");
  sick.today = v1::Attendance();
  sick.today->set_work_date(kToday);
  sick.today->set_presence(v1::Attendance::PRESENCE_SICK);
  CandidateFacts fit = Facts("fit", 1);
  *fit.member.add_certificates() = ACertificate("HV2", "2020-01-01", "2030-01-01");
  CandidateFacts cashier = Facts("cashier", 5);
  cashier.member.set_post(options::ROLE_CASHIER);
  Job job = AJob("j", Job::STATE_ACCEPTED);
  job.mutable_lines(0)->set_certificate_code("HV2");
  const auto ranked = RankCandidates(job, {expired, sick, fit, cashier}, kToday, Language::kEnglish);
  ASSERT_EQ(ranked.size(), 3u) << "a cashier is no candidate";
  EXPECT_EQ(ranked[0].staff_member_id(), "fit");
  EXPECT_FALSE(ranked[1].assignable());
  EXPECT_TRUE(ranked[1].reasons(0).obstacle());
  EXPECT_EQ(ranked[1].reasons(0).kind(), v1::CandidateReason::KIND_CERTIFICATE);
  EXPECT_EQ(ranked[2].reasons(0).kind(), v1::CandidateReason::KIND_ATTENDANCE);
}

TEST(CheckOverride, AsksForAReasonWhenSomebodyBetterWasProposed) {
  const auto ranked = RankCandidates(AJob("j", Job::STATE_ACCEPTED), {Facts("a", 5), Facts("b", 3), Facts("c", 5)},
                                     kToday, Language::kEnglish);
  EXPECT_TRUE(CheckOverride(ranked, "a", "").ok());
  EXPECT_TRUE(CheckOverride(ranked, "c", "").ok()) << "as good as the best";
  EXPECT_TRUE(IsRefusal(CheckOverride(ranked, "b", ""), v1::ERROR_REASON_OVERRIDE_REASON_REQUIRED));
  EXPECT_TRUE(CheckOverride(ranked, "b", "客户指定").ok());
}

TEST(Assign, GivesTheJobToTechnicianAndTeam) {
  OrderFile file = AnOrderWith({AJob("j", Job::STATE_ACCEPTED)});
  ASSERT_TRUE(
      Assign(file, file.jobs[0], ATechnician("b", common::SKILL_MECHANICAL), "", "controller", MondayAt(9)).ok());
  EXPECT_EQ(file.jobs[0].state(), Job::STATE_DISPATCHED);
  EXPECT_EQ(file.jobs[0].technician(), "technician-b");
  EXPECT_EQ(file.jobs[0].team_id(), "team");
}

TEST(Assign, TakesOverATeamsVerificationAndLosesItWithTheTeam) {
  OrderFile file = AnOrderWith({AJob("j", Job::STATE_ACCEPTED)});
  ASSERT_TRUE(
      Assign(file, file.jobs[0], ATechnician("b", common::SKILL_MECHANICAL), "seen", "controller", MondayAt(9)).ok());
  EXPECT_EQ(file.jobs[0].state(), Job::STATE_VERIFIED);
  ASSERT_TRUE(
      Assign(file, file.jobs[0], ATechnician("c", common::SKILL_MECHANICAL), "", "controller", MondayAt(9)).ok());
  EXPECT_EQ(file.jobs[0].state(), Job::STATE_DISPATCHED);
  EXPECT_TRUE(file.jobs[0].verification_id().empty());
}

TEST(Assign, LeavesWorkUnderWayAlone) {
  for (const Job::State state :
       {Job::STATE_CREATED, Job::STATE_IN_PROGRESS, Job::STATE_SELF_CHECKED, Job::STATE_FINISHED}) {
    OrderFile file = AnOrderWith({AJob("j", state)});
    EXPECT_TRUE(
        IsRefusal(Assign(file, file.jobs[0], ATechnician("b", common::SKILL_MECHANICAL), "", "controller", MondayAt(9)),
                  common::ERROR_REASON_WRONG_STATE));
  }
}

}  // namespace
}  // namespace workshop
