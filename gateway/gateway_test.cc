// What the door refuses, and how it tells; how it lives and ends.
#include "gateway/gateway.h"

#include <arpa/inet.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chassis/client/tls.h"
#include "chassis/telemetry/log.h"
#include "gateway/door_for_test.h"
#include "tests/harness/database.h"

namespace gateway {
namespace {

using grpc::StatusCode;

// ---------------------------------------------------------------- identity

TEST_F(DoorTest, RefusesACallWithoutToken) {
  bool reached = false;
  Backend backend({{kCall, [&](BackendCall& call) -> Task {
                      reached = true;
                      Task echo = Echo(call);
                      co_await echo;
                    }}});
  OpenBefore(backend);
  const Reply reply = gateway::Ask(channel_, kCall, "x", {});
  EXPECT_EQ(reply.status.error_code(), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(reply.status), "UNAUTHENTICATED");
  EXPECT_FALSE(reply.request_id.empty());
  EXPECT_FALSE(reached);
  EXPECT_EQ(Refused("identity"), 1);
  EXPECT_TRUE(Reaches(
      "grpc_server_handled_total{grpc_code=\"Unauthenticated\",grpc_method=\"Call\",grpc_service=\"aftersales.test.v1."
      "TestService\",grpc_type=\"unary\"}",
      1));
}

TEST_F(DoorTest, RefusesTokensThatAreWrongExpiredOrDouble) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend);
  std::string forged = Bearer();
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  const std::string good = Bearer();

  EXPECT_EQ(gateway::Ask(channel_, kCall, "x", {{"authorization", forged}}).status.error_code(),
            StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(gateway::Ask(channel_, kCall, "x", {{"authorization", "Basic eDp5"}}).status.error_code(),
            StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(gateway::Ask(channel_, kCall, "x", {{"authorization", good}, {"authorization", good}}).status.error_code(),
            StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(gateway::Ask(channel_, kCall, "x", {{"authorization", good}}).status.ok());
  clock_.Advance(absl::Hours(2));
  EXPECT_EQ(gateway::Ask(channel_, kCall, "x", {{"authorization", good}}).status.error_code(),
            StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Refused("identity"), 4);
}

TEST_F(DoorTest, TakesNoForgedIdentityOverAndSaysItself) {
  std::map<std::string, std::string> seen;
  Backend backend({{kCall, [&](BackendCall& call) -> Task {
                      for (const auto& [name, value] : call.context.client_metadata()) {
                        seen[std::string(name.data(), name.size())] = std::string(value.data(), value.size());
                      }
                      Task echo = Echo(call);
                      co_await echo;
                    }}});
  OpenBefore(backend);
  const std::string bearer = Bearer();
  const Reply reply = gateway::Ask(channel_, kCall, "x",
                                   {{"authorization", bearer},
                                    {"x-on-behalf-of", "boss"},
                                    {"x-forwarded-for", "6.6.6.6"},
                                    {"x-real-ip", "6.6.6.6"},
                                    {"accept-language", "en"},
                                    {"x-request-id", "has a space"}});
  ASSERT_TRUE(reply.status.ok());
  EXPECT_EQ(seen.count("x-on-behalf-of"), 0u);
  EXPECT_EQ(seen.count("x-real-ip"), 0u);
  EXPECT_EQ(seen["x-forwarded-for"], "127.0.0.1");
  EXPECT_EQ(seen["authorization"], bearer);
  EXPECT_EQ(seen["accept-language"], "en");
  EXPECT_EQ(seen["x-request-id"].size(), 36u);
  EXPECT_EQ(seen["x-request-id"], reply.request_id);
  EXPECT_EQ(seen["traceparent"].size(), 55u);
}

TEST_F(DoorTest, KeepsAGoodRequestIdAndTrace) {
  std::string trace;
  std::string request_id;
  Backend backend({{kCall, [&](BackendCall& call) -> Task {
                      trace = call.Header("traceparent");
                      request_id = call.Header("x-request-id");
                      Task echo = Echo(call);
                      co_await echo;
                    }}});
  OpenBefore(backend);
  const std::string given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const Reply reply = Ask("x", {{"traceparent", given}, {"x-request-id", "desk-7.42"}});
  EXPECT_EQ(trace, given);
  EXPECT_EQ(request_id, "desk-7.42");
  EXPECT_EQ(reply.request_id, "desk-7.42");
}

TEST_F(DoorTest, AnswersInTheCallersLanguage) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend);
  for (const auto& [language, locale] : Headers{{"en-GB", "en"}, {"zh", "zh-CN"}}) {
    const Reply reply = gateway::Ask(channel_, kCall, "x", {{"accept-language", language}});
    google::rpc::Status wire;
    ASSERT_TRUE(wire.ParseFromString(reply.status.error_details()));
    google::rpc::LocalizedMessage message;
    for (const auto& detail : wire.details()) {
      if (detail.Is<google::rpc::LocalizedMessage>()) detail.UnpackTo(&message);
    }
    EXPECT_EQ(message.locale(), locale);
    EXPECT_FALSE(message.message().empty());
  }
}

// ---------------------------------------------------------------- limits

TEST_F(DoorTest, RefusesAnOversizedRequestAndServesTheNext) {
  Backend backend({{kCall, Echo}, {kCollect, Echo}});
  OpenBefore(backend, {{"message-bytes-max", "1000"}});
  for (const char* method : {kCall, kCollect}) {
    const Reply reply = gateway::Ask(channel_, method, std::string(1001, 'x'), WithToken());
    EXPECT_EQ(reply.status.error_code(), StatusCode::RESOURCE_EXHAUSTED) << method;
    EXPECT_EQ(ReasonOf(reply.status), "TOO_LARGE");
  }
  EXPECT_EQ(Refused("message_size"), 2);
  EXPECT_TRUE(Ask(std::string(1000, 'x')).status.ok());
  // Far beyond it as well.
  EXPECT_EQ(ReasonOf(Ask(std::string(20'000'000, 'x')).status), "TOO_LARGE");
}

TEST_F(DoorTest, RefusesAnOversizedAnswer) {
  Backend backend({{kCall, [](BackendCall& call) -> Task {
                      call.stream.Write(Bytes(std::string(5000, 'x')), &call.written);
                      co_await call.written;
                    }}});
  OpenBefore(backend, {{"answer-bytes-max", "4000"}});
  const Reply reply = Ask("x");
  EXPECT_EQ(reply.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(reply.status), "TOO_LARGE");
}

TEST_F(DoorTest, RefusesOversizedMetadata) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend, {{"metadata-bytes-max", "4096"}});
  const Reply reply = Ask("x", {{"x-custom", std::string(5000, 'x')}});
  EXPECT_EQ(reply.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(reply.status), "TOO_LARGE");
  EXPECT_EQ(Refused("metadata_size"), 1);
  EXPECT_TRUE(Ask("x").status.ok());
}

TEST_F(DoorTest, KnowsOnlyTheMethodsOfTheDescriptors) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend);
  const Reply unknown = gateway::Ask(channel_, "/aftersales.test.v1.TestService/Nothing", "x", WithToken());
  EXPECT_EQ(unknown.status.error_code(), StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(ReasonOf(unknown.status), "METHOD_UNKNOWN");
  EXPECT_EQ(Refused("method_unknown"), 1);
  EXPECT_TRUE(
      Reaches("grpc_server_handled_total{grpc_code=\"Unimplemented\",grpc_method=\"unknown\",grpc_service=\"unknown\","
              "grpc_type="
              "\"unknown\"}",
              1));
  // In the descriptors, but nobody is configured to serve it.
  const Reply unserved = gateway::Ask(channel_, kOtherCall, "x", WithToken());
  EXPECT_EQ(unserved.status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(Refused("method_unserved"), 1);
}

TEST_F(DoorTest, RefusesCallsBeyondTheLimitOfACallerAndOfAll) {
  Gate gate;
  Backend backend({{kCall, gate.Hold()}, {kList, Echo}});
  OpenBefore(backend, {{"calls-max", "3"}, {"calls-per-subject-max", "2"}});
  {
    std::vector<std::unique_ptr<ClientCall>> held;
    const auto hold = [&](const std::string& subject) {
      held.push_back(std::make_unique<ClientCall>(channel_, kCall, WithToken({}, subject)));
      held.back()->Write("x");
      held.back()->WritesDone();
      gate.AwaitWaiting(static_cast<int>(held.size()));
    };
    hold("wang");
    hold("wang");
    const Reply too_many = gateway::Ask(channel_, kCall, "x", WithToken({}, "wang"));
    EXPECT_EQ(too_many.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(ReasonOf(too_many.status), "OVERLOADED");
    EXPECT_TRUE(SaysWhenToRetry(too_many.status));
    EXPECT_EQ(Refused("subject_limit"), 1);

    hold("li");
    EXPECT_EQ(gateway::Ask(channel_, kCall, "x", WithToken({}, "zhao")).status.error_code(),
              StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(Refused("total_limit"), 1);
    // Streams have limits of their own.
    EXPECT_TRUE(gateway::Ask(channel_, kList, "x", WithToken({}, "wang")).status.ok());
    for (const auto& call : held) {
      call->Cancel();
      call->Finish();
    }
  }
  // The places come back, though not in the moment the client hears of its own cancellation.
  const absl::Time end = absl::Now() + kPatience;
  StatusCode code = StatusCode::RESOURCE_EXHAUSTED;
  while (code == StatusCode::RESOURCE_EXHAUSTED && absl::Now() < end) {
    code = gateway::Ask(channel_, kCall, "x", WithToken(), absl::Milliseconds(200)).status.error_code();
  }
  EXPECT_EQ(code, StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(DoorTest, LetsASlowServiceStarveNobodyElse) {
  Gate gate;
  Backend slow({{kCall, gate.Hold()}});
  Backend quick({{kOtherCall, Echo}});
  chassis::config::Config config =
      Settings(absl::StrCat(kPackage, "=", slow.address(), ",", kOtherPackage, "=", quick.address()));
  config.Set("calls-per-upstream-max", "4");
  config.Set("calls-max", "8");
  Open(config);
  std::vector<std::unique_ptr<ClientCall>> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(std::make_unique<ClientCall>(channel_, kCall, WithToken({}, absl::StrCat("p", i))));
    held.back()->Write("x");
    held.back()->WritesDone();
  }
  gate.AwaitWaiting(4);
  const Reply refused = Ask("x");
  EXPECT_EQ(refused.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Refused("upstream_limit"), 1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(gateway::Ask(channel_, kOtherCall, "x", WithToken()).status.ok());
  }
  for (const auto& call : held) {
    call->Cancel();
    call->Finish();
  }
}

TEST_F(DoorTest, EndsACallWhoseRequestNeverComes) {
  Backend backend({{kCall, Echo}, {kList, Echo}});
  OpenBefore(backend, {{"first-message-max", "100ms"}});
  for (const char* method : {kCall, kList}) {
    ClientCall call(channel_, method, WithToken());
    const grpc::Status status = call.Finish();
    EXPECT_EQ(status.error_code(), StatusCode::DEADLINE_EXCEEDED) << method;
    EXPECT_EQ(ReasonOf(status), "DEADLINE");
  }
}

TEST_F(DoorTest, RefusesACallWithoutAMessage) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend);
  ClientCall call(channel_, kCall, WithToken());
  call.WritesDone();
  EXPECT_EQ(call.Finish().error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Refused("malformed"), 1);
}

// ---------------------------------------------------------------- services that fail

TEST_F(DoorTest, TellsThatAServiceCannotBeReachedAndFindsItWhenItComes) {
  auto backend = std::make_unique<Backend>(std::map<std::string, Backend::Script>{{kCall, Echo}, {kList, Echo}});
  const int port = backend->port();
  OpenBefore(*backend);
  EXPECT_TRUE(Ask("x").status.ok());
  backend.reset();
  for (const char* method : {kCall, kList}) {
    const Reply reply = gateway::Ask(channel_, method, "x", WithToken());
    EXPECT_EQ(reply.status.error_code(), StatusCode::UNAVAILABLE) << method;
    EXPECT_EQ(ReasonOf(reply.status), "UNAVAILABLE");
    EXPECT_TRUE(SaysWhenToRetry(reply.status));
  }
  EXPECT_EQ(Refused("upstream_unavailable"), 2);
  Backend again({{kCall, Echo}}, port);
  const absl::Time end = absl::Now() + kPatience;
  while (!Ask("x").status.ok() && absl::Now() < end) {
  }
  EXPECT_TRUE(Ask("x").status.ok());
}

TEST_F(DoorTest, TellsThatAServiceDiedInTheMiddle) {
  for (const char* method : {kCall, kList}) {
    Gate gate;
    Backend backend({{method, gate.Hold()}});
    OpenBefore(backend);
    ClientCall call(channel_, method, WithToken());
    call.Write("x");
    call.WritesDone();
    gate.AwaitWaiting(1);
    backend.Die();
    const grpc::Status status = call.Finish();
    EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE) << method << " " << status.error_message();
    EXPECT_EQ(ReasonOf(status), "UNAVAILABLE");
    gateway_.reset();
  }
}

// ---------------------------------------------------------------- life

std::string HttpGet(int port, const std::string& path) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    if (write(socket, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
      char buffer[4096];
      for (ssize_t n; (n = read(socket, buffer, sizeof(buffer))) > 0;) answer.append(buffer, static_cast<size_t>(n));
    }
  }
  close(socket);
  return answer;
}

std::string HealthQuestion(const std::string& service) {
  return absl::StrCat("\x0a", std::string(1, static_cast<char>(service.size())), service);
}

TEST_F(DoorTest, TellsItsHealthWithoutToken) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend);
  for (const char* service : {"readiness", "liveness"}) {
    const Reply reply = gateway::Ask(channel_, "/grpc.health.v1.Health/Check", HealthQuestion(service), {});
    EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
    EXPECT_EQ(reply.text, std::string("\x08\x01", 2)) << service;
  }
}

TEST_F(DoorTest, ServesItsMetrics) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend, {{"admin-listen", "127.0.0.1:0"}});
  EXPECT_EQ(HttpGet(gateway_->admin_port(), "/metrics").find("grpc_server_"), std::string::npos)
      << "series of methods nobody called";
  EXPECT_TRUE(Ask("x").status.ok());
  EXPECT_TRUE(Reaches(kCallsAnswered, 1));
  const std::string page = HttpGet(gateway_->admin_port(), "/metrics");
  EXPECT_NE(page.find("\nprocess_start_time_seconds "), std::string::npos);
  for (const char* name :
       {"aftersales_build_info", "grpc_server_started_total", "grpc_server_handled_total",
        "grpc_server_handling_seconds_bucket", "grpc_server_msg_received_total", "grpc_server_msg_sent_total",
        "gateway_refused_total", "gateway_inflight", "gateway_upstream_connected"}) {
    EXPECT_NE(page.find(absl::StrCat("\n", name, "{")), std::string::npos) << name;
  }
}

// Two replicas and a client that balances and watches health, as an ingress does. Without watching, a call that sets
// out in the very moment of the stop may end CANCELLED (gRPC 1.51).
TEST_F(DoorTest, StopsOneOfTwoReplicasWithoutAFailedCall) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend, {{"drain-wait", "500ms"}});
  Gateway other(Settings(absl::StrCat(kPackage, "=", backend.address())), &clock_);
  ASSERT_TRUE(other.Start().ok());
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(
      R"({"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":"readiness"}})");
  const auto both =
      grpc::CreateCustomChannel(absl::StrCat("ipv4:127.0.0.1:", gateway_->port(), ",127.0.0.1:", other.port()),
                                grpc::InsecureChannelCredentials(), arguments);
  std::atomic<bool> stopped{false};
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  absl::Mutex mutex;
  std::vector<std::string> bad;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      const Headers headers = WithToken({}, absl::StrCat("person-", i));
      while (!stopped) {
        const Reply reply = gateway::Ask(both, kCall, "x", headers);
        if (reply.status.ok()) {
          ++good;
          continue;
        }
        absl::MutexLock lock(&mutex);
        bad.push_back(reply.status.error_message());
      }
    });
  }
  while (good < 100) std::this_thread::yield();
  gateway_->Stop(absl::Seconds(5));
  const int before = good;
  while (good < before + 100) std::this_thread::yield();
  stopped = true;
  for (std::thread& client : clients) client.join();
  EXPECT_TRUE(bad.empty()) << bad.size() << " of " << good + bad.size() << " failed, first: " << bad.front();
}

// A service that stops when the call comes in lets go of it, and the library calls that CANCELLED. Nobody has
// cancelled.
TEST_F(DoorTest, TakesABareCancelledForAServiceThatWentAway) {
  Backend backend({{kCall, [](BackendCall& call) -> Task {
                      call.status = grpc::Status(grpc::StatusCode::CANCELLED, "");
                      co_return;
                    }}});
  OpenBefore(backend);
  const Reply reply = Ask("x");
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(reply.status), "UNAVAILABLE");
  EXPECT_TRUE(SaysWhenToRetry(reply.status));
}

// ---------------------------------------------------------------- certificates

class TlsDoorTest : public DoorTest {
 protected:
  TlsDoorTest() {
    Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt");
    Run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout tls.key -out tls.csr");
    std::ofstream(directory_ + "/names") << "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
    Run("x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out tls.crt");
  }
  void Run(const std::string& arguments) {
    const std::string command = absl::StrCat("cd ", directory_, " && openssl ", arguments, " 2>openssl.log");
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  std::shared_ptr<grpc::Channel> EncryptedChannel(std::shared_ptr<grpc::ChannelCredentials> credentials) {
    return grpc::CreateChannel(absl::StrCat("127.0.0.1:", gateway_->port()), std::move(credentials));
  }
  std::shared_ptr<grpc::ChannelCredentials> WithoutCertificate() {
    std::ifstream file(directory_ + "/ca.crt");
    std::string roots((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return grpc::SslCredentials({roots, "", ""});
  }
};

TEST_F(TlsDoorTest, EncryptsBothSidesAndDemandsACertificate) {
  Backend backend({{kCall, Echo}}, 0, chassis::ServerCredentialsFrom(directory_));
  OpenBefore(backend, {{"tls-directory", directory_}, {"upstream-tls-directory", directory_}});
  const Reply reply =
      gateway::Ask(EncryptedChannel(chassis::ChannelCredentialsFrom(directory_)), kCall, "x", WithToken());
  EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
  EXPECT_EQ(reply.text, "x");
  EXPECT_FALSE(gateway::Ask(EncryptedChannel(WithoutCertificate()), kCall, "x", WithToken()).status.ok());
  EXPECT_FALSE(gateway::Ask(channel_, kCall, "x", WithToken()).status.ok());
}

TEST_F(TlsDoorTest, AdmitsClientsWithoutCertificateWhereItIsToldTo) {
  Backend backend({{kCall, Echo}}, 0, chassis::ServerCredentialsFrom(directory_));
  OpenBefore(
      backend,
      {{"tls-directory", directory_}, {"upstream-tls-directory", directory_}, {"require-client-certificate", "false"}});
  const Reply reply = gateway::Ask(EncryptedChannel(WithoutCertificate()), kCall, "x", WithToken());
  EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
}

TEST_F(TlsDoorTest, TellsThatAServiceShowsNoCertificateOfOurs) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend, {{"upstream-tls-directory", directory_}});
  EXPECT_EQ(ReasonOf(Ask("x").status), "UNAVAILABLE");
}

// ---------------------------------------------------------------- the end

TEST_F(DoorTest, StopsWithoutFailingACallUnderWay) {
  absl::Notification began;
  absl::Notification go_on;
  Backend backend({{kCall, [&](BackendCall& call) -> Task {
                      began.Notify();
                      // The lane is this test's own; holding it holds just this call.
                      go_on.WaitForNotificationWithTimeout(kPatience);
                      Task echo = Echo(call);
                      co_await echo;
                    }}});
  OpenBefore(backend);
  ClientCall call(channel_, kCall, WithToken());
  call.Write("x");
  call.WritesDone();
  ASSERT_TRUE(began.WaitForNotificationWithTimeout(kPatience));
  std::thread stop([&] { gateway_->Stop(kPatience); });
  // Once new callers are turned away the gateway is in the midst of stopping.
  const absl::Time end = absl::Now() + kPatience;
  while (gateway::Ask(ChannelTo(*gateway_), kList, "x", {}, absl::Milliseconds(300)).status.error_code() !=
             StatusCode::UNAVAILABLE &&
         absl::Now() < end) {
  }
  go_on.Notify();
  std::string answer;
  EXPECT_TRUE(call.Read(&answer));
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_EQ(answer, "x");
  stop.join();
}

TEST_F(DoorTest, StopsInTheMomentItHasStarted) {
  for (int i = 0; i < 50; ++i) {
    Gateway gateway(Settings(absl::StrCat(kPackage, "=127.0.0.1:1")), &clock_);
    ASSERT_TRUE(gateway.Start().ok());
  }
}

TEST_F(DoorTest, EndsOpenStreamsWhenItStops) {
  Gate gate;
  Backend backend({{kList, gate.Hold()}});
  OpenBefore(backend);
  ClientCall call(channel_, kList, WithToken());
  call.Write("x");
  call.WritesDone();
  gate.AwaitWaiting(1);
  std::thread stop([&] { gateway_->Stop(absl::Seconds(2)); });
  const grpc::Status status = call.Finish();
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "UNAVAILABLE");
  stop.join();
}

TEST_F(DoorTest, WritesOneLinePerCallWithoutSecrets) {
  Backend backend({{kCall, Echo}});
  std::string lines;
  OpenBefore(backend, {{"log-level", "info"}});
  chassis::log::CaptureForTest(&lines);
  const std::string store = "00000000-0000-7000-8000-000000000001";
  const std::string request = absl::StrCat("\x0a\x24", store, "\x12\x06", "secret");
  const std::string bearer = Bearer();
  EXPECT_TRUE(gateway::Ask(channel_, kCall, request, {{"authorization", bearer}, {"x-request-id", "r-1"}}).status.ok());
  gateway_->Stop(absl::Seconds(1));
  chassis::log::CaptureForTest(nullptr);
  EXPECT_NE(lines.find("\"method\":\"/aftersales.test.v1.TestService/Call\""), std::string::npos) << lines;
  EXPECT_NE(lines.find("\"code\":\"OK\""), std::string::npos);
  EXPECT_NE(lines.find("\"caller\":\"wang\""), std::string::npos);
  EXPECT_NE(lines.find("\"store\":\"" + store + "\""), std::string::npos);
  EXPECT_NE(lines.find("\"request\":\"r-1\""), std::string::npos);
  EXPECT_EQ(lines.find("secret"), std::string::npos);
  EXPECT_EQ(lines.find(bearer.substr(7)), std::string::npos);
}

TEST_F(DoorTest, DoesNotStartWithAMethodThatSaysNothingOfAccess) {
  google::protobuf::FileDescriptorSet files;
  AddPackage(kPackage, files);
  files.mutable_file(0)->mutable_service(0)->mutable_method(1)->clear_options();
  std::ofstream(directory_ + "/test.binpb", std::ios::binary) << files.SerializeAsString();
  Gateway gateway(Settings(absl::StrCat(kPackage, "=127.0.0.1:1")));
  const absl::Status status = gateway.Start();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(std::string(status.message()).find(kCollect), std::string::npos) << status;
}

TEST_F(DoorTest, DoesNotStartOnABadSetting) {
  const auto why = [&](const char* name, const std::string& value) {
    chassis::config::Config config = Settings(absl::StrCat(kPackage, "=127.0.0.1:1"));
    config.Set(name, value);
    Gateway gateway(config);
    return std::string(gateway.Start().message());
  };
  EXPECT_NE(why("upstreams", "").find("upstreams"), std::string::npos);
  EXPECT_NE(why("upstreams", "aftersales.nobody.v1=127.0.0.1:1").find("aftersales.nobody.v1"), std::string::npos);
  EXPECT_NE(why("descriptors-file", "/nowhere").find("/nowhere"), std::string::npos);
  EXPECT_NE(why("jwks-file", "/nowhere").find("/nowhere"), std::string::npos);
  EXPECT_NE(why("calls-max", "many").find("calls-max"), std::string::npos);
  EXPECT_NE(why("tls-directory", "/nowhere").find("/nowhere/ca.crt"), std::string::npos);
  EXPECT_NE(why("log-level", "loud").find("log-level"), std::string::npos);
}

TEST(Readme, ListsEverySettingAsHelpDoes) {
  std::ifstream file(harness::SourceDirectory() + "/gateway/README.md");
  const std::string readme((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (const chassis::config::Setting& setting : GatewaySettings()) {
    const std::string value = setting.default_value.empty() ? "" : absl::StrCat("`", setting.default_value, "`");
    const std::string row = absl::StrCat("| `", setting.name, "` | ", value, " | ", setting.help, " |\n");
    EXPECT_NE(readme.find(row), std::string::npos) << "gateway/README.md lacks: " << row;
  }
}

}  // namespace
}  // namespace gateway
