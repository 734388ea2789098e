// Where Prometheus fetches the metrics of this process: a small HTTP server on the admin port.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "prometheus/collectable.h"

namespace chassis::telemetry {

class MetricsDoor {
 public:
  // `listen` is host:port; port 0 chooses one.
  static absl::StatusOr<std::unique_ptr<MetricsDoor>> Open(
      const std::string& listen, std::vector<std::shared_ptr<prometheus::Collectable>> collectables);
  virtual ~MetricsDoor() = default;
  virtual int port() const = 0;
};

}  // namespace chassis::telemetry
