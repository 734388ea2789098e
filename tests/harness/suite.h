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

class Suite {
 public:
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
  std::string LogOf(const std::string& name) const;
  // The Prometheus text of a process.
  std::string MetricsOf(const std::string& name) const;
  int PortOf(const std::string& name) const { return ports_.at(name); }
  // Where Prometheus fetches the metrics of a process.
  int AdminPortOf(const std::string& name) const { return admin_ports_.at(name); }
  // Of a gateway's web door: REST, gRPC-Web.
  int WebPortOf(const std::string& name) const { return web_ports_.at(name); }
  pid_t PidOf(const std::string& name) const { return pids_.at(name); }

 private:
  std::vector<std::string> CommandOf(const std::string& name) const;
  // Where the services are, from the services' own point of view and from the gateways'.
  std::string Peers() const;
  std::string Upstreams() const;
  std::string DoorTarget() const;

  const std::string tls_root_;
  const Replicas replicas_;
  std::string directory_;
  std::map<std::string, std::unique_ptr<Schema>> schemas_;
  std::map<std::string, int> ports_;
  std::map<std::string, int> admin_ports_;
  std::map<std::string, int> web_ports_;
  std::map<std::string, pid_t> pids_;
  absl::Duration offset_;
  std::unique_ptr<chassis::identity::TokenIssuer> issuer_;
  std::unique_ptr<chassis::SuiteClient> door_;
};

}  // namespace harness
