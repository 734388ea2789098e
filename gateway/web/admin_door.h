// What the admin port serves, to probes and Prometheus: /metrics, /healthz (the process lives), /readyz (it takes
// calls). GET and HEAD only; no identity, so the port is for the inside.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/web/exchange.h"
#include "prometheus/registry.h"

namespace gateway::web {

class AdminDoor final : public Site {
 public:
  // `ready` outlives it.
  AdminDoor(std::shared_ptr<prometheus::Registry> registry, const std::atomic<bool>& ready)
      : registry_(std::move(registry)), ready_(ready) {}

  Task Serve(Exchange& exchange) override;
  Text Malformed(int http_status, std::string_view why, const HttpRequest& request) override;

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  const std::atomic<bool>& ready_;
};

}  // namespace gateway::web
