// The one door for clients: a gRPC proxy that knows no business. Its routes come from the descriptor set, its settings
// from GatewaySettings. `Gateway` is the whole of it without a process around it, so tests run it beside services.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chassis/config/config.h"
#include "chassis/telemetry/metrics.h"
#include "chassis/time/clock.h"

namespace gateway {

std::vector<chassis::config::Setting> GatewaySettings();

class Gateway {
 public:
  // `clock` is what tokens expire by; without one it follows the setting clock-offset-file.
  explicit Gateway(const chassis::config::Config& config, const chassis::Clock* clock = nullptr);
  ~Gateway();

  // Reads descriptors and keys, opens the ports. Whatever is wrong with a setting is named here. Once.
  absl::Status Start();
  int port() const;
  int web_port() const;  // 0: not served
  int admin_port() const;
  chassis::telemetry::Metrics& metrics();
  // Not-ready; waits for load balancers (drain-wait); takes in nothing more; lets calls finish for up to `grace`, of
  // which streams get half; then cancels the rest. Once; the destructor stops without grace.
  void Stop(absl::Duration grace);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace gateway
