// Prometheus metrics with the standard gRPC names. Labels come from closed sets; references are resolved once and
// kept, because looking a metric up costs more than counting.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace chassis::telemetry {

class Metrics {
 public:
  Metrics();
  prometheus::Counter& Counter(const std::string& name, const std::string& help,
                               const std::map<std::string, std::string>& labels = {});
  prometheus::Gauge& Gauge(const std::string& name, const std::string& help,
                           const std::map<std::string, std::string>& labels = {});
  prometheus::Histogram& Histogram(const std::string& name, const std::string& help,
                                   const std::map<std::string, std::string>& labels = {},
                                   const std::vector<double>& buckets = {});
  std::shared_ptr<prometheus::Registry> registry() { return registry_; }

 private:
  std::shared_ptr<prometheus::Registry> registry_;
};

}  // namespace chassis::telemetry
