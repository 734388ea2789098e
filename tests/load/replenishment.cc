// Replenishment: one run over every part of a store with 24 months of demand, in a real parts-svc. Printed are its
// time, what the same pages cost as bare SQL, and the process' resident memory before, at its highest and after.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "aftersales/parts/v1/indicators.pb.h"
#include "aftersales/parts/v1/replenishment.pb.h"
#include "chassis/config/config.h"
#include "chassis/time/clock.h"
#include "tests/harness/processes.h"
#include "tests/load/load.h"
#include "tests/load/parts_house.h"

namespace {

namespace v1 = aftersales::parts::v1;
using load::Number;

// Looks at the process ten times a second.
class MemoryWatch {
 public:
  explicit MemoryWatch(pid_t pid)
      : before_(load::ResidentMib(pid)), highest_(before_), thread_([this, pid] {
          while (!stop_) {
            highest_ = std::max<double>(highest_, load::ResidentMib(pid));
            harness::WaitFor(absl::Milliseconds(100));
          }
        }) {}
  ~MemoryWatch() { Stop(); }
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  double before() const { return before_; }
  double highest() const { return highest_; }

 private:
  const double before_;
  double highest_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

template <typename Done, typename Request>
Done Start(load::PartsHouse& house, chassis::RandomIds& ids) {
  Request request;
  request.set_store_id(load::PartsHouse::kStore);
  request.set_request_id(ids.NewId());
  chassis::CallOptions options = house.Manager();
  options.timeout = absl::Minutes(30);
  const auto started = house.suite().Call<Done>(options, request);
  if (!started.ok()) harness::FailHarness(started.status().ToString());
  return *started;
}

// Asks until it is done; the service goes on by itself.
template <typename Done, typename Get>
Done Await(load::PartsHouse& house, Done now, const Get& get, typename Done::State under_way,
           typename Done::State also_under_way) {
  while (now.state() == under_way || now.state() == also_under_way) {
    harness::WaitFor(absl::Milliseconds(50));
    const auto next = house.suite().Call<Done>(house.Manager(), get);
    if (!next.ok()) harness::FailHarness(next.status().ToString());
    now = *next;
  }
  return now;
}

int Run(const chassis::config::Config& config) {
  const int64_t parts = config.Int("parts");
  load::PartsHouse house(config.Int("buffer-pool-mib"));
  std::fprintf(stderr, "  writing %lld parts with %lld months of demand ...\n", static_cast<long long>(parts),
               static_cast<long long>(config.Int("months")));
  absl::Time start = absl::Now();
  house.FillParts(parts);
  house.FillDemand(static_cast<int>(config.Int("months")));
  std::fprintf(stderr, "  written in %s s\n", Number(absl::ToDoubleSeconds(absl::Now() - start), 0).c_str());
  house.Open();
  const chassis::SystemClock clock;
  chassis::RandomIds ids(clock);

  std::vector<std::vector<std::string>> rows = {
      {"run", "parts", "result", "seconds", "parts/s", "CPU s", "MiB before", "MiB highest", "MiB after"}};
  const auto measure = [&](const std::string& name, const std::function<std::string()>& run) {
    MemoryWatch memory(house.pid());
    const double cpu = load::CpuSeconds(house.pid());
    start = absl::Now();
    const std::string result = run();
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    memory.Stop();
    rows.push_back({name, absl::StrCat(parts), result, Number(seconds, 1),
                    Number(static_cast<double>(parts) / seconds, 0), Number(load::CpuSeconds(house.pid()) - cpu, 1),
                    Number(memory.before(), 1), Number(memory.highest(), 1),
                    Number(load::ResidentMib(house.pid()), 1)});
  };
  for (int round = 0; round < config.Int("rounds"); ++round) {
    measure("replenishment", [&] {
      v1::ReplenishmentRun run = Start<v1::ReplenishmentRun, v1::RunReplenishmentRequest>(house, ids);
      v1::GetReplenishmentRunRequest get;
      get.set_store_id(load::PartsHouse::kStore);
      get.set_replenishment_run_id(run.replenishment_run_id());
      run = Await(house, run, get, v1::ReplenishmentRun::STATE_RUNNING, v1::ReplenishmentRun::STATE_RUNNING);
      if (run.looked_at_count() != parts) harness::FailHarness("the run did not look at every part");
      return absl::StrCat(run.proposal_count(), " proposals");
    });
  }
  measure("evaluation", [&] {
    v1::PartEvaluation done;
    // The service may have begun the day's evaluation by itself; then that one is watched.
    v1::ListPartEvaluationsRequest list;
    list.set_store_id(load::PartsHouse::kStore);
    const auto begun = house.suite().Call<v1::ListPartEvaluationsResponse>(house.Manager(), list);
    if (!begun.ok()) harness::FailHarness(begun.status().ToString());
    for (const auto& one : begun->part_evaluations()) {
      if (one.state() != v1::PartEvaluation::STATE_DONE) done = one;
    }
    if (done.part_evaluation_id().empty()) done = Start<v1::PartEvaluation, v1::EvaluatePartsRequest>(house, ids);
    v1::GetPartEvaluationRequest get;
    get.set_store_id(load::PartsHouse::kStore);
    get.set_part_evaluation_id(done.part_evaluation_id());
    done = Await(house, done, get, v1::PartEvaluation::STATE_MEASURING, v1::PartEvaluation::STATE_RANKING);
    return absl::StrCat("A ", done.class_a_count(), " B ", done.class_b_count(), " C ", done.class_c_count());
  });
  std::printf("\n");
  load::PrintTable(rows);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"parts", "50000", "parts of the store"},
      {"months", "24", "months of demand of each"},
      {"rounds", "2", "how often replenishment runs"},
      {"buffer-pool-mib", "1024", "memory of the database server's cache"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty()) {
    if (!words.ok()) std::fprintf(stderr, "%s: %s\n", argv[0], words.status().ToString().c_str());
    std::printf("%s", config.Help("replenishment", "one replenishment run over many parts").c_str());
    return words.ok() && words->front() == "help" ? 0 : 2;
  }
  return Run(config);
}
