#include "gateway/proxy.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security_constants.h>

#include <optional>

#include "chassis/status/refusal.h"
#include "gateway/refusals.h"

namespace gateway {

namespace {

// How long after its deadline a client may take to read the end of its call.
constexpr absl::Duration kFarewell = absl::Seconds(1);

// The names of a client's certificate, which the library has verified, as machine clients are listed.
std::vector<std::string> NamesIn(const grpc::AuthContext& connection) {
  std::vector<std::string> names;
  if (!connection.IsPeerAuthenticated()) return names;
  const auto add = [&](const char* prefix, const char* property) {
    for (const grpc::string_ref& name : connection.FindPropertyValues(property)) {
      names.push_back(prefix + std::string(View(name)));
    }
  };
  add("uri:", GRPC_PEER_URI_PROPERTY_NAME);
  add("dns:", GRPC_PEER_DNS_PROPERTY_NAME);
  add("cn:", GRPC_X509_CN_PROPERTY_NAME);
  return names;
}

}  // namespace

// One call on its way through; lives in the frame of Serve.
struct Proxy::Call : Watched {
  Call(Proxy& proxy, Lane& lane) : proxy(proxy), lane(lane), passage(proxy.door_) {}
  ~Call() override {
    if (watch) lane.Leave(*watch);
  }

  void Look(absl::Time now) override;
  void EndBecause(RefusedFor why, const absl::Status& refusal);

  Proxy& proxy;
  Lane& lane;
  std::optional<Lane::Watch> watch;
  Passage passage;
  bool replied = false;  // unary: `reply` holds the answer

  // Towards the client.
  grpc::GenericServerContext server;
  grpc::GenericServerAsyncReaderWriter client{&server};
  // Towards the service.
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> service;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> unary;

  grpc::ByteBuffer request;
  grpc::ByteBuffer reply;
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
      Task done = AwaitDone(call);
      if (Admit(call)) {
        call.watch = lane.Join(call);
        Task carried = Carry(call);
        co_await carried;
      }
      if (!call.passage.concluded()) {
        Conclude(call);
        const grpc::Status& status = call.passage.status();
        if (call.replied && status.ok()) {
          call.client.WriteAndFinish(call.reply, grpc::WriteOptions(), status, &call.finished);
        } else {
          call.client.Finish(status, &call.finished);
        }
      }
      co_await call.finished;
      if (call.upward) {
        Task& upward = *call.upward;
        co_await upward;
      }
      co_await done;
      call.passage.Account();
    }
  }
  absl::MutexLock lock(&mutex_);
  --coroutines_;
}

Task Proxy::AwaitDone(Call& call) {
  co_await call.done;
  if (!call.server.IsCancelled()) co_return;
  call.passage.ClientGone();
  call.context.TryCancel();
}

void Proxy::Call::Look(absl::Time now) {
  const Method& method = *passage.method();
  const bool one_request = method.kind == Method::Kind::kUnary || method.kind == Method::Kind::kServerStream;
  if (one_request && !passage.heard() && now > passage.arrive_time() + proxy.door_.limits.first_message_max) {
    EndBecause(RefusedFor::kDeadline, DeadlinePassed());
  }
  if (method.streams() && proxy.door_.end_streams.load(std::memory_order_relaxed)) {
    EndBecause(RefusedFor::kStopping, Unavailable(kTheGateway));
  }
  // The service is done by then; only a client that does not take what it is sent can still be waited for.
  if (now > passage.deadline() + kFarewell) server.TryCancel();
}

void Proxy::Call::EndBecause(RefusedFor why, const absl::Status& refusal) {
  if (passage.refused() || passage.concluded()) return;
  passage.Refuse(why, refusal);
  if (unary || service) {
    context.TryCancel();  // what the service would have answered is replaced by the refusal
    return;
  }
  proxy.Conclude(*this);
  client.Finish(passage.status(), &finished);
}

bool Proxy::Admit(Call& call) {
  Arrival arrival;
  arrival.method = call.server.method();
  arrival.metadata = &call.server.client_metadata();
  arrival.peer_address = AddressOfPeer(call.server.peer());
  arrival.arrive_time = absl::Now();
  if (call.server.deadline() != std::chrono::system_clock::time_point::max()) {
    arrival.deadline = absl::FromChrono(call.server.deadline());
  }
  if (door_.machine_clients != nullptr && call.server.client_metadata().count("authorization") == 0) {
    arrival.client_names = NamesIn(*call.server.auth_context());
  }
  return call.passage.Admit(arrival, call.context);
}

// ---------------------------------------------------------------- carrying

Task Proxy::Carry(Call& call) {
  if (call.passage.method()->streams()) return Stream(call);
  return Unary(call);
}

Task Proxy::Unary(Call& call) {
  call.client.Read(&call.request, &call.read);
  const bool got = co_await call.read;
  if (!got) {
    if (!call.passage.client_gone() && !grpc_call_failed_before_recv_message(call.server.c_call())) {
      call.passage.Refuse(RefusedFor::kMalformed,
                          chassis::InvalidField("", "缺少请求消息", "the request message is missing"));
    }
    co_return;
  }
  // Refused meanwhile: the message came after its time.
  if (call.passage.refused() || !call.passage.Received(call.request)) co_return;
  call.unary = call.passage.upstream()->calls().PrepareUnaryCall(&call.context, call.passage.method()->path,
                                                                 call.request, call.lane.queue());
  call.unary->StartCall();
  grpc::Status status;
  call.unary->Finish(&call.reply, &status, &call.answer);
  co_await call.answer;
  call.passage.Answered(status);
  call.replied = status.ok();
}

Task Proxy::Stream(Call& call) {
  call.service =
      call.passage.upstream()->streams().PrepareCall(&call.context, call.passage.method()->path, call.lane.queue());
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
  call.passage.Answered(status);
}

Task Proxy::Upward(Call& call) {
  for (;;) {
    call.client.Read(&call.request, &call.read);
    const bool got = co_await call.read;
    if (!got) break;
    if (!call.passage.Received(call.request)) {
      call.context.TryCancel();
      co_return;
    }
    call.service->Write(call.request, &call.forwarded);
    const bool sent = co_await call.forwarded;
    if (!sent) co_return;
  }
  // A client that went away did not say that it is done: the service must not take its half for the whole.
  if (call.passage.concluded() || call.passage.client_gone()) co_return;
  if (grpc_call_failed_before_recv_message(call.server.c_call())) co_return;
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
    call.passage.Sent();
  }
}

// ---------------------------------------------------------------- the end

void Proxy::Conclude(Call& call) {
  call.server.AddTrailingMetadata("x-request-id", call.passage.request_id());
  const bool from_service = call.passage.answered() && !call.passage.refused();
  call.passage.Conclude();
  for (const auto& [name, value] : call.passage.RateHeaders()) call.server.AddTrailingMetadata(name, value);
  if (!from_service) return;
  for (const auto& [name, value] : call.context.GetServerTrailingMetadata()) {
    if (PassesOutward(View(name))) call.server.AddTrailingMetadata(std::string(View(name)), std::string(View(value)));
  }
  if (call.passage.method()->streams()) return;  // their initial metadata went out when it came
  for (const auto& [name, value] : call.context.GetServerInitialMetadata()) {
    if (PassesOutward(View(name))) call.server.AddInitialMetadata(std::string(View(name)), std::string(View(value)));
  }
}

}  // namespace gateway
