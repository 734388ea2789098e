// The service as a whole: every RPC has its handler, every table its message.
#include <fstream>
#include <set>

#include "chassis/records/table_check.h"
#include "chassis/status/state.h"
#include "tests/harness/plans.h"
#include "workshop-svc/workshop_for_test.h"

namespace workshop {
namespace {

class Workshop : public WorkshopFloor {};

TEST_F(Workshop, KeepsTablesAsItsMessagesSay) {
  const absl::Status status = pool_->Read(absl::InfiniteFuture(), [](chassis::sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<std::string> differences,
                     chassis::records::TableDifferences(session, "aftersales.workshop.v1"));
    EXPECT_EQ(differences, std::vector<std::string>());
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(Workshop, AnswersEveryRpcItDescribes) {
  const auto* file = v1::GetJobRequest::descriptor()->file();
  for (const auto* descriptor :
       {v1::Bay::descriptor()->file(), v1::Team::descriptor()->file(), v1::StaffMember::descriptor()->file(),
        v1::SlotHold::descriptor()->file(), file, v1::CreateJobsRequest::descriptor()->file(),
        v1::AssignJobRequest::descriptor()->file(), v1::Verification::descriptor()->file(),
        v1::Clocking::descriptor()->file(), v1::PartRequest::descriptor()->file(), v1::Finding::descriptor()->file(),
        v1::Inspection::descriptor()->file(), v1::Wash::descriptor()->file()}) {
    for (int s = 0; s < descriptor->service_count(); ++s) {
      for (int m = 0; m < descriptor->service(s)->method_count(); ++m) {
        const auto* method = descriptor->service(s)->method(m);
        EXPECT_EQ(rpcs_.entries().count("/" + descriptor->service(s)->full_name() + "/" + method->name()), 1u)
            << method->full_name();
      }
    }
  }
}

class Statements : public WorkshopFloor {
 protected:
  std::vector<std::string> ReadWhole(const std::string& statement) {
    std::vector<std::string> tables;
    EXPECT_TRUE(pool_
                    ->Read(absl::InfiniteFuture(),
                           [&](chassis::sql::Session& session) -> absl::Status {
                             tables =
                                 harness::TablesReadWhole(session, statement, harness::SampleValues(statement, kHome));
                             return absl::OkStatus();
                           })
                    .ok());
    return tables;
  }
};

TEST_F(Statements, AllFindTheirRowsByAnIndex) {
  chassis::sql::RecordStatementsForTest(true);
  ManTheFloor();
  v1::HoldSlotRequest hold;
  hold.set_holder_id(ids_.NewId());
  hold.set_skill(common::SKILL_MECHANICAL);
  *hold.mutable_start_time() = chassis::ToProto(MondayAt(10));
  hold.set_duration_minutes(60);
  AsSuite<v1::SlotHold>(hold);
  v1::CreateJobsRequest release = ARelease({ALine("1", common::SKILL_MECHANICAL)});
  release.set_slot_holder_id(hold.holder_id());
  release.set_wash_wanted(true);
  const v1::Job job = AJobForAlice(release);
  AsController<v1::ListDispatchQueueResponse>(v1::ListDispatchQueueRequest());
  v1::ListCapacityRequest capacity;
  capacity.set_first_date("2026-11-23");
  capacity.set_last_date("2026-11-24");
  AsController<v1::ListCapacityResponse>(capacity);
  WorkOff(job, "alice");
  PassTwoLevels(job);
  Must<v1::Inspection>(options::ROLE_QUALITY_INSPECTOR, "inspector", FinalInspectionOf(job));
  v1::StartWashRequest wash;
  wash.set_repair_order_id(job.repair_order_id());
  Must<v1::Wash>(options::ROLE_TECHNICIAN, "washer", wash);
  ProgressOfOrder(job.repair_order_id());
  v1::ListTechnicianTimesRequest times;
  times.set_first_date("2026-11-23");
  times.set_last_date("2026-11-24");
  AsController<v1::ListTechnicianTimesResponse>(times);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  for (const auto& periodic : rooms_.periodic) EXPECT_TRUE(periodic.body().ok()) << periodic.name;
  chassis::sql::RecordStatementsForTest(false);

  int explained = 0;
  for (const std::string& statement : chassis::sql::RecordedStatementsForTest()) {
    if (statement.find(" FROM ") == std::string::npos && statement.rfind("UPDATE", 0) != 0) continue;
    EXPECT_EQ(ReadWhole(statement), std::vector<std::string>()) << statement;
    ++explained;
  }
  EXPECT_GT(explained, 40);
}

// The picture in the README is the table in job.proto, arrow for arrow.
TEST(Readme, DrawsTheJobsTransitionTable) {
  std::ifstream file(harness::SourceDirectory() + "/workshop-svc/README.md");
  std::set<std::string> drawn;
  for (std::string line; std::getline(file, line);) {
    const size_t arrow = line.find(" --> ");
    if (arrow == std::string::npos || line.find("[*]") != std::string::npos) continue;
    const size_t from = line.find_first_not_of(' ');
    const size_t end = line.find(':', arrow);
    drawn.insert(line.substr(from, end - from));
  }
  std::set<std::string> described;
  const auto* states = v1::Job::State_descriptor();
  for (int i = 0; i < states->value_count(); ++i) {
    const auto name = [&](int number) { return std::string(chassis::StateName(states, number)); };
    for (const std::string& next : states->value(i)->options().GetExtension(options::state).next()) {
      described.insert(name(states->value(i)->number()) + " --> " + name(states->FindValueByName(next)->number()));
    }
  }
  EXPECT_EQ(drawn, described);
}

TEST_F(Workshop, FindsItsLedgersSoundWhenNothingHasHappened) { EXPECT_EQ(Differences(), std::vector<std::string>()); }

}  // namespace
}  // namespace workshop
