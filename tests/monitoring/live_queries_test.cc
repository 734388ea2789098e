// The monitoring against what it monitors: the whole suite with every channel encrypted, a Prometheus of its own that
// looks every second, the main job played; then every query of every dashboard and every rule is asked and must have an
// answer (live_queries.py), and a killed service must lead to its paragraph in the handbook for operators.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "aftersales/reception/v1/board.pb.h"
#include "tests/demo/main_job.h"
#include "tests/demo/opening.h"
#include "tests/demo/suite_stage.h"
#include "tests/harness/certificates.h"
#include "tests/harness/processes.h"
#include "tests/harness/suite.h"

namespace {

std::string Read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Removed last, when nobody writes there any more.
struct Place {
  ~Place() { std::filesystem::remove_all(path); }
  const std::string path = harness::ScratchDirectory("monitoring");
};

// A Prometheus that fetches from a suite's processes under the job names the rules and dashboards expect.
class Watcher {
 public:
  Watcher(harness::Suite& suite, const std::string& directory) : directory_(directory), port_(harness::FreePort()) {
    std::ofstream targets(directory_ + "/targets");
    targets << "gateway 127.0.0.1:" << suite.AdminPortOf("gateway") << "\n";
    for (const std::string service : harness::kServices) {
      targets << service << "-svc 127.0.0.1:" << suite.AdminPortOf(service) << "\n";
    }
    targets.close();
    if (Run("configure", {directory_}) != 0) harness::FailHarness(said());
    pid_ = harness::Spawn(
        {"prometheus", "--config.file=" + directory_ + "/prometheus.yml", "--storage.tsdb.path=" + directory_ + "/data",
         "--log.level=warn", absl::StrCat("--web.listen-address=127.0.0.1:", port_)},
        directory_ + "/prometheus.log");
  }

  ~Watcher() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // live_queries.py with these words; what it says is in said().
  int Run(const std::string& verb, const std::vector<std::string>& words) {
    const std::string output = directory_ + "/" + verb + ".log";
    std::filesystem::remove(output);
    std::vector<std::string> command = {"python3", harness::SourceDirectory() + "/tests/monitoring/live_queries.py",
                                        verb, absl::StrCat("http://127.0.0.1:", port_)};
    command.insert(command.end(), words.begin(), words.end());
    const int status = harness::RunToEnd(command, output);
    said_ = Read(output);
    return status;
  }
  const std::string& said() const { return said_; }

 private:
  const std::string directory_;
  const int port_;
  pid_t pid_ = -1;
  std::string said_;
};

class Monitoring : public ::testing::Test {
 protected:
  struct Scene {
    Scene()
        : suite("", harness::MakeCertificates(place.path)),
          watcher(suite, place.path),
          time(suite),
          stage(suite.door(), suite.issuer(), time, narrator) {
      const auto stores = demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data");
      // Twice: a counter that appears with its first call shows an increase from the second on, once it was looked at.
      for (int run = 0; run < 2; ++run) {
        demo::PlayMainJob(stage, stores.at("SH01"));
        LookAtBoard(stores.at("SH01"));
        if (watcher.Run("await_look", {}) != 0) throw demo::StepFailed(watcher.said());
      }
      // The figures of the business are counted every few minutes of the suite's own clock: they are due now.
      stage.Pass(absl::Minutes(30));
    }
    // What a screen at reception does all day.
    void LookAtBoard(const aftersales::common::v1::Store& store) {
      aftersales::reception::v1::WatchBoardRequest request;
      request.set_store_id(store.store_id());
      int seen = 0;
      const absl::Status watched = suite.door().Watch<aftersales::reception::v1::WatchBoardResponse>(
          {.token = stage.TokenOf(demo::Cast(store).adviser)}, request,
          [&](const aftersales::reception::v1::WatchBoardResponse&) {
            ++seen;
            return false;
          });
      if (seen == 0) throw demo::StepFailed("the board shows nothing: " + watched.ToString());
    }
    Place place;
    harness::Suite suite;
    Watcher watcher;
    demo::SuiteTime time;
    demo::Quiet narrator;
    demo::Stage stage;
  };
  static void SetUpTestSuite() {
    try {
      scene_ = std::make_unique<Scene>();
    } catch (const demo::StepFailed& failed) {
      failure_ = failed.what();
    }
  }
  static void TearDownTestSuite() { scene_.reset(); }
  void SetUp() override { ASSERT_TRUE(scene_) << failure_; }
  harness::Suite& suite() { return scene_->suite; }
  Watcher& watcher() { return scene_->watcher; }

  static std::unique_ptr<Scene> scene_;
  static std::string failure_;
};
std::unique_ptr<Monitoring::Scene> Monitoring::scene_;
std::string Monitoring::failure_;

TEST_F(Monitoring, AnswersEveryQueryOfDashboardsAndRules) {
  const int status = watcher().Run("ask", {});
  EXPECT_EQ(status, 0) << watcher().said();
}

TEST_F(Monitoring, LeadsFromAKilledServiceToItsParagraph) {
  suite().Kill("crm");
  const int status =
      watcher().Run("await", {"TargetDown job=crm-svc", "UpstreamDisconnected upstream=aftersales.crm.v1"});
  EXPECT_EQ(status, 0) << watcher().said();
  // And nobody is rung for when it is back.
  suite().Start("crm");
  EXPECT_EQ(watcher().Run("await_end", {"TargetDown job=crm-svc", "UpstreamDisconnected upstream=aftersales.crm.v1"}),
            0)
      << watcher().said();
}

}  // namespace
