// An upgrade by day, from the programs of an earlier version to this build's: the old ones make a database and work on
// it, the new ones migrate it, then one replica of everything is new and one old, and the main job and quick orders
// are played through both gateways by old clients and new; in the end the old ones stop, and the job is played once
// more. Whatever the two versions do not understand of each other, in the schema, the calls or the events, fails here.
// tests/operations/upgrade.sh builds the old programs and runs this.
#include <cstdio>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chassis/config/config.h"
#include "tests/demo/main_job.h"
#include "tests/demo/quick_order.h"
#include "tests/demo/suite_stage.h"
#include "tests/harness/processes.h"
#include "tests/harness/suite.h"

namespace {

namespace reception = aftersales::reception::v1;
using aftersales::common::v1::Store;
using harness::Programs;
using harness::Suite;

constexpr int kQuickOrders = 20;
constexpr const char* kNames[] = {"reception", "workshop", "parts", "crm", "gateway"};

class Upgrade {
 public:
  explicit Upgrade(const Programs& old_version)
      : old_(old_version),
        suite_(old_version),
        time_(suite_),
        stage_(suite_.door(), suite_.issuer(), time_, narrator_) {}

  void Run() {
    Step("the old version opens two stores and plays the main job", [&] { OldClientPlays(); });
    Step("the new version migrates the schemas under the old one at work", [&] { Migrate(); });
    Step("one replica of everything becomes new, the gateways last", [&] { Replace("-2"); });
    Step("an old client plays the main job through both", [&] { OldClientPlays(); });
    Step("a new client plays it, and quick orders", [&] { NewClientPlays(1); });
    Step("old and new verification agree", [&] {
      Verify(old_);
      Verify(new_);
    });
    Step("the other replicas become new", [&] { Replace(""); });
    Step("the job once more, by an old client and a new one", [&] {
      OldClientPlays();
      NewClientPlays(2);
    });
    Step("verification agrees", [&] { Verify(new_); });
  }

 private:
  static void Step(const char* what, const std::function<void()>& run) {
    std::printf("%-72s", what);
    std::fflush(stdout);
    const absl::Time start = absl::Now();
    run();
    std::printf("%6.1f s\n", absl::ToDoubleSeconds(absl::Now() - start));
  }

  void OldClientPlays() {
    std::vector<std::string> command;
    if (!old_.libraries.empty()) command = {"env", "LD_LIBRARY_PATH=" + old_.libraries};
    for (const std::string& word :
         {old_.binaries + "/aftersales-demo", "--target=" + suite_.DoorTarget(),
          std::string("--issuer=aftersales-test"), "--issuer-key-file=" + suite_.Directory() + "/issuer.jwk",
          "--data-directory=" + old_.sources + "/tests/data",
          "--clock-offset-file=" + suite_.Directory() + "/clock-offset"}) {
      command.push_back(word);
    }
    const std::string name = absl::StrCat("old-demo-", ++plays_);
    if (harness::RunToEnd(command, suite_.Directory() + "/" + name + ".log") != 0) {
      throw demo::StepFailed(suite_.LogOf(name));
    }
  }

  void NewClientPlays(int round) {
    const auto stores = demo::OpenStores(stage_, harness::SourceDirectory() + "/tests/data");
    const Store& store = stores.at("SH01");
    demo::PlayMainJob(stage_, store);
    demo::QuickOrder orders(stage_, store);
    const std::string customer = orders.Customer(absl::StrCat("1370000000", round));
    for (int i = 0; i < kQuickOrders; ++i) {
      const auto vehicle = orders.Vehicle(customer, round * 1000 + i);
      const auto order = orders.Signed(orders.Estimated(orders.CheckedIn(vehicle)));
      const auto released = stage_.Do<reception::RepairOrder>(demo::Cast(store).adviser, orders.ReleaseRequest(order));
      if (released.state() != reception::RepairOrder::STATE_RELEASED) {
        throw demo::StepFailed("a quick order is " + demo::StateOf(released));
      }
    }
    for (const auto& [code, each] : stores) demo::VerifyAll(stage_, each);
  }

  void Migrate() {
    for (const char* service : harness::kServices) {
      std::string said;
      if (suite_.RunSubcommand(new_, service, "migrate", said) != 0) throw demo::StepFailed(said);
      std::printf("\n  %s: %s", service, said.empty() ? "nothing to migrate" : said.c_str());
    }
    std::printf("\n%72s", "");
  }

  // As the handbook for operators says: the services, then the gateway.
  void Replace(const std::string& replica) {
    for (const char* name : kNames) {
      suite_.UseProgramsOf(new_, name + replica);
      suite_.Restart(name + replica);
    }
  }

  void Verify(const Programs& version) {
    for (const char* service : harness::kServices) {
      std::string said;
      if (suite_.RunSubcommand(version, service, "verify", said) != 0) throw demo::StepFailed(said);
    }
  }

  const Programs old_;
  const Programs new_ = harness::CurrentPrograms();
  Suite suite_;
  demo::SuiteTime time_;
  demo::Quiet narrator_;
  demo::Stage stage_;
  int plays_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"old-programs", "", "directory with the earlier version's programs"},
      {"old-generated", "", "directory with its aftersales.binpb and openapi.json"},
      {"old-sources", "", "its repository, for migrations and data"},
      {"old-libraries", "", "where its shared libraries are; empty: where they were linked"},
  });
  const auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty()) {
    const bool asked = words.ok() && words->front() == "help";
    if (!words.ok()) std::fprintf(stderr, "upgrade: %s\n", std::string(words.status().message()).c_str());
    if (asked) std::fputs(config.Help("upgrade", "from an earlier version to this build, by day").c_str(), stdout);
    return asked ? 0 : 2;
  }
  try {
    Upgrade upgrade({.binaries = config.Text("old-programs"),
                     .generated = config.Text("old-generated"),
                     .sources = config.Text("old-sources"),
                     .libraries = config.Text("old-libraries")});
    upgrade.Run();
  } catch (const demo::StepFailed& failed) {
    std::fprintf(stderr, "\nupgrade: FAILED: %s\n", failed.what());
    return 1;
  }
  std::printf("Done: old and new worked side by side, and every verification agrees.\n");
  return 0;
}
