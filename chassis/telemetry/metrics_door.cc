#include "chassis/telemetry/metrics_door.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "prometheus/exposer.h"

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
  ExposerDoor(std::unique_ptr<prometheus::Exposer> exposer,
              std::vector<std::shared_ptr<prometheus::Collectable>> collectables)
      : collectables_(std::move(collectables)), exposer_(std::move(exposer)) {
    for (const auto& collectable : collectables_) exposer_->RegisterCollectable(collectable);
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
  const std::vector<std::shared_ptr<prometheus::Collectable>> collectables_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsDoor>> MetricsDoor::Open(
    const std::string& listen, std::vector<std::shared_ptr<prometheus::Collectable>> collectables) {
  try {
    return std::make_unique<ExposerDoor>(std::make_unique<prometheus::Exposer>(listen, 1), std::move(collectables));
  } catch (const std::exception& problem) {
    return absl::UnavailableError(absl::StrCat("metrics cannot be served on ", listen, ": ", problem.what()));
  }
}

}  // namespace chassis::telemetry
