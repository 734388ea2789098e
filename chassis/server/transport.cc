#include "chassis/server/transport.h"

#include <grpc/grpc.h>

#include <chrono>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "chassis/client/methods.h"
#include "chassis/client/tls.h"
#include "chassis/status/status.h"
#include "grpcpp/alarm.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/support/method_handler.h"

namespace chassis {
namespace {

using google::protobuf::Message;
using grpc::ByteBuffer;
using grpc::ServerContext;

// Trailers with error details are larger than gRPC's default of 8 KB allows for, once in two languages' characters.
constexpr int kMetadataBytesMax = 16 * 1024;
constexpr int kPollersMin = 1;
constexpr int kPollersMax = 4;
constexpr absl::Duration kConnectionAgeGrace = absl::Seconds(60);
constexpr absl::Duration kKeepalive = absl::Seconds(30);
constexpr absl::Duration kSilenceMax = absl::Seconds(60);
// At the door for health alone: a question is a few bytes, and nobody asks much at once.
constexpr int kHealthBytesMax = 1024;
constexpr int kHealthCallsMax = 16;
constexpr size_t kHealthMemoryBytesMax = 8 << 20;

class GrpcCall : public IncomingCall {
 public:
  GrpcCall(ServerContext* context, const ByteBuffer* request) : context_(context), request_(request) {}

  std::string_view Header(std::string_view name) const override {
    const auto found = context_->client_metadata().find(grpc::string_ref(name.data(), name.size()));
    if (found == context_->client_metadata().end()) return "";
    return {found->second.data(), found->second.size()};
  }
  absl::Duration Remaining() const override {
    const auto deadline = context_->deadline();
    if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteDuration();
    return absl::FromChrono(deadline - std::chrono::system_clock::now());
  }
  std::string Client() const override { return context_->peer(); }
  std::string PeerName() const override {
    const auto auth = context_->auth_context();
    if (auth == nullptr || !auth->IsPeerAuthenticated()) return "";
    const auto names = auth->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME);
    return names.empty() ? "" : std::string(names[0].data(), names[0].size());
  }
  bool Cancelled() const override { return context_->IsCancelled(); }
  Received Parse(Message& request) override { return Read(*request_, request); }

 protected:
  static Received Read(const ByteBuffer& bytes, Message& message) {
    ByteBuffer shared = bytes;  // shares the bytes
    return grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(&shared, &message).ok() ? Received::kMessage
                                                                                              : Received::kMalformed;
  }

 private:
  ServerContext* context_;
  const ByteBuffer* request_;
};

// A client stream. Whoever is silent between two messages for longer than kSilenceMax is cut off: the stream holds a
// thread and one of few places, and an upload is resumed where it stood.
class GrpcUpload : public GrpcCall {
 public:
  GrpcUpload(ServerContext* context, grpc::ServerReader<ByteBuffer>* reader)
      : GrpcCall(context, nullptr), context_(context), reader_(reader) {}

  Received Parse(Message& request) override {
    const Received received = Next(request);
    return received == Received::kEnd ? Received::kMalformed : received;
  }
  Received Next(Message& message) override {
    ByteBuffer bytes;
    const bool got = ReadInTime(bytes);
    if (got) return Read(bytes, message);
    // The library tells the end of the messages and the loss of the client apart only here.
    return grpc_call_failed_before_recv_message(context_->c_call()) != 0 || Cancelled() ? Received::kLost
                                                                                        : Received::kEnd;
  }
  void Cancel() override { context_->TryCancel(); }

 private:
  // The alarm's callback may run after the stream has gone.
  struct Watch {
    absl::Mutex mutex;
    ServerContext* context ABSL_GUARDED_BY(mutex);
  };
  bool ReadInTime(ByteBuffer& bytes) {
    auto watch = std::make_shared<Watch>();
    {
      absl::MutexLock lock(&watch->mutex);
      watch->context = context_;
    }
    grpc::Alarm silence;
    silence.Set(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(kSilenceMax), [watch](bool rang) {
      absl::MutexLock lock(&watch->mutex);
      if (rang && watch->context != nullptr) watch->context->TryCancel();
    });
    const bool got = reader_->Read(&bytes);
    absl::MutexLock lock(&watch->mutex);
    watch->context = nullptr;
    return got;
  }

  ServerContext* context_;
  grpc::ServerReader<ByteBuffer>* reader_;
};

bool Serialize(const Message& message, ByteBuffer* buffer) {
  bool own_buffer;
  return grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(message, buffer, &own_buffer).ok();
}

grpc::Status AsGrpc(const google::rpc::Status& wire) {
  if (wire.code() == 0) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString());
}

// One proto service with its methods.
class DescribedService : public grpc::Service {
 public:
  void Add(const google::protobuf::MethodDescriptor* described, const Pipeline::Method& method, Pipeline& pipeline) {
    using grpc::internal::RpcMethod;
    // gRPC keeps the pointer to the name.
    names_.push_back(std::make_unique<std::string>(PathOf(described)));
    if (described->client_streaming()) {
      auto* handler = new grpc::internal::ClientStreamingHandler<DescribedService, ByteBuffer, ByteBuffer>(
          [&method, &pipeline](DescribedService*, ServerContext* context, grpc::ServerReader<ByteBuffer>* reader,
                               ByteBuffer* response) {
            GrpcUpload call(context, reader);
            return AsGrpc(pipeline.Run(method, call,
                                       [response](const Message& message) { return Serialize(message, response); }));
          },
          this);
      AddMethod(new grpc::internal::RpcServiceMethod(names_.back()->c_str(), RpcMethod::CLIENT_STREAMING, handler));
      return;
    }
    if (described->server_streaming()) {
      auto* handler = new grpc::internal::ServerStreamingHandler<DescribedService, ByteBuffer, ByteBuffer>(
          [&method, &pipeline](DescribedService*, ServerContext* context, const ByteBuffer* request,
                               grpc::ServerWriter<ByteBuffer>* writer) {
            GrpcCall call(context, request);
            return AsGrpc(pipeline.Run(method, call, [writer](const Message& message) {
              ByteBuffer buffer;
              return Serialize(message, &buffer) && writer->Write(buffer);
            }));
          },
          this);
      AddMethod(new grpc::internal::RpcServiceMethod(names_.back()->c_str(), RpcMethod::SERVER_STREAMING, handler));
      return;
    }
    auto* handler = new grpc::internal::RpcMethodHandler<DescribedService, ByteBuffer, ByteBuffer>(
        [&method, &pipeline](DescribedService*, ServerContext* context, const ByteBuffer* request,
                             ByteBuffer* response) {
          GrpcCall call(context, request);
          return AsGrpc(
              pipeline.Run(method, call, [response](const Message& message) { return Serialize(message, response); }));
        },
        this);
    AddMethod(new grpc::internal::RpcServiceMethod(names_.back()->c_str(), RpcMethod::NORMAL_RPC, handler));
  }

 private:
  std::vector<std::unique_ptr<std::string>> names_;
};

// Linking the reflection library adds it to every server of the process; this takes it out again.
class WithoutReflection : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins, [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; });
  }
};

class GrpcTransport : public Transport {
 public:
  GrpcTransport(const Rpcs& rpcs, Pipeline& pipeline) {
    for (const auto& [path, entry] : rpcs.entries()) {
      std::unique_ptr<DescribedService>& service = services_[entry.method->service()->full_name()];
      if (service == nullptr) service = std::make_unique<DescribedService>();
      service->Add(entry.method, pipeline.Prepare(entry), pipeline);
    }
  }
  ~GrpcTransport() override { Shutdown(absl::ZeroDuration()); }

  absl::Status Start(const TransportSettings& settings) {
    // Process-wide switches of gRPC; all servers of the suite agree on them.
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();

    grpc::ServerBuilder builder;
    if (!settings.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
    builder.AddListeningPort(settings.listen, ServerCredentialsFrom(settings.tls_directory), &port_);
    builder.SetMaxReceiveMessageSize(settings.message_bytes_max);
    // A backstop: beyond it gRPC refuses. The pipeline's admission sheds load long before.
    grpc::ResourceQuota quota("server");
    quota.SetMaxThreads(settings.threads_max);
    builder.SetResourceQuota(quota);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, kPollersMin);
    builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, kPollersMax);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, settings.streams_max);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(settings.connection_age_max));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(kConnectionAgeGrace));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kKeepalive));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(absl::Seconds(10)));
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, Milliseconds(absl::Seconds(10)));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    for (const auto& [name, service] : services_) builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0)
      return absl::UnavailableError(absl::StrCat("cannot listen on ", settings.listen));
    if (!settings.health_listen.empty()) RETURN_IF_ERROR(OpenHealthDoor(settings.health_listen));
    Say("liveness", true);
    SetReady(false);
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void SetReady(bool ready) override {
    Say("readiness", ready);
    Say("", ready);
  }

  void Shutdown(absl::Duration grace) override {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
    server_->Wait();
    server_.reset();
    // Last: until then it tells that the process lives and is not ready.
    if (health_server_ != nullptr) health_server_->Shutdown(std::chrono::system_clock::now());
    health_server_.reset();
  }

 private:
  // Kubernetes' gRPC probes can show no certificate. Every server of the library answers for health; any other call
  // meets the generic service, which knows none.
  absl::Status OpenHealthDoor(const std::string& listen) {
    grpc::ServerBuilder builder;
    builder.SetOption(std::make_unique<WithoutReflection>());
    int port = 0;
    builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(&nothing_);
    builder.SetMaxReceiveMessageSize(kHealthBytesMax);
    builder.SetResourceQuota(grpc::ResourceQuota("health").Resize(kHealthMemoryBytesMax));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kHealthCallsMax);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    health_server_ = builder.BuildAndStart();
    if (health_server_ == nullptr || port == 0)
      return absl::UnavailableError(absl::StrCat("cannot listen on ", listen));
    return absl::OkStatus();
  }

  void Say(const char* service, bool serving) {
    server_->GetHealthCheckService()->SetServingStatus(service, serving);
    if (health_server_ != nullptr) health_server_->GetHealthCheckService()->SetServingStatus(service, serving);
  }

  static int Milliseconds(absl::Duration duration) { return static_cast<int>(absl::ToInt64Milliseconds(duration)); }

  std::map<std::string, std::unique_ptr<DescribedService>> services_;
  std::unique_ptr<grpc::Server> server_;
  grpc::CallbackGenericService nothing_;
  std::unique_ptr<grpc::Server> health_server_;
  int port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Transport>> StartTransport(const Rpcs& rpcs, Pipeline& pipeline,
                                                          const TransportSettings& settings) {
  auto transport = std::make_unique<GrpcTransport>(rpcs, pipeline);
  if (absl::Status status = transport->Start(settings); !status.ok()) return status;
  return transport;
}

}  // namespace chassis
