// The services behind the door: two channels each, balanced over all its endpoints that say they are ready. A channel
// that cannot connect fails its calls at once with UNAVAILABLE instead of holding them. Streams have the second channel
// to themselves: a connection carries a limited number of calls, and streams that stay open must not use it up for the
// others. Which service is where may change while calls are under way: an Upstream is one target and never changes,
// Upstreams says which of them new calls take.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/limits/breaker.h"

namespace gateway {

struct UpstreamAddress {
  std::string package;  // "aftersales.parts.v1"
  std::string target;   // "127.0.0.1:7003", "ipv4:10.0.0.1:8443,10.0.0.2:8443", "dns:///parts-svc:8443"
};
// "aftersales.parts.v1=127.0.0.1:7003,aftersales.crm.v1=dns:///crm-svc:8443". An entry without "=" goes on with the
// addresses of the one before it: "aftersales.parts.v1=ipv4:10.0.0.1:1,10.0.0.2:1".
absl::StatusOr<std::vector<UpstreamAddress>> ParseUpstreams(std::string_view setting);
// One `package = target` per line; # begins a comment. Errors name the line.
absl::StatusOr<std::vector<UpstreamAddress>> ParseUpstreamLines(std::string_view text);

class Upstream {
 public:
  struct Limits {
    absl::Duration connect_timeout;
    int64_t message_bytes_max = 0;
  };
  Upstream(const UpstreamAddress& address, const std::string& tls_directory, Limits limits,
           Breaker::Settings breaker = {}, std::function<void(Breaker::State)> changed = {});

  const std::string& package() const { return address_.package; }
  const std::string& target() const { return address_.target; }
  grpc::GenericStub& calls() { return calls_; }
  grpc::GenericStub& streams() { return streams_; }
  Breaker& breaker() { return breaker_; }
  bool Connected() { return channel_->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY; }

 private:
  const UpstreamAddress address_;
  Breaker breaker_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub calls_;
  grpc::GenericStub streams_;
};

class Upstreams {
 public:
  struct Settings {
    std::string tls_directory;  // "": no TLS
    Upstream::Limits limits;
    Breaker::Settings breaker;
    // Hears of each transition of a breaker, by position; must be quick.
    std::function<void(int, Breaker::State)> changed;
  };
  // Position i is packages[i]; none is served before Apply.
  Upstreams(std::vector<std::string> packages, Settings settings);

  // From now on new calls go where this says; calls under way stay where they are, and a target that has not changed
  // keeps its connections. All or nothing: a package without services, or a target that can be none, refuses it whole.
  absl::Status Apply(const std::vector<UpstreamAddress>& addresses);

  // What serves the package now; null: nothing. A call holds it until its end.
  std::shared_ptr<Upstream> At(int position) const;
  size_t size() const { return packages_.size(); }
  const std::vector<std::string>& packages() const { return packages_; }
  std::vector<std::string> Unserved() const;

 private:
  const std::vector<std::string> packages_;
  const Settings settings_;
  mutable absl::Mutex mutex_;  // held for copies of pointers only
  std::vector<std::shared_ptr<Upstream>> now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gateway
