// What the door counts. The gRPC names are the standard ones; labels come from the descriptors and from closed sets,
// and methods nobody knows share the label "unknown", so no client can grow the metrics.
#pragma once

#include <grpcpp/grpcpp.h>

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "chassis/telemetry/metrics.h"
#include "gateway/limits/breaker.h"
#include "gateway/limits/rate_limits.h"
#include "gateway/routes.h"

namespace gateway {

// Why the gateway itself ended a call.
enum class RefusedFor {
  kMethodUnknown,
  kMethodUnserved,
  kMetadataSize,
  kMessageSize,
  kIdentity,
  kTotal,
  kSubject,
  kUpstream,
  kDeadline,
  kMalformed,
  kUpstreamUnavailable,
  kStopping,
  kRate,
  kShed,
  kCircuit,
};
inline constexpr size_t kRefusedForCount = 15;
std::string_view Name(RefusedFor why);

class MethodMetrics {
 public:
  MethodMetrics(chassis::telemetry::Metrics& metrics, std::string type, std::string service, std::string method);

  void Started() { series().started.Increment(); }
  void Received() { series().received.Increment(); }
  void Sent() { series().sent.Increment(); }
  void Handled(grpc::StatusCode code, absl::Duration time);

 private:
  static constexpr size_t kCodes = 17;
  chassis::telemetry::Metrics& metrics_;
  std::map<std::string, std::string> labels_;
  struct Series {
    prometheus::Counter& started;
    prometheus::Counter& received;
    prometheus::Counter& sent;
    prometheus::Histogram& seconds;
  };
  // Made with the method's first call, and when a code first occurs: the gateway knows every method of the suite, and
  // thousands of series that stay zero cost whoever keeps them.
  const Series& series();

  std::once_flag first_call_;
  std::optional<Series> series_;
  std::array<std::atomic<prometheus::Counter*>, kCodes> handled_{};
};

class DoorMetrics {
 public:
  // Upstreams by their position in routes.packages().
  DoorMetrics(chassis::telemetry::Metrics& metrics, const Routes& routes);

  // `method` null: unknown.
  MethodMetrics& of(const Method* method) { return method == nullptr ? unknown_ : methods_[method - first_]; }
  void Refused(RefusedFor why) { refused_[static_cast<size_t>(why)]->Increment(); }
  void RateLimited(RatedBy by, CallClass call_class) {
    rate_limited_[static_cast<size_t>(by)][static_cast<size_t>(call_class)]->Increment();
  }
  void Shed(Priority priority) { shed_[static_cast<size_t>(priority)]->Increment(); }
  // A circuit breaker changed.
  void SetCircuit(int upstream, Breaker::State state);
  // A file of settings was read again while running.
  enum class Reloaded { kUpstreams = 0, kMachineClients = 1, kRates = 2, kIssuers = 3 };
  void Reload(Reloaded file, bool applied) { reloads_[static_cast<size_t>(file)][applied ? 0 : 1]->Increment(); }
  // Gauges of one upstream, set between events.
  void SetUpstream(int upstream, int64_t calls, int64_t streams, bool connected, Breaker::State circuit);

 private:
  struct UpstreamGauges {
    prometheus::Gauge& calls;
    prometheus::Gauge& streams;
    prometheus::Gauge& connected;
    prometheus::Gauge& circuit;
    std::array<prometheus::Counter*, 3> transitions;  // by the state it went into
  };
  const Method* first_;
  std::deque<MethodMetrics> methods_;
  MethodMetrics unknown_;
  std::array<prometheus::Counter*, kRefusedForCount> refused_;
  std::array<std::array<prometheus::Counter*, kCallClassCount>, kRatedByCount> rate_limited_;
  std::array<prometheus::Counter*, kPriorityCount> shed_;
  std::array<std::array<prometheus::Counter*, 2>, 4> reloads_;  // applied, refused
  std::vector<UpstreamGauges> upstreams_;
};

// "NotFound", as go-grpc-prometheus and the services name them.
std::string_view CodeName(grpc::StatusCode code);

}  // namespace gateway
