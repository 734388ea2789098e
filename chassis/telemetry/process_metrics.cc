#include "chassis/telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "prometheus/metric_family.h"

namespace chassis::telemetry {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily Family(const std::string& name, const std::string& help, MetricType type, double value) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  prometheus::ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(metric);
  return family;
}

int64_t OpenFiles() {
  int64_t count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  while (const dirent* entry = ::readdir(directory)) count += entry->d_name[0] == '.' ? 0 : 1;
  ::closedir(directory);
  return count - 1;  // the directory itself was open
}

class OfProcess : public prometheus::Collectable {
 public:
  std::vector<MetricFamily> Collect() const override {
    int64_t total_pages = 0;
    int64_t resident_pages = 0;
    std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
    int64_t threads = 0;
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("Threads:")) threads = std::stoll(line.substr(8));
    }
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return {
        Family("process_resident_memory_bytes", "Resident memory", MetricType::Gauge,
               static_cast<double>(resident_pages * ::sysconf(_SC_PAGESIZE))),
        Family("process_cpu_seconds_total", "User and system CPU time", MetricType::Counter,
               seconds(usage.ru_utime) + seconds(usage.ru_stime)),
        Family("process_threads", "Threads", MetricType::Gauge, static_cast<double>(threads)),
        Family("process_open_fds", "Open files and sockets", MetricType::Gauge, static_cast<double>(OpenFiles())),
    };
  }
};

class OfPool : public prometheus::Collectable {
 public:
  explicit OfPool(const sql::Pool& pool) : pool_(pool) {}
  std::vector<MetricFamily> Collect() const override {
    const sql::PoolStatistics now = pool_.Statistics();
    const auto gauge = [](const char* name, const char* help, int64_t value) {
      return Family(name, help, MetricType::Gauge, static_cast<double>(value));
    };
    const auto counter = [](const char* name, const char* help, int64_t value) {
      return Family(name, help, MetricType::Counter, static_cast<double>(value));
    };
    return {
        gauge("sql_pool_open", "Open connections", now.open),
        gauge("sql_pool_in_use", "Connections in use", now.in_use),
        gauge("sql_pool_waiting", "Callers waiting for a connection", now.waiting),
        counter("sql_pool_acquired_total", "Connections handed out", now.acquired_total),
        counter("sql_pool_refused_total", "Callers refused: too many waited, or too long", now.refused_total),
        counter("sql_transactions_retried_total", "Transactions repeated after a deadlock", now.retried_total),
        counter("sql_statements_total", "Statements run", now.statements_total),
    };
  }

 private:
  const sql::Pool& pool_;
};

}  // namespace

std::shared_ptr<prometheus::Collectable> ProcessMetrics() { return std::make_shared<OfProcess>(); }
std::shared_ptr<prometheus::Collectable> PoolMetrics(const sql::Pool& pool) { return std::make_shared<OfPool>(pool); }

}  // namespace chassis::telemetry
