// A small world around the gateway for its tests: a descriptor set with one method of each kind, backends whose methods
// are coroutines over bytes, an issuer of tokens, and a client that speaks bytes one step at a time.
#pragma once

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/identity/identity.h"
#include "chassis/identity/keys.h"
#include "chassis/time/clock.h"
#include "gateway/completion.h"
#include "gateway/gateway.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace gateway {

// Long enough that only a defect reaches it.
inline constexpr absl::Duration kPatience = absl::Seconds(20);

inline grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}
inline std::string Text(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  return bytes.DumpToSingleSlice(&slice).ok() ? std::string(slice.begin(), slice.end()) : std::string();
}

// ---------------------------------------------------------------- descriptors

// Adds package `name` with service TestService: Call (unary), Collect, List and Chat; requests have store_id = 1.
inline void AddPackage(const std::string& name, google::protobuf::FileDescriptorSet& files) {
  using google::protobuf::FieldDescriptorProto;
  auto* file = files.add_file();
  file->set_name(absl::StrCat(name, ".proto"));
  file->set_package(name);
  auto* message = file->add_message_type();
  message->set_name("Request");
  auto* field = message->add_field();
  field->set_name("store_id");
  field->set_number(1);
  field->set_type(FieldDescriptorProto::TYPE_STRING);
  field->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  auto* service = file->add_service();
  service->set_name("TestService");
  const auto add = [&](const char* method_name, bool client_streams, bool server_streams) {
    auto* method = service->add_method();
    method->set_name(method_name);
    method->set_input_type(absl::StrCat(".", name, ".Request"));
    method->set_output_type(absl::StrCat(".", name, ".Request"));
    method->set_client_streaming(client_streams);
    method->set_server_streaming(server_streams);
    method->mutable_options()
        ->MutableExtension(aftersales::options::v1::access)
        ->add_roles(aftersales::options::v1::ROLE_SERVICE_ADVISER);
  };
  add("Call", false, false);
  add("Collect", true, false);
  add("List", false, true);
  add("Chat", true, true);
}

inline constexpr char kPackage[] = "aftersales.test.v1";
inline constexpr char kOtherPackage[] = "aftersales.other.v1";
inline constexpr char kCall[] = "/aftersales.test.v1.TestService/Call";
inline constexpr char kCollect[] = "/aftersales.test.v1.TestService/Collect";
inline constexpr char kList[] = "/aftersales.test.v1.TestService/List";
inline constexpr char kChat[] = "/aftersales.test.v1.TestService/Chat";
inline constexpr char kCallsAnswered[] =
    "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Call\",grpc_service=\"aftersales.test.v1.TestService\","
    "grpc_type=\"unary\"}";
inline constexpr char kOtherCall[] = "/aftersales.other.v1.TestService/Call";

// ---------------------------------------------------------------- a service behind the door

// One call as a backend's coroutine sees it.
struct BackendCall {
  grpc::GenericServerContext context;
  grpc::GenericServerAsyncReaderWriter stream{&context};
  grpc::ByteBuffer message;
  grpc::Status status;  // what the call ends with
  Tag arrival, done, read, written, finished;

  std::string Header(const std::string& name) const {
    const auto found = context.client_metadata().find(name);
    return found == context.client_metadata().end() ? "" : std::string(found->second.data(), found->second.size());
  }
  absl::Duration Remaining() const {
    if (context.deadline() == std::chrono::system_clock::time_point::max()) return absl::InfiniteDuration();
    return absl::FromChrono(context.deadline()) - absl::Now();
  }
};

class Backend {
 public:
  using Script = std::function<Task(BackendCall&)>;

  explicit Backend(std::map<std::string, Script> scripts, int port = 0,
                   std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials())
      : scripts_(std::move(scripts)) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), std::move(credentials), &port_);
    builder.RegisterAsyncGenericService(&service_);
    builder.SetMaxReceiveMessageSize(-1);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    lane_ = std::make_unique<Lane>(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
    if (server_ != nullptr) {
      SetReady(true);
      Serve();
      lane_->Start([] {}, absl::Seconds(1));
    }
  }
  ~Backend() { Die(); }

  int port() const { return port_; }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  // What its health service says, as a service that drains or is back.
  void SetReady(bool ready) { server_->GetHealthCheckService()->SetServingStatus("readiness", ready); }

  // Ends every call under way as a killed process does, more or less.
  void Die() {
    if (server_ == nullptr) return;
    server_->Shutdown(std::chrono::system_clock::now());
    {
      absl::MutexLock lock(&mutex_);
      const auto none = [this] { return coroutines_ == 0; };
      mutex_.Await(absl::Condition(&none));
    }
    lane_->Stop();
    server_.reset();
  }

 private:
  Detached Serve() {
    {
      absl::MutexLock lock(&mutex_);
      ++coroutines_;
    }
    {
      BackendCall call;
      call.context.AsyncNotifyWhenDone(&call.done);
      service_.RequestCall(&call.context, &call.stream, lane_->queue(), lane_->queue(), &call.arrival);
      const bool came = co_await call.arrival;
      if (came) {
        Serve();
        const auto script = scripts_.find(call.context.method());
        if (script == scripts_.end()) {
          call.status = grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such method");
        } else {
          Task work = script->second(call);
          co_await work;
        }
        call.stream.Finish(call.status, &call.finished);
        co_await call.finished;
        co_await call.done;
      }
    }
    absl::MutexLock lock(&mutex_);
    --coroutines_;
  }

  const std::map<std::string, Script> scripts_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Lane> lane_;
  int port_ = 0;
  absl::Mutex mutex_;
  int coroutines_ = 0;
};

// Answers with what it was sent.
inline Task Echo(BackendCall& call) {
  call.stream.Read(&call.message, &call.read);
  const bool got = co_await call.read;
  if (!got) co_return;
  call.stream.Write(call.message, &call.written);
  co_await call.written;
}

// Calls that hang, and says how many do.
struct Gate {
  absl::Mutex mutex;
  int waiting ABSL_GUARDED_BY(mutex) = 0;

  // Holds each call until its client goes away.
  Backend::Script Hold() {
    return [this](BackendCall& call) -> Task {
      {
        absl::MutexLock lock(&mutex);
        ++waiting;
      }
      co_await call.done;
      call.done.Arrive(true);
    };
  }
  void AwaitWaiting(int count) {
    absl::MutexLock lock(&mutex);
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return waiting >= count; };
    ASSERT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&enough), kPatience));
  }
};

// ---------------------------------------------------------------- tokens

class Issuer {
 public:
  explicit Issuer(const std::string& directory) {
    const std::string key = chassis::identity::NewPrivateJwk("test-1");
    std::ofstream(directory + "/issuer.jwk") << key;
    std::ofstream(directory + "/jwks.json") << chassis::identity::PublicJwks({key}).value();
    issuer_ =
        chassis::identity::LoadTokenIssuer(directory + "/issuer.jwk", "https://issuer.test", "aftersales").value();
  }
  std::string Token(const std::string& subject, absl::Time now, absl::Duration lifetime = absl::Hours(1)) {
    chassis::identity::TokenRequest request;
    request.subject = subject;
    request.roles = {"service_adviser"};
    request.stores = {"00000000-0000-7000-8000-000000000001"};
    request.issue_time = now;
    request.lifetime = lifetime;
    return issuer_->Issue(request);
  }

 private:
  std::unique_ptr<chassis::identity::TokenIssuer> issuer_;
};

// ---------------------------------------------------------------- a client

using Headers = std::vector<std::pair<std::string, std::string>>;

// One call, one step at a time; every step waits for its completion.
class ClientCall {
 public:
  ClientCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const Headers& headers,
             absl::Duration deadline = absl::InfiniteDuration())
      : stub_(channel) {
    for (const auto& [name, value] : headers) context_.AddMetadata(name, value);
    if (deadline != absl::InfiniteDuration()) context_.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    stream_ = stub_.PrepareCall(&context_, method, &queue_);
    stream_->StartCall(this);
    Step();
  }
  ~ClientCall() {
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  bool Write(const std::string& text) {
    stream_->Write(Bytes(text), this);
    return Step();
  }
  bool WritesDone() {
    stream_->WritesDone(this);
    return Step();
  }
  // False: the service has no more.
  bool Read(std::string* text) {
    grpc::ByteBuffer bytes;
    stream_->Read(&bytes, this);
    if (!Step()) return false;
    *text = Text(bytes);
    return true;
  }
  grpc::Status Finish() {
    grpc::Status status;
    stream_->Finish(&status, this);
    Step();
    return status;
  }
  void Cancel() { context_.TryCancel(); }
  std::string Initial(const std::string& name) const { return In(context_.GetServerInitialMetadata(), name); }
  std::string Trailing(const std::string& name) const { return In(context_.GetServerTrailingMetadata(), name); }

 private:
  bool Step() {
    void* tag;
    bool ok = false;
    queue_.Next(&tag, &ok);
    return ok;
  }
  static std::string In(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, const std::string& name) {
    const auto found = metadata.find(name);
    return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
  }

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

struct Reply {
  grpc::Status status;
  std::string text;
  std::string request_id;
};
inline Reply Ask(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const std::string& text,
                 const Headers& headers, absl::Duration deadline = kPatience) {
  ClientCall call(channel, method, headers, deadline);
  Reply reply;
  call.Write(text);
  call.WritesDone();
  call.Read(&reply.text);
  reply.status = call.Finish();
  reply.request_id = call.Trailing("x-request-id");
  return reply;
}

// "OVERLOADED" from the ErrorInfo of a status; "" without one.
inline std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status wire;
  google::rpc::ErrorInfo info;
  if (!wire.ParseFromString(status.error_details())) return "";
  for (const auto& detail : wire.details()) {
    if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info)) return info.reason();
  }
  return "";
}
// Puts new content in a file's place at once, as whoever changes settings should.
inline void Replace(const std::string& path, const std::string& content) {
  std::ofstream(path + ".next") << content;
  std::filesystem::rename(path + ".next", path);
}
inline bool SaysWhenToRetry(const grpc::Status& status) {
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details())) return false;
  for (const auto& detail : wire.details()) {
    if (detail.Is<google::rpc::RetryInfo>()) return true;
  }
  return false;
}

// ---------------------------------------------------------------- the whole

class DoorTest : public testing::Test {
 protected:
  DoorTest() : clock_(absl::Now()) {
    std::string name = absl::StrCat(std::filesystem::temp_directory_path().string(), "/gateway-test-XXXXXX");
    directory_ = mkdtemp(name.data());
    issuer_ = std::make_unique<Issuer>(directory_);
    google::protobuf::FileDescriptorSet files;
    AddPackage(kPackage, files);
    AddPackage(kOtherPackage, files);
    std::ofstream file(directory_ + "/test.binpb", std::ios::binary);
    files.SerializeToOstream(&file);
  }
  ~DoorTest() override {
    channel_.reset();
    gateway_.reset();
    std::filesystem::remove_all(directory_);
  }

  chassis::config::Config Settings(const std::string& upstreams) {
    chassis::config::Config config(GatewaySettings());
    config.Set("descriptors-file", directory_ + "/test.binpb");
    config.Set("upstreams", upstreams);
    config.Set("issuer", "https://issuer.test");
    config.Set("jwks-file", directory_ + "/jwks.json");
    config.Set("log-level", "error");
    config.Set("admin-listen", "");  // closing it takes two seconds
    config.Set("drain-wait", "0s");
    return config;
  }
  // The gateway before one backend; `more` changes settings.
  void OpenBefore(const Backend& backend, const Headers& more = {}) {
    chassis::config::Config config = Settings(absl::StrCat(kPackage, "=", backend.address()));
    for (const auto& [name, value] : more) config.Set(name, value);
    Open(config);
  }
  void Open(const chassis::config::Config& config) {
    gateway_ = std::make_unique<Gateway>(config, &clock_);
    const absl::Status status = gateway_->Start();
    ASSERT_TRUE(status.ok()) << status;
    channel_ = ChannelTo(*gateway_);
  }
  static std::shared_ptr<grpc::Channel> ChannelTo(const Gateway& gateway) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 16 * 1024);
    return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", gateway.port()), grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  std::string Bearer(const std::string& subject = "wang") { return "Bearer " + issuer_->Token(subject, clock_.Now()); }
  Headers WithToken(Headers more = {}, const std::string& subject = "wang") {
    more.emplace_back("authorization", Bearer(subject));
    return more;
  }
  Reply Ask(const std::string& text, const Headers& more = {}) {
    return gateway::Ask(channel_, kCall, text, WithToken(more));
  }
  // A counter or gauge as it would be shown, e.g. `gateway_refused_total{reason="identity"}`; -1: not there.
  double Metric(const std::string& series) {
    const std::string page = prometheus::TextSerializer().Serialize(gateway_->metrics().registry()->Collect());
    const size_t at = page.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::atof(page.c_str() + at + 1 + series.size());
  }
  // What a call leaves behind is counted when its last byte is out: a moment after the client has its answer.
  bool Reaches(const std::string& series, double value) {
    const absl::Time end = absl::Now() + kPatience;
    while (Metric(series) != value) {
      if (absl::Now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  // Looks again and again: for what happens beside the calls.
  template <typename Condition>
  static bool Soon(const Condition& holds) {
    const absl::Time end = absl::Now() + kPatience;
    while (!holds()) {
      if (absl::Now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  double Refused(const std::string& reason) { return Metric("gateway_refused_total{reason=\"" + reason + "\"}"); }

  std::string directory_;
  chassis::ManualClock clock_;
  std::unique_ptr<Issuer> issuer_;
  std::unique_ptr<Gateway> gateway_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace gateway
