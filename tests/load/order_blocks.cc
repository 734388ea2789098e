// Repair orders on demand, for a comparison another program leads: a suite of its own with durable commits, visits
// checked in beforehand, then one block of orders (as order_ratio's "direct") for every line "CALLERS ORDERS" it reads,
// answered by one line of JSON. It ends with its input.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "chassis/config/config.h"
#include "nlohmann/json.hpp"
#include "tests/harness/server.h"
#include "tests/harness/suite.h"
#include "tests/load/order_crowd.h"

namespace {

constexpr int kCheckInCallers = 8;
constexpr int kCallersMost = 64;
constexpr const char* kStore = "SH01";

class Blocks {
 public:
  explicit Blocks(const chassis::config::Config& config)
      : suite_(database_.address(), config.Text("tls-root")), time_(suite_) {
    demo::Quiet narrator;
    demo::Stage stage(suite_.door(), suite_.issuer(), time_, narrator);
    store_ = demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data").at(kStore);
    auto people = CrowdAt("gateway", kCheckInCallers);
    visits_ = people->CheckIn(people->Customer("13900009999"), 0, static_cast<int>(config.Int("visits")));
  }

  size_t left() const { return visits_.size(); }

  nlohmann::json Play(int callers, int orders) {
    // New channels for every block: between blocks nobody polls them, and a connection that ended meanwhile would fail
    // the first calls.
    const auto crowd = CrowdAt("reception", callers);
    const load::Visits visits(visits_.end() - orders, visits_.end());
    visits_.resize(visits_.size() - orders);
    const auto before = CpuSeconds();
    const load::Outcome outcome = crowd->Order(visits);
    nlohmann::json cpu_seconds;
    for (const auto& [name, seconds] : CpuSeconds()) cpu_seconds[name] = seconds - before.at(name);
    return {{"orders", outcome.calls},  {"failures", outcome.failures}, {"per_second", outcome.per_second},
            {"p50_ms", outcome.p50_ms}, {"p99_ms", outcome.p99_ms},     {"cpu_seconds", cpu_seconds}};
  }

 private:
  std::unique_ptr<load::OrderCrowd> CrowdAt(const std::string& process, int callers) {
    return std::make_unique<load::OrderCrowd>(absl::StrCat("127.0.0.1:", suite_.PortOf(process)), suite_.ClientTls(),
                                              suite_.issuer(), time_, store_, callers);
  }
  // Of every process the orders occupy; the gateway stands aside.
  std::map<std::string, double> CpuSeconds() {
    std::map<std::string, double> seconds = {{"mariadb", load::CpuSeconds(database_.pid())},
                                             {"clients", load::CpuSeconds(getpid())}};
    for (const char* service : harness::kServices) seconds[service] = load::CpuSeconds(suite_.PidOf(service));
    return seconds;
  }

  harness::DatabaseServer database_{harness::DatabaseServer::Storage::kDisk};
  harness::Suite suite_;
  demo::SuiteTime time_;
  aftersales::common::v1::Store store_;
  load::Visits visits_;
};

// One line in, one line out, flushed: the other side waits for it.
int Serve(Blocks& blocks) {
  std::printf("ready\n");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    int callers = 0;
    int orders = 0;
    words >> callers >> orders;
    if (!words || callers < 1 || callers > kCallersMost || orders < callers || orders % callers != 0 ||
        static_cast<size_t>(orders) > blocks.left()) {
      std::fprintf(stderr, "order_blocks: wants CALLERS ORDERS, a multiple, with %zu visits left; got \"%s\"\n",
                   blocks.left(), line.c_str());
      return 2;
    }
    std::printf("%s\n", blocks.Play(callers, orders).dump().c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"visits", "256",
       "vehicles to check in beforehand: as many as orders will be asked for, at most 2,000 (the oil)"},
      {"tls-root", "",
       "directory with certificates per process and `client` (.run/tls): mTLS everywhere; empty: no TLS"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty()) {
    if (!words.ok()) std::fprintf(stderr, "%s: %s\n", argv[0], words.status().ToString().c_str());
    std::printf("%s", config.Help("order_blocks", "blocks of repair orders on demand").c_str());
    return words.ok() && words->front() == "help" ? 0 : 2;
  }
  try {
    Blocks blocks(config);
    return Serve(blocks);
  } catch (const demo::StepFailed& failed) {
    std::fprintf(stderr, "order_blocks: %s\n", failed.what());
    return 1;
  }
}
