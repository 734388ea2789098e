// Every RPC goes through here, in this order: metrics, trace and log context, deadline, identity, access, admission,
// validation, idempotency, handler, masking and its audit, error mapping. Written once for all methods; knows no
// transport (server/transport.h) and no message by name.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "chassis/host/host.h"
#include "chassis/identity/identity.h"
#include "chassis/server/admission.h"
#include "chassis/server/rpcs.h"
#include "chassis/server/twins.h"
#include "chassis/status/refusal.h"
#include "google/rpc/status.pb.h"

namespace chassis {

// A call as it comes from the transport.
class IncomingCall {
 public:
  virtual ~IncomingCall() = default;
  // Metadata by lower-case name; "" when absent.
  virtual std::string_view Header(std::string_view name) const = 0;
  // Real time until the caller gives up; infinite when it did not say.
  virtual absl::Duration Remaining() const = 0;
  virtual std::string Client() const = 0;
  // The name in the certificate the caller's process proved itself with; "" without mTLS.
  virtual std::string PeerName() const { return ""; }
  virtual bool Cancelled() const = 0;
  // The (first) message of the request; kLost when a client stream ends without one.
  enum class Received { kMessage, kMalformed, kEnd, kLost };
  virtual Received Parse(google::protobuf::Message& request) = 0;
  // The further messages of a client stream. kEnd: the client said that it is done; kLost: it is gone, or was silent
  // for too long.
  virtual Received Next(google::protobuf::Message&) { return Received::kEnd; }
  // Ends a client stream from another thread.
  virtual void Cancel() {}
};

class Pipeline {
 public:
  struct Limits {
    absl::Duration default_deadline = absl::Seconds(15);
    int running = 24;
    int waiting = 64;
    int watches = 64;
    // Common name in the gateway's certificate: whom it forwards for is who calls. Empty: nobody is believed.
    std::string gateway_name;
    int uploads = 8;
  };
  // `tokens_clock` is real time: tokens come from a world whose clock nobody shifts.
  Pipeline(Host& host, identity::TokenVerifier& verifier, Clock& tokens_clock, Limits limits);
  ~Pipeline();

  // Everything about one method that can be known before its first call.
  class Method;
  const Method& Prepare(const Rpcs::Entry& entry);

  // Runs a call; `answer` takes the response (unary) or one of many (stream) and returns false when the client is
  // gone. The result's code is 0 for success.
  google::rpc::Status Run(const Method& method, IncomingCall& call,
                          const std::function<bool(const google::protobuf::Message&)>& answer);

  // From now on streams see themselves cancelled, so that stopping need not wait for their clients.
  void StopStreams();

 private:
  struct Context;
  absl::Status Handle(const Method& method, IncomingCall& call, Context& context,
                      const std::function<bool(const google::protobuf::Message&)>& answer);
  absl::Status Authenticate(IncomingCall& call, Context& context);
  std::string ClientOf(IncomingCall& call) const;
  // How the caller's store shows amounts and times, when the text of this refusal has any.
  Presentation PresentationFor(const absl::Status& status, const Context& context);
  absl::Status Authorize(const Method& method, const google::protobuf::Message& request, Context& context);
  absl::Status RunUnary(const Method& method, IncomingCall& incoming, Call& call, const Command& command,
                        const google::protobuf::Message& request, google::protobuf::Message& response);
  absl::Status RunUpload(const Method& method, IncomingCall& incoming, Call& call,
                         const google::protobuf::Message& first, google::protobuf::Message& response);
  // The first message of a call, or a further one of a client stream (OUT_OF_RANGE at its end).
  absl::Status Receive(const Method& method, IncomingCall& call, google::protobuf::Message& message,
                       const google::protobuf::Message* first = nullptr);
  // How this caller sees the answer: as it is, in clear with an audit entry, or masked (G-02).
  enum class View { kPlain, kAudited, kMasked };
  View ViewOf(const Method& method, const Context& context) const;
  absl::Status AuditClearView(const Method& method, const Context& context);
  absl::Status RunStream(const Method& method, IncomingCall& incoming, const Context& context, Call& call,
                         const google::protobuf::Message& request,
                         const std::function<bool(const google::protobuf::Message&)>& answer);

  Host& host_;
  identity::TokenVerifier& verifier_;
  Clock& tokens_clock_;
  const Limits limits_;
  Admission persons_;
  // Services wait for each other's answers: places of their own keep them from waiting behind the very callers they
  // work for.
  Admission services_;
  Admission watches_;
  Admission uploads_;
  Twins twins_;
  std::atomic<bool> stopping_{false};
  // Client streams that wait for their client's next message: bounded by what admission lets run.
  absl::Mutex mutex_;
  absl::flat_hash_set<IncomingCall*> listening_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::unique_ptr<Method>> methods_;
};

}  // namespace chassis
