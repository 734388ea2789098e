#include "tests/load/recording.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chassis/config/config.h"
#include "chassis/server/service.h"
#include "crm-svc/crm.h"
#include "parts-svc/parts.h"
#include "reception-svc/reception.h"
#include "tests/harness/processes.h"
#include "tests/harness/suite.h"
#include "tests/load/order_crowd.h"
#include "workshop-svc/workshop.h"

namespace load {
namespace {

using chassis::sql::Session;
using chassis::sql::TapedLease;
using chassis::sql::TapedStatement;

constexpr char kIssuer[] = "aftersales-load";
constexpr char kAudience[] = "aftersales";

chassis::ServiceDefinition DefinitionOf(const std::string& service) {
  if (service == "reception") return reception::Definition();
  if (service == "workshop") return workshop::Definition();
  if (service == "parts") return parts::Definition();
  return crm::Definition();
}

void Require(const absl::Status& status, const std::string& what) {
  if (!status.ok()) harness::FailHarness(what + ": " + status.ToString());
}

// The four services in this process, without background threads: their work runs when Turn says so.
class HouseInProcess : public demo::TimeMachine {
 public:
  explicit HouseInProcess(const std::map<std::string, std::unique_ptr<harness::Schema>>& schemas) {
    directory_ = harness::ScratchDirectory("recording");
    if (harness::RunToEnd({harness::BinaryDirectory() + "/bin/aftersales-keys", directory_},
                          directory_ + "/keys.log") != 0) {
      harness::FailHarness("aftersales-keys failed, see " + directory_ + "/keys.log");
    }
    auto issuer = chassis::identity::LoadTokenIssuer(directory_ + "/issuer.jwk", kIssuer, kAudience);
    Require(issuer.status(), "issuer");
    issuer_ = *std::move(issuer);
    std::string peers;
    for (const auto& [service, schema] : schemas) {
      ports_[service] = harness::FreePort();
      absl::StrAppend(&peers, peers.empty() ? "" : ",", "aftersales.", service, ".v1=127.0.0.1:", ports_[service]);
    }
    // Stores come from reception-svc, so it is there first.
    for (const char* service : harness::kServices) Start(service, *schemas.at(service), peers);
    StartGateway(peers);
  }
  ~HouseInProcess() override {
    for (auto& [name, service] : services_) service->Stop(absl::Seconds(5));
    services_.clear();
    kill(gateway_, SIGKILL);
    waitpid(gateway_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  absl::Time Now() override { return absl::Now(); }
  void MoveTo(absl::Time) override {}
  void LetEventsTravel() override { Turn(); }

  // Every service's background work until there is none.
  void Turn() {
    for (int round = 0; round < 20; ++round) {
      int64_t done = 0;
      for (auto& [name, service] : services_) done += service->TurnOnce().value_or(0);
      if (done == 0) return;
    }
  }
  chassis::identity::TokenIssuer& issuer() { return *issuer_; }
  std::string TargetOf(const std::string& service) const { return absl::StrCat("127.0.0.1:", ports_.at(service)); }

 private:
  // Last, so that it finds the services there.
  void StartGateway(const std::string& upstreams) {
    ports_["gateway"] = harness::FreePort();
    gateway_ = harness::Spawn(
        {harness::BinaryDirectory() + "/bin/gateway", "--listen=" + TargetOf("gateway"),
         "--admin-listen=", absl::StrCat("--issuer=", kIssuer), absl::StrCat("--audience=", kAudience),
         "--jwks-file=" + directory_ + "/jwks.json",
         "--descriptors-file=" + harness::BinaryDirectory() + "/aftersales.binpb", "--upstreams=" + upstreams},
        directory_ + "/gateway.log");
    for (int look = 0; look < 200 && !harness::Accepts(ports_["gateway"]); ++look) {
      harness::WaitFor(absl::Milliseconds(50));
    }
  }
  void Start(const std::string& name, const harness::Schema& schema, const std::string& peers) {
    const chassis::sql::Endpoint& database = schema.endpoint();
    chassis::config::Config config(chassis::config::ServiceSettings());
    config.Set("listen", TargetOf(name));
    config.Set("issuer", kIssuer);
    config.Set("audience", kAudience);
    config.Set("jwks-file", directory_ + "/jwks.json");
    config.Set("service-key-file", directory_ + "/issuer.jwk");
    config.Set("keys-file", directory_ + "/data.json");
    config.Set("peers", peers);
    config.Set("database-host", database.host);
    config.Set("database-port", absl::StrCat(database.port));
    config.Set("database-schema", database.schema);
    config.Set("database-user", database.user);
    config.Set("chassis-migrations", harness::SourceDirectory() + "/chassis/migrations");
    config.Set("migrations", harness::SourceDirectory() + "/" + name + "-svc/migrations");
    config.Set("log-level", "error");
    config.Set("background", "false");
    config.Set("verify-interval", "0s");  // nothing that the crowd did not ask for
    auto service = chassis::MakeService(DefinitionOf(name), config);
    Require(service->Start(), name);
    services_.emplace_back(name, std::move(service));
  }

  std::string directory_;
  std::unique_ptr<chassis::identity::TokenIssuer> issuer_;
  std::map<std::string, int> ports_;
  pid_t gateway_ = -1;
  std::vector<std::pair<std::string, std::unique_ptr<chassis::Service>>> services_;
};

std::vector<std::string> Tables(chassis::sql::Pool& pool, const std::string& schema) {
  std::vector<std::string> names;
  Require(pool.Read(absl::Now() + absl::Seconds(30),
                    [&](Session& session) -> absl::Status {
                      auto rows = session.Query(
                          "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", schema);
                      if (!rows.ok()) return rows.status();
                      for (size_t i = 0; i < rows->size(); ++i) names.push_back((*rows)[i].Text("name"));
                      return absl::OkStatus();
                    }),
          "tables of " + schema);
  return names;
}

// Sends what one connection sent while somebody held it.
absl::Status PlayLease(chassis::sql::Pool& pool, const TapedLease& lease, ReplayCount& count) {
  const auto body = [&](Session& session) -> absl::Status {
    for (const TapedStatement& statement : lease.statements) {
      ++count.statements;
      int64_t outcome = -1;
      absl::Status status;
      if (statement.kind == TapedStatement::Kind::kQuery) {
        const auto rows = session.QueryValues(statement.text, statement.values);
        status = rows.status();
        if (rows.ok()) outcome = static_cast<int64_t>(rows->size());
      } else {
        const auto changed = session.ExecuteValues(statement.text, statement.values);
        status = changed.status();
        if (changed.ok()) outcome = *changed;
      }
      if (outcome != statement.outcome) ++count.other_outcome;
      if (!status.ok() && statement.outcome >= 0) return status;
    }
    return lease.transaction && !lease.committed ? absl::CancelledError("was rolled back when recorded")
                                                 : absl::OkStatus();
  };
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  if (!lease.transaction) return pool.Read(deadline, body);
  const absl::Status status = pool.Transact(deadline, body);
  return lease.committed || !absl::IsCancelled(status) ? status : absl::OkStatus();
}

}  // namespace

Recording::Recording(const std::string& server, int orders, int turn_every) : server_(server) {
  for (const char* service : harness::kServices) schemas_[service] = harness::FreshSchema(service, server);
  Record(orders, turn_every);
}

Recording::~Recording() = default;

std::string Recording::ServiceOf(const std::string& schema) const {
  for (const auto& [service, known] : schemas_) {
    if (known->endpoint().schema == schema) return service;
  }
  return schema;
}

void Recording::Record(int orders, int turn_every) {
  HouseInProcess house(schemas_);
  demo::Quiet narrator;
  const std::string door = house.TargetOf("gateway");
  chassis::SuiteClient client(door, "");
  demo::Stage stage(client, house.issuer(), house, narrator);
  const auto store = demo::OpenStores(stage, harness::SourceDirectory() + "/tests/data").at("SH01");
  house.Turn();
  OrderCrowd people(door, "", house.issuer(), house, store, 4);
  const Visits visits = people.CheckIn(people.Customer("13900009999"), 0, orders + 1);
  OrderCrowd caller(house.TargetOf("reception"), "", house.issuer(), house, store, 1);
  // The first order fetches what every process keeps: stores, tokens, number blocks.
  caller.OrderOne(visits[orders]);
  house.Turn();
  CopySchemas();
  chassis::sql::StartTape();
  for (int i = 0; i < orders; ++i) {
    caller.OrderOne(visits[i]);
    units_.push_back({chassis::sql::TakeTape(), false});
    if ((i + 1) % turn_every != 0) continue;
    house.Turn();
    units_.push_back({chassis::sql::TakeTape(), true});
  }
  chassis::sql::StopTape();
}

void Recording::CopySchemas() {
  for (const auto& [service, schema] : schemas_) {
    copies_[service] = harness::FreshSchema(service, server_);
    const std::string from = schema->endpoint().schema;
    const std::string to = copies_[service]->endpoint().schema;
    for (const std::string& table : Tables(schema->pool(), from)) {
      for (const std::string& statement :
           {absl::StrCat("DELETE FROM ", to, ".`", table, "`"),
            absl::StrCat("INSERT INTO ", to, ".`", table, "` SELECT * FROM ", from, ".`", table, "`"),
            absl::StrCat("ANALYZE TABLE ", to, ".`", table, "`")}) {
        const bool reads = statement[0] == 'A';
        Require(schema->pool().Read(absl::Now() + absl::Seconds(60),
                                    [&](Session& session) {
                                      return reads ? session.Query(statement).status()
                                                   : session.Execute(statement).status();
                                    }),
                statement);
      }
    }
  }
}

Outcome Recording::Replay(int orders, int threads, int connections, ReplayCount& count) {
  static chassis::SystemClock clock;
  static chassis::SystemSleeper sleeper;
  chassis::sql::PoolLimits limits;
  limits.connections = connections;
  std::map<std::string, chassis::sql::Pool*> pools;
  for (const auto& [service, schema] : schemas_) {
    auto& pool = pools_[{schema->endpoint().schema, connections}];
    if (!pool) pool = chassis::sql::MakePool(copies_.at(service)->endpoint(), limits, clock, sleeper);
    pools[schema->endpoint().schema] = pool.get();
  }
  const size_t first = next_unit_;
  for (int played = 0; next_unit_ < units_.size(); ++next_unit_) {
    if (!units_[next_unit_].background && played++ == orders) break;
  }
  const size_t end = next_unit_;
  std::atomic<size_t> next{first};
  std::vector<ReplayCount> counts(threads);
  std::atomic<int64_t> orders_played{0};
  const absl::Time start = absl::Now();
  // Each thread takes the next unit until none is left, so that none waits for another at the end.
  Outcome outcome = Drive(threads, 1, 0, [&](int thread, int) {
    for (size_t mine = next++; mine < end; mine = next++) {
      if (units_[mine].background) continue;
      ++orders_played;
      for (const TapedLease& lease : units_[mine].leases) {
        const absl::Status status = PlayLease(*pools.at(lease.schema), lease, counts[thread]);
        if (status.ok()) continue;
        if (counts[thread].leases_failed++ == 0) std::fprintf(stderr, "replay: %s\n", status.ToString().c_str());
      }
    }
    return true;
  });
  outcome.per_second = static_cast<double>(orders_played) / absl::ToDoubleSeconds(absl::Now() - start);
  outcome.calls = orders_played;
  for (const ReplayCount& one : counts) {
    count.leases_failed += one.leases_failed;
    count.statements += one.statements;
    count.other_outcome += one.other_outcome;
  }
  return outcome;
}

}  // namespace load
