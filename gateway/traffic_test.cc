// Too many calls, urgent ones among them, services that fail, move and drain: what the door makes of it.
#include <gmock/gmock.h>

#include <atomic>

#include "aftersales/options/v1/traffic.pb.h"
#include "gateway/door_for_test.h"
#include "gateway/limits/traffic_settings.h"

namespace gateway {
namespace {

using grpc::StatusCode;
namespace options = aftersales::options::v1;

constexpr char kUrgentPackage[] = "aftersales.urgent.v1";
constexpr char kUrgentCall[] = "/aftersales.urgent.v1.TestService/Call";
constexpr char kStore[] = "00000000-0000-7000-8000-000000000001";
constexpr char kOtherStore[] = "00000000-0000-7000-8000-000000000002";

std::string ForStore(const std::string& store) { return absl::StrCat("\x0a\x24", store); }

Backend::Script Says(const std::string& text, std::atomic<int>* calls = nullptr) {
  return [text, calls](BackendCall& call) -> Task {
    call.stream.Read(&call.message, &call.read);
    const bool got = co_await call.read;
    if (!got) co_return;
    if (calls != nullptr) ++*calls;
    call.stream.Write(Bytes(text), &call.written);
    co_await call.written;
  };
}

class TrafficTest : public DoorTest {
 protected:
  struct Answer {
    grpc::Status status;
    std::string limit, remaining, reset, retry_after;
  };
  Answer AskAs(const std::string& subject, const std::string& text = "x", const char* method = kCall) {
    ClientCall call(channel_, method, WithToken({}, subject), kPatience);
    call.Write(text);
    call.WritesDone();
    std::string ignored;
    while (call.Read(&ignored)) {
    }
    Answer answer;
    answer.status = call.Finish();
    answer.limit = call.Trailing("ratelimit-limit");
    answer.remaining = call.Trailing("ratelimit-remaining");
    answer.reset = call.Trailing("ratelimit-reset");
    answer.retry_after = call.Trailing("retry-after");
    return answer;
  }
  std::string AnswerOf() {
    const Reply reply = Ask("x");
    return reply.status.ok() ? reply.text : ReasonOf(reply.status);
  }
};

// ---------------------------------------------------------------- rates

TEST_F(TrafficTest, TellsACallerHowItStandsAndRefusesItBeyondItsRate) {
  Backend backend({{kCall, Echo}, {kList, Echo}});
  OpenBefore(backend, {{"rate-client-write", "0.001/2"}});
  Answer answer = AskAs("wang");
  EXPECT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.limit, "2");
  EXPECT_EQ(answer.remaining, "1");
  EXPECT_EQ(answer.reset, "1000");
  EXPECT_EQ(answer.retry_after, "");
  EXPECT_EQ(AskAs("wang").remaining, "0");
  answer = AskAs("wang");
  EXPECT_EQ(answer.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(answer.status), "RATE_LIMIT");
  EXPECT_TRUE(SaysWhenToRetry(answer.status));
  EXPECT_EQ(answer.remaining, "0");
  EXPECT_GT(std::atoi(answer.retry_after.c_str()), 900);
  EXPECT_TRUE(AskAs("li").status.ok()) << "others are not concerned";
  EXPECT_TRUE(AskAs("wang", "x", kList).status.ok()) << "nor are this one's reads";
  EXPECT_EQ(Refused("rate_limit"), 1);
  EXPECT_EQ(Metric("gateway_rate_limited_total{by=\"client\",class=\"write\"}"), 1);
}

TEST_F(TrafficTest, LimitsWhatIsAskedForAStoreWhoeverAsks) {
  Backend backend({{kCall, Echo}});
  OpenBefore(backend, {{"rate-store-write", "0.001/2"}, {"access-log", "false"}});
  // For a store they do not act for the service refuses them; it costs that store nothing.
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(AskAs("wang", ForStore(kOtherStore)).status.ok());
  EXPECT_EQ(AskAs("wang", ForStore(kStore)).remaining, "1");
  EXPECT_EQ(AskAs("li", ForStore(kStore)).remaining, "0");
  const Answer refused = AskAs("zhao", ForStore(kStore));
  EXPECT_EQ(ReasonOf(refused.status), "RATE_LIMIT");
  EXPECT_NE(refused.retry_after, "");
  EXPECT_TRUE(AskAs("zhao", "no store").status.ok());
  EXPECT_EQ(Metric("gateway_rate_limited_total{by=\"store\",class=\"write\"}"), 1);
}

TEST_F(TrafficTest, TakesOtherRatesWhileItRuns) {
  Backend backend({{kCall, Echo}});
  Replace(directory_ + "/rates", "rate-client-write = 0.001/2  # a second call, not a third\n");
  OpenBefore(backend, {{"rates-file", directory_ + "/rates"}});
  EXPECT_EQ(AskAs("wang").remaining, "1");
  const auto reloads = [&](const std::string& outcome) {
    return Metric("gateway_config_reload_total{file=\"rates\",outcome=\"" + outcome + "\"}");
  };
  Replace(directory_ + "/rates", "rate-client-write = 0.001/2\nrate-store-write = 5/7\n");
  EXPECT_TRUE(Soon([&] { return reloads("applied") == 1; }));
  EXPECT_EQ(AskAs("wang").remaining, "0") << "a rate that stays keeps its buckets";
  EXPECT_EQ(AskAs("li", ForStore(kStore)).limit, "2") << "the scarcer of both";
  Replace(directory_ + "/rates", "rate-client-wriet = 50\n");
  EXPECT_TRUE(Soon([&] { return reloads("refused") == 1; }));
  EXPECT_EQ(ReasonOf(AskAs("wang").status), "RATE_LIMIT") << "a file that is wrong changes nothing";
  Replace(directory_ + "/rates", "");
  EXPECT_TRUE(Soon([&] { return reloads("applied") == 2; }));
  EXPECT_TRUE(AskAs("wang").status.ok());
}

TEST(RateLines, AreReadWithWhatIsWrongInThem) {
  const auto rates = ParseRateLines("# all of it\n\n rate-client-read=50/100\nrate-store-report = 1 # slow\n");
  ASSERT_TRUE(rates.ok()) << rates.status();
  EXPECT_EQ((*rates)[0][static_cast<size_t>(CallClass::kRead)].burst, 100);
  EXPECT_EQ((*rates)[1][static_cast<size_t>(CallClass::kReport)].per_second, 1);
  EXPECT_TRUE((*rates)[0][static_cast<size_t>(CallClass::kWrite)].unlimited());
  for (const char* wrong : {"rate-client-read", "rate-client-read = fast", "rate-client-all = 5",
                            "rate-store-read = 1\nrate-store-read = 2"}) {
    EXPECT_THAT(std::string(ParseRateLines(wrong).status().message()), testing::HasSubstr("line ")) << wrong;
  }
}

// ---------------------------------------------------------------- urgency

TEST_F(TrafficTest, KeepsPlacesForTheMoreUrgent) {
  google::protobuf::FileDescriptorSet files;
  AddPackage(kPackage, files);
  AddPackage(kOtherPackage, files);
  AddPackage(kUrgentPackage, files);
  const auto prioritise = [&](int package, options::Priority priority) {
    auto* call = files.mutable_file(package)->mutable_service(0)->mutable_method(0);
    call->mutable_options()->MutableExtension(options::traffic)->set_priority(priority);
  };
  prioritise(1, options::PRIORITY_DEFERRABLE);
  prioritise(2, options::PRIORITY_ESSENTIAL);
  std::ofstream(directory_ + "/test.binpb", std::ios::binary) << files.SerializeAsString();
  Gate gate;
  Backend normal({{kCall, gate.Hold()}});
  Backend reports({{kOtherCall, Echo}});
  Backend payments({{kUrgentCall, Echo}});
  chassis::config::Config config =
      Settings(absl::StrCat(kPackage, "=", normal.address(), ",", kOtherPackage, "=", reports.address(), ",",
                            kUrgentPackage, "=", payments.address()));
  config.Set("calls-max", "4");
  config.Set("share-deferrable", "50");
  config.Set("share-normal", "75");
  Open(config);
  EXPECT_TRUE(AskAs("wang", "x", kOtherCall).status.ok());
  std::vector<std::unique_ptr<ClientCall>> held;
  for (int i = 0; i < 3; ++i) {
    if (i == 2) {
      EXPECT_EQ(ReasonOf(AskAs("wang", "x", kOtherCall).status), "SHED") << "half of the places are taken";
    }
    held.push_back(std::make_unique<ClientCall>(channel_, kCall, WithToken({}, absl::StrCat("person-", i))));
    held.back()->Write("x");
    held.back()->WritesDone();
    gate.AwaitWaiting(i + 1);
  }
  const Answer shed = AskAs("li");
  EXPECT_EQ(shed.status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(shed.status), "SHED");
  EXPECT_TRUE(SaysWhenToRetry(shed.status));
  EXPECT_EQ(shed.retry_after, "1");
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(AskAs("cashier", "x", kUrgentCall).status.ok());
  EXPECT_EQ(Refused("shed"), 2);
  EXPECT_EQ(Metric("gateway_shed_total{priority=\"normal\"}"), 1);
  EXPECT_EQ(Metric("gateway_shed_total{priority=\"deferrable\"}"), 1);
  for (const auto& call : held) {
    call->Cancel();
    call->Finish();
  }
}

// ---------------------------------------------------------------- services that fail

TEST_F(TrafficTest, LeavesAHangingServiceAloneAndServesTheOthers) {
  Gate gate;
  Backend hangs({{kCall, gate.Hold()}});
  Backend quick({{kOtherCall, Echo}});
  chassis::config::Config config =
      Settings(absl::StrCat(kPackage, "=", hangs.address(), ",", kOtherPackage, "=", quick.address()));
  config.Set("deadline-max", "100ms");
  config.Set("breaker-failures", "3");
  config.Set("breaker-open", "1h");
  Open(config);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ReasonOf(AskAs("wang").status), "DEADLINE");
  for (int i = 0; i < 10; ++i) {
    const Answer refused = AskAs("wang");
    EXPECT_EQ(refused.status.error_code(), StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(refused.status), "CIRCUIT_OPEN");
    EXPECT_TRUE(SaysWhenToRetry(refused.status));
    EXPECT_TRUE(AskAs("wang", "x", kOtherCall).status.ok());
  }
  {
    absl::MutexLock lock(&gate.mutex);
    EXPECT_LE(gate.waiting, 3) << "it was left alone";
  }
  EXPECT_EQ(Refused("circuit_open"), 10);
  EXPECT_EQ(Metric("gateway_circuit_state{upstream=\"aftersales.test.v1\"}"), 2);
  EXPECT_EQ(Metric("gateway_circuit_state{upstream=\"aftersales.other.v1\"}"), 0);
  EXPECT_EQ(Metric("gateway_circuit_transitions_total{to=\"open\",upstream=\"aftersales.test.v1\"}"), 1);
}

TEST_F(TrafficTest, GoesBackToAServiceThatIsThereAgain) {
  auto backend = std::make_unique<Backend>(std::map<std::string, Backend::Script>{{kCall, Echo}});
  const int port = backend->port();
  OpenBefore(*backend, {{"breaker-failures", "3"}, {"breaker-open", "1ms"}});
  EXPECT_TRUE(Ask("x").status.ok());
  backend.reset();
  EXPECT_TRUE(Soon([&] {
    return !Ask("x").status.ok() &&
           Metric("gateway_circuit_transitions_total{to=\"open\",upstream=\"aftersales.test.v1\"}") > 0;
  }));
  Backend again({{kCall, Echo}}, port);
  EXPECT_TRUE(Soon([&] { return Ask("x").status.ok(); }));
  EXPECT_EQ(Metric("gateway_circuit_state{upstream=\"aftersales.test.v1\"}"), 0);
}

TEST_F(TrafficTest, TakesNeitherRefusalsNorAClientsHurryForAFailure) {
  int answered = 0;
  Gate gate;
  Backend backend({{kCall,
                    [&](BackendCall& call) -> Task {
                      call.stream.Read(&call.message, &call.read);
                      co_await call.read;
                      ++answered;
                      call.status = grpc::Status(StatusCode::UNAVAILABLE, "a peer of mine is away", "details");
                    }},
                   {kList, gate.Hold()}});
  OpenBefore(backend, {{"breaker-failures", "2"}, {"breaker-open", "1h"}});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Ask("x").status.error_message(), "a peer of mine is away");
  EXPECT_EQ(answered, 10);
  for (int i = 0; i < 5; ++i) {
    ClientCall hasty(channel_, kList, WithToken(), absl::Milliseconds(50));
    hasty.Write("x");
    hasty.WritesDone();
    EXPECT_EQ(hasty.Finish().error_code(), StatusCode::DEADLINE_EXCEEDED);
  }
  EXPECT_EQ(Ask("x").status.error_message(), "a peer of mine is away");
  EXPECT_EQ(Metric("gateway_circuit_state{upstream=\"aftersales.test.v1\"}"), 0);
}

// ---------------------------------------------------------------- where services are

TEST_F(TrafficTest, FollowsItsRoutesWhileCallsAreUnderWay) {
  absl::Notification began, go_on;
  Backend first({{kCall, [&](BackendCall& call) -> Task {
                    call.stream.Read(&call.message, &call.read);
                    co_await call.read;
                    if (Text(call.message) == "slow") {
                      began.Notify();
                      go_on.WaitForNotificationWithTimeout(kPatience);  // the lane is this backend's own
                    }
                    call.stream.Write(Bytes("first"), &call.written);
                    co_await call.written;
                  }}});
  Backend second({{kCall, Says("second")}});
  const std::string file = directory_ + "/upstreams";
  const auto routes = [&](const Backend& backend) {
    return absl::StrCat("# where\n", kPackage, " = ", backend.address(), "\n");
  };
  Replace(file, routes(first));
  chassis::config::Config config = Settings("");
  config.Set("upstreams-file", file);
  Open(config);
  EXPECT_EQ(AnswerOf(), "first");
  ClientCall slow(channel_, kCall, WithToken(), kPatience);
  slow.Write("slow");
  slow.WritesDone();
  ASSERT_TRUE(began.WaitForNotificationWithTimeout(kPatience));
  Replace(file, routes(second));
  EXPECT_TRUE(Soon([&] { return Metric("gateway_config_reload_total{file=\"upstreams\",outcome=\"applied\"}") == 1; }));
  EXPECT_EQ(AnswerOf(), "second");

  // What is wrong changes nothing, not even where it is right.
  Replace(file, routes(first) + "aftersales.nobody.v1 = 127.0.0.1:1\n");
  EXPECT_TRUE(Soon([&] { return Metric("gateway_config_reload_total{file=\"upstreams\",outcome=\"refused\"}") == 1; }));
  EXPECT_EQ(AnswerOf(), "second");
  Replace(file, "");
  EXPECT_TRUE(Soon([&] { return Metric("gateway_config_reload_total{file=\"upstreams\",outcome=\"refused\"}") == 2; }));
  EXPECT_EQ(AnswerOf(), "second");

  go_on.Notify();
  std::string answer;
  EXPECT_TRUE(slow.Read(&answer));
  EXPECT_EQ(answer, "first");
  EXPECT_TRUE(slow.Finish().ok());

  // A package that nobody serves any more, and its return.
  Replace(file, absl::StrCat(kOtherPackage, " = ", second.address(), "\n"));
  EXPECT_TRUE(Soon([&] { return AnswerOf() == "UNAVAILABLE"; }));
  Replace(file, routes(first));
  EXPECT_TRUE(Soon([&] { return AnswerOf() == "first"; }));
}

TEST_F(TrafficTest, AsksOnlyEndpointsThatAreReady) {
  std::atomic<int> calls[2] = {0, 0};
  Backend one({{kCall, Says("one", &calls[0])}});
  Backend two({{kCall, Says("two", &calls[1])}});
  Open(Settings(absl::StrCat(kPackage, "=ipv4:", one.address(), ",", two.address())));
  int failed = 0;
  const auto ask = [&] { failed += Ask("x").status.ok() ? 0 : 1; };
  EXPECT_TRUE(Soon([&] {
    ask();
    return calls[0] > 0 && calls[1] > 0;
  })) << "both are asked in turn";
  one.SetReady(false);
  EXPECT_TRUE(Soon([&] {
    const int before = calls[0];
    for (int i = 0; i < 20; ++i) ask();
    return calls[0] == before;
  })) << "one that drains is left out";
  const int before = calls[0];
  for (int i = 0; i < 100; ++i) ask();
  EXPECT_EQ(calls[0], before);
  one.SetReady(true);
  EXPECT_TRUE(Soon([&] {
    ask();
    return calls[0] > before;
  })) << "and asked again when it is back";
  two.Die();
  for (int i = 0; i < 50; ++i) ask();
  // A call that sets out in the very moment its connection breaks may fail; the client repeats it.
  EXPECT_LE(failed, 2);
}

TEST_F(TrafficTest, DoesNotStartOnSettingsThatMakeNoSense) {
  const auto why = [&](const Headers& settings) {
    chassis::config::Config config = Settings(absl::StrCat(kPackage, "=127.0.0.1:1"));
    for (const auto& [name, value] : settings) config.Set(name, value);
    Gateway gateway(config);
    return std::string(gateway.Start().message());
  };
  EXPECT_NE(why({{"rate-store-report", "many"}}).find("rate-store-report"), std::string::npos);
  EXPECT_NE(why({{"share-normal", "50"}}).find("share-normal"), std::string::npos) << "less than for reports";
  EXPECT_NE(why({{"share-deferrable", "0"}}).find("share-deferrable"), std::string::npos);
  EXPECT_NE(why({{"breaker-probes", "0"}}).find("breaker-probes"), std::string::npos);
  EXPECT_NE(why({{"upstreams-file", "/nowhere"}}).find("upstreams"), std::string::npos);
  EXPECT_NE(why({{"upstreams", ""}, {"upstreams-file", "/nowhere"}}).find("/nowhere"), std::string::npos);
  EXPECT_NE(why({{"issuers-file", "/nowhere"}}).find("issuers-file"), std::string::npos);
  EXPECT_NE(why({{"revoked-tokens-file", "/nowhere"}}).find("/nowhere"), std::string::npos);
  EXPECT_NE(why({{"machine-clients-file", "/nowhere"}}).find("own-key-file"), std::string::npos);
}

}  // namespace
}  // namespace gateway
