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

#include "absl/time/time.h"
#include "chassis/host/host.h"
#include "chassis/identity/identity.h"
#include "chassis/server/admission.h"
#include "chassis/server/rpcs.h"
#include "chassis/server/twins.h"
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
  virtual bool Cancelled() const = 0;
  // False when the bytes are no such message.
  virtual bool Parse(google::protobuf::Message& request) = 0;
};

class Pipeline {
 public:
  struct Limits {
    absl::Duration default_deadline = absl::Seconds(15);
    int running = 24;
    int waiting = 64;
    int watches = 64;
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
  void StopStreams() { stopping_ = true; }

 private:
  struct Context;
  absl::Status Handle(const Method& method, IncomingCall& call, Context& context,
                      const std::function<bool(const google::protobuf::Message&)>& answer);
  absl::Status Authenticate(IncomingCall& call, Context& context);
  absl::Status Authorize(const Method& method, const google::protobuf::Message& request, Context& context);
  absl::Status RunUnary(const Method& method, Call& call, const Command& command,
                        const google::protobuf::Message& request, google::protobuf::Message& response);
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
  Twins twins_;
  std::atomic<bool> stopping_{false};
  std::map<std::string, std::unique_ptr<Method>> methods_;
};

}  // namespace chassis
