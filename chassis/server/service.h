// The life of a service process: `Run` is all a main.cc calls.
//
//   int main(int argc, char** argv) {
//     return chassis::Run(argc, argv, {"parts-svc", "aftersales.parts.v1", [](chassis::Rooms& rooms) {
//       rooms.Add<CatalogueService>(); ...
//     }});
//   }
//
// Subcommands: serve (default), migrate, verify, plus --help. The service keeps the local copy of the stores and opens
// the office by itself. `Service` is the same without a process around it, for
// tests that run several in one program.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aftersales/common/v1/audit.pb.h"
#include "chassis/config/config.h"
#include "chassis/events/intake.h"
#include "chassis/host/host.h"
#include "chassis/server/rpcs.h"
#include "chassis/telemetry/census.h"

namespace chassis {

// What a service's rooms register with.
class Rooms {
 public:
  Rooms(Host& host, Rpcs& rpcs, EventIntake& intake) : host(host), rpcs(rpcs), intake(intake) {}
  Host& host;
  Rpcs& rpcs;
  EventIntake& intake;

  // Makes a room and keeps it for the life of the service: Room(Rooms&) registers itself. Returns it, so that other
  // rooms may use its store.
  template <typename Room, typename... Args>
  Room& Add(Args&&... args) {
    auto room = std::make_shared<Room>(*this, std::forward<Args>(args)...);
    Room& reference = *room;
    kept_.push_back(std::move(room));
    return reference;
  }
  // A recomputation that `verify` runs per store (the chassis adds its own: audit chain, signed documents).
  void Verify(
      std::string name,
      std::function<absl::StatusOr<aftersales::common::v1::LedgerCheck>(sql::Session&, const std::string& store_id)>
          check) {
    checks.emplace_back(std::move(name), std::move(check));
  }
  // How to find the current version of a signed document of this kind, so that `verify` can compare it with what was
  // signed. Returns null when that version was superseded.
  void SignedDocument(std::string kind, std::function<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(
                                            sql::Session&, const std::string& store_id, const std::string& id)>
                                            load) {
    signed_documents.emplace_back(std::move(kind), std::move(load));
  }
  // A business gauge by store; every name once in a service.
  void Count(Census::Family family) { counted.push_back(std::move(family)); }
  // Runs about every `interval` while the service is up, on one replica at a time (row lease).
  void Periodically(std::string name, absl::Duration interval, std::function<absl::Status()> body) {
    periodic.push_back({std::move(name), interval, std::move(body)});
  }

  struct Periodic {
    std::string name;
    absl::Duration interval;
    std::function<absl::Status()> body;
  };
  std::vector<std::pair<std::string, std::function<absl::StatusOr<aftersales::common::v1::LedgerCheck>(
                                         sql::Session&, const std::string&)>>>
      checks;
  std::vector<std::pair<std::string, std::function<absl::StatusOr<std::unique_ptr<google::protobuf::Message>>(
                                         sql::Session&, const std::string&, const std::string&)>>>
      signed_documents;
  std::vector<Periodic> periodic;
  std::vector<Census::Family> counted;

 private:
  std::vector<std::shared_ptr<void>> kept_;
};

struct ServiceDefinition {
  std::string name;     // "parts-svc"
  std::string package;  // "aftersales.parts.v1"
  std::function<void(Rooms&)> furnish;
};

// Injected in tests; null members mean the real thing.
struct Surroundings {
  Clock* clock = nullptr;
  Ids* ids = nullptr;
  Sleeper* sleeper = nullptr;
};

class Service {
 public:
  virtual ~Service() = default;
  // Connects, checks migrations and options, starts serving and the background work. Port 0 chooses one.
  virtual absl::Status Start() = 0;
  virtual int port() const = 0;
  virtual int admin_port() const = 0;
  // Not ready from now on, so that load balancers turn away; calls are still answered.
  virtual void Drain() = 0;
  // Not ready, stops accepting, lets running calls finish (at most `grace`), ends the background work.
  virtual void Stop(absl::Duration grace) = 0;
  virtual Host& host() = 0;
  // One round of each background job (relay, intake, processes, sealing, escalation, periodic), for tests that must
  // not sleep. Returns how much was done.
  virtual absl::StatusOr<int64_t> TurnOnce() = 0;
  virtual absl::StatusOr<std::vector<aftersales::common::v1::LedgerCheck>> Verify(const std::string& store_id) = 0;
};

std::unique_ptr<Service> MakeService(const ServiceDefinition& definition, const config::Config& config,
                                     Surroundings surroundings = {});
absl::Status MigrateService(const ServiceDefinition& definition, const config::Config& config,
                            const std::function<void(std::string_view)>& progress);
// Store id -> its checks, for every store this service knows (or the one of setting `store`). Serves nothing.
absl::StatusOr<std::vector<std::pair<std::string, std::vector<aftersales::common::v1::LedgerCheck>>>> VerifyService(
    const ServiceDefinition& definition, const config::Config& config);
int Run(int argc, char** argv, const ServiceDefinition& definition);

}  // namespace chassis
