#include "chassis/telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "prometheus/metric_family.h"

#ifndef AFTERSALES_VERSION
#define AFTERSALES_VERSION "0"
#endif

namespace chassis::telemetry {
namespace {

using prometheus::ClientMetric;
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

double OpenFilesMax() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
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
        Family("process_max_fds", "Files and sockets that may be open", MetricType::Gauge, OpenFilesMax()),
        Family("process_start_time_seconds", "When the process started", MetricType::Gauge, start_seconds_),
    };
  }

 private:
  // Made while the process starts.
  const double start_seconds_ = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
};

class OfBuild : public prometheus::Collectable {
 public:
  explicit OfBuild(const std::string& service) : service_(service) {}
  std::vector<MetricFamily> Collect() const override {
    MetricFamily family = Family("aftersales_build_info", "1; the program and its version", MetricType::Gauge, 1);
    family.metric.front().label = {{"service", service_}, {"version", AFTERSALES_VERSION}};
    return {family};
  }

 private:
  const std::string service_;
};

MetricFamily Named(const char* name, const char* help, MetricType type) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  return family;
}

ClientMetric Counted(std::vector<ClientMetric::Label> labels, int64_t value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  return metric;
}

MetricFamily StatementSeconds(const sql::StatementFigures& figures) {
  MetricFamily family = Named("sql_statement_seconds", "How long statements took, by kind", MetricType::Histogram);
  for (size_t kind = 0; kind < figures.times.size(); ++kind) {
    ClientMetric metric;
    metric.label = {{"statement", sql::kStatementKindNames[kind]}};
    uint64_t sum = 0;
    for (size_t i = 0; i < figures.times[kind].counts.size(); ++i) {
      sum += static_cast<uint64_t>(figures.times[kind].counts[i]);
      const bool last = i == sql::kStatementBuckets.size();
      metric.histogram.bucket.push_back(
          {sum, last ? std::numeric_limits<double>::infinity() : sql::kStatementBuckets[i]});
    }
    metric.histogram.sample_count = sum;
    metric.histogram.sample_sum = figures.times[kind].seconds;
    family.metric.push_back(std::move(metric));
  }
  return family;
}

MetricFamily StatementErrors(const sql::StatementFigures& figures) {
  MetricFamily family =
      Named("sql_errors_total", "Statements and connections that failed, by class", MetricType::Counter);
  for (size_t i = 0; i < figures.errors.size(); ++i) {
    family.metric.push_back(Counted({{"class", sql::kStatementErrorNames[i]}}, figures.errors[i]));
  }
  return family;
}

// The statements kept prepared, as any other cache (cache_figures.h).
MetricFamily PreparedLookups(const sql::StatementFigures& figures) {
  MetricFamily family =
      Named("cache_lookups_total", "Times something was looked for in a cache, by outcome.", MetricType::Counter);
  family.metric.push_back(Counted({{"cache", "statement"}, {"outcome", "hit"}}, figures.prepared_hits));
  family.metric.push_back(Counted({{"cache", "statement"}, {"outcome", "miss"}}, figures.prepared_misses));
  return family;
}

MetricFamily PreparedEntries(const sql::StatementFigures& figures) {
  MetricFamily family = Family("cache_entries", "Entries a cache holds.", MetricType::Gauge,
                               static_cast<double>(figures.prepared_entries));
  family.metric.front().label = {{"cache", "statement"}};
  return family;
}

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
        gauge("sql_pool_limit", "Connections that may be open", now.limit),
        counter("sql_pool_acquired_total", "Connections handed out", now.acquired_total),
        counter("sql_pool_refused_total", "Callers refused: too many waited, or too long", now.refused_total),
        counter("sql_transactions_retried_total", "Transactions repeated after a deadlock", now.retried_total),
        counter("sql_statements_total", "Statements run", now.statements_total),
        StatementSeconds(now.statements),
        StatementErrors(now.statements),
        PreparedLookups(now.statements),
        PreparedEntries(now.statements),
    };
  }

 private:
  const sql::Pool& pool_;
};

}  // namespace

std::shared_ptr<prometheus::Collectable> ProcessMetrics() { return std::make_shared<OfProcess>(); }
std::shared_ptr<prometheus::Collectable> BuildInfo(const std::string& service) {
  return std::make_shared<OfBuild>(service);
}
std::shared_ptr<prometheus::Collectable> PoolMetrics(const sql::Pool& pool) { return std::make_shared<OfPool>(pool); }

}  // namespace chassis::telemetry
