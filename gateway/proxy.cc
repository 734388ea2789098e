#include "gateway/proxy.h"

#include <grpc/grpc.h>

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "aftersales/common/v1/errors.pb.h"
#include "chassis/client/trace.h"
#include "chassis/server/error_mapping.h"
#include "chassis/status/refusal.h"
#include "chassis/status/text.h"
#include "chassis/telemetry/log.h"
#include "gateway/headers.h"
#include "gateway/store_of.h"

namespace gateway {

namespace common = aftersales::common::v1;

namespace {

// How long after its deadline a client may take to read the end of its call.
constexpr absl::Duration kFarewell = absl::Seconds(1);
constexpr int64_t kRetryAfterMs = 500;

// What is overloaded or too large, in both languages; services are called by their package in either.
struct Thing {
  std::string_view en;
  std::string_view zh;
};

Thing Named(std::string_view package) { return {package, package}; }

absl::Status Overloaded(Thing what) {
  return chassis::Refuse(common::ERROR_REASON_OVERLOADED)
      .With("what", what.en)
      .With("what_zh", what.zh)
      .RetryAfterMs(kRetryAfterMs);
}

absl::Status Unauthenticated(std::string_view why) {
  return chassis::Refuse(common::ERROR_REASON_UNAUTHENTICATED).With("why", why);
}

absl::Status TooLarge(Thing what, int64_t limit) {
  return chassis::Refuse(common::ERROR_REASON_TOO_LARGE)
      .With("what", what.en)
      .With("what_zh", what.zh)
      .With("limit", limit);
}

absl::Status DeadlinePassed() { return chassis::Refuse(common::ERROR_REASON_DEADLINE); }

absl::Status Unavailable(Thing what) {
  return chassis::Refuse(common::ERROR_REASON_UNAVAILABLE)
      .With("what", what.en)
      .With("what_zh", what.zh)
      .RetryAfterMs(kRetryAfterMs);
}

absl::Status MethodUnknown() { return chassis::Refuse(common::ERROR_REASON_METHOD_UNKNOWN); }

}  // namespace

// One call on its way through; lives in the frame of Serve.
struct Proxy::Call : Watched {
  Call(Proxy& proxy, Lane& lane) : proxy(proxy), lane(lane) {}
  ~Call() override {
    if (watch) lane.Leave(*watch);
  }

  void Look(absl::Time now) override;
  void EndBecause(RefusedFor why, const absl::Status& refusal);

  Proxy& proxy;
  Lane& lane;
  std::optional<Lane::Watch> watch;
  const Method* method = nullptr;
  Upstream* upstream = nullptr;
  RequestHeaders headers;
  std::string request_id;
  std::string trace_parent;
  chassis::identity::Identity identity;
  Admission::Place place;
  std::string store_id;
  absl::Time arrive_time;
  absl::Time deadline = absl::InfiniteFuture();
  std::optional<RefusedFor> refused;
  bool carried = false;    // admitted; a service may hear of it
  bool heard = false;      // the first message has come
  bool answered = false;   // the service's status has come
  bool replied = false;    // unary: `reply` holds the answer
  bool concluded = false;  // `status` is final
  bool client_gone = false;

  // Towards the client.
  grpc::GenericServerContext server;
  grpc::GenericServerAsyncReaderWriter client{&server};
  // Towards the service.
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> service;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> unary;

  grpc::ByteBuffer request;
  grpc::ByteBuffer reply;
  grpc::Status status;
  std::optional<Task> upward;

  Tag arrival, done, read, forwarded, answer, written, finished;
};

// ---------------------------------------------------------------- the life of a call

void Proxy::Open(Lane& lane) {
  {
    absl::MutexLock lock(&mutex_);
    ++coroutines_;
  }
  Serve(lane);
}

void Proxy::AwaitEnd() {
  absl::MutexLock lock(&mutex_);
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return coroutines_ == 0; };
  mutex_.Await(absl::Condition(&none));
}

Detached Proxy::Serve(Lane& lane) {
  {
    Call call(*this, lane);
    call.server.AsyncNotifyWhenDone(&call.done);
    service_.RequestCall(&call.server, &call.client, lane.queue(), lane.queue(), &call.arrival);
    // Not ok: the server shuts down. `done` never arrives for a call that never came.
    const bool came = co_await call.arrival;
    if (came) {
      Open(lane);
      call.arrive_time = absl::Now();
      Task done = AwaitDone(call);
      call.carried = Admit(call);
      if (call.carried) {
        call.watch = lane.Join(call);
        Task carried = Carry(call);
        co_await carried;
      }
      if (!call.concluded) {
        Conclude(call);
        if (call.replied && call.status.ok()) {
          call.client.WriteAndFinish(call.reply, grpc::WriteOptions(), call.status, &call.finished);
        } else {
          call.client.Finish(call.status, &call.finished);
        }
      }
      co_await call.finished;
      if (call.upward) {
        Task& upward = *call.upward;
        co_await upward;
      }
      co_await done;
      Account(call);
    }
  }
  absl::MutexLock lock(&mutex_);
  --coroutines_;
}

Task Proxy::AwaitDone(Call& call) {
  co_await call.done;
  if (!call.server.IsCancelled()) co_return;
  call.client_gone = true;
  call.context.TryCancel();
}

void Proxy::Call::Look(absl::Time now) {
  const bool one_request = method->kind == Method::Kind::kUnary || method->kind == Method::Kind::kServerStream;
  if (one_request && !heard && now > arrive_time + proxy.limits_.first_message_max) {
    EndBecause(RefusedFor::kDeadline, DeadlinePassed());
  }
  if (method->streams() && proxy.end_streams_.load(std::memory_order_relaxed)) {
    EndBecause(RefusedFor::kStopping, Unavailable({"the gateway", "网关"}));
  }
  // The service is done by then; only a client that does not take what it is sent can still be waited for.
  if (now > deadline + kFarewell) server.TryCancel();
}

void Proxy::Call::EndBecause(RefusedFor why, const absl::Status& refusal) {
  if (refused || concluded) return;
  proxy.Refuse(*this, why, refusal);
  if (unary || service) {
    context.TryCancel();  // what the service would have answered is replaced by the refusal
    return;
  }
  proxy.Conclude(*this);
  client.Finish(status, &finished);
}

// ---------------------------------------------------------------- admission

bool Proxy::Admit(Call& call) {
  call.method = parts_.routes->Find(call.server.method());
  parts_.metrics->of(call.method).Started();
  call.headers = ReadHeaders(call.server.client_metadata());
  call.request_id = call.headers.request_id.empty() ? parts_.ids->NewId() : std::string(call.headers.request_id);
  call.trace_parent = call.headers.trace_parent.empty() ? chassis::TraceContext::ChildOf("").Header()
                                                        : std::string(call.headers.trace_parent);

  if (call.method == nullptr) return Refuse(call, RefusedFor::kMethodUnknown, MethodUnknown());
  if (call.method->upstream == Method::kNoUpstream) {
    return Refuse(call, RefusedFor::kMethodUnserved, Unavailable(Named(call.method->package)));
  }
  if (static_cast<int64_t>(call.headers.bytes) > limits_.metadata_bytes_max) {
    return Refuse(call, RefusedFor::kMetadataSize, TooLarge({"metadata", "元数据"}, limits_.metadata_bytes_max));
  }
  call.upstream = (*parts_.upstreams)[call.method->upstream].get();
  const auto kind = call.method->streams() ? Admission::Kind::kStream : Admission::Kind::kCall;
  if (!AdmitPlace(call, parts_.admission->Enter(kind, call.method->upstream, call.place))) return false;
  if (!AdmitCaller(call)) return false;
  if (!AdmitPlace(call, parts_.admission->Join(call.identity.subject, call.place))) return false;
  if (!AdmitDeadline(call)) return false;
  SetHeaders(call);
  return true;
}

bool Proxy::AdmitPlace(Call& call, Admission::Answer answer) {
  switch (answer) {
    case Admission::Answer::kAdmitted:
      return true;
    case Admission::Answer::kFullInAll:
      return Refuse(call, RefusedFor::kTotal, Overloaded({"the gateway", "网关"}));
    case Admission::Answer::kFullForSubject:
      return Refuse(call, RefusedFor::kSubject, Overloaded({"calls of this caller", "该用户的并发调用"}));
    case Admission::Answer::kFullForUpstream:
      return Refuse(call, RefusedFor::kUpstream, Overloaded(Named(call.upstream->package())));
  }
  return false;
}

bool Proxy::AdmitCaller(Call& call) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view authorization = call.headers.authorization;
  if (authorization.empty()) {
    return Refuse(call, RefusedFor::kIdentity, Unauthenticated("no token (authorization: Bearer ...)"));
  }
  if (call.headers.authorizations > 1) {
    return Refuse(call, RefusedFor::kIdentity, Unauthenticated("more than one authorization"));
  }
  if (!absl::StartsWithIgnoreCase(chassis::Absl(authorization), chassis::Absl(kScheme))) {
    return Refuse(call, RefusedFor::kIdentity, Unauthenticated("the authorization is no bearer token"));
  }
  const std::string_view token =
      chassis::Std(absl::StripAsciiWhitespace(chassis::Absl(authorization.substr(kScheme.size()))));
  absl::StatusOr<chassis::identity::Identity> identity = parts_.verifier->Verify(token, parts_.clock->Now());
  if (!identity.ok()) return Refuse(call, RefusedFor::kIdentity, identity.status());
  call.identity = *std::move(identity);
  return true;
}

bool Proxy::AdmitDeadline(Call& call) {
  const bool streams = call.method->streams();
  const absl::Time now = call.arrive_time;
  const auto given = call.server.deadline();
  absl::Time deadline = now + (streams ? limits_.stream_deadline_max : limits_.default_deadline);
  if (given != std::chrono::system_clock::time_point::max()) {
    deadline = std::min(absl::FromChrono(given), now + (streams ? limits_.stream_deadline_max : limits_.deadline_max));
  }
  // A stream does not outlive the identity it was opened with. Tokens live in the suite's time, which in development
  // may be shifted; what remains is the same in both.
  if (streams)
    deadline = std::min(deadline, now + (call.identity.expire_time - parts_.clock->Now()) + absl::Minutes(1));
  call.deadline = deadline;
  if (deadline <= now) return Refuse(call, RefusedFor::kDeadline, DeadlinePassed());
  call.context.set_deadline(absl::ToChronoTime(deadline));
  return true;
}

void Proxy::SetHeaders(Call& call) {
  for (const auto& [name, value] : call.server.client_metadata()) {
    if (!PassesInward(View(name))) continue;
    call.context.AddMetadata(std::string(View(name)), std::string(View(value)));
  }
  call.context.AddMetadata("x-request-id", call.request_id);
  call.context.AddMetadata("traceparent", call.trace_parent);
  std::string address = AddressOfPeer(call.server.peer());
  if (forwarded_for_ == ForwardedFor::kExtend && !call.headers.forwarded_for.empty()) {
    address = absl::StrCat(chassis::Absl(call.headers.forwarded_for), ", ", address);
  }
  if (!address.empty()) call.context.AddMetadata("x-forwarded-for", address);
}

bool Proxy::Refuse(Call& call, RefusedFor why, const absl::Status& refusal) {
  if (call.refused) return false;
  call.refused = why;
  const google::rpc::Status wire = chassis::ToWire(refusal, chassis::LanguageOf(call.headers.language), *parts_.ids);
  call.status = grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString());
  parts_.metrics->Refused(why);
  return false;
}

// ---------------------------------------------------------------- carrying

bool Proxy::Received(Call& call) {
  parts_.metrics->of(call.method).Received();
  if (static_cast<int64_t>(call.request.Length()) > limits_.message_bytes_max) {
    return Refuse(call, RefusedFor::kMessageSize, TooLarge({"request", "请求"}, limits_.message_bytes_max));
  }
  if (!call.heard && access_log_ == AccessLog::kOn) call.store_id = StoreOf(call.request, call.method->store_field);
  call.heard = true;
  return true;
}

Task Proxy::Carry(Call& call) {
  if (call.method->streams()) return Stream(call);
  return Unary(call);
}

Task Proxy::Unary(Call& call) {
  call.client.Read(&call.request, &call.read);
  const bool got = co_await call.read;
  if (!got) {
    if (!call.client_gone && !grpc_call_failed_before_recv_message(call.server.c_call())) {
      Refuse(call, RefusedFor::kMalformed, chassis::InvalidField("", "缺少请求消息", "the request message is missing"));
    }
    co_return;
  }
  // Refused meanwhile: the message came after its time.
  if (call.refused || !Received(call)) co_return;
  call.unary =
      call.upstream->calls().PrepareUnaryCall(&call.context, call.method->path, call.request, call.lane.queue());
  call.unary->StartCall();
  grpc::Status status;
  call.unary->Finish(&call.reply, &status, &call.answer);
  co_await call.answer;
  call.answered = true;
  if (call.refused) co_return;
  call.status = status;
  call.replied = status.ok();
}

Task Proxy::Stream(Call& call) {
  call.service = call.upstream->streams().PrepareCall(&call.context, call.method->path, call.lane.queue());
  call.service->StartCall(&call.forwarded);
  const bool sent = co_await call.forwarded;
  if (sent) {
    call.upward.emplace(Upward(call));
    Task downward = Downward(call);
    co_await downward;
  }
  grpc::Status status;
  call.service->Finish(&status, &call.answer);
  co_await call.answer;
  call.answered = true;
  if (!call.refused) call.status = status;
}

Task Proxy::Upward(Call& call) {
  for (;;) {
    call.client.Read(&call.request, &call.read);
    const bool got = co_await call.read;
    if (!got) break;
    if (!Received(call)) {
      call.context.TryCancel();
      co_return;
    }
    call.service->Write(call.request, &call.forwarded);
    const bool sent = co_await call.forwarded;
    if (!sent) co_return;
  }
  // A client that went away did not say that it is done: the service must not take its half for the whole.
  if (call.concluded || call.client_gone || grpc_call_failed_before_recv_message(call.server.c_call())) co_return;
  call.service->WritesDone(&call.forwarded);
  co_await call.forwarded;
}

Task Proxy::Downward(Call& call) {
  call.service->ReadInitialMetadata(&call.answer);
  const bool got = co_await call.answer;
  if (got) {
    for (const auto& [name, value] : call.context.GetServerInitialMetadata()) {
      if (PassesOutward(View(name))) call.server.AddInitialMetadata(std::string(View(name)), std::string(View(value)));
    }
    call.client.SendInitialMetadata(&call.written);
    const bool sent = co_await call.written;
    if (!sent) call.context.TryCancel();
  }
  for (;;) {
    call.service->Read(&call.reply, &call.answer);
    const bool got = co_await call.answer;
    if (!got) co_return;
    call.client.Write(call.reply, &call.written);
    const bool sent = co_await call.written;
    if (!sent) {
      call.context.TryCancel();
      co_return;
    }
    parts_.metrics->of(call.method).Sent();
  }
}

// ---------------------------------------------------------------- the end

void Proxy::Conclude(Call& call) {
  call.concluded = true;
  call.server.AddTrailingMetadata("x-request-id", call.request_id);
  if (call.refused) return;
  if (!call.answered) {
    // The client went away before its request was whole.
    call.status = grpc::Status(grpc::StatusCode::CANCELLED, "cancelled");
    return;
  }
  for (const auto& [name, value] : call.context.GetServerTrailingMetadata()) {
    if (PassesOutward(View(name))) call.server.AddTrailingMetadata(std::string(View(name)), std::string(View(value)));
  }
  if (!call.method->streams()) {
    for (const auto& [name, value] : call.context.GetServerInitialMetadata()) {
      if (PassesOutward(View(name))) call.server.AddInitialMetadata(std::string(View(name)), std::string(View(value)));
    }
  }
  // Every refusal of a service carries details. A status without them was made by the library on the way.
  if (call.status.ok() || call.client_gone || !call.status.error_details().empty()) return;
  const grpc::Status made = call.status;
  switch (made.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      Refuse(call, RefusedFor::kUpstreamUnavailable, Unavailable(Named(call.upstream->package())));
      break;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      Refuse(call, RefusedFor::kDeadline, DeadlinePassed());
      break;
    case grpc::StatusCode::UNIMPLEMENTED:
      Refuse(call, RefusedFor::kMethodUnserved, MethodUnknown());
      break;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      if (absl::StrContains(made.error_message(), "larger than max")) {
        Refuse(call, RefusedFor::kMessageSize, TooLarge({"answer", "应答"}, limits_.answer_bytes_max));
      } else {
        Refuse(call, RefusedFor::kUpstream, Overloaded(Named(call.upstream->package())));
      }
      break;
    default:
      return;
  }
  chassis::log::Warning("upstream failed", {{"upstream", call.upstream->package()},
                                            {"method", call.method->path},
                                            {"request", call.request_id},
                                            {"code", std::string(CodeName(made.error_code()))},
                                            {"why", made.error_message()}});
}

void Proxy::Account(const Call& call) {
  const absl::Time now = absl::Now();
  grpc::StatusCode code = call.status.error_code();
  // What the client saw of a call it left, or that its deadline ended, is not what was sent after it.
  if (call.client_gone) {
    const auto deadline = call.server.deadline();
    const bool late = deadline != std::chrono::system_clock::time_point::max() && absl::FromChrono(deadline) <= now;
    code = late ? grpc::StatusCode::DEADLINE_EXCEEDED : grpc::StatusCode::CANCELLED;
  }
  MethodMetrics& metrics = parts_.metrics->of(call.method);
  if (call.replied && code == grpc::StatusCode::OK) metrics.Sent();
  metrics.Handled(code, now - call.arrive_time);
  if (access_log_ == AccessLog::kOff) return;
  chassis::log::Info("call", {{"service", "gateway"},
                              {"method", call.method == nullptr ? "unknown" : call.method->path},
                              {"code", std::string(CodeName(code))},
                              {"ms", absl::StrFormat("%.2f", absl::ToDoubleMilliseconds(now - call.arrive_time))},
                              {"caller", call.identity.subject},
                              {"store", call.store_id},
                              {"refused", call.refused ? std::string(Name(*call.refused)) : std::string()},
                              {"trace", call.trace_parent.substr(3, 32)},
                              {"request", call.request_id}});
}

}  // namespace gateway
