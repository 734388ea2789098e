// What the gateway costs beside what it stands for: the same calls straight to a backend, through nginx (grpc_pass),
// through the gateway over gRPC and over REST, in turn, in one run. The backend echoes bytes, so nothing but the way is
// measured. nginx passes bytes on; the gateway also verifies a token, keeps its limits, counts and (with
// --access-log=true) logs each call.
#include <arpa/inet.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "aftersales/options/v1/options.pb.h"
#include "chassis/config/config.h"
#include "chassis/identity/identity.h"
#include "chassis/identity/keys.h"
#include "chassis/status/text.h"
#include "gateway/completion.h"
#include "google/api/annotations.pb.h"
#include "google/protobuf/descriptor.pb.h"
#include "tests/harness/database.h"
#include "tests/harness/processes.h"
#include "tests/load/load.h"

namespace {

using google::protobuf::FieldDescriptorProto;

constexpr char kPackage[] = "aftersales.load.v1";
constexpr char kEcho[] = "/aftersales.load.v1.LoadService/Echo";
constexpr char kFeed[] = "/aftersales.load.v1.LoadService/Feed";
constexpr char kStore[] = "00000000-0000-7000-8000-000000000001";
constexpr int kFeedMessages = 10000;
constexpr int kMessageBytesMax = 4 << 20;

// ---------------------------------------------------------------- the API: Echo (unary) and Feed (server stream)

std::string Descriptors() {
  google::protobuf::FileDescriptorSet files;
  auto* file = files.add_file();
  file->set_name("load.proto");
  file->set_package(kPackage);
  file->set_syntax("proto3");
  auto* message = file->add_message_type();
  message->set_name("Parcel");
  const auto add_field = [&](const char* name, int number, FieldDescriptorProto::Type type) {
    auto* field = message->add_field();
    field->set_name(name);
    field->set_number(number);
    field->set_type(type);
    field->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  };
  add_field("store_id", 1, FieldDescriptorProto::TYPE_STRING);
  add_field("data", 2, FieldDescriptorProto::TYPE_BYTES);
  auto* service = file->add_service();
  service->set_name("LoadService");
  for (const char* name : {"Echo", "Feed"}) {
    auto* method = service->add_method();
    method->set_name(name);
    method->set_input_type(absl::StrCat(".", kPackage, ".Parcel"));
    method->set_output_type(absl::StrCat(".", kPackage, ".Parcel"));
    method->set_server_streaming(std::string_view(name) == "Feed");
    method->mutable_options()
        ->MutableExtension(aftersales::options::v1::access)
        ->add_roles(aftersales::options::v1::ROLE_SERVICE_ADVISER);
    auto* rule = method->mutable_options()->MutableExtension(google::api::http);
    rule->set_post(absl::StrCat("/v1/load:", absl::AsciiStrToLower(name)));
    rule->set_body("*");
  }
  return files.SerializeAsString();
}

// A Parcel with so many bytes of data, as wire bytes.
std::string Parcel(int data_bytes) {
  const auto varint = [](size_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>((value & 0x7F) | 0x80));
    bytes.push_back(static_cast<char>(value));
    return bytes;
  };
  const std::string data(static_cast<size_t>(data_bytes), 'x');
  return absl::StrCat("\x0A", varint(sizeof(kStore) - 1), kStore, "\x12", varint(data.size()), data);
}

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

// ---------------------------------------------------------------- the backend, a process of its own

class EchoBackend {
 public:
  explicit EchoBackend(int port) {
    // The gateway sends calls only where the health service says so.
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port), grpc::InsecureServerCredentials());
    builder.RegisterAsyncGenericService(&service_);
    builder.SetMaxReceiveMessageSize(kMessageBytesMax);
    for (int i = 0; i < 2; ++i) lanes_.push_back(std::make_unique<gateway::Lane>(builder.AddCompletionQueue()));
    server_ = builder.BuildAndStart();
    server_->GetHealthCheckService()->SetServingStatus("readiness", true);
    for (const auto& lane : lanes_) {
      Serve(*lane);
      lane->Start([] {}, absl::Seconds(1));
    }
  }
  void Wait() { server_->Wait(); }

 private:
  gateway::Detached Serve(gateway::Lane& lane) {
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream{&context};
    grpc::ByteBuffer message;
    gateway::Tag arrival, read, written, finished;
    service_.RequestCall(&context, &stream, lane.queue(), lane.queue(), &arrival);
    const bool came = co_await arrival;
    if (!came) co_return;
    Serve(lane);
    stream.Read(&message, &read);
    const bool got = co_await read;
    if (!got) {
      stream.Finish(grpc::Status::OK, &finished);
      co_await finished;
      co_return;
    }
    const int more = context.method() == kFeed ? kFeedMessages - 1 : 0;
    for (int i = 0; i < more; ++i) {
      stream.Write(message, &written);
      const bool sent = co_await written;
      if (!sent) break;
    }
    stream.WriteAndFinish(message, grpc::WriteOptions(), grpc::Status::OK, &finished);
    co_await finished;
  }

  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<gateway::Lane>> lanes_;
};

// ---------------------------------------------------------------- clients, one per thread

class GrpcClient {
 public:
  GrpcClient(int port, std::string authorization) : authorization_(std::move(authorization)) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
    stub_ = std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials(), arguments));
  }

  bool Echo(const grpc::ByteBuffer& message) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", authorization_);
    auto call = stub_->PrepareUnaryCall(&context, kEcho, message, &queue_);
    call->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->Finish(&answer, &status, this);
    Step();
    if (!status.ok()) return Tell(status);
    return answer.Length() == message.Length();
  }

  // Reads the stream to its end; false unless every message came.
  bool Feed(const grpc::ByteBuffer& message) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", authorization_);
    auto call = stub_->PrepareCall(&context, kFeed, &queue_);
    call->StartCall(this);
    Step();
    call->WriteLast(message, grpc::WriteOptions(), this);
    Step();
    int came = 0;
    grpc::ByteBuffer answer;
    for (;;) {
      call->Read(&answer, this);
      if (!Step()) break;
      ++came;
    }
    grpc::Status status;
    call->Finish(&status, this);
    Step();
    if (!status.ok()) return Tell(status);
    return came == kFeedMessages;
  }

 private:
  bool Step() {
    void* tag;
    bool ok = false;
    queue_.Next(&tag, &ok);
    return ok;
  }
  static bool Tell(const grpc::Status& status) {
    static std::once_flag once;
    std::call_once(once, [&] { std::fprintf(stderr, "door_ratio: %s\n", status.error_message().c_str()); });
    return false;
  }

  const std::string authorization_;
  std::unique_ptr<grpc::GenericStub> stub_;
  grpc::CompletionQueue queue_;
};

// HTTP/1.1 on one connection that stays open.
class RestClient {
 public:
  RestClient(int port, const std::string& authorization, const std::string& json)
      : request_(absl::StrCat("POST /v1/load:echo HTTP/1.1\r\nHost: door\r\nAuthorization: ", authorization,
                              "\r\nContent-Type: application/json\r\nContent-Length: ", json.size(), "\r\n\r\n",
                              json)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      ::close(socket_);
      socket_ = -1;
    }
  }
  ~RestClient() {
    if (socket_ >= 0) ::close(socket_);
  }
  RestClient(const RestClient&) = delete;

  bool Echo() {
    if (socket_ < 0 || !Send()) return false;
    received_.clear();
    size_t head = std::string::npos;
    while (head == std::string::npos) {
      if (!Receive()) return false;
      head = received_.find("\r\n\r\n");
    }
    if (!absl::StartsWith(received_, "HTTP/1.1 200")) {
      static std::once_flag once;
      std::call_once(once, [&] { std::fprintf(stderr, "door_ratio: %s\n", received_.substr(0, 600).c_str()); });
      return false;
    }
    const std::string lower = absl::AsciiStrToLower(received_.substr(0, head));
    const size_t at = lower.find("content-length:");
    if (at == std::string::npos) return false;
    const size_t whole = head + 4 + static_cast<size_t>(std::atoll(lower.c_str() + at + 15));
    while (received_.size() < whole) {
      if (!Receive()) return false;
    }
    return true;
  }

 private:
  bool Send() {
    for (size_t sent = 0; sent < request_.size();) {
      const ssize_t count = ::send(socket_, request_.data() + sent, request_.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return false;
      sent += static_cast<size_t>(count);
    }
    return true;
  }
  bool Receive() {
    char buffer[65536];
    const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    received_.append(buffer, static_cast<size_t>(count));
    return true;
  }

  const std::string request_;
  std::string received_;
  int socket_ = -1;
};

// ---------------------------------------------------------------- the house: backend, nginx, gateway

struct House {
  std::string directory;
  int backend_port = 0;
  int nginx_port = 0;  // 0: there is no nginx
  int gateway_port = 0;
  int web_port = 0;
  pid_t gateway = 0;
  pid_t nginx = 0;
  std::string authorization;
};

void Await(int port, const char* name) {
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (!harness::Accepts(port)) {
    if (absl::Now() > end) harness::FailHarness(absl::StrCat(name, " does not come up; see its log"));
    harness::WaitFor(absl::Milliseconds(20));
  }
}

void Write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string NginxConfig(const House& house) {
  return absl::StrCat(
      "daemon off;\nworker_processes 2;\npid ", house.directory, "/nginx.pid;\nerror_log ", house.directory,
      "/nginx.log;\nevents { worker_connections 4096; }\nhttp {\n  access_log off;\n  client_max_body_size 4m;\n"
      "  client_body_temp_path ",
      house.directory, "/t1; proxy_temp_path ", house.directory, "/t2; fastcgi_temp_path ", house.directory,
      "/t3; uwsgi_temp_path ", house.directory, "/t4; scgi_temp_path ", house.directory,
      "/t5;\n  client_body_buffer_size 256k;\n  keepalive_requests 100000000;\n"
      "  upstream backend { server 127.0.0.1:",
      house.backend_port,
      "; keepalive 128; keepalive_requests 100000000; }\n"
      "  server {\n    listen 127.0.0.1:",
      house.nginx_port,
      " http2;\n    location / { grpc_pass grpc://backend; grpc_buffer_size 64k; grpc_read_timeout 300s; }\n  }\n}\n");
}

std::string NginxProgram() {
  for (const char* path : {"/usr/sbin/nginx", "/usr/bin/nginx"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return "";
}

House Open(const chassis::config::Config& config, const std::string& self) {
  House house;
  std::string name = absl::StrCat(std::filesystem::temp_directory_path().string(), "/door-ratio-XXXXXX");
  house.directory = mkdtemp(name.data());
  std::filesystem::permissions(house.directory, std::filesystem::perms(0755));
  house.backend_port = harness::FreePort();
  harness::Spawn({self, absl::StrCat("--backend-port=", house.backend_port)}, house.directory + "/backend.log");
  Await(house.backend_port, "the backend");

  if (const std::string nginx = NginxProgram(); !nginx.empty()) {
    house.nginx_port = harness::FreePort();
    Write(house.directory + "/nginx.conf", NginxConfig(house));
    house.nginx = harness::Spawn(
        {nginx, "-c", house.directory + "/nginx.conf", "-p", house.directory, "-e", house.directory + "/nginx.log"},
        house.directory + "/nginx.log");
    Await(house.nginx_port, "nginx");
  }

  const std::string key = chassis::identity::NewPrivateJwk("load-1");
  Write(house.directory + "/issuer.jwk", key);
  Write(house.directory + "/jwks.json", chassis::identity::PublicJwks({key}).value());
  Write(house.directory + "/load.binpb", Descriptors());
  house.gateway_port = harness::FreePort();
  house.web_port = harness::FreePort();
  house.gateway = harness::Spawn(
      {harness::BinaryDirectory() + "/bin/gateway", absl::StrCat("--listen=127.0.0.1:", house.gateway_port),
       absl::StrCat("--web-listen=127.0.0.1:", house.web_port),
       "--admin-listen=", "--descriptors-file=" + house.directory + "/load.binpb",
       absl::StrCat("--upstreams=", kPackage, "=127.0.0.1:", house.backend_port), "--issuer=load",
       "--jwks-file=" + house.directory + "/jwks.json", "--calls-per-subject-max=512", "--streams-per-subject-max=128",
       "--access-log=" + config.Text("access-log")},
      house.directory + "/gateway.log");
  Await(house.gateway_port, "the gateway");
  Await(house.web_port, "the gateway's web door");

  auto issuer = chassis::identity::LoadTokenIssuer(house.directory + "/issuer.jwk", "load", "aftersales").value();
  chassis::identity::TokenRequest person;
  person.subject = "load";
  person.roles = {"service_adviser"};
  person.stores = {kStore};
  person.issue_time = absl::Now();
  person.lifetime = absl::Hours(2);
  house.authorization = "Bearer " + issuer->Issue(person);
  return house;
}

// nginx works in children of the process that was started.
double CpuOfNginx(const House& house) {
  double seconds = 0;
  std::ifstream children(absl::StrCat("/proc/", house.nginx, "/task/", house.nginx, "/children"));
  for (int pid = 0; children >> pid;) seconds += load::CpuSeconds(pid);
  return seconds;
}

// ---------------------------------------------------------------- what is measured

struct Way {
  std::string name;
  std::function<load::Outcome(int parallel, int calls)> drive;
  std::function<double()> cpu_seconds;
};

struct Figures {
  std::vector<double> per_second, p50, p99, cpu_us;
  int64_t failures = 0;
};

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Every way in turn, `rounds` times.
std::map<std::string, Figures> Measure(const std::vector<Way>& ways, int rounds, int parallel, int calls) {
  std::map<std::string, Figures> figures;
  for (int round = 0; round < rounds; ++round) {
    for (const Way& way : ways) {
      const double before = way.cpu_seconds();
      const load::Outcome outcome = way.drive(parallel, calls);
      const double used = way.cpu_seconds() - before;
      Figures& own = figures[way.name];
      own.per_second.push_back(outcome.per_second);
      own.p50.push_back(outcome.p50_ms);
      own.p99.push_back(outcome.p99_ms);
      own.cpu_us.push_back(used * 1e6 / static_cast<double>(std::max<int64_t>(outcome.calls, 1)));
      own.failures += outcome.failures;
    }
  }
  return figures;
}

void Print(const char* title, const std::vector<Way>& ways,
           const std::vector<std::pair<int, std::map<std::string, Figures>>>& blocks) {
  std::printf("\n%s\n", title);
  std::vector<std::vector<std::string>> rows = {
      {"way", "parallel", "calls/s", "of direct", "p50 ms", "added", "p99 ms", "added", "proxy CPU us", "failed"}};
  for (const auto& [parallel, figures] : blocks) {
    const Figures& direct = figures.at("direct");
    for (const Way& way : ways) {
      const Figures& own = figures.at(way.name);
      const bool is_direct = way.name == "direct";
      const auto added = [&](const std::vector<double>& mine, const std::vector<double>& theirs) {
        return is_direct ? std::string() : load::Number(Median(mine) - Median(theirs), 2);
      };
      rows.push_back({way.name, absl::StrCat(parallel), load::Number(Median(own.per_second), 0),
                      is_direct ? "" : load::Number(Median(own.per_second) / Median(direct.per_second), 2),
                      load::Number(Median(own.p50), 2), added(own.p50, direct.p50), load::Number(Median(own.p99), 2),
                      added(own.p99, direct.p99), is_direct ? "" : load::Number(Median(own.cpu_us), 0),
                      absl::StrCat(own.failures)});
    }
  }
  load::PrintTable(rows);
  std::fflush(stdout);
}

std::vector<Way> UnaryWays(const House& house, int data_bytes) {
  const auto message = std::make_shared<grpc::ByteBuffer>(Bytes(Parcel(data_bytes)));
  const auto over_grpc = [&house, message](int port) {
    return [&house, message, port](int parallel, int calls) {
      std::vector<std::unique_ptr<GrpcClient>> clients;
      for (int i = 0; i < parallel; ++i) clients.push_back(std::make_unique<GrpcClient>(port, house.authorization));
      return load::Drive(parallel, calls / parallel, 20,
                         [&](int thread, int) { return clients[thread]->Echo(*message); });
    };
  };
  const auto gateway_cpu = [&house] { return load::CpuSeconds(house.gateway); };
  std::vector<Way> ways;
  ways.push_back({"direct", over_grpc(house.backend_port), [] { return 0.0; }});
  if (house.nginx_port != 0) {
    ways.push_back({"nginx", over_grpc(house.nginx_port), [&house] { return CpuOfNginx(house); }});
  }
  ways.push_back({"gateway gRPC", over_grpc(house.gateway_port), gateway_cpu});
  const std::string json = absl::StrCat("{\"storeId\":\"", kStore, "\",\"data\":\"",
                                        absl::Base64Escape(std::string(static_cast<size_t>(data_bytes), 'x')), "\"}");
  ways.push_back({"gateway REST",
                  [&house, json](int parallel, int calls) {
                    std::vector<std::unique_ptr<RestClient>> clients;
                    for (int i = 0; i < parallel; ++i) {
                      clients.push_back(std::make_unique<RestClient>(house.web_port, house.authorization, json));
                    }
                    return load::Drive(parallel, calls / parallel, 20,
                                       [&](int thread, int) { return clients[thread]->Echo(); });
                  },
                  gateway_cpu});
  return ways;
}

std::vector<Way> StreamWays(const House& house) {
  const auto message = std::make_shared<grpc::ByteBuffer>(Bytes(Parcel(100)));
  const auto over_grpc = [&house, message](int port) {
    return [&house, message, port](int parallel, int calls) {
      std::vector<std::unique_ptr<GrpcClient>> clients;
      for (int i = 0; i < parallel; ++i) clients.push_back(std::make_unique<GrpcClient>(port, house.authorization));
      return load::Drive(parallel, std::max(calls / parallel, 1), 0,
                         [&](int thread, int) { return clients[thread]->Feed(*message); });
    };
  };
  std::vector<Way> ways;
  ways.push_back({"direct", over_grpc(house.backend_port), [] { return 0.0; }});
  if (house.nginx_port != 0) {
    ways.push_back({"nginx", over_grpc(house.nginx_port), [&house] { return CpuOfNginx(house); }});
  }
  ways.push_back({"gateway gRPC", over_grpc(house.gateway_port), [&house] { return load::CpuSeconds(house.gateway); }});
  return ways;
}

int Run(const chassis::config::Config& config, const std::string& self) {
  const House house = Open(config, self);
  if (house.nginx_port == 0) std::printf("nginx is not installed: measured without it\n");
  const int rounds = static_cast<int>(config.Int("rounds"));
  const struct {
    const char* title;
    int bytes;
    const char* calls;
  } sizes[] = {{"unary, 100 bytes", 100, "calls"}, {"unary, 100 KB", 100 * 1000, "large-calls"}};
  for (const auto& size : sizes) {
    const std::vector<Way> ways = UnaryWays(house, size.bytes);
    std::vector<std::pair<int, std::map<std::string, Figures>>> blocks;
    for (const int parallel : {1, 8, 64}) {
      std::fprintf(stderr, "  %s, %d parallel ...\n", size.title, parallel);
      blocks.emplace_back(parallel, Measure(ways, rounds, parallel, static_cast<int>(config.Int(size.calls))));
    }
    Print(size.title, ways, blocks);
  }
  std::fprintf(stderr, "  streams ...\n");
  const std::vector<Way> streams = StreamWays(house);
  std::vector<std::pair<int, std::map<std::string, Figures>>> blocks;
  for (const int parallel : {1, 8}) blocks.emplace_back(parallel, Measure(streams, rounds, parallel, parallel * 2));
  Print(absl::StrCat("streams of ", kFeedMessages, " messages of 100 bytes (a call is a whole stream)").c_str(),
        streams, blocks);
  std::filesystem::remove_all(house.directory);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  chassis::config::Config config({
      {"calls", "8000", "small calls per measurement, over all threads"},
      {"large-calls", "1600", "100 KB calls per measurement, over all threads"},
      {"rounds", "3", "how often every way is measured, in turn; medians are printed"},
      {"access-log", "false", "let the gateway write its access log"},
      {"backend-port", "0", "be the backend at this port: how the program starts itself"},
  });
  auto words = config.Parse(argc, argv);
  if (!words.ok() || !words->empty()) {
    if (!words.ok()) std::fprintf(stderr, "%s: %s\n", argv[0], words.status().ToString().c_str());
    std::printf("%s", config.Help("door_ratio", "the gateway beside nginx and the bare backend").c_str());
    return words.ok() && words->front() == "help" ? 0 : 2;
  }
  if (config.Int("backend-port") > 0) {
    EchoBackend backend(static_cast<int>(config.Int("backend-port")));
    backend.Wait();
    return 0;
  }
  return Run(config, std::filesystem::read_symlink("/proc/self/exe").string());
}
