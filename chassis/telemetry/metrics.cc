#include "chassis/telemetry/metrics.h"

namespace chassis::telemetry {
namespace {

// Seconds. Few, because each is a series for every method: where the objectives of the alerts lie (0.25 for queries, 1
// for commands), what is finer for a cached read, what is coarser for a call that runs into its deadline.
const std::vector<double>& LatencyBuckets() {
  static const auto* buckets = new std::vector<double>{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return *buckets;
}

}  // namespace

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {}

prometheus::Counter& Metrics::Counter(const std::string& name, const std::string& help,
                                      const std::map<std::string, std::string>& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add(labels);
}

prometheus::Gauge& Metrics::Gauge(const std::string& name, const std::string& help,
                                  const std::map<std::string, std::string>& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add(labels);
}

prometheus::Histogram& Metrics::Histogram(const std::string& name, const std::string& help,
                                          const std::map<std::string, std::string>& labels,
                                          const std::vector<double>& buckets) {
  return prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(*registry_)
      .Add(labels, buckets.empty() ? LatencyBuckets() : buckets);
}

}  // namespace chassis::telemetry
