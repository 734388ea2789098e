// The whole suite as real processes: four services and the gateway on ports the system chose, each service on a fresh
// schema of the test server, keys of its own, one clock that the test moves. Processes can be killed and started again,
// which is what it is for: tests that need no kill start a service in their own process (chassis/server/service.h).
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "chassis/client/suite_client.h"
#include "chassis/identity/identity.h"
#include "tests/harness/database.h"

namespace harness {

inline constexpr const char* kServices[] = {"reception", "workshop", "parts", "crm"};

// kTwo: every service and the gateway run twice, the second called "crm-2"; the gateways know both of each, and the
// door goes to both gateways.
enum class Replicas { kOne, kTwo };

// One version of the suite, as it was built.
struct Programs {
  std::string binaries;   // directory of crm-svc, gateway and so on
  std::string generated;  // directory of aftersales.binpb and openapi.json
  std::string sources;    // repository, for migrations
  std::string libraries;  // where their shared libraries are; "": where they were linked
};
// What this build made.
Programs CurrentPrograms();

class Suite {
 public:
  // Two replicas of everything, all of `version`, which migrates its schemas itself. Services and gateways know both
  // replicas of each, so every call may meet either: for upgrades, where UseProgramsOf gives one of them another
  // version.
  explicit Suite(const Programs& version);
  // The suite that takes over from `lost`: its keys, its clock, and its schemas under the same names on `server`, where
  // somebody put them. Started and ready when it returns.
  Suite(Suite& lost, const std::string& server);
  // Migrated, started and ready when it returns. `server` is the database server to use, "" for the test run's own.
  // `tls_root` holds a directory with certificates per process and one named client, as `./dev up` makes them under
  // .run/tls: then every channel is mTLS; "" for none.
  explicit Suite(std::string server = "", std::string tls_root = "", Replicas replicas = Replicas::kOne);
  ~Suite();
  Suite(const Suite&) = delete;
  Suite& operator=(const Suite&) = delete;

  chassis::SuiteClient& door() { return *door_; }  // through the gateway
  chassis::SuiteClient Direct(const std::string& service);
  chassis::identity::TokenIssuer& issuer() { return *issuer_; }
  chassis::sql::Pool& Database(const std::string& service) { return schemas_.at(service)->pool(); }
  const chassis::sql::Endpoint& EndpointOf(const std::string& service) { return schemas_.at(service)->endpoint(); }
  const std::string& SchemaName(const std::string& service) { return schemas_.at(service)->endpoint().schema; }

  // Where a client of the suite finds its certificate; "" without TLS.
  std::string ClientTls() const { return tls_root_.empty() ? "" : tls_root_ + "/client"; }

  absl::Time Now() const;
  // Every process reads the new time within a tenth of a second; waits that long.
  void MoveTo(absl::Time time);

  // kill -9. `name` is a service or "gateway".
  void Kill(const std::string& name);
  // Starts it on its old port and waits until it is ready.
  void Start(const std::string& name);
  // As an upgrade does: asks it to stop, waits for its orderly end, starts it again.
  void Restart(const std::string& name);
  bool Alive(const std::string& name);
  // From its next start on.
  void UseProgramsOf(const Programs& version, const std::string& name) { programs_[name] = version; }
  // Runs a subcommand ("migrate", "verify") of a service to its end with the settings it is served with; returns its
  // exit status and puts what it said into `said`.
  int RunSubcommand(const Programs& version, const std::string& service, const std::string& subcommand,
                    std::string& said);
  std::string LogOf(const std::string& name) const;
  // The Prometheus text of a process.
  std::string MetricsOf(const std::string& name) const;
  int PortOf(const std::string& name) const { return ports_.at(name); }
  // Where Prometheus fetches the metrics of a process.
  int AdminPortOf(const std::string& name) const { return admin_ports_.at(name); }
  // Of a gateway's web door: REST, gRPC-Web.
  int WebPortOf(const std::string& name) const { return web_ports_.at(name); }
  pid_t PidOf(const std::string& name) const { return pids_.at(name); }
  // Of the gateway, or of both.
  std::string DoorTarget() const;
  // Where keys, clock and logs of this suite lie.
  const std::string& Directory() const { return directory_; }

 private:
  // Keys, clock, issuer; then ports; then everything is started.
  void TakeKeys(const std::string& from);
  void ChoosePorts();
  void StartAll();
  std::vector<std::string> CommandOf(const std::string& name) const;
  void AddServiceSettings(const std::string& program, std::vector<std::string>& command) const;
  // Where the services are, from the services' own point of view and from the gateways'.
  std::string Peers() const;
  std::string Upstreams() const;
  enum class Addresses { kTheFirst, kBoth };
  std::string Targets(Addresses addresses, const std::string& comma) const;
  const Programs& ProgramsFor(const std::string& name) const;
  absl::Duration Offset() const;

  const std::string tls_root_;
  const Replicas replicas_;
  const Addresses peers_know_;
  const Programs version_;
  std::map<std::string, Programs> programs_;  // where they differ from version_
  std::string directory_;
  std::map<std::string, std::unique_ptr<Schema>> schemas_;
  std::map<std::string, int> ports_;
  std::map<std::string, int> admin_ports_;
  std::map<std::string, int> web_ports_;
  std::map<std::string, pid_t> pids_;
  std::unique_ptr<chassis::identity::TokenIssuer> issuer_;
  std::unique_ptr<chassis::SuiteClient> door_;
};

}  // namespace harness
