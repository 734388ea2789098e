// Carries calls through as bytes: all four kinds, headers and trailers, status details, deadlines and cancellation both
// ways. Per direction one message is under way: the next is read only when the last was taken over, so a slow reader
// slows the writer instead of filling the gateway. What a call must satisfy before it reaches a service stands in
// Admit; how it ends is told in Conclude.
#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "chassis/identity/identity.h"
#include "chassis/time/clock.h"
#include "gateway/admission.h"
#include "gateway/completion.h"
#include "gateway/door_metrics.h"
#include "gateway/routes.h"
#include "gateway/upstreams.h"

namespace gateway {

struct ProxyLimits {
  absl::Duration default_deadline;     // of a unary call that brings none
  absl::Duration deadline_max;         // of unary calls
  absl::Duration stream_deadline_max;  // of streams; also when they bring none
  absl::Duration first_message_max;    // from a call's headers to its request
  int64_t message_bytes_max = 0;       // towards a service
  int64_t answer_bytes_max = 0;        // from a service; only named here, the channel enforces it
  int64_t metadata_bytes_max = 0;
};

class Proxy {
 public:
  struct Parts {
    const Routes* routes;
    std::vector<std::unique_ptr<Upstream>>* upstreams;
    Admission* admission;
    chassis::identity::TokenVerifier* verifier;
    DoorMetrics* metrics;
    const chassis::Clock* clock;  // tokens expire by it
    chassis::Ids* ids;
  };
  enum class AccessLog { kOff, kOn };
  // Whether an x-forwarded-for that arrives was written by an ingress in front of the gateway.
  enum class ForwardedFor { kReplace, kExtend };

  Proxy(Parts parts, ProxyLimits limits, AccessLog access_log, ForwardedFor forwarded_for)
      : parts_(parts), limits_(limits), access_log_(access_log), forwarded_for_(forwarded_for) {}

  grpc::AsyncGenericService& service() { return service_; }

  // Takes in the lane's next call, and the next after that, until the server shuts down. Before the lane starts, or on
  // its thread.
  void Open(Lane& lane);
  // Streams still open end with UNAVAILABLE when next looked at; their clients resume at another replica.
  void EndStreams() { end_streams_.store(true, std::memory_order_relaxed); }
  // Waits until no operation is under way. After the server has shut down.
  void AwaitEnd();

 private:
  struct Call;

  Detached Serve(Lane& lane);
  // False: the call holds its refusal.
  bool Admit(Call& call);
  bool AdmitCaller(Call& call);
  bool AdmitPlace(Call& call, Admission::Answer answer);
  bool AdmitDeadline(Call& call);
  void SetHeaders(Call& call);

  Task Carry(Call& call);
  Task Unary(Call& call);
  Task Stream(Call& call);
  Task Upward(Call& call);
  Task Downward(Call& call);
  Task AwaitDone(Call& call);
  // Takes note of a message from the client; false: it is refused.
  bool Received(Call& call);

  // The gateway itself ends the call; the first reason counts.
  bool Refuse(Call& call, RefusedFor why, const absl::Status& refusal);
  // Fixes the status the client gets and the trailers that go with it.
  void Conclude(Call& call);
  void Account(const Call& call);

  const Parts parts_;
  const ProxyLimits limits_;
  const AccessLog access_log_;
  const ForwardedFor forwarded_for_;
  grpc::AsyncGenericService service_;
  std::atomic<bool> end_streams_{false};
  absl::Mutex mutex_;
  // Those that wait for a call included.
  int64_t coroutines_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace gateway
