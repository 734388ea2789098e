// The main job through real processes and the gateway: what `./dev demo` shows, as a test. Twice, because the second run
// must work on the database the first one left.
#include "tests/demo/main_job.h"

#include <gtest/gtest.h>

#include "tests/harness/processes.h"
#include "tests/harness/suite.h"

namespace {

class SuiteTime : public demo::TimeMachine {
 public:
  explicit SuiteTime(harness::Suite& suite) : suite_(suite) {}
  absl::Time Now() override { return suite_.Now(); }
  void MoveTo(absl::Time time) override { suite_.MoveTo(time); }
  void LetEventsTravel() override { harness::WaitFor(absl::Milliseconds(50)); }

 private:
  harness::Suite& suite_;
};

class Quiet : public demo::Narrator {
 public:
  void Chapter(std::string_view) override {}
  void Step(std::string_view, std::string_view, std::string_view) override { ++steps; }
  void Refused(std::string_view, std::string_view) override { ++steps; }
  void Table(std::string_view, const std::vector<std::vector<std::string>>&) override {}
  int steps = 0;
};

// Personal data of the test customers, as it must stand nowhere in clear.
std::vector<std::string> PersonalData() {
  std::vector<std::string> values;
  for (auto& row : demo::ReadCsv(harness::SourceDirectory() + "/tests/data/customers.csv")) {
    values.push_back(row["phone"]);
    values.push_back(row["name"]);
    values.push_back(row["address"]);
  }
  return values;
}

// Handbook: G-13.
void ExpectNoPersonalData(harness::Suite& suite) {
  const std::vector<std::string> values = PersonalData();
  for (const char* service : harness::kServices) {
    const std::string log = suite.LogOf(service) + suite.MetricsOf(service);
    for (const std::string& value : values) {
      EXPECT_EQ(log.find(value), std::string::npos) << service << " log or metrics hold " << value;
    }
    const absl::Status read = suite.Database(service).Read(
        absl::Now() + absl::Seconds(60), [&](chassis::sql::Session& session) -> absl::Status {
          auto tables = session.Query("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?",
                                      suite.SchemaName(service));
          if (!tables.ok()) return tables.status();
          for (size_t i = 0; i < tables->size(); ++i) {
            auto rows = session.Query("SELECT * FROM `" + (*tables)[i].Text("name") + "`");
            if (!rows.ok()) return rows.status();
            for (const auto& row : rows->cells_) {
              for (const chassis::sql::Value& cell : row) {
                std::string text;
                if (const auto* plain = std::get_if<std::string>(&cell)) text = *plain;
                if (const auto* bytes = std::get_if<chassis::sql::Bytes>(&cell)) text = bytes->data;
                for (const std::string& value : values) {
                  EXPECT_EQ(text.find(value), std::string::npos)
                      << service << "." << (*tables)[i].Text("name") << " holds " << value << " in clear";
                }
              }
            }
          }
          return absl::OkStatus();
        });
    EXPECT_TRUE(read.ok()) << read;
  }
}

// Handbook: G-01, G-02, G-04, G-05, G-07, G-08, G-09, R-01, R-03, R-05, R-10, R-12, R-13, R-14, R-15, R-20, R-22, R-23,
// W-01, W-02, W-03, W-04, W-05, W-07, W-08, W-09,
// W-10, S-01, P-01, P-02, P-03, P-04, P-05, C-01, C-02, C-03, C-05, C-09.
TEST(MainJob, TakesAVehicleFromAppointmentToFollowUpTwiceOnOneDatabase) {
  harness::Suite suite;
  SuiteTime time(suite);
  Quiet narrator;
  demo::Stage stage(suite.door(), suite.issuer(), time, narrator);
  try {
    const auto stores = demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data");
    ASSERT_EQ(stores.size(), 2u);
    demo::PlayMainJob(stage, stores.at("SH01"));
    demo::PlayMainJob(stage, stores.at("SH01"));
    for (const auto& [code, store] : stores) demo::VerifyAll(stage, store);
  } catch (const demo::StepFailed& failed) {
    FAIL() << failed.what();
  }
  EXPECT_GT(narrator.steps, 100);
  ExpectNoPersonalData(suite);
}

}  // namespace
