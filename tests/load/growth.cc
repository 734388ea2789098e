// Growth: what a repair order costs with a thousand, a hundred thousand or more closed orders in the tables. Two suites
// share one server: one keeps a thousand, the other one grows; both play the same orders in turn, so that what else the
// machine does and the orders left open meet both. Printed is the ratio of their cost.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "chassis/config/config.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"
#include "tests/harness/suite.h"
#include "tests/load/closed_orders.h"
#include "tests/load/order_crowd.h"

namespace {

using load::Number;

constexpr int64_t kFirstLevel = 1000;
constexpr int kCallers = 8;

struct Cost {
  double per_second = 0;
  double p50_ms = 0;
  double service_cpu_us = 0;
  int64_t failures = 0;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class House {
 public:
  House(harness::DatabaseServer& database, int total, load::ClosedOrders::Detail detail)
      : suite_(database.address()), time_(suite_), stage_(suite_.door(), suite_.issuer(), time_, narrator_) {
    store_ = demo::OpenStores(stage_, harness::SourceDirectory() + "/tests/data").at("SH01");
    closed_ = std::make_unique<load::ClosedOrders>(suite_, stage_, store_, detail);
    const std::string door = absl::StrCat("127.0.0.1:", suite_.PortOf("gateway"));
    crowd_ = std::make_unique<load::OrderCrowd>(door, "", suite_.issuer(), time_, store_, kCallers);
    visits_ = crowd_->CheckIn(crowd_->Customer("13900009999"), 0, total);
  }

  load::ClosedOrders& closed() { return *closed_; }

  Cost Order(int count) {
    const double before = ServiceCpu();
    const load::Visits taken(visits_.end() - count, visits_.end());
    visits_.resize(visits_.size() - count);
    const load::Outcome outcome = crowd_->Order(taken);
    return {outcome.per_second, outcome.p50_ms, (ServiceCpu() - before) * 1e6 / count, outcome.failures};
  }

 private:
  double ServiceCpu() {
    double seconds = load::CpuSeconds(suite_.PidOf("gateway"));
    for (const char* service : harness::kServices) seconds += load::CpuSeconds(suite_.PidOf(service));
    return seconds;
  }

  harness::Suite suite_;
  demo::SuiteTime time_;
  demo::Quiet narrator_;
  demo::Stage stage_;
  aftersales::common::v1::Store store_;
  std::unique_ptr<load::ClosedOrders> closed_;
  std::unique_ptr<load::OrderCrowd> crowd_;
  load::Visits visits_;
};

void GiveMemory(harness::DatabaseServer& database, int64_t mebibytes) {
  auto schema = harness::FreshSchema("", database.address());
  const absl::Status done = schema->pool().Read(absl::Now() + absl::Seconds(60), [&](chassis::sql::Session& session) {
    return session.Execute(absl::StrCat("SET GLOBAL innodb_buffer_pool_size = ", mebibytes * 1024 * 1024)).status();
  });
  if (!done.ok()) throw demo::StepFailed(done.ToString());
}

int Run(const chassis::config::Config& config) {
  std::vector<int64_t> levels = {kFirstLevel};
  for (const std::string& word : std::vector<std::string>(absl::StrSplit(config.Text("levels"), ','))) {
    int64_t level = 0;
    if (!absl::SimpleAtoi(word, &level) || level < kFirstLevel) {
      std::fprintf(stderr, "growth: levels must be numbers from %lld\n", static_cast<long long>(kFirstLevel));
      return 2;
    }
    levels.push_back(level);
  }
  const int block = static_cast<int>(config.Int("orders")) / kCallers * kCallers;
  const int rounds = static_cast<int>(config.Int("rounds"));
  const int total = static_cast<int>(levels.size()) * (rounds + 1) * block;

  harness::DatabaseServer database(harness::DatabaseServer::Storage::kDisk);
  GiveMemory(database, config.Int("buffer-pool-mib"));
  std::fprintf(stderr, "  opening two suites, playing the main job, checking in %d vehicles each ...\n", total);
  using Detail = load::ClosedOrders::Detail;
  const Detail detail{.logs_every = std::max<int64_t>(1, config.Int("logs-every")),
                      .contents = config.Flag("whole-logs") ? Detail::Contents::kWhole : Detail::Contents::kShort};
  House small(database, total, detail);
  House grown(database, total, detail);
  small.closed().FillUpTo(kFirstLevel);

  std::vector<std::vector<std::string>> rows = {{"closed orders", "rows", "GiB", "filled in s", "orders/s",
                                                 "beside 1000", "cost ratio", "from-to", "p50 ms", "beside 1000",
                                                 "CPU us", "beside 1000", "failed"}};
  for (const int64_t level : levels) {
    std::fprintf(stderr, "  filling up to %lld closed orders ...\n", static_cast<long long>(level));
    const absl::Time start = absl::Now();
    grown.closed().FillUpTo(level);
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    // What was just written is still being flushed; the first block of each warms up.
    small.Order(block);
    grown.Order(block);
    std::vector<double> ratios, rates, rates_beside, p50s, p50s_beside, cpu, cpu_beside;
    int64_t failures = 0;
    for (int round = 0; round < rounds; ++round) {
      std::fprintf(stderr, "  round %d of %d ...\n", round + 1, rounds);
      // In changing order, so that neither is always the one that comes after a pause.
      Cost beside, cost;
      if (round % 2 == 0) beside = small.Order(block);
      cost = grown.Order(block);
      if (round % 2 == 1) beside = small.Order(block);
      ratios.push_back(beside.per_second / cost.per_second);
      rates.push_back(cost.per_second);
      rates_beside.push_back(beside.per_second);
      p50s.push_back(cost.p50_ms);
      p50s_beside.push_back(beside.p50_ms);
      cpu.push_back(cost.service_cpu_us);
      cpu_beside.push_back(beside.service_cpu_us);
      failures += cost.failures + beside.failures;
    }
    rows.push_back({absl::StrCat(level), Number(static_cast<double>(level) * grown.closed().rows_per_order(), 0),
                    Number(static_cast<double>(grown.closed().Bytes()) / (1024.0 * 1024 * 1024), 1), Number(seconds, 0),
                    Number(Median(rates), 1), Number(Median(rates_beside), 1), Number(Median(ratios), 2),
                    absl::StrCat(Number(*std::min_element(ratios.begin(), ratios.end()), 2), "-",
                                 Number(*std::max_element(ratios.begin(), ratios.end()), 2)),
                    Number(Median(p50s), 1), Number(Median(p50s_beside), 1), Number(Median(cpu), 0),
                    Number(Median(cpu_beside), 0), absl::StrCat(failures)});
    std::fprintf(stderr, "  cost ratio %s\n", rows.back()[6].c_str());
  }
  std::printf(
      "\n%d callers through the gateway, no TLS, medians of %d rounds of %d orders; a closed order is %.1f rows, %s\n",
      kCallers, rounds, block, grown.closed().rows_per_order(),
      config.Flag("whole-logs") ? "its logs whole" : "its logs without their long contents");
  load::PrintTable(rows);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"levels", "10000,100000", "closed orders to measure at, separated by commas; 1000 always comes first"},
      {"orders", "48", "orders per block, a multiple of 8"},
      {"rounds", "5", "how often every block is measured"},
      {"buffer-pool-mib", "6144", "memory of the database server's cache"},
      {"logs-every", "1",
       "rows of the logs (commands, events, processes, signed contents) for one in so many closed orders: 10 lets a "
       "million fit where a hundred thousand do"},
      {"whole-logs", "false", "closed orders keep replies, changes and signed contents, which are most of their bytes"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty()) {
    if (!words.ok()) std::fprintf(stderr, "%s: %s\n", argv[0], words.status().ToString().c_str());
    std::printf("%s", config.Help("growth", "what closed orders add to the cost of a new one").c_str());
    return words.ok() && words->front() == "help" ? 0 : 2;
  }
  try {
    return Run(config);
  } catch (const demo::StepFailed& failed) {
    std::fprintf(stderr, "growth: %s\n", failed.what());
    return 1;
  }
}
