// Where Prometheus fetches the metrics of this process: a small HTTP server on the admin port.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "prometheus/collectable.h"

namespace chassis::telemetry {

// All of them as one: a family several of them have is shown once, as the text format wants it.
std::shared_ptr<prometheus::Collectable> Together(std::vector<std::shared_ptr<prometheus::Collectable>> collectables);

class MetricsDoor {
 public:
  // `listen` is host:port; port 0 chooses one.
  static absl::StatusOr<std::unique_ptr<MetricsDoor>> Open(
      const std::string& listen, std::vector<std::shared_ptr<prometheus::Collectable>> collectables);
  virtual ~MetricsDoor() = default;
  virtual int port() const = 0;
};

}  // namespace chassis::telemetry
