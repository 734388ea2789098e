#include "chassis/telemetry/metrics_door.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <iterator>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "prometheus/exposer.h"
#include "prometheus/metric_family.h"

namespace chassis::telemetry {
namespace {

// A connection that says nothing: it ends the pause in which the server looks at its sockets.
void Knock(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  static_cast<void>(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)));
  ::close(socket);
}

class ExposerDoor : public MetricsDoor {
 public:
  ExposerDoor(std::unique_ptr<prometheus::Exposer> exposer, std::shared_ptr<prometheus::Collectable> collectable)
      : collectable_(std::move(collectable)), exposer_(std::move(exposer)) {
    exposer_->RegisterCollectable(collectable_);
  }
  // Civetweb looks whether it should stop only every two seconds, or when somebody connects.
  ~ExposerDoor() override {
    const int admin_port = port();
    std::atomic<bool> closed{false};
    std::thread closer([&] {
      exposer_.reset();
      closed = true;
    });
    while (!closed) {
      Knock(admin_port);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    closer.join();
  }
  int port() const override { return exposer_->GetListeningPorts().front(); }

 private:
  const std::shared_ptr<prometheus::Collectable> collectable_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

class OfAll : public prometheus::Collectable {
 public:
  explicit OfAll(std::vector<std::shared_ptr<prometheus::Collectable>> parts) : parts_(std::move(parts)) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> all;
    std::map<std::string, size_t> places;
    for (const auto& part : parts_) {
      for (prometheus::MetricFamily& family : part->Collect()) {
        const auto [place, is_new] = places.try_emplace(family.name, all.size());
        if (is_new) {
          all.push_back(std::move(family));
          continue;
        }
        std::vector<prometheus::ClientMetric>& metrics = all[place->second].metric;
        std::move(family.metric.begin(), family.metric.end(), std::back_inserter(metrics));
      }
    }
    return all;
  }

 private:
  const std::vector<std::shared_ptr<prometheus::Collectable>> parts_;
};

}  // namespace

std::shared_ptr<prometheus::Collectable> Together(std::vector<std::shared_ptr<prometheus::Collectable>> collectables) {
  return std::make_shared<OfAll>(std::move(collectables));
}

absl::StatusOr<std::unique_ptr<MetricsDoor>> MetricsDoor::Open(
    const std::string& listen, std::vector<std::shared_ptr<prometheus::Collectable>> collectables) {
  try {
    return std::make_unique<ExposerDoor>(std::make_unique<prometheus::Exposer>(listen, 1),
                                         Together(std::move(collectables)));
  } catch (const std::exception& problem) {
    return absl::UnavailableError(absl::StrCat("metrics cannot be served on ", listen, ": ", problem.what()));
  }
}

}  // namespace chassis::telemetry
