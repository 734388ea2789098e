#include "gateway/gateway.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "chassis/config/watched_file.h"
#include "chassis/identity/identity.h"
#include "chassis/identity/issuers.h"
#include "chassis/identity/verifier_in_force.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"
#include "chassis/telemetry/metrics.h"
#include "gateway/admission.h"
#include "gateway/completion.h"
#include "gateway/door_metrics.h"
#include "gateway/door_tls.h"
#include "gateway/limits/traffic_settings.h"
#include "gateway/machine_clients.h"
#include "gateway/proxy.h"
#include "gateway/routes.h"
#include "gateway/upstreams.h"
#include "gateway/web/front.h"

namespace gateway {
namespace {

constexpr absl::Duration kLookInterval = absl::Milliseconds(200);
// When the last call has ended, how long its connection may take to close.
constexpr absl::Duration kConnectionsEnd = absl::Milliseconds(500);
// The library's own limits lie above ours, so that ours give the answer and the library only guards its memory.
constexpr int64_t kLibraryMargin = 4;
constexpr size_t kUpstreamsFileBytesMax = 1 << 18;
constexpr size_t kRatesFileBytesMax = 1 << 16;

}  // namespace

std::vector<chassis::config::Setting> GatewaySettings() {
  std::vector<chassis::config::Setting> settings = {
      {"listen", "127.0.0.1:0", "host:port of the gRPC door; port 0 chooses one"},
      {"descriptors-file", "build/release/aftersales.binpb", "descriptor set of the whole API (target `descriptors`)"},
      {"upstreams", "", "where the services are: aftersales.parts.v1=127.0.0.1:7003,aftersales.crm.v1=dns:///crm:8443"},
      {"upstreams-file", "",
       "the same as `package = target` lines, instead of upstreams; read again when it changes, calls under way stay"},
      {"machine-clients-file", "",
       "clients that are known by their certificate, as JSON; read again when it changes; needs own-key-file"},
      {"own-key-file", "", "private JWK the gateway signs tokens of machine clients with, as own-issuer"},
      {"tls-directory", "",
       "directory with ca.crt, tls.crt, tls.key shown to clients, read again when they change; empty: "
       "no TLS, for loopback and behind an ingress only"},
      {"require-client-certificate", "true",
       "with tls-directory: admit only clients whose certificate ca.crt vouches for"},
      {"upstream-tls-directory", "",
       "directory with ca.crt, tls.crt, tls.key for mTLS towards the services; empty: no TLS"},
      {"upstream-connect-timeout", "3s", "a service that cannot be connected to within this is unavailable"},
      {"default-deadline", "15s", "deadline of unary calls that come without one"},
      {"deadline-max", "60s", "longest deadline of a unary call; longer ones are cut"},
      {"stream-deadline-max", "1h", "longest life of a stream, also when it comes without a deadline"},
      {"first-message-max", "10s", "time from a call's headers to the end of its request"},
      {"calls-max", "512", "unary calls under way at once; more are refused"},
      {"calls-per-subject-max", "64", "of which for one caller"},
      {"calls-per-upstream-max", "192", "of which towards one service"},
      {"streams-max", "512", "streams open at once; more are refused"},
      {"streams-per-subject-max", "16", "of which for one caller"},
      {"streams-per-upstream-max", "192", "of which towards one service"},
      {"connection-calls-max", "256", "concurrent calls on one client connection; more wait in the client"},
      {"connection-age-max", "30m", "client connections are renewed after this, so that clients see new replicas"},
      {"connection-idle-max", "15m", "client connections without calls are closed after this"},
      {"message-bytes-max", "1048576", "largest request in bytes"},
      {"answer-bytes-max", "4194304", "largest answer in bytes"},
      {"metadata-bytes-max", "12288", "largest metadata of a request in bytes"},
      {"memory-bytes-max", "536870912", "memory the door's connections may take before they are slowed down"},
      {"lanes", "0", "threads that carry calls; 0: one per processor"},
      {"access-log", "true", "write one log line per call"},
      {"behind-ingress", "false", "an ingress writes x-forwarded-for: extend it instead of replacing it"},
      {"clock-offset-file", "", "development only: file with seconds added to the clock tokens expire by"},
      {"drain-wait", "3s", "pause between not-ready and the end of accepting, for load balancers to notice"},
      {"grace", "20s", "time running calls get to finish when stopping"},
      {"log-level", "info", "debug, info, warning or error"},
  };
  for (const auto& more : {chassis::config::IdentitySettings(), TrafficSettings(), web::FrontSettings()}) {
    settings.insert(settings.end(), more.begin(), more.end());
  }
  return settings;
}

struct Gateway::Parts {
  explicit Parts(const chassis::config::Config& config) : config(config) {}

  absl::Status Furnish();
  absl::Status FurnishIdentity();
  absl::Status FurnishUpstreams();
  absl::StatusOr<std::vector<UpstreamAddress>> ReadUpstreams();
  absl::StatusOr<RateLimits::Rates> ReadRates();
  void LookAtFiles();
  absl::Status OpenDoor();
  void StartLanes();
  void ShowUpstreams();
  DoorLimits Limits() const;
  void SetReady(bool ready);

  const chassis::config::Config config;
  std::unique_ptr<chassis::Clock> own_clock;
  const chassis::Clock* clock = nullptr;
  chassis::SystemClock system_clock;
  chassis::RandomIds ids{system_clock};
  chassis::telemetry::Metrics metrics;
  std::unique_ptr<Routes> routes;
  std::unique_ptr<DoorMetrics> door_metrics;
  std::unique_ptr<chassis::identity::TokenVerifier> verifier;  // counts in them when it reads its file again
  std::unique_ptr<MachineClients> machine_clients;
  std::unique_ptr<chassis::config::WatchedFile> upstreams_file;
  std::unique_ptr<Upstreams> upstreams;
  std::unique_ptr<Admission> admission;
  std::unique_ptr<chassis::config::WatchedFile> rates_file;
  std::unique_ptr<RateLimits> rates;
  Door door;
  std::unique_ptr<Proxy> proxy;
  std::unique_ptr<web::Front> front;
  std::unique_ptr<grpc::Server> server;
  std::vector<std::unique_ptr<Lane>> lanes;
  int port = 0;
};

Gateway::Gateway(const chassis::config::Config& config, const chassis::Clock* clock)
    : parts_(std::make_unique<Parts>(config)) {
  parts_->clock = clock;
}

Gateway::~Gateway() { Stop(absl::ZeroDuration()); }

int Gateway::port() const { return parts_->port; }
int Gateway::admin_port() const { return parts_->front == nullptr ? 0 : parts_->front->admin_port(); }
int Gateway::web_port() const { return parts_->front == nullptr ? 0 : parts_->front->web_port(); }
chassis::telemetry::Metrics& Gateway::metrics() { return parts_->metrics; }

absl::Status Gateway::Start() {
  RETURN_IF_ERROR(parts_->config.Check());
  RETURN_IF_ERROR(parts_->Furnish());
  parts_->front = std::make_unique<web::Front>(parts_->config, parts_->door, parts_->metrics);
  RETURN_IF_ERROR(parts_->front->OpenAdmin());
  RETURN_IF_ERROR(parts_->OpenDoor());
  parts_->StartLanes();
  RETURN_IF_ERROR(parts_->front->OpenWeb());
  parts_->SetReady(true);
  chassis::log::Info("gateway started", {{"port", absl::StrCat(parts_->port)},
                                         {"web_port", absl::StrCat(web_port())},
                                         {"admin_port", absl::StrCat(admin_port())},
                                         {"methods", absl::StrCat(parts_->routes->methods().size())},
                                         {"lanes", absl::StrCat(parts_->lanes.size())}});
  return absl::OkStatus();
}

absl::Status Gateway::Parts::Furnish() {
  if (!chassis::log::SetMinimum(config.Text("log-level"))) {
    return absl::InvalidArgumentError("setting log-level must be debug, info, warning or error");
  }
  if (clock == nullptr) {
    const std::string offset_file = config.Text("clock-offset-file");
    if (offset_file.empty()) {
      own_clock = std::make_unique<chassis::SystemClock>();
    } else {
      own_clock = std::make_unique<chassis::ShiftedClock>(offset_file);
    }
    clock = own_clock.get();
  }
  ASSIGN_OR_RETURN(Routes read, Routes::FromFile(config.Text("descriptors-file")));
  routes = std::make_unique<Routes>(std::move(read));
  door_metrics = std::make_unique<DoorMetrics>(metrics, *routes);
  RETURN_IF_ERROR(FurnishIdentity());
  RETURN_IF_ERROR(FurnishUpstreams());
  if (const std::string file = config.Text("rates-file"); !file.empty()) {
    rates_file = std::make_unique<chassis::config::WatchedFile>(file);
    rates_file->Changed();  // what is written from now on shows
  }
  ASSIGN_OR_RETURN(rates, RateLimitsFrom(config));
  ASSIGN_OR_RETURN(const Admission::Shares shares, SharesFrom(config));
  admission =
      std::make_unique<Admission>(Admission::Limits{config.Int("calls-max"), config.Int("calls-per-subject-max"),
                                                    config.Int("calls-per-upstream-max")},
                                  Admission::Limits{config.Int("streams-max"), config.Int("streams-per-subject-max"),
                                                    config.Int("streams-per-upstream-max")},
                                  upstreams->size(), shares);
  door.routes = routes.get();
  door.upstreams = upstreams.get();
  door.admission = admission.get();
  door.rates = rates.get();
  door.machine_clients = machine_clients.get();
  door.verifier = verifier.get();
  door.metrics = door_metrics.get();
  door.clock = clock;
  door.ids = &ids;
  door.limits = Limits();
  door.access_log = config.Flag("access-log") ? Door::AccessLog::kOn : Door::AccessLog::kOff;
  door.forwarded_for = config.Flag("behind-ingress") ? Door::ForwardedFor::kExtend : Door::ForwardedFor::kReplace;
  proxy = std::make_unique<Proxy>(door);
  return absl::OkStatus();
}

absl::Status Gateway::Parts::FurnishIdentity() {
  ASSIGN_OR_RETURN(verifier, chassis::identity::MakeVerifierInForce(config, &metrics, [this](const absl::Status& read) {
                     door_metrics->Reload(DoorMetrics::Reloaded::kIssuers, read.ok());
                   }));
  const std::string file = config.Text("machine-clients-file");
  if (file.empty()) return absl::OkStatus();
  const std::string own_issuer = chassis::identity::OwnIssuerIn(config);
  if (config.Text("own-key-file").empty() || own_issuer.empty() || config.Text("tls-directory").empty()) {
    return absl::InvalidArgumentError("setting machine-clients-file needs own-key-file, own-issuer and tls-directory");
  }
  ASSIGN_OR_RETURN(
      std::unique_ptr<chassis::identity::TokenIssuer> issuer,
      chassis::identity::LoadTokenIssuer(config.Text("own-key-file"), own_issuer, config.Text("audience")));
  machine_clients = std::make_unique<MachineClients>(file, std::move(issuer), ids);
  return machine_clients->Load();
}

absl::StatusOr<std::vector<UpstreamAddress>> Gateway::Parts::ReadUpstreams() {
  if (upstreams_file == nullptr) return ParseUpstreams(config.Text("upstreams"));
  ASSIGN_OR_RETURN(const std::string text, upstreams_file->Read(kUpstreamsFileBytesMax));
  return ParseUpstreamLines(text);
}

absl::StatusOr<RateLimits::Rates> Gateway::Parts::ReadRates() {
  ASSIGN_OR_RETURN(const std::string text, rates_file->Read(kRatesFileBytesMax));
  return ParseRateLines(text);
}

absl::Status Gateway::Parts::FurnishUpstreams() {
  if (const std::string file = config.Text("upstreams-file"); !file.empty()) {
    if (!config.Text("upstreams").empty()) {
      return absl::InvalidArgumentError("settings upstreams and upstreams-file exclude each other");
    }
    upstreams_file = std::make_unique<chassis::config::WatchedFile>(file);
  }
  RETURN_IF_ERROR(CheckCertificates(config.Text("upstream-tls-directory")));
  Upstreams::Settings settings;
  settings.tls_directory = config.Text("upstream-tls-directory");
  settings.limits = {config.Duration("upstream-connect-timeout"), config.Int("answer-bytes-max")};
  ASSIGN_OR_RETURN(settings.breaker, BreakerSettingsFrom(config));
  settings.changed = [this](int position, Breaker::State state) {
    door_metrics->SetCircuit(position, state);
    chassis::log::Warning("circuit", {{"upstream", routes->packages()[static_cast<size_t>(position)]},
                                      {"state", std::string(Name(state))}});
  };
  upstreams = std::make_unique<Upstreams>(routes->packages(), std::move(settings));
  ASSIGN_OR_RETURN(const std::vector<UpstreamAddress> addresses, ReadUpstreams());
  RETURN_IF_ERROR(upstreams->Apply(addresses));
  if (const std::vector<std::string> unserved = upstreams->Unserved(); !unserved.empty()) {
    chassis::log::Warning("packages without upstream are refused", {{"packages", absl::StrJoin(unserved, ",")}});
  }
  return absl::OkStatus();
}

// What changed while running is applied whole or not at all.
void Gateway::Parts::LookAtFiles() {
  const auto tell = [this](DoorMetrics::Reloaded file, const absl::Status& status) {
    door_metrics->Reload(file, status.ok());
    if (status.ok()) {
      chassis::log::Info("settings read again");
    } else {
      chassis::log::Error("changed settings refused, the old ones stay", {{"why", std::string(status.message())}});
    }
  };
  if (upstreams_file != nullptr && upstreams_file->Changed()) {
    const absl::StatusOr<std::vector<UpstreamAddress>> addresses = ReadUpstreams();
    tell(DoorMetrics::Reloaded::kUpstreams, addresses.ok() ? upstreams->Apply(*addresses) : addresses.status());
  }
  if (machine_clients != nullptr && machine_clients->Changed()) {
    tell(DoorMetrics::Reloaded::kMachineClients, machine_clients->Load());
  }
  if (rates_file != nullptr && rates_file->Changed()) {
    const absl::StatusOr<RateLimits::Rates> read = ReadRates();
    if (read.ok()) rates->Apply(*read);
    tell(DoorMetrics::Reloaded::kRates, read.status());
  }
}

DoorLimits Gateway::Parts::Limits() const {
  DoorLimits limits;
  limits.default_deadline = config.Duration("default-deadline");
  limits.deadline_max = config.Duration("deadline-max");
  limits.stream_deadline_max = config.Duration("stream-deadline-max");
  limits.first_message_max = config.Duration("first-message-max");
  limits.message_bytes_max = config.Int("message-bytes-max");
  limits.answer_bytes_max = config.Int("answer-bytes-max");
  limits.metadata_bytes_max = config.Int("metadata-bytes-max");
  return limits;
}

absl::Status Gateway::Parts::OpenDoor() {
  const ClientCertificate client = config.Flag("require-client-certificate") ? ClientCertificate::kRequired
                                   : machine_clients != nullptr              ? ClientCertificate::kAsked
                                                                             : ClientCertificate::kNotAsked;
  ASSIGN_OR_RETURN(auto credentials, DoorCredentials(config.Text("tls-directory"), client));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(config.Text("listen"), std::move(credentials), &port);
  builder.RegisterAsyncGenericService(&proxy->service());
  builder.SetMaxReceiveMessageSize(-1);  // checked by the proxy, which can say so
  builder.SetMaxSendMessageSize(-1);
  builder.SetResourceQuota(grpc::ResourceQuota("door").Resize(static_cast<size_t>(config.Int("memory-bytes-max"))));
  const auto milliseconds = [](absl::Duration duration) {
    return static_cast<int>(absl::ToInt64Milliseconds(duration));
  };
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(config.Int("connection-calls-max")));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE,
                             static_cast<int>(config.Int("metadata-bytes-max") * kLibraryMargin));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, milliseconds(config.Duration("connection-age-max")));
  // An old connection takes no new calls and closes when the last of its streams may have ended.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             milliseconds(config.Duration("stream-deadline-max")));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, milliseconds(config.Duration("connection-idle-max")));
  // Clients that vanished without a word are noticed within a minute and a half.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10000);
  int64_t count = config.Int("lanes");
  if (count <= 0) count = std::max(1u, std::thread::hardware_concurrency());
  for (int64_t i = 0; i < count; ++i) lanes.push_back(std::make_unique<Lane>(builder.AddCompletionQueue()));
  server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", config.Text("listen")));
  }
  return absl::OkStatus();
}

void Gateway::Parts::StartLanes() {
  for (size_t i = 0; i < lanes.size(); ++i) {
    Lane& lane = *lanes[i];
    // The first lane also keeps the gauges and looks at files; neither needs precision.
    proxy->Open(lane);
    lane.Start(
        [this, first = i == 0] {
          if (!first) return;
          ShowUpstreams();
          LookAtFiles();
        },
        kLookInterval);
  }
}

void Gateway::Parts::ShowUpstreams() {
  for (size_t i = 0; i < upstreams->size(); ++i) {
    const int position = static_cast<int>(i);
    const std::shared_ptr<Upstream> upstream = upstreams->At(position);
    door_metrics->SetUpstream(position, admission->InFlight(Admission::Kind::kCall, position),
                              admission->InFlight(Admission::Kind::kStream, position),
                              upstream != nullptr && upstream->Connected(),
                              upstream == nullptr ? Breaker::State::kClosed : upstream->breaker().state());
  }
}

void Gateway::Parts::SetReady(bool ready) {
  front->SetReady(ready);
  grpc::HealthCheckServiceInterface* health = server->GetHealthCheckService();
  health->SetServingStatus("", ready);
  health->SetServingStatus("readiness", ready);
  // A process that drains is alive.
  health->SetServingStatus("liveness", true);
}

void Gateway::Stop(absl::Duration grace) {
  Parts& parts = *parts_;
  if (parts.server == nullptr) return;
  parts.SetReady(false);
  parts.front->Leave();
  if (grace > absl::ZeroDuration()) absl::SleepFor(parts.config.Duration("drain-wait"));
  const absl::Time end = absl::Now() + grace;
  parts.front->Drain();
  // Shutdown blocks until the calls are through, so the streams' half of the grace is watched from beside it.
  absl::Notification through;
  std::thread streams_end([&] {
    through.WaitForNotificationWithTimeout(grace / 2);
    parts.door.end_streams.store(true, std::memory_order_relaxed);
  });
  // A call that arrives in the very moment of Shutdown may be taken in by the library and offered to nobody
  // (gRPC 1.51): it would hang to the end of the grace. Once every call we know of has ended, what is left is such.
  absl::Notification shut;
  std::thread forgotten_end([&] {
    parts.proxy->AwaitEnd();
    if (!shut.WaitForNotificationWithTimeout(kConnectionsEnd)) grpc_server_cancel_all_calls(parts.server->c_server());
  });
  parts.server->Shutdown(absl::ToChronoTime(end));
  shut.Notify();
  forgotten_end.join();
  parts.front->Stop(end);
  through.Notify();
  streams_end.join();
  parts.proxy->AwaitEnd();
  for (const std::unique_ptr<Lane>& lane : parts.lanes) lane->Stop();
  parts.server.reset();
  parts.lanes.clear();
  parts.front->StopAdmin();
  chassis::log::Info("gateway stopped");
}

}  // namespace gateway
