#include "gateway/web/front.h"

#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "chassis/telemetry/certificate_figures.h"
#include "chassis/telemetry/metrics_door.h"
#include "chassis/telemetry/process_metrics.h"
#include "gateway/status/fetch.h"
#include "gateway/web/admin_door.h"
#include "gateway/web/web_door.h"
#include "google/protobuf/descriptor.pb.h"

namespace gateway::web {
namespace {

// Probes and Prometheus are few and near.
constexpr ServerLimits kAdminLimits = {.connections_max = 64,
                                       .connections_per_address_max = 32,
                                       .header_bytes_max = 8192,
                                       .header_timeout = absl::Seconds(5),
                                       .body_timeout = absl::Seconds(5),
                                       .write_timeout = absl::Seconds(10),
                                       .least_bytes_per_second = 16 * 1024,
                                       .idle_timeout = absl::Minutes(2)};

absl::StatusOr<google::protobuf::FileDescriptorSet> ReadDescriptors(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  google::protobuf::FileDescriptorSet files;
  if (!file || !files.ParseFromIstream(&file)) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read descriptors-file ", path));
  }
  return files;
}

}  // namespace

std::vector<chassis::config::Setting> FrontSettings() {
  return {
      {"admin-listen", "127.0.0.1:0",
       "host:port of /metrics, /healthz, /readyz and the status page; port 0 chooses one; empty: not served"},
      {"prometheus-url", "",
       "where the status page asks for the whole suite's figures: http://prometheus:9090; empty: it shows this "
       "gateway's"},
      {"documents-url", "", "what stands before docs/operations.md in the status page's links; empty: paths stay text"},
      {"web-listen", "", "host:port of the web door (REST, gRPC-Web); port 0 chooses one; empty: not served"},
      {"openapi-file", "build/release/openapi.json", "served at /openapi.json, with a page at /; missing: neither is"},
      {"cors-origins", "", "origins whose pages may call the web door: https://desk.example,https://app.example:8443"},
      {"ignore-unknown-fields", "false",
       "REST: pass over fields and query parameters the API does not know instead of refusing them"},
      {"body-bytes-max", "2097152", "REST: largest body, or line of a client stream, in bytes"},
      {"header-bytes-max", "16384", "web door: largest request line with header in bytes"},
      {"connections-max", "12000", "web door: connections at once"},
      {"connections-per-address-max", "2000", "of which from one address; an ingress is one"},
      {"header-timeout", "10s", "web door: time for a handshake, and for a header from its first byte to its last"},
      {"body-timeout", "10s", "web door: time a body may take, to which its bytes add at least-bytes-per-second"},
      {"write-timeout", "20s", "web door: the same for a client that takes its answer, or a piece of a stream"},
      {"least-bytes-per-second", "4096", "web door: slowest client served"},
      {"idle-timeout", "75s", "web door: connections without a request are closed after this"},
      {"event-interval", "15s", "web door: server-sent events that pause for this long say that they live"},
  };
}

absl::Status Front::OpenAdmin() {
  if (config_.Text("admin-listen").empty()) return absl::OkStatus();
  namespace telemetry = chassis::telemetry;
  AdminDoor::Settings door;
  door.figures = telemetry::Together(
      {metrics_.registry(), telemetry::ProcessMetrics(), telemetry::BuildInfo("gateway"),
       telemetry::CertificateFigures({config_.Text("tls-directory"), config_.Text("upstream-tls-directory")})});
  door.documents_url = config_.Text("documents-url");
  if (!door.documents_url.empty()) RETURN_IF_ERROR(CheckUrlOf("documents-url"));
  if (const std::string url = config_.Text("prometheus-url"); !url.empty()) {
    RETURN_IF_ERROR(CheckUrlOf("prometheus-url"));
    inquiry_ = std::make_unique<status::Inquiry>(url);
    door.inquiry = inquiry_.get();
  }
  admin_site_ = std::make_unique<AdminDoor>(std::move(door), ready_);
  Server::Settings settings;
  settings.listen = config_.Text("admin-listen");
  settings.limits = kAdminLimits;
  ASSIGN_OR_RETURN(admin_, Server::Open(settings, *admin_site_));
  return absl::OkStatus();
}

absl::Status Front::OpenWeb() {
  if (config_.Text("web-listen").empty()) return absl::OkStatus();
  WebDoor::Settings door;
  door.policy.unknown_fields = config_.Flag("ignore-unknown-fields") ? rest::Policy::UnknownFields::kIgnore
                                                                     : rest::Policy::UnknownFields::kRefuse;
  door.policy.body_bytes_max = config_.Int("body-bytes-max");
  door.cors_origins = config_.Text("cors-origins");
  door.openapi_file = config_.Text("openapi-file");
  door.keep_alive_interval = config_.Duration("event-interval");
  ASSIGN_OR_RETURN(const google::protobuf::FileDescriptorSet files, ReadDescriptors(config_.Text("descriptors-file")));
  ASSIGN_OR_RETURN(web_site_, WebDoor::Make(door_, files, door));

  Server::Settings server;
  server.listen = config_.Text("web-listen");
  server.lanes = config_.Int("lanes");
  if (server.lanes <= 0) server.lanes = std::max(1u, std::thread::hardware_concurrency());
  server.tls_directory = config_.Text("tls-directory");
  if (door_.machine_clients != nullptr) server.ask = AskForCertificate::kYes;
  server.limits = {.connections_max = config_.Int("connections-max"),
                   .connections_per_address_max = config_.Int("connections-per-address-max"),
                   .header_bytes_max = config_.Int("header-bytes-max"),
                   .header_timeout = config_.Duration("header-timeout"),
                   .body_timeout = config_.Duration("body-timeout"),
                   .write_timeout = config_.Duration("write-timeout"),
                   .least_bytes_per_second = std::max<int64_t>(1, config_.Int("least-bytes-per-second")),
                   .idle_timeout = config_.Duration("idle-timeout")};
  const auto ended = [&](const char* why) {
    return &metrics_.Counter("gateway_web_refused_total", "Connections and requests the web door ended, by reason.",
                             {{"reason", why}});
  };
  server.metrics = {.connections = &metrics_.Gauge("gateway_web_connections", "Connections of the web door."),
                    .full_in_all = ended("connections_limit"),
                    .full_for_address = ended("address_limit"),
                    .malformed = ended("malformed"),
                    .slow = ended("slow")};
  ASSIGN_OR_RETURN(web_, Server::Open(server, *web_site_));
  return absl::OkStatus();
}

void Front::SetReady(bool ready) { ready_.store(ready, std::memory_order_relaxed); }

void Front::Leave() {
  if (web_ != nullptr) web_->Leave();
}

void Front::Drain() {
  if (web_ != nullptr) web_->Drain();
}

void Front::Stop(absl::Time end) {
  if (web_ != nullptr) web_->Stop(end);
}

absl::Status Front::CheckUrlOf(std::string_view setting) const {
  const absl::Status status = status::CheckBaseUrl(config_.Text(setting));
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat("setting ", chassis::Absl(setting), ": ", status.message()));
}

void Front::StopAdmin() {
  if (inquiry_ != nullptr) inquiry_->Stop();
  // Prometheus may be fetching the last figures.
  if (admin_ != nullptr) admin_->Stop(absl::Now() + absl::Milliseconds(200));
}

}  // namespace gateway::web
