// The life of a service and the limits around it: start-up that refuses, readiness, overload, size, streams, mTLS,
// stopping.
#include "chassis/server/service.h"

#include <map>
#include <thread>

#include "absl/synchronization/notification.h"
#include "chassis/client/tls.h"
#include "chassis/server/shelf_for_test.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/impl/rpc_method.h"
#include "tests/harness/processes.h"

namespace chassis {
namespace {

class ServiceTest : public Shelf {
 protected:
  absl::Status TryStart() {
    service_ = MakeService(Definition(), config_);
    return service_->Start();
  }

  // The status byte of grpc.health.v1.Health/Check: 1 is SERVING, 2 NOT_SERVING; -1 when the call fails.
  int Health(const std::string& name) { return HealthAt(service_->port(), name); }
  int HealthAt(int port, const std::string& name) {
    const auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
    const std::string bytes =
        name.empty() ? "" : absl::StrCat("\x0a", std::string(1, static_cast<char>(name.size())), name);
    grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    const grpc::internal::RpcMethod method("/grpc.health.v1.Health/Check", grpc::internal::RpcMethod::NORMAL_RPC);
    const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
        channel.get(), method, &context, request, &response);
    if (!status.ok()) return -1;
    grpc::Slice answer;
    if (!response.DumpToSingleSlice(&answer).ok() || answer.size() < 2) return 0;
    return answer.begin()[1];
  }

  int Shell(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()); }
  void MakeCertificates(const std::string& name, const std::string& authority) {
    std::filesystem::create_directories(Path(name));
    const std::string ca = Path(authority + "-ca");
    if (!std::filesystem::exists(ca + ".key")) {
      ASSERT_EQ(Shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
                      authority + " -keyout " + ca + ".key -out " + ca + ".crt"),
                0);
    }
    Write("names", "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    ASSERT_EQ(Shell("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " +
                    Path(name) + "/tls.key -out " + Path(name + ".csr")),
              0);
    ASSERT_EQ(Shell("openssl x509 -req -in " + Path(name + ".csr") + " -CA " + ca + ".crt -CAkey " + ca +
                    ".key -CAcreateserial -days 2 -extfile " + Path("names") + " -out " + Path(name) + "/tls.crt"),
              0);
    std::filesystem::copy_file(ca + ".crt", Path(name) + "/ca.crt");
  }
};

TEST_F(ServiceTest, RefusesToStartWithoutWhatItNeeds) {
  for (const auto& [setting, value] :
       std::vector<std::pair<std::string, std::string>>{{"keys-file", "/nowhere"},
                                                        {"jwks-file", "/nowhere"},
                                                        {"log-level", "loud"},
                                                        {"service-key-file", "/nowhere"},
                                                        {"service-token-file", "/nowhere"},
                                                        {"health-listen", "nonsense"},
                                                        {"peers", "nonsense"},
                                                        {"grace", "soon"},
                                                        {"chassis-migrations", "/nowhere"}}) {
    const std::string before = config_.Text(setting);
    Set(setting, value);
    EXPECT_FALSE(TryStart().ok()) << setting;
    Set(setting, before);
  }
  EXPECT_TRUE(TryStart().ok());
}

TEST_F(ServiceTest, RefusesToStartWhileMigrationsArePending) {
  std::filesystem::create_directories(Path("migrations"));
  Write("migrations/0001_shelves.sql",
        "CREATE TABLE shelf (store_id BINARY(16) NOT NULL PRIMARY KEY) ENGINE=InnoDB;\n");
  Set("migrations", Path("migrations"));
  const absl::Status status = TryStart();
  EXPECT_NE(std::string(status.message()).find("0001_shelves.sql"), std::string::npos) << status;
  ASSERT_TRUE(MigrateService(Definition(), config_, [](std::string_view) {}).ok());
  EXPECT_TRUE(TryStart().ok());
}

TEST_F(ServiceTest, IsLiveAndReadyAndThenDrains) {
  Start();
  EXPECT_EQ(Health("liveness"), 1);
  EXPECT_EQ(Health("readiness"), 1);
  EXPECT_EQ(Health(""), 1);
  service_->Drain();
  EXPECT_EQ(Health("liveness"), 1);
  EXPECT_EQ(Health("readiness"), 2);
  // Calls are still answered, of clients that do not watch its health.
  const auto channel =
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", service_->port()), grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + Adviser().token);
  shelf::MirrorRequest mirror;
  mirror.set_store_id(kStore);
  const grpc::Slice bytes(mirror.SerializeAsString());
  const grpc::ByteBuffer request(&bytes, 1);
  grpc::ByteBuffer response;
  const grpc::internal::RpcMethod method("/aftersales.shelf.v1.ShelfService/Mirror",
                                         grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel.get(), method, &context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(ServiceTest, TellsProbesWithoutCertificateHowItIsAndNothingElse) {
  MakeCertificates("parts", "house");
  Set("tls-directory", Path("parts"));
  const int port = harness::FreePort();
  Set("health-listen", absl::StrCat("127.0.0.1:", port));
  ASSERT_TRUE(TryStart().ok());
  EXPECT_EQ(Health("liveness"), -1) << "the service's own door demands a certificate";
  EXPECT_EQ(HealthAt(port, "liveness"), 1);
  EXPECT_EQ(HealthAt(port, "readiness"), 1);
  SuiteClient stranger(absl::StrCat("127.0.0.1:", port), "");
  const absl::Status call = stranger.Call<shelf::MirrorResponse>(Adviser(), shelf::MirrorRequest()).status();
  EXPECT_TRUE(absl::IsUnimplemented(call)) << call;
  service_->Drain();
  EXPECT_EQ(HealthAt(port, "liveness"), 1);
  EXPECT_EQ(HealthAt(port, "readiness"), 2);
  service_->Stop(absl::ZeroDuration());
  EXPECT_EQ(HealthAt(port, "liveness"), -1);
}

TEST_F(ServiceTest, FinishesTheCallUnderWayBeforeItStops) {
  Start();
  shelf::MirrorRequest request;
  request.set_store_id(kStore);
  request.set_wait(true);
  absl::Status answered = absl::UnknownError("");
  std::thread caller([&] { answered = client_->Call<shelf::MirrorResponse>(Adviser(), request).status(); });
  room_->AwaitWaiting(1);
  std::thread stopper([&] { service_->Stop(absl::Seconds(20)); });
  while (Health("liveness") == 1) std::this_thread::yield();
  room_->LetGo();
  caller.join();
  stopper.join();
  EXPECT_TRUE(answered.ok()) << answered;
}

TEST_F(ServiceTest, EndsItsStreamsWhenItStops) {
  Start();
  shelf::WatchBooksRequest request;
  request.set_store_id(kStore);
  absl::Status ended;
  std::atomic<int> seen{0};
  std::thread watcher([&] {
    ended = client_->Watch<shelf::WatchBooksResponse>(As("technician"), request, [&](const shelf::WatchBooksResponse&) {
      ++seen;
      return true;
    });
  });
  while (seen == 0) std::this_thread::yield();
  service_->Stop(absl::Seconds(20));
  watcher.join();
  EXPECT_TRUE(IsRefusal(ended, common::ERROR_REASON_UNAVAILABLE)) << ended;
}

TEST_F(ServiceTest, ShedsLoadBeyondItsPlacesAndRecovers) {
  Set("admission-running", "1");
  Set("admission-waiting", "0");
  Start();
  shelf::MirrorRequest request;
  request.set_store_id(kStore);
  request.set_wait(true);
  std::thread first([&] { EXPECT_TRUE(client_->Call<shelf::MirrorResponse>(Adviser(), request).ok()); });
  room_->AwaitWaiting(1);
  const absl::Status refused = Mirror(Adviser()).status();
  EXPECT_TRUE(IsRefusal(refused, common::ERROR_REASON_OVERLOADED)) << refused;
  EXPECT_GT(RefusalIn(refused).retry_after_ms(), 0);
  EXPECT_TRUE(Mirror(As("suite_service", "*")).ok()) << "services have places of their own";
  room_->LetGo();
  first.join();
  EXPECT_TRUE(Mirror(Adviser()).ok());
  EXPECT_EQ(Handled("Mirror", "ResourceExhausted"), 1);
}

TEST_F(ServiceTest, RefusesTooManyWatches) {
  Set("watches-max", "1");
  Start();
  shelf::WatchBooksRequest request;
  request.set_store_id(kStore);
  std::atomic<bool> enough{false};
  std::atomic<int> seen{0};
  std::thread first([&] {
    EXPECT_TRUE(client_
                    ->Watch<shelf::WatchBooksResponse>(As("technician"), request,
                                                       [&](const shelf::WatchBooksResponse&) {
                                                         ++seen;
                                                         return !enough;
                                                       })
                    .ok());
  });
  while (seen == 0) std::this_thread::yield();
  const auto nothing = [](const shelf::WatchBooksResponse&) { return true; };
  EXPECT_TRUE(IsRefusal(client_->Watch<shelf::WatchBooksResponse>(As("technician"), request, nothing),
                        common::ERROR_REASON_OVERLOADED));
  enough = true;
  first.join();
}

class Upload : public ServiceTest {
 protected:
  using Pages = std::function<bool(shelf::ScanPagesRequest&)>;
  absl::StatusOr<shelf::ScanPagesResponse> Scan(const CallOptions& options, const Pages& next) {
    return client_->Upload<shelf::ScanPagesResponse>(options, next);
  }
  // The first message names store and request; further ones need not.
  Pages PagesOf(std::vector<std::string> texts, std::string request_id = NewRequestId()) {
    auto at = std::make_shared<size_t>(0);
    return [=](shelf::ScanPagesRequest& page) {
      if (*at > texts.size()) return false;
      if (*at == 0) {
        page.set_store_id(kStore);
        page.set_request_id(request_id);
      } else {
        page.set_text(texts[*at - 1]);
      }
      ++*at;
      return true;
    };
  }
};

TEST_F(Upload, TakesInEveryMessageAndCountsThem) {
  Start();
  const auto answer = Scan(As("technician"), PagesOf({"once ", "upon ", "a time"}));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text(), "once upon a time");
  const std::map<std::string, std::string> labels = {{"grpc_type", "client_stream"},
                                                     {"grpc_service", "aftersales.shelf.v1.ShelfService"},
                                                     {"grpc_method", "ScanPages"}};
  EXPECT_EQ(service_->host()
                .metrics()
                .Counter("grpc_server_msg_received_total", "Messages received on the server", labels)
                .Value(),
            4);
}

TEST_F(Upload, IsAllowedOrNotByItsFirstMessage) {
  Start();
  EXPECT_TRUE(IsRefusal(Scan(Adviser(), PagesOf({"a"})).status(), common::ERROR_REASON_ROLE_NOT_ALLOWED));
  EXPECT_TRUE(
      IsRefusal(Scan(As("technician", kOtherStore), PagesOf({"a"})).status(), common::ERROR_REASON_STORE_UNKNOWN));
  EXPECT_TRUE(IsRefusal(Scan(As("technician"), PagesOf({}, "")).status(), common::ERROR_REASON_INVALID_FIELD));
  EXPECT_FALSE(Scan(As("technician"), [](shelf::ScanPagesRequest&) { return false; }).ok()) << "no message at all";
  EXPECT_EQ(room_->PagesScanned(), 0);
}

TEST_F(Upload, HasEveryFurtherMessageChecked) {
  Start();
  const auto too_long = Scan(As("technician"), PagesOf({"a", std::string(21, 'x'), "b"}));
  EXPECT_TRUE(IsRefusal(too_long.status(), common::ERROR_REASON_INVALID_FIELD)) << too_long.status();
  int sent = 0;
  const auto strange = Scan(As("technician"), [&](shelf::ScanPagesRequest& page) {
    page.set_store_id(sent == 0 ? kStore : kOtherStore);
    page.set_request_id(NewRequestId());
    return sent++ < 2;
  });
  EXPECT_TRUE(IsRefusal(strange.status(), common::ERROR_REASON_INVALID_FIELD)) << strange.status();
  EXPECT_EQ(CountRows("command_log WHERE method LIKE '%ScanPages'"), 0);
}

TEST_F(Upload, RepeatedWholeGetsTheFirstAnswer) {
  Start();
  const std::string request_id = NewRequestId();
  ASSERT_TRUE(Scan(As("technician"), PagesOf({"a", "b"}, request_id)).ok());
  const auto again = Scan(As("technician"), PagesOf({"other"}, request_id));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->text(), "ab");
}

TEST_F(Upload, ThatBreaksIsNotTakenForWhole) {
  Start();
  CallOptions options = As("technician");
  options.timeout = absl::Milliseconds(300);
  const absl::Time gone = absl::Now() + options.timeout + absl::Milliseconds(50);
  int sent = 0;
  const auto broken = Scan(options, [&](shelf::ScanPagesRequest& page) {
    if (sent == 2) {
      room_->AwaitPages(1);
      while (absl::Now() < gone) std::this_thread::yield();
      return false;
    }
    page.set_store_id(kStore);
    if (sent == 0) page.set_request_id(NewRequestId());
    return sent++ < 2;
  });
  EXPECT_FALSE(broken.ok());
  service_->Stop(absl::Seconds(20));
  EXPECT_EQ(CountRows("command_log WHERE method LIKE '%ScanPages'"), 0);
}

TEST_F(Upload, BeyondThePlacesIsRefusedAndAWaitingOneEndsWhenTheServiceStops) {
  Set("uploads-max", "1");
  Start();
  absl::Notification stopped;
  absl::Status ended;
  std::thread first([&] {
    int sent = 0;
    ended = Scan(As("technician"), [&](shelf::ScanPagesRequest& page) {
              if (sent == 2) stopped.WaitForNotification();
              page.set_store_id(kStore);
              if (sent == 0) page.set_request_id(NewRequestId());
              return sent++ < 2;
            }).status();
  });
  room_->AwaitPages(1);
  EXPECT_TRUE(IsRefusal(Scan(As("technician"), PagesOf({"a"})).status(), common::ERROR_REASON_OVERLOADED));
  const absl::Time start = absl::Now();
  service_->Stop(absl::Seconds(20));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10)) << "it does not wait for a silent client";
  stopped.Notify();
  first.join();
  EXPECT_FALSE(ended.ok());
}

TEST_F(ServiceTest, RefusesAnOversizedMessageAndGoesOn) {
  Set("message-bytes-max", "10000");
  Start();
  shelf::MirrorRequest request;
  request.set_store_id(kStore);
  request.set_picture(std::string(20000, 'x'));
  EXPECT_EQ(client_->Call<shelf::MirrorResponse>(Adviser(), request).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Mirror(Adviser()).ok());
}

TEST_F(ServiceTest, TalksOnlyToWhoHasACertificateOfTheSuite) {
  MakeCertificates("server", "suite");
  MakeCertificates("client", "suite");
  MakeCertificates("stranger", "elsewhere");
  Set("tls-directory", Path("server"));
  Start();
  const std::string target = absl::StrCat("127.0.0.1:", service_->port());
  CallOptions options = Adviser();
  options.timeout = absl::Seconds(3);
  shelf::MirrorRequest request;
  request.set_store_id(kStore);
  EXPECT_TRUE(SuiteClient(target, Path("client")).Call<shelf::MirrorResponse>(options, request).ok());
  EXPECT_FALSE(SuiteClient(target, Path("stranger")).Call<shelf::MirrorResponse>(options, request).ok());
  EXPECT_FALSE(SuiteClient(target, "").Call<shelf::MirrorResponse>(options, request).ok());
}

// Handbook: G-03
TEST_F(ServiceTest, BelievesOnlyTheGatewayForWhomItCalls) {
  MakeCertificates("server", "suite");
  MakeCertificates("gateway-svc", "suite");
  MakeCertificates("client", "suite");
  Set("tls-directory", Path("server"));
  Start();
  const auto create_as = [&](const std::string& certificate, const std::string& code) {
    const auto channel =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", service_->port()), ChannelCredentialsFrom(Path(certificate)));
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + Adviser().token);
    context.AddMetadata("x-forwarded-for", "203.0.113.7");
    const grpc::Slice bytes(NewBook(code).SerializeAsString());
    const grpc::ByteBuffer request(&bytes, 1);
    grpc::ByteBuffer response;
    const grpc::internal::RpcMethod method("/aftersales.shelf.v1.ShelfService/CreateBook",
                                           grpc::internal::RpcMethod::NORMAL_RPC);
    const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
        channel.get(), method, &context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  };
  create_as("client", "A1");
  EXPECT_EQ(CountRows("command_log WHERE client = '203.0.113.7'"), 0) << "anybody can write that header";
  create_as("gateway-svc", "A2");
  EXPECT_EQ(CountRows("command_log WHERE client = '203.0.113.7'"), 1);
}

TEST_F(ServiceTest, ServesMetricsOfCallsPoolAndProcess) {
  Start();
  ASSERT_TRUE(Mirror(Adviser()).ok());
  const std::string file = Path("metrics");
  ASSERT_EQ(Shell(absl::StrCat("curl -fsS -o ", file, " http://127.0.0.1:", service_->admin_port(), "/metrics")), 0);
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  for (const char* name :
       {"grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Mirror\"", "grpc_server_handling_seconds_bucket",
        "grpc_server_started_total", "sql_pool_open", "sql_statements_total", "process_resident_memory_bytes",
        "process_cpu_seconds_total", "admission_running", "aftersales_build_info{service=\"shelf-svc\"",
        "admission_limit{kind=\"watch\"} 64", "sql_statement_seconds_count",
        "cache_lookups_total{cache=\"token\",outcome=\"miss\"} 1", "cache_entries{cache=\"token\"} 1",
        "token_keys_loaded_timestamp_seconds{issuer=\"test\"}", "backup_last_success_timestamp_seconds 0"}) {
    EXPECT_NE(text.find(name), std::string::npos) << name;
  }
  EXPECT_EQ(text.find("grpc_method=\"GetBook\""), std::string::npos) << "nobody called it";
}

TEST_F(ServiceTest, HidesItsDescriptorsUnlessReflectionIsSwitchedOn) {
  const auto works = [&] {
    const auto channel =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", service_->port()), grpc::InsecureChannelCredentials());
    grpc::ClientContext context;
    grpc::Slice nothing("");
    const grpc::ByteBuffer request(&nothing, 1);
    grpc::ByteBuffer response;
    const grpc::internal::RpcMethod method("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                                           grpc::internal::RpcMethod::NORMAL_RPC);
    return grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(channel.get(), method, &context,
                                                                                 request, &response)
               .error_code() != grpc::StatusCode::UNIMPLEMENTED;
  };
  Start();
  EXPECT_FALSE(works());
  service_.reset();
  room_ = nullptr;
  Set("reflection", "true");
  Start();
  EXPECT_TRUE(works());
}

TEST_F(ServiceTest, VerifiesWithoutServing) {
  Start();
  Create("B-1");
  service_->Stop(absl::Seconds(5));
  const auto results = VerifyService(Definition(), config_);
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_FALSE(results->empty());
  for (const auto& check : results->front().second) EXPECT_EQ(check.difference_count(), 0) << check.name();
}

}  // namespace
}  // namespace chassis
