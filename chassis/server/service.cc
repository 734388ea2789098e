// Brings the parts of a service together, in the order they need each other, and takes them apart in the opposite
// one. Decides nothing else.
#include "chassis/server/service.h"

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "chassis/audit/command_log.h"
#include "chassis/duties/duty_figures.h"
#include "chassis/events/change_feed.h"
#include "chassis/host/background.h"
#include "chassis/identity/issuers.h"
#include "chassis/identity/own_token.h"
#include "chassis/identity/verifier_in_force.h"
#include "chassis/office/office.h"
#include "chassis/office/verification.h"
#include "chassis/privacy/cipher.h"
#include "chassis/processes/process_driver.h"
#include "chassis/server/pipeline.h"
#include "chassis/server/transport.h"
#include "chassis/sql/migrations.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "chassis/stores/stores.h"
#include "chassis/telemetry/certificate_figures.h"
#include "chassis/telemetry/log.h"
#include "chassis/telemetry/metrics_door.h"
#include "chassis/telemetry/process_metrics.h"

namespace chassis {
namespace {

namespace common = aftersales::common::v1;

constexpr absl::Duration kVerifyDeadline = absl::Minutes(10);
constexpr absl::Duration kPurgeEvery = absl::Seconds(30);
constexpr absl::Duration kCensusEvery = absl::Seconds(15);
// One store per turn.
constexpr absl::Duration kVerifyTurnEvery = absl::Minutes(1);
// The largest store's verification, so that no second replica begins it meanwhile.
constexpr absl::Duration kVerifyLease = absl::Minutes(15);
constexpr int64_t kPurgedPerTurnMax = 2000;

absl::StatusOr<sql::Endpoint> EndpointFrom(const config::Config& config, std::string_view user_setting,
                                           std::string_view password_setting) {
  sql::Endpoint endpoint;
  endpoint.host = config.Text("database-host");
  endpoint.port = static_cast<int>(config.Int("database-port"));
  endpoint.schema = config.Text("database-schema");
  endpoint.user = config.Text(user_setting);
  endpoint.ca_file = config.Text("database-ca-file");
  if (endpoint.schema.empty() || endpoint.user.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("settings database-schema and ", Absl(user_setting), " are needed"));
  }
  if (!config.Text(password_setting).empty()) {
    ASSIGN_OR_RETURN(endpoint.password, config.FileContent(password_setting));
  }
  return endpoint;
}

// The chassis' own set, then the service's: "parts" for parts-svc.
absl::StatusOr<std::vector<sql::Migration>> MigrationsOf(const ServiceDefinition& definition,
                                                         const config::Config& config) {
  ASSIGN_OR_RETURN(std::vector<sql::Migration> all, sql::LoadMigrations("chassis", config.Text("chassis-migrations")));
  if (config.Text("migrations").empty()) return all;
  const std::string set(absl::StripSuffix(definition.name, "-svc"));
  ASSIGN_OR_RETURN(std::vector<sql::Migration> own, sql::LoadMigrations(set, config.Text("migrations")));
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

class SuiteService : public Service {
 public:
  SuiteService(ServiceDefinition definition, config::Config config, Surroundings surroundings)
      : definition_(std::move(definition)), config_(std::move(config)), surroundings_(surroundings) {}

  ~SuiteService() override {
    Stop(absl::ZeroDuration());
    // Periodic work and handlers refer to the rooms, rooms to the host.
    background_.reset();
    transport_.reset();
    pipeline_.reset();
  }

  // Everything but serving: what `verify` needs.
  absl::Status Open() {
    RETURN_IF_ERROR(config_.Check());
    if (!log::SetMinimum(config_.Text("log-level"))) return absl::InvalidArgumentError("setting log-level is no level");
    MakeSurroundings();
    ASSIGN_OR_RETURN(cipher_, privacy::LoadCipher(config_.Text("keys-file")));
    ASSIGN_OR_RETURN(const sql::Endpoint endpoint, EndpointFrom(config_, "database-user", "database-password-file"));
    sql::PoolLimits limits;
    limits.connections = static_cast<int>(config_.Int("database-connections"));
    limits.waiting_max = static_cast<int>(config_.Int("database-waiting"));
    pool_ = sql::MakePool(endpoint, limits, *surroundings_.clock, *surroundings_.sleeper);
    RETURN_IF_ERROR(CheckMigrations());
    RETURN_IF_ERROR(ConnectPeers());
    MakeHost();
    Furnish();
    return rpcs_->Complete();
  }

  absl::Status Start() override {
    RETURN_IF_ERROR(Open());
    if (const std::optional<absl::Time> made = cipher_->KeyCreateTime(); made.has_value()) {
      metrics_.Gauge("data_key_created_timestamp_seconds", "When the current key of encrypted personal data was made.")
          .Set(absl::ToDoubleSeconds(*made - absl::UnixEpoch()));
    }
    ASSIGN_OR_RETURN(verifier_, identity::MakeVerifierInForce(config_, &metrics_));
    Pipeline::Limits limits;
    limits.default_deadline = config_.Duration("default-deadline");
    limits.running = static_cast<int>(config_.Int("admission-running"));
    limits.waiting = static_cast<int>(config_.Int("admission-waiting"));
    limits.watches = static_cast<int>(config_.Int("watches-max"));
    limits.gateway_name = config_.Text("gateway-name");
    limits.uploads = static_cast<int>(config_.Int("uploads-max"));
    pipeline_ = std::make_unique<Pipeline>(*host_, *verifier_, system_clock_, limits);
    ASSIGN_OR_RETURN(metrics_door_, telemetry::MetricsDoor::Open(
                                        config_.Text("admin-listen"),
                                        {metrics_.registry(), telemetry::ProcessMetrics(),
                                         telemetry::BuildInfo(definition_.name), telemetry::PoolMetrics(*pool_),
                                         telemetry::CertificateFigures({config_.Text("tls-directory")}), census_}));

    TransportSettings settings;
    settings.listen = config_.Text("listen");
    settings.tls_directory = config_.Text("tls-directory");
    settings.health_listen = config_.Text("health-listen");
    // All that may run and wait, of both kinds, and some for health checks.
    settings.threads_max = 2 * (limits.running + limits.waiting) + limits.watches + limits.uploads + 16;
    settings.message_bytes_max = static_cast<int>(config_.Int("message-bytes-max"));
    settings.streams_max = static_cast<int>(config_.Int("streams-max"));
    settings.connection_age_max = config_.Duration("connection-age-max");
    settings.reflection = config_.Flag("reflection");
    ASSIGN_OR_RETURN(transport_, StartTransport(*rpcs_, *pipeline_, settings));
    if (config_.Flag("background")) background_->Start();
    transport_->SetReady(true);
    log::Info("serving", {{"service", definition_.name},
                          {"port", absl::StrCat(port())},
                          {"admin_port", absl::StrCat(admin_port())},
                          {"methods", absl::StrCat(rpcs_->entries().size())}});
    return absl::OkStatus();
  }

  int port() const override { return transport_ == nullptr ? 0 : transport_->port(); }
  int admin_port() const override { return metrics_door_ == nullptr ? 0 : metrics_door_->port(); }
  Host& host() override { return *host_; }

  void Drain() override {
    if (transport_ != nullptr) transport_->SetReady(false);
  }

  void Stop(absl::Duration grace) override {
    if (stopped_.exchange(true)) return;
    if (pipeline_ != nullptr) pipeline_->StopStreams();
    if (transport_ != nullptr) {
      transport_->SetReady(false);
      transport_->Shutdown(grace);
    }
    if (background_ != nullptr) background_->Stop();
    metrics_door_.reset();
  }

  absl::StatusOr<int64_t> TurnOnce() override { return background_->TurnOnce(); }

  absl::StatusOr<std::vector<common::LedgerCheck>> Verify(const std::string& store_id) override {
    return VerifyWhile(store_id, [] { return true; });
  }

  // CANCELLED as soon as `going_on` is false between two checks.
  absl::StatusOr<std::vector<common::LedgerCheck>> VerifyWhile(const std::string& store_id,
                                                               const std::function<bool()>& going_on) {
    SignedDocumentLoaders loaders;
    for (const auto& [kind, load] : rooms_->signed_documents) loaders[kind] = load;
    ASSIGN_OR_RETURN(std::vector<common::LedgerCheck> checks, VerifyChassisLedgers(*host_, loaders, store_id));
    const absl::Time deadline = host_->clock().Now() + kVerifyDeadline;
    for (const auto& [name, check] : rooms_->checks) {
      if (!going_on()) return absl::CancelledError("the service stops");
      RETURN_IF_ERROR(pool_->Read(deadline, [&, &name = name, &check = check](sql::Session& session) -> absl::Status {
        absl::StatusOr<common::LedgerCheck> result = check(session, store_id);
        if (absl::IsUnavailable(result.status()) || absl::IsDeadlineExceeded(result.status())) return result.status();
        // A record that was tampered with may not even be readable: that is a finding, not a failure of the check.
        if (!result.ok()) {
          log::Error("verification met an unreadable record",
                     {{"check", name}, {"why", std::string(result.status().message())}});
          result.emplace();
          result->add_differences("a record cannot be read; the log says which");
          result->set_difference_count(1);
        }
        result->set_name(name);
        checks.push_back(*std::move(result));
        return absl::OkStatus();
      }));
    }
    return checks;
  }

  // Every store this service knows, and the group.
  absl::StatusOr<std::vector<std::string>> StoreIds() {
    std::vector<std::string> ids{std::string(kGroupStoreId)};
    RETURN_IF_ERROR(pool_->Read(host_->clock().Now() + kVerifyDeadline, [&](sql::Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(const sql::Rows rows, session.Query("SELECT store_id FROM store ORDER BY store_id"));
      for (size_t i = 0; i < rows.size(); ++i) ids.push_back(rows[i].Id("store_id"));
      return absl::OkStatus();
    }));
    return ids;
  }

 private:
  void MakeSurroundings() {
    if (surroundings_.clock == nullptr) {
      const std::string offset_file = config_.Text("clock-offset-file");
      if (offset_file.empty()) {
        surroundings_.clock = &system_clock_;
      } else {
        shifted_clock_ = std::make_unique<ShiftedClock>(offset_file);
        surroundings_.clock = shifted_clock_.get();
      }
    }
    if (surroundings_.ids == nullptr) {
      random_ids_ = std::make_unique<RandomIds>(*surroundings_.clock);
      surroundings_.ids = random_ids_.get();
    }
    if (surroundings_.sleeper == nullptr) surroundings_.sleeper = &system_sleeper_;
  }

  absl::Status CheckMigrations() {
    ASSIGN_OR_RETURN(const std::vector<sql::Migration> migrations, MigrationsOf(definition_, config_));
    ASSIGN_OR_RETURN(const std::vector<std::string> pending, sql::Pending(*pool_, migrations));
    if (pending.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat("migrations are not applied yet (run `", definition_.name,
                                                      " migrate`): ", absl::StrJoin(pending, ", ")));
  }

  // Who this service is to its peers: nobody, when no setting says.
  absl::StatusOr<std::function<std::string()>> OwnIdentity() {
    const std::string key_file = config_.Text("service-key-file");
    const std::string token_file = config_.Text("service-token-file");
    if (!key_file.empty() && !token_file.empty()) {
      return absl::InvalidArgumentError("settings service-key-file and service-token-file exclude each other");
    }
    if (!token_file.empty()) {
      token_file_ = std::make_unique<identity::TokenFile>(token_file);
      RETURN_IF_ERROR(token_file_->Load());
      return [file = token_file_.get()] { return file->Get(); };
    }
    if (key_file.empty()) return [] { return std::string(); };
    ASSIGN_OR_RETURN(std::unique_ptr<identity::TokenIssuer> issuer,
                     identity::LoadTokenIssuer(key_file, identity::OwnIssuerIn(config_), config_.Text("audience")));
    own_token_ = std::make_unique<identity::OwnToken>(std::move(issuer), definition_.name, system_clock_);
    return [own = own_token_.get()] { return own->Get(); };
  }

  absl::Status ConnectPeers() {
    ASSIGN_OR_RETURN(std::function<std::string()> token, OwnIdentity());
    const PeerSettings settings{config_.Text("peers"), config_.Text("tls-directory")};
    ASSIGN_OR_RETURN(peers_,
                     MakePeers(settings, std::move(token), *surroundings_.clock, *surroundings_.sleeper, metrics_));
    return absl::OkStatus();
  }

  void MakeHost() {
    const bool owns_stores = definition_.package == kStoreOwner;
    stores_ =
        MakeStores(*pool_, *cipher_, *surroundings_.clock, owns_stores ? nullptr : FetchFromOwner(*peers_), &metrics_);
    numbers_ = MakeNumbers(*pool_, *surroundings_.clock, [this](const std::string& store_id, absl::Time deadline) {
      return stores_->Get(store_id, deadline);
    });
    feed_ = std::make_unique<ChangeFeed>(*pool_, *surroundings_.clock, metrics_);
    driver_ = std::make_unique<ProcessDriver>();
    host_ = std::make_unique<Host>(Host::Parts{.service_name = definition_.name,
                                               .package = definition_.package,
                                               .clock = surroundings_.clock,
                                               .ids = surroundings_.ids,
                                               .sleeper = surroundings_.sleeper,
                                               .pool = pool_.get(),
                                               .cipher = cipher_.get(),
                                               .numbers = numbers_.get(),
                                               .stores = stores_.get(),
                                               .peers = peers_.get(),
                                               .processes = driver_.get(),
                                               .feed = feed_.get(),
                                               .metrics = &metrics_});
    driver_->AttachTo(*host_);
    if (!owns_stores) TakeInStores(intake_, *cipher_, *stores_);
  }

  void Furnish() {
    rpcs_ = std::make_unique<Rpcs>(definition_.package);
    rooms_ = std::make_unique<Rooms>(*host_, *rpcs_, intake_);
    definition_.furnish(*rooms_);
    OpenOffice(*rpcs_, [this](const std::string& store_id) { return Verify(store_id); });
    background_ = std::make_unique<Background>(*host_, intake_, *driver_);
    background_->Add({"purge_replies", kPurgeEvery, Background::Where::kOneReplica, [this] {
                        return CommandLog::PurgeReplies(
                            *host_, surroundings_.clock->Now() - config_.Duration("reply-retention"),
                            kPurgedPerTurnMax);
                      }});
    CountAndVerify();
    for (const Rooms::Periodic& periodic : rooms_->periodic) {
      background_->Add({periodic.name, periodic.interval, Background::Where::kOneReplica,
                        [body = periodic.body]() -> absl::StatusOr<int64_t> {
                          RETURN_IF_ERROR(body());
                          return 0;
                        }});
    }
  }

  // Figures are no work done: both turns report 0.
  void CountAndVerify() {
    std::vector<Census::Family> families = rooms_->counted;
    for (Census::Family& family : DutyFigures()) families.push_back(std::move(family));
    if (const absl::Duration interval = config_.Duration("verify-interval"); interval > absl::ZeroDuration()) {
      for (Census::Family& family : Verification::Figures()) families.push_back(std::move(family));
      verification_ = std::make_unique<Verification>(
          *host_,
          [this](const std::string& store_id) { return VerifyWhile(store_id, [this] { return !stopped_.load(); }); },
          interval);
      background_->Add({.name = "verify",
                        .interval = std::min(interval, kVerifyTurnEvery),
                        .where = Background::Where::kOneReplica,
                        .turn = [this]() -> absl::StatusOr<int64_t> {
                          const absl::Status turned = verification_->Turn().status();
                          if (!turned.ok() && !stopped_) return turned;
                          return 0;
                        },
                        .thread = Background::Thread::kOwn,
                        .lease_min = kVerifyLease});
    }
    census_ = std::make_shared<Census>(*host_, std::move(families));
    background_->Add({.name = "census",
                      .interval = kCensusEvery,
                      .where = Background::Where::kOneReplica,
                      .turn = [this]() -> absl::StatusOr<int64_t> {
                        RETURN_IF_ERROR(census_->Turn().status());
                        return 0;
                      },
                      .otherwise = [this] { census_->Forget(); },
                      .thread = Background::Thread::kOwn,
                      // One figure that fails does not make the others rare.
                      .rest_max = kCensusEvery});
  }

  const ServiceDefinition definition_;
  const config::Config config_;
  Surroundings surroundings_;
  SystemClock system_clock_;
  SystemSleeper system_sleeper_;
  std::unique_ptr<ShiftedClock> shifted_clock_;
  std::unique_ptr<RandomIds> random_ids_;
  telemetry::Metrics metrics_;
  std::unique_ptr<privacy::Cipher> cipher_;
  std::unique_ptr<sql::Pool> pool_;
  std::unique_ptr<identity::OwnToken> own_token_;
  std::unique_ptr<identity::TokenFile> token_file_;
  std::unique_ptr<Peers> peers_;
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<Numbers> numbers_;
  std::unique_ptr<ChangeFeed> feed_;
  std::unique_ptr<ProcessDriver> driver_;
  std::unique_ptr<Host> host_;
  EventIntake intake_;
  std::unique_ptr<Rpcs> rpcs_;
  std::unique_ptr<Rooms> rooms_;
  std::shared_ptr<Census> census_;
  std::unique_ptr<Verification> verification_;
  std::unique_ptr<Background> background_;
  std::unique_ptr<identity::TokenVerifier> verifier_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<telemetry::MetricsDoor> metrics_door_;
  std::atomic<bool> stopped_{false};
};

}  // namespace

std::unique_ptr<Service> MakeService(const ServiceDefinition& definition, const config::Config& config,
                                     Surroundings surroundings) {
  return std::make_unique<SuiteService>(definition, config, surroundings);
}

absl::StatusOr<std::vector<std::pair<std::string, std::vector<common::LedgerCheck>>>> VerifyService(
    const ServiceDefinition& definition, const config::Config& config) {
  SuiteService service(definition, config, {});
  RETURN_IF_ERROR(service.Open());
  std::vector<std::string> store_ids{config.Text("store")};
  if (store_ids.front().empty()) {
    ASSIGN_OR_RETURN(store_ids, service.StoreIds());
  }
  std::vector<std::pair<std::string, std::vector<common::LedgerCheck>>> results;
  for (const std::string& store_id : store_ids) {
    ASSIGN_OR_RETURN(std::vector<common::LedgerCheck> checks, service.Verify(store_id));
    results.emplace_back(store_id, std::move(checks));
  }
  return results;
}

absl::Status MigrateService(const ServiceDefinition& definition, const config::Config& config,
                            const std::function<void(std::string_view)>& progress) {
  RETURN_IF_ERROR(config.Check());
  ASSIGN_OR_RETURN(const sql::Endpoint endpoint, EndpointFrom(config, "migration-user", "migration-password-file"));
  ASSIGN_OR_RETURN(const std::vector<sql::Migration> migrations, MigrationsOf(definition, config));
  SystemClock clock;
  SystemSleeper sleeper;
  sql::PoolLimits limits;
  limits.connections = 2;
  // Changing a large table takes longer than any call may.
  limits.statement_timeout = absl::Hours(1);
  const std::unique_ptr<sql::Pool> pool = sql::MakePool(endpoint, limits, clock, sleeper);
  return sql::Migrate(*pool, migrations, progress).status();
}

}  // namespace chassis
