// A call's way through the door, whatever protocol it came by: what it must satisfy before a service hears of it
// (Admit), what is noted on the way, how it ends (Conclude) and what is left of it in metrics and log (Account). The
// protocols (proxy for gRPC, web for HTTP) carry the messages; nothing here reads or writes.
//
//   Passage passage(door);
//   if (passage.Admit(arrival, context)) {
//     ... read a message; if (passage.Received(bytes)) send it on with `context` ...
//     passage.Answered(status of the service);
//   }
//   passage.Conclude(context);   // passage.status() is final
//   ... give it to the client ...
//   passage.Account();
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "chassis/identity/identity.h"
#include "chassis/time/clock.h"
#include "gateway/admission.h"
#include "gateway/door_metrics.h"
#include "gateway/headers.h"
#include "gateway/limits/rate_limits.h"
#include "gateway/machine_clients.h"
#include "gateway/routes.h"
#include "gateway/upstreams.h"

namespace gateway {

struct DoorLimits {
  absl::Duration default_deadline;     // of a unary call that brings none
  absl::Duration deadline_max;         // of unary calls
  absl::Duration stream_deadline_max;  // of streams; also when they bring none
  absl::Duration first_message_max;    // from a call's headers to its request
  int64_t message_bytes_max = 0;       // towards a service
  int64_t answer_bytes_max = 0;        // from a service; only named here, the channel enforces it
  int64_t metadata_bytes_max = 0;
};

// What all passages share.
struct Door {
  enum class AccessLog { kOff, kOn };
  // Whether an x-forwarded-for that arrives was written by an ingress in front of the gateway.
  enum class ForwardedFor { kReplace, kExtend };

  const Routes* routes = nullptr;
  const Upstreams* upstreams = nullptr;
  Admission* admission = nullptr;
  RateLimits* rates = nullptr;  // null: none
  chassis::identity::TokenVerifier* verifier = nullptr;
  MachineClients* machine_clients = nullptr;  // null: a certificate alone gives no identity
  DoorMetrics* metrics = nullptr;
  const chassis::Clock* clock = nullptr;  // tokens expire by it
  chassis::Ids* ids = nullptr;
  DoorLimits limits;
  AccessLog access_log = AccessLog::kOn;
  ForwardedFor forwarded_for = ForwardedFor::kReplace;
  // Streams still open end with UNAVAILABLE when next looked at; their clients resume at another replica.
  std::atomic<bool> end_streams{false};
};

// What arrived. Everything it points to outlives the passage.
struct Arrival {
  std::string_view method;                     // "/aftersales.parts.v1.ReservationService/ReserveParts"
  const ReceivedMetadata* metadata = nullptr;  // names in lower case
  std::string peer_address;                    // "10.0.0.7"; empty: not known
  absl::Time arrive_time;
  absl::Time deadline = absl::InfiniteFuture();  // as the client wishes
  // Of the verified certificate of its connection, as machine_clients.h writes them: "uri:...", "dns:...", "cn:...".
  // Asked for only when Door::machine_clients is there and no authorization came.
  std::vector<std::string> client_names;
};

class Passage {
 public:
  explicit Passage(Door& door) : door_(door) {}
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  // False: status() holds the refusal. True: `context` has the deadline and the metadata for the service.
  bool Admit(const Arrival& arrival, grpc::ClientContext& context);
  // Only takes note of who calls what, as Admit does first: for calls that are refused before, whose method may be
  // unknown ("").
  void Note(const Arrival& arrival);
  // Takes note of a message from the client; false: it is refused.
  bool Received(const grpc::ByteBuffer& message);
  // A message went out to the client.
  void Sent() {
    door_.metrics->of(method_).Sent();
    if (attempt_.live()) attempt_.Succeeded(absl::Now());  // whatever comes later, the service is there
  }
  // The gateway itself ends the call; the first reason counts. Always false.
  bool Refuse(RefusedFor why, const absl::Status& refusal);
  // How the service ended it. A refusal of the gateway's own stays.
  void Answered(const grpc::Status& status);
  // The client went away: what it still would be told no longer matters.
  void ClientGone() { client_gone_ = true; }
  // Fixes the status the client gets. What the library made on the way is worded as a refusal of the gateway.
  void Conclude();
  // Counts and logs the call; last.
  void Account();

  // How the caller stands against its rates ("ratelimit-limit", "-remaining", "-reset" in seconds; nothing where none
  // is set), and "retry-after" in seconds when it was refused for a while. Trailers in gRPC, headers in HTTP. Complete
  // once the first message was received or the call is refused.
  std::vector<std::pair<std::string, std::string>> RateHeaders() const;

  // Null when there is no such method; set by Admit, also when it refuses.
  const Method* method() const { return method_; }
  // Where it goes, held to its end: set by Admit when it returns true.
  Upstream* upstream() const { return upstream_.get(); }
  const std::string& request_id() const { return request_id_; }
  const std::string& trace_parent() const { return trace_parent_; }
  std::string_view language() const { return headers_.language; }
  absl::Time arrive_time() const { return arrival_.arrive_time; }
  absl::Time deadline() const { return deadline_; }
  bool heard() const { return heard_; }  // the first message has come
  bool refused() const { return refused_.has_value(); }
  bool answered() const { return answered_; }
  bool concluded() const { return concluded_; }
  bool client_gone() const { return client_gone_; }
  const grpc::Status& status() const { return status_; }

 private:
  bool AdmitPlace(Admission::Answer answer);
  bool AdmitCaller();
  bool AdmitMachine();
  bool AdmitRate(RatedBy by, std::string_view key);
  bool AdmitDeadline(grpc::ClientContext& context);
  bool AdmitCircuit();
  void SetHeaders(grpc::ClientContext& context);
  void TellBreaker(const grpc::Status& status);
  void WordLibraryStatus();

  Door& door_;
  Arrival arrival_;
  const Method* method_ = nullptr;
  std::shared_ptr<Upstream> upstream_;
  RequestHeaders headers_;
  std::string request_id_;
  std::string trace_parent_;
  chassis::identity::Identity identity_;
  std::string machine_token_;  // empty: the caller brought a token
  Admission::Place place_;
  Breaker::Attempt attempt_;  // after upstream_, which has the breaker
  Standing standing_;         // the scarcer of client and store
  int64_t retry_after_ms_ = 0;
  std::string store_id_;
  absl::Time deadline_ = absl::InfiniteFuture();
  std::optional<RefusedFor> refused_;
  bool heard_ = false;
  bool answered_ = false;
  bool concluded_ = false;
  bool client_gone_ = false;
  grpc::Status status_;
};

}  // namespace gateway
