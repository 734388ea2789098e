// What the admin port serves, to probes, Prometheus and operators: /metrics, /healthz (the process lives), /readyz (it
// takes calls), and the status page of the suite at / and /status. GET and HEAD only; no identity, so the port is for
// the inside.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/status/inquiry.h"
#include "gateway/web/exchange.h"
#include "prometheus/collectable.h"

namespace gateway::web {

class AdminDoor final : public Site {
 public:
  struct Settings {
    std::shared_ptr<prometheus::Collectable> figures;  // of this process
    status::Inquiry* inquiry = nullptr;                // null: no Prometheus is configured
    std::string documents_url;                         // see status_page.h
  };
  // `ready` and the inquiry outlive it.
  AdminDoor(Settings settings, const std::atomic<bool>& ready) : settings_(std::move(settings)), ready_(ready) {}

  Task Serve(Exchange& exchange) override;
  Text Malformed(int http_status, std::string_view why, const HttpRequest& request) override;

 private:
  Task ServeStatus(Exchange& exchange);

  const Settings settings_;
  const std::atomic<bool>& ready_;
};

}  // namespace gateway::web
