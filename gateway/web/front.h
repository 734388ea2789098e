// The gateway's side towards HTTP: the web door and the admin door, with their settings and their life. The gateway
// opens it beside the gRPC door and takes it through the same end.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chassis/config/config.h"
#include "chassis/telemetry/metrics.h"
#include "gateway/passage.h"
#include "gateway/status/inquiry.h"
#include "gateway/web/server.h"

namespace gateway::web {

std::vector<chassis::config::Setting> FrontSettings();

class Front {
 public:
  // All outlive it.
  Front(const chassis::config::Config& config, Door& door, chassis::telemetry::Metrics& metrics)
      : config_(config), door_(door), metrics_(metrics) {}

  // Each does nothing when its setting is empty.
  absl::Status OpenAdmin();
  absl::Status OpenWeb();

  int web_port() const { return web_ == nullptr ? 0 : web_->port(); }
  int admin_port() const { return admin_ == nullptr ? 0 : admin_->port(); }
  // What /readyz says.
  void SetReady(bool ready);
  // The three steps of the web door's end: see Server.
  void Leave();
  void Drain();
  void Stop(absl::Time end);
  // Last, so that probes are answered to the end.
  void StopAdmin();

 private:
  absl::Status CheckUrlOf(std::string_view setting) const;

  const chassis::config::Config& config_;
  Door& door_;
  chassis::telemetry::Metrics& metrics_;
  std::atomic<bool> ready_{false};
  std::unique_ptr<status::Inquiry> inquiry_;
  std::unique_ptr<Site> admin_site_;
  std::unique_ptr<Server> admin_;
  std::unique_ptr<Site> web_site_;
  std::unique_ptr<Server> web_;
};

}  // namespace gateway::web
