// The keys of one issuer in force now, from a file or a URL. Readers take what stands; whoever finds newer keys puts
// them in its place as a whole. What cannot be read changes nothing: the keys before stay in force.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "chassis/config/watched_file.h"
#include "chassis/identity/identity.h"
#include "chassis/identity/tokens.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"

namespace chassis::identity {

class IssuerKeys {
 public:
  // `metrics` may be null.
  IssuerKeys(const IssuerSettings& settings, FetchJwks fetch, telemetry::Metrics* metrics);

  const IssuerSettings& settings() const { return settings_; }
  bool remote() const { return remote_; }
  // Never null; empty while no keys have come.
  std::shared_ptr<const Keys> InForce() const;

  // Reads file or URL and puts its keys in force. Blocks; one at a time. Sets `*changed` when others came.
  absl::Status Load(bool* changed);
  // Of a file: loads it when it has changed, logging what is wrong with it. True when other keys are in force.
  bool LoadIfFileChanged();

 private:
  absl::StatusOr<std::string> Read();

  const IssuerSettings settings_;
  const bool remote_;
  const FetchJwks fetch_;
  prometheus::Counter* loaded_ = nullptr;
  prometheus::Counter* failed_ = nullptr;
  prometheus::Gauge* loaded_time_ = nullptr;
  absl::Mutex loading_;
  config::WatchedFile file_ ABSL_GUARDED_BY(loading_);
  std::string text_ ABSL_GUARDED_BY(loading_);  // of the keys in force
  mutable absl::Mutex mutex_;                   // held for a copy of a pointer only
  std::shared_ptr<const Keys> keys_ ABSL_GUARDED_BY(mutex_) = std::make_shared<const Keys>();
};

}  // namespace chassis::identity
