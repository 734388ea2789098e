// The SQL ratio: repair orders per second through the real processes (created, covered, estimated, promised, signed and
// released, with the parts reserved and the jobs created) against the same statements and commits sent raw. Both share
// one private server with durable commits on disk, and every block of orders is measured beside a block of the replay,
// so that other load on the machine meets both. Prints besides where the rest goes: statements, round trips, CPU per
// process.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "chassis/config/config.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"
#include "tests/harness/suite.h"
#include "tests/load/order_crowd.h"
#include "tests/load/recording.h"

namespace {

using chassis::sql::TapedLease;
using chassis::sql::TapedStatement;
using load::Number;

constexpr int kLevels[] = {1, 8, 32};
constexpr int kConnections = 8;  // the pool of every service, so the replay's as well
constexpr int kWarmUp = 64;
const std::vector<std::string> kProcesses = {"gateway", "reception", "workshop", "parts", "crm", "mariadb", "clients"};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

// CPU seconds by process since it was made.
class CpuMeter {
 public:
  explicit CpuMeter(std::map<std::string, int> pids) : pids_(std::move(pids)) {
    for (const auto& [name, pid] : pids_) before_[name] = load::CpuSeconds(pid);
  }
  void AddTo(std::map<std::string, double>& seconds) const {
    for (const auto& [name, pid] : pids_) seconds[name] += load::CpuSeconds(pid) - before_.at(name);
  }

 private:
  std::map<std::string, int> pids_;
  std::map<std::string, double> before_;
};

// One way of doing the orders, over all rounds.
struct Way {
  std::vector<double> per_second, ratio, p50, p99;
  std::map<std::string, double> cpu_seconds;
  int64_t orders = 0, failures = 0, statements = 0, commits = 0;
};

// What an order sends, from the tape.
struct Share {
  int64_t leases = 0, reads = 0, writes = 0, commits = 0, background = 0;
};

void PrintTape(const load::Recording& recording, bool statements) {
  std::map<std::string, Share> sent;
  std::map<std::string, int64_t> texts;
  double orders = 0;
  for (const load::Unit& unit : recording.units()) {
    if (!unit.background) ++orders;
    for (const TapedLease& lease : unit.leases) {
      Share& one = sent[recording.ServiceOf(lease.schema)];
      if (unit.background) {
        one.background += static_cast<int64_t>(lease.statements.size()) + lease.transaction;
        continue;
      }
      ++one.leases;
      one.commits += lease.transaction;
      for (const TapedStatement& statement : lease.statements) {
        ++(statement.kind == TapedStatement::Kind::kQuery ? one.reads : one.writes);
        ++texts[absl::StrCat(recording.ServiceOf(lease.schema), ": ", statement.text)];
      }
    }
  }
  std::printf("\nper order and service, from the tape (round trips: statements and commits)\n");
  std::vector<std::vector<std::string>> rows = {{"", "round trips", "queries", "changes", "commits",
                                                 "times a connection was taken", "round trips of background work"}};
  Share sum;
  const auto row = [&](const std::string& name, const Share& one) {
    const auto each = [&](int64_t total) { return Number(static_cast<double>(total) / orders, 1); };
    rows.push_back({name, each(one.reads + one.writes + one.commits), each(one.reads), each(one.writes),
                    each(one.commits), each(one.leases), each(one.background)});
  };
  for (const auto& [service, one] : sent) {
    row(service, one);
    sum.leases += one.leases, sum.reads += one.reads, sum.writes += one.writes;
    sum.commits += one.commits, sum.background += one.background;
  }
  row("all", sum);
  load::PrintTable(rows);
  if (!statements) return;
  std::vector<std::pair<int64_t, std::string>> sorted;
  for (const auto& [text, times] : texts) sorted.emplace_back(times, text);
  std::sort(sorted.rbegin(), sorted.rend());
  std::printf("\nstatements of an order, most frequent first\n");
  for (const auto& [times, text] : sorted) {
    std::printf("%6.2f  %s\n", static_cast<double>(times) / orders, text.substr(0, 160).c_str());
  }
}

class Bench {
 public:
  Bench(const chassis::config::Config& config)
      : block_(static_cast<int>(config.Int("orders")) / 32 * 32),
        rounds_(static_cast<int>(config.Int("rounds"))),
        tls_root_(config.Text("tls-root")),
        suite_(database_.address(), tls_root_),
        time_(suite_) {}

  void Run(bool statements) {
    demo::Quiet narrator;
    demo::Stage stage(suite_.door(), suite_.issuer(), time_, narrator);
    stores_ = demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data");
    idle_mib_ = Resident();
    const int total = kWarmUp + rounds_ * block_ * static_cast<int>(std::size(kLevels));
    Say(absl::StrCat("checking in ", 2 * total, " vehicles"));
    // Direct and through the gateway in a store each, so that both meet as many open orders at the same place.
    const Crowd near("SH01", Reception(), *this);
    const Crowd far("SZ02", Door(), *this);
    near_visits_ = near.CheckIn(*this, "13900009999", 0, total);
    far_visits_ = far.CheckIn(*this, "13900009998", total, total);
    Say(absl::StrCat("recording the statements of ", total, " orders"));
    recording_ = std::make_unique<load::Recording>(database_.address(), total, 8);
    Say("warming up");
    near.By(32).Order(Next(near_visits_, kWarmUp));
    far.By(32).Order(Next(far_visits_, kWarmUp));
    load::ReplayCount count;
    recording_->Replay(kWarmUp, kConnections, kConnections, count);
    for (int round = 1; round <= rounds_; ++round) {
      for (const int level : kLevels) {
        Say(absl::StrCat("round ", round, " of ", rounds_, ", ", level, " callers"));
        Block(level, near, far, count);
      }
    }
    loaded_mib_ = Resident();
    Print(count);
    PrintMemory();
    PrintTape(*recording_, statements);
  }

 private:
  struct Crowd {
    Crowd(const std::string& code, std::string target, Bench& bench) : store(bench.stores_.at(code)) {
      for (const int level : kLevels) crowds[level] = bench.CrowdAt(target, store, level);
    }
    load::Visits CheckIn(Bench& bench, const std::string& phone, int first, int count) const {
      auto people = bench.CrowdAt(bench.Door(), store, 8);
      return people->CheckIn(people->Customer(phone), first, count);
    }
    load::OrderCrowd& By(int level) const { return *crowds.at(level); }
    aftersales::common::v1::Store store;
    std::map<int, std::unique_ptr<load::OrderCrowd>> crowds;
  };

  std::string Door() { return absl::StrCat("127.0.0.1:", suite_.PortOf("gateway")); }
  std::string Reception() { return absl::StrCat("127.0.0.1:", suite_.PortOf("reception")); }
  std::unique_ptr<load::OrderCrowd> CrowdAt(const std::string& target, const aftersales::common::v1::Store& store,
                                            int callers) {
    return std::make_unique<load::OrderCrowd>(target, suite_.ClientTls(), suite_.issuer(), time_, store, callers);
  }
  static void Say(const std::string& what) { std::fprintf(stderr, "  %s ...\n", what.c_str()); }
  static load::Visits Next(load::Visits& visits, int count) {
    load::Visits taken(visits.end() - count, visits.end());
    visits.resize(visits.size() - count);
    return taken;
  }
  std::map<std::string, int> Pids() {
    std::map<std::string, int> pids = {{"mariadb", database_.pid()}, {"clients", getpid()}};
    for (const char* service : harness::kServices) pids[service] = suite_.PidOf(service);
    pids["gateway"] = suite_.PidOf("gateway");
    return pids;
  }
  CpuMeter Meter() { return CpuMeter(Pids()); }
  std::map<std::string, double> Resident() {
    std::map<std::string, double> mebibytes;
    for (const auto& [name, pid] : Pids()) mebibytes[name] = load::ResidentMib(pid);
    return mebibytes;
  }

  // Statements and commits the server has seen, from whomever.
  std::pair<int64_t, int64_t> Sent() {
    std::pair<int64_t, int64_t> sent;
    suite_.Database("crm")
        .Read(absl::Now() + absl::Seconds(10),
              [&](chassis::sql::Session& session) -> absl::Status {
                const auto rows = session.Query(
                    "SELECT VARIABLE_NAME AS name, CAST(VARIABLE_VALUE AS SIGNED) AS total FROM "
                    "information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('COM_STMT_EXECUTE', 'COM_COMMIT')");
                if (!rows.ok()) return rows.status();
                for (size_t i = 0; i < rows->size(); ++i) {
                  ((*rows)[i].Text("name") == "COM_COMMIT" ? sent.second : sent.first) = (*rows)[i].Int("total");
                }
                return absl::OkStatus();
              })
        .IgnoreError();
    return sent;
  }

  void Measure(Way& way, const std::function<load::Outcome()>& play) {
    const auto sent_before = Sent();
    const CpuMeter meter = Meter();
    const load::Outcome outcome = play();
    meter.AddTo(way.cpu_seconds);
    const auto sent = Sent();
    way.statements += sent.first - sent_before.first;
    way.commits += sent.second - sent_before.second;
    way.per_second.push_back(outcome.per_second);
    way.p50.push_back(outcome.p50_ms);
    way.p99.push_back(outcome.p99_ms);
    way.orders += outcome.calls;
    way.failures += outcome.failures;
  }

  // Half of the replay, direct, gateway, the other half of the replay: what else the machine does meets all.
  void Block(int level, const Crowd& near, const Crowd& far, load::ReplayCount& count) {
    const int threads = std::min(level, kConnections);
    Way raw;
    const auto replay = [&] { return recording_->Replay(block_ / 2, threads, kConnections, count); };
    Measure(raw, replay);
    Measure(direct_[level], [&] { return near.By(level).Order(Next(near_visits_, block_)); });
    Measure(gateway_[level], [&] { return far.By(level).Order(Next(far_visits_, block_)); });
    Measure(raw, replay);
    const double rate = 2 / (1 / raw.per_second[0] + 1 / raw.per_second[1]);
    Way& kept = raw_[level];
    kept.per_second.push_back(rate);
    kept.orders += raw.orders;
    kept.statements += raw.statements;
    kept.commits += raw.commits;
    for (const auto& [name, seconds] : raw.cpu_seconds) kept.cpu_seconds[name] += seconds;
    direct_[level].ratio.push_back(direct_[level].per_second.back() / rate);
    gateway_[level].ratio.push_back(gateway_[level].per_second.back() / rate);
  }

  static std::string Spread(const std::vector<double>& values) {
    return absl::StrCat(Number(*std::min_element(values.begin(), values.end()), 2), "-",
                        Number(*std::max_element(values.begin(), values.end()), 2));
  }

  void Print(const load::ReplayCount& count) {
    std::printf("\norders per second, medians of %d rounds of %d orders; %s\n", rounds_, block_,
                tls_root_.empty() ? "no TLS" : "mTLS on every channel");
    std::vector<std::vector<std::string>> rows = {{"callers", "raw/s", "direct/s", "ratio", "from-to", "p50 ms",
                                                   "p99 ms", "gateway/s", "ratio", "from-to", "p50 ms", "p99 ms",
                                                   "failed"}};
    for (const int level : kLevels) {
      const Way& direct = direct_[level];
      const Way& gateway = gateway_[level];
      rows.push_back({absl::StrCat(level), Number(Median(raw_[level].per_second), 1),
                      Number(Median(direct.per_second), 1), Number(Median(direct.ratio), 2), Spread(direct.ratio),
                      Number(Median(direct.p50), 1), Number(Median(direct.p99), 1),
                      Number(Median(gateway.per_second), 1), Number(Median(gateway.ratio), 2), Spread(gateway.ratio),
                      Number(Median(gateway.p50), 1), Number(Median(gateway.p99), 1),
                      absl::StrCat(direct.failures + gateway.failures)});
    }
    load::PrintTable(rows);
    std::printf(
        "the replay sent %lld statements; %lld of them met another number of rows than when recorded, %lld "
        "transactions failed\n",
        static_cast<long long>(count.statements), static_cast<long long>(count.other_outcome),
        static_cast<long long>(count.leases_failed));
    std::printf("\nCPU microseconds per order and process; statements and commits the server saw per order\n");
    rows = {{"", "callers"}};
    for (const std::string& name : kProcesses) rows[0].push_back(name);
    for (const char* name : {"sum", "statements", "commits"}) rows[0].push_back(name);
    for (const int level : kLevels) {
      const auto row = [&](const char* what, const Way& way) {
        std::vector<std::string> cells = {what, absl::StrCat(level)};
        double sum = 0;
        for (const std::string& name : kProcesses) {
          const double each = way.cpu_seconds.at(name) * 1e6 / static_cast<double>(way.orders);
          sum += each;
          cells.push_back(Number(each, 0));
        }
        cells.push_back(Number(sum, 0));
        cells.push_back(Number(static_cast<double>(way.statements) / static_cast<double>(way.orders), 0));
        cells.push_back(Number(static_cast<double>(way.commits) / static_cast<double>(way.orders), 1));
        rows.push_back(cells);
      };
      row("raw", raw_[level]);
      row("direct", direct_[level]);
      row("gateway", gateway_[level]);
    }
    load::PrintTable(rows);
  }

  void PrintMemory() {
    std::printf("\nresident MiB of each process: when the stores were open, and after the last block of 32 callers\n");
    std::vector<std::vector<std::string>> rows = {{""}, {"idle"}, {"loaded"}};
    for (const std::string& name : kProcesses) {
      if (name == "clients") continue;
      rows[0].push_back(name);
      rows[1].push_back(Number(idle_mib_.at(name), 1));
      rows[2].push_back(Number(loaded_mib_.at(name), 1));
    }
    load::PrintTable(rows);
  }

  const int block_;
  const int rounds_;
  const std::string tls_root_;
  harness::DatabaseServer database_{harness::DatabaseServer::Storage::kDisk};
  harness::Suite suite_;
  demo::SuiteTime time_;
  std::map<std::string, aftersales::common::v1::Store> stores_;
  load::Visits near_visits_, far_visits_;
  std::unique_ptr<load::Recording> recording_;
  std::map<std::string, double> idle_mib_, loaded_mib_;
  std::map<int, Way> raw_, direct_, gateway_;
};

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"orders", "128",
       "orders per block, a multiple of 32; at most 192 with three rounds, which is the oil in the stores"},
      {"rounds", "3", "how often every block is measured"},
      {"tls-root", "",
       "directory with certificates per process and `client` (.run/tls): mTLS everywhere; empty: no TLS"},
      {"statements", "false", "list the statements of an order"},
      {"tape-only", "false", "only record a few orders and print what they send: no throughput, half a minute"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty()) {
    if (!words.ok()) std::fprintf(stderr, "%s: %s\n", argv[0], words.status().ToString().c_str());
    std::printf("%s", config.Help("order_ratio", "repair orders per second against their bare SQL").c_str());
    return words.ok() && words->front() == "help" ? 0 : 2;
  }
  try {
    if (config.Flag("tape-only")) {
      harness::DatabaseServer database(harness::DatabaseServer::Storage::kMemory);
      PrintTape(load::Recording(database.address(), 16, 8), config.Flag("statements"));
      return 0;
    }
    Bench(config).Run(config.Flag("statements"));
  } catch (const demo::StepFailed& failed) {
    std::fprintf(stderr, "order_ratio: %s\n", failed.what());
    return 1;
  }
  return 0;
}
