#include "chassis/identity/verifier_in_force.h"

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "chassis/config/watched_file.h"
#include "chassis/identity/issuers.h"
#include "chassis/status/status.h"
#include "chassis/telemetry/log.h"

namespace chassis::identity {
namespace {

constexpr absl::Duration kLookInterval = absl::Milliseconds(500);

absl::StatusOr<std::unique_ptr<TokenVerifier>> MakeFrom(const config::Config& config, telemetry::Metrics* metrics) {
  ASSIGN_OR_RETURN(VerifierSettings settings, VerifierSettingsFrom(config));
  settings.metrics = metrics;
  return MakeTokenVerifier(settings);
}

// Looks at the file on a thread of its own: new issuers' keys may lie behind URLs, and no call waits for those.
class VerifierInForce : public TokenVerifier {
 public:
  VerifierInForce(const config::Config& config, telemetry::Metrics* metrics,
                  std::function<void(const absl::Status&)> read)
      : config_(config), metrics_(metrics), read_(std::move(read)), file_(config.Text("issuers-file")) {}
  ~VerifierInForce() override {
    {
      absl::MutexLock lock(&mutex_);
      stop_ = true;
    }
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Start() {
    file_.Changed();  // before the content: what is written in between shows at the next look
    ASSIGN_OR_RETURN(std::shared_ptr<TokenVerifier> first, MakeFrom(config_, metrics_));
    {
      absl::MutexLock lock(&mutex_);
      now_ = std::move(first);
    }
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

  absl::StatusOr<Identity> Verify(std::string_view token, absl::Time now) override { return Now()->Verify(token, now); }

 private:
  std::shared_ptr<TokenVerifier> Now() const {
    absl::ReaderMutexLock lock(&mutex_);
    return now_;
  }

  void Run() {
    for (;;) {
      {
        absl::MutexLock lock(&mutex_);
        if (mutex_.AwaitWithTimeout(absl::Condition(&stop_), kLookInterval)) return;
      }
      if (file_.Changed()) ReadAgain();
    }
  }

  void ReadAgain() {
    absl::StatusOr<std::shared_ptr<TokenVerifier>> next = MakeFrom(config_, metrics_);
    if (read_) read_(next.status());
    if (!next.ok()) {
      log::Error("changed issuers refused, the old ones stay", {{"why", std::string(next.status().message())}});
      return;
    }
    log::Info("issuers read again");
    // What goes is let go of outside the lock: its thread may be fetching keys.
    absl::MutexLock lock(&mutex_);
    now_.swap(*next);
  }

  const config::Config config_;
  telemetry::Metrics* const metrics_;
  const std::function<void(const absl::Status&)> read_;
  config::WatchedFile file_;
  mutable absl::Mutex mutex_;  // held for copies of the pointer only
  std::shared_ptr<TokenVerifier> now_ ABSL_GUARDED_BY(mutex_);
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TokenVerifier>> MakeVerifierInForce(const config::Config& config,
                                                                   telemetry::Metrics* metrics,
                                                                   std::function<void(const absl::Status&)> read) {
  if (config.Text("issuers-file").empty()) return MakeFrom(config, metrics);
  auto verifier = std::make_unique<VerifierInForce>(config, metrics, std::move(read));
  RETURN_IF_ERROR(verifier->Start());
  return verifier;
}

}  // namespace chassis::identity
