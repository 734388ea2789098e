#include "chassis/client/connection.h"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chassis/client/methods.h"
#include "chassis/client/tls.h"
#include "chassis/server/error_mapping.h"
#include "chassis/status/refusal.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_method.h"
#include "grpcpp/support/sync_stream.h"

namespace chassis {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using grpc::protobuf::MessageLite;

constexpr int kAttemptsMax = 3;
constexpr absl::Duration kPauseFirst = absl::Milliseconds(50);
constexpr int kMessageBytesMax = 8 << 20;
constexpr int kMetadataBytesMax = 16 * 1024;

// Repeats may be a tenth of all calls, so that a peer in trouble is not finished off by them.
class RetryBudget {
 public:
  void Earn() {
    int32_t now = tenths_.load(std::memory_order_relaxed);
    while (now < kTenthsMax && !tenths_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed)) {
    }
  }
  bool Spend() {
    int32_t now = tenths_.load(std::memory_order_relaxed);
    while (now >= 10) {
      if (tenths_.compare_exchange_weak(now, now - 10, std::memory_order_relaxed)) return true;
    }
    return false;
  }

 private:
  static constexpr int32_t kTenthsMax = 200;
  std::atomic<int32_t> tenths_{kTenthsMax};
};

// Between half and the whole of the pause, so that callers who failed together do not come back together.
absl::Duration WithJitter(absl::Duration pause) {
  thread_local std::mt19937 generator{std::random_device{}()};
  return pause * std::uniform_real_distribution<double>(0.5, 1.0)(generator);
}

const char* CodeName(grpc::StatusCode code) {
  constexpr const char* kNames[] = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  return code >= 0 && code <= 16 ? kNames[code] : "Unknown";
}

// Nobody here cancels a unary call, and what a service cancels it explains. A bare CANCELLED is the library's, of a
// server that stopped when the call came in: it is not there.
grpc::Status AsServersSayIt(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::CANCELLED || !status.error_details().empty()) return status;
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server let go of the call: " + status.error_message());
}

class GrpcConnection : public Connection {
 public:
  GrpcConnection(std::string service, const std::string& target, const std::string& tls_directory, Sleeper& sleeper,
                 telemetry::Metrics* metrics)
      : service_(std::move(service)), sleeper_(sleeper), metrics_(metrics) {
    grpc::ChannelArguments arguments;
    // Each endpoint's health is watched: one that drains gets no new calls although its connection stands. A call that
    // sets out in the very moment a server stops is taken in by the library and answered by nobody
    // (docs/decisions/0023). One that knows no health service counts as ready.
    arguments.SetServiceConfigJSON(
        R"({"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":"readiness"}})");
    arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
    arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
    arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    // This class repeats; two layers of it would multiply.
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000);
    // Channels to one address do not share their connection, so that every service has its own limits.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel_ = grpc::CreateCustomChannel(target, ChannelCredentialsFrom(tls_directory), arguments);
  }

  absl::Status Call(const MethodDescriptor* method, const CallOptions& options, const Message& request,
                    Message& response) override {
    Known& known = KnownOf(method);
    if (known.started != nullptr) known.started->Increment();
    budget_.Earn();
    const absl::Time start = absl::Now();
    const absl::Time deadline = start + options.timeout;
    const bool repeatable = IsRepeatable(method, request);
    grpc::Status status;
    absl::Duration pause = kPauseFirst;
    for (int attempt = 1;; ++attempt, pause *= 4) {
      grpc::ClientContext context;
      Fill(context, options, deadline);
      status = AsServersSayIt(grpc::internal::BlockingUnaryCall<Message, Message, MessageLite, MessageLite>(
          channel_.get(), known.method, &context, request, &response));
      const bool again = status.error_code() == grpc::StatusCode::UNAVAILABLE && repeatable && attempt < kAttemptsMax &&
                         absl::Now() + pause < deadline && budget_.Spend();
      if (!again) break;
      if (known.retried != nullptr) known.retried->Increment();
      sleeper_.Sleep(WithJitter(pause));
      response.Clear();
    }
    Count(known, status, start);
    return FromGrpc(status);
  }

  absl::Status Watch(const MethodDescriptor* method, const CallOptions& options, const Message& request,
                     const Message& prototype, const std::function<bool(const Message&)>& take) override {
    Known& known = KnownOf(method);
    if (known.started != nullptr) known.started->Increment();
    const absl::Time start = absl::Now();
    grpc::ClientContext context;
    Fill(context, options, start + options.timeout);
    const std::unique_ptr<grpc::ClientReader<Message>> reader(
        grpc::internal::ClientReaderFactory<Message>::Create(channel_.get(), known.method, &context, request));
    bool stopped = false;
    for (;;) {
      const std::unique_ptr<Message> message(prototype.New());
      if (!reader->Read(message.get())) break;
      if (stopped || take(*message)) continue;
      stopped = true;
      context.TryCancel();
    }
    const grpc::Status status = reader->Finish();
    Count(known, status, start);
    return stopped ? absl::OkStatus() : FromGrpc(status);
  }

  absl::Status Upload(const MethodDescriptor* method, const CallOptions& options,
                      const std::function<const Message*()>& next, Message& response) override {
    Known& known = KnownOf(method);
    if (known.started != nullptr) known.started->Increment();
    const absl::Time start = absl::Now();
    grpc::ClientContext context;
    Fill(context, options, start + options.timeout);
    const std::unique_ptr<grpc::ClientWriter<Message>> writer(
        grpc::internal::ClientWriterFactory<Message>::Create(channel_.get(), known.method, &context, &response));
    // A refused write: the service has answered already.
    for (const Message* message = next(); message != nullptr && writer->Write(*message); message = next()) {
    }
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    Count(known, status, start);
    return FromGrpc(status);
  }

 private:
  struct Known {
    Known(const std::string& path, grpc::internal::RpcMethod::RpcType type,
          const std::shared_ptr<grpc::Channel>& channel)
        : path(path), method(this->path.c_str(), type, channel) {}
    const std::string path;
    const grpc::internal::RpcMethod method;
    prometheus::Counter* started = nullptr;
    prometheus::Counter* retried = nullptr;
    prometheus::Histogram* seconds = nullptr;
    std::map<std::string, std::string> labels;
    std::atomic<prometheus::Counter*> handled[17] = {};
  };

  Known& KnownOf(const MethodDescriptor* method) {
    std::lock_guard<std::mutex> lock(mutex_);
    std::unique_ptr<Known>& known = known_[method];
    if (known != nullptr) return *known;
    using grpc::internal::RpcMethod;
    known = std::make_unique<Known>(PathOf(method),
                                    method->server_streaming()   ? RpcMethod::SERVER_STREAMING
                                    : method->client_streaming() ? RpcMethod::CLIENT_STREAMING
                                                                 : RpcMethod::NORMAL_RPC,
                                    channel_);
    if (metrics_ == nullptr) return *known;
    known->labels = {{"grpc_type", method->server_streaming()   ? "server_stream"
                                   : method->client_streaming() ? "client_stream"
                                                                : "unary"},
                     {"grpc_service", method->service()->full_name()},
                     {"grpc_method", method->name()}};
    known->started = &metrics_->Counter("grpc_client_started_total", "RPCs started by this client", known->labels);
    known->retried = &metrics_->Counter("grpc_client_retried_total", "Attempts repeated by this client", known->labels);
    known->seconds =
        &metrics_->Histogram("grpc_client_handling_seconds", "Seconds until the answer was there", known->labels);
    return *known;
  }

  void Count(Known& known, const grpc::Status& status, absl::Time start) {
    if (metrics_ == nullptr) return;
    known.seconds->Observe(absl::ToDoubleSeconds(absl::Now() - start));
    const int code = status.error_code() >= 0 && status.error_code() <= 16 ? status.error_code() : 2;
    prometheus::Counter* counter = known.handled[code].load(std::memory_order_acquire);
    if (counter == nullptr) {
      std::map<std::string, std::string> labels = known.labels;
      labels["grpc_code"] = CodeName(status.error_code());
      counter = &metrics_->Counter("grpc_client_handled_total", "RPCs completed by this client, by code", labels);
      known.handled[code].store(counter, std::memory_order_release);
    }
    counter->Increment();
  }

  static bool IsRepeatable(const MethodDescriptor* method, const Message& request) {
    if (!IsCommand(method)) return true;
    return request.GetReflection()->HasField(request, request.GetDescriptor()->FindFieldByName("request_id"));
  }

  static void Fill(grpc::ClientContext& context, const CallOptions& options, absl::Time deadline) {
    context.set_deadline(absl::ToChronoTime(deadline));
    if (!options.token.empty()) context.AddMetadata("authorization", "Bearer " + options.token);
    if (!options.language.empty()) context.AddMetadata("accept-language", options.language);
    if (!options.trace_parent.empty()) context.AddMetadata("traceparent", options.trace_parent);
    if (!options.on_behalf_of.empty()) context.AddMetadata("x-on-behalf-of", options.on_behalf_of);
    if (!options.request_name.empty()) context.AddMetadata("x-request-id", options.request_name);
  }

  absl::Status FromGrpc(const grpc::Status& status) const {
    if (status.ok()) return absl::OkStatus();
    return FromWire(status.error_code(), status.error_message(), status.error_details(), service_);
  }

  const std::string service_;
  Sleeper& sleeper_;
  telemetry::Metrics* metrics_;
  std::shared_ptr<grpc::Channel> channel_;
  RetryBudget budget_;
  std::mutex mutex_;
  std::map<const MethodDescriptor*, std::unique_ptr<Known>> known_;
};

}  // namespace

std::unique_ptr<Connection> Connection::To(std::string service, const std::string& target,
                                           const std::string& tls_directory, Sleeper& sleeper,
                                           telemetry::Metrics* metrics) {
  return std::make_unique<GrpcConnection>(std::move(service), target, tls_directory, sleeper, metrics);
}

}  // namespace chassis
