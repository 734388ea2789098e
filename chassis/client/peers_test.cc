// A service asks another: who it says it is, what it passes on, what comes back, what is repeated.
#include "chassis/client/peers.h"

#include "chassis/server/shelf_for_test.h"
#include "tests/harness/server.h"

namespace chassis {
namespace {

class PeersTest : public Shelf {
 protected:
  void SetUp() override {
    Start();
    Connect(absl::StrCat("127.0.0.1:", service_->port()));
  }
  void Connect(const std::string& target) {
    auto peers = MakePeers(
        {"aftersales.shelf.v1=" + target, ""}, [this] { return As("suite_service", "*", "service:reading-svc").token; },
        clock_, sleeper_, metrics_);
    ASSERT_TRUE(peers.ok()) << peers.status();
    peers_ = *std::move(peers);
  }
  PeerCallContext Context() { return {clock_.Now() + absl::Seconds(10), "wang.wei", "en", ""}; }
  static shelf::MirrorRequest Request() {
    shelf::MirrorRequest request;
    request.set_store_id(kStore);
    return request;
  }
  double Count(const std::string& name, const std::string& method, const std::string& code = "") {
    std::map<std::string, std::string> labels = {
        {"grpc_type", "unary"}, {"grpc_service", "aftersales.shelf.v1.ShelfService"}, {"grpc_method", method}};
    if (!code.empty()) labels["grpc_code"] = code;
    return metrics_.Counter(name, "", labels).Value();
  }

  struct CountingSleeper : Sleeper {
    void Sleep(absl::Duration) override { ++count; }
    int count = 0;
  };
  SystemClock clock_;
  CountingSleeper sleeper_;
  telemetry::Metrics metrics_;
  std::unique_ptr<Peers> peers_;
};

TEST_F(PeersTest, SpeakForThemselvesOnBehalfOfThePerson) {
  const auto answer = peers_->Call<shelf::MirrorResponse>(Context(), Request());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->subject(), "service:reading-svc");
  EXPECT_EQ(answer->on_behalf_of(), "wang.wei");
  EXPECT_EQ(answer->language(), "en");
  EXPECT_LE(answer->remaining_ms(), 10000);
  EXPECT_EQ(Count("grpc_client_handled_total", "Mirror", "OK"), 1);
}

TEST_F(PeersTest, CanBeAskedByNameOfTheMethod) {
  shelf::MirrorResponse response;
  EXPECT_TRUE(peers_->CallNamed(Context(), "aftersales.shelf.v1.ShelfService/Mirror", Request(), response).ok());
  EXPECT_FALSE(peers_->CallNamed(Context(), "aftersales.shelf.v1.ShelfService/Nothing", Request(), response).ok());
}

TEST_F(PeersTest, ReturnThePeersRefusalAsItIs) {
  shelf::GetBookRequest request;
  request.set_store_id(kStore);
  request.set_book_id(kOtherStore);
  const auto answer = peers_->Call<shelf::Book>(Context(), request);
  EXPECT_TRUE(IsRefusal(answer.status(), common::ERROR_REASON_NOT_FOUND)) << answer.status();
  EXPECT_EQ(RefusalIn(answer.status()).arguments().at("id"), kOtherStore);
}

TEST_F(PeersTest, DoNotBlameOurCallerForOurOwnRights) {
  shelf::ListBooksRequest request;
  request.set_store_id(kStore);
  const auto answer = peers_->Call<shelf::ListBooksResponse>(Context(), request);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInternal) << answer.status();
}

TEST_F(PeersTest, AreNotAskedWhenTheDeadlineHasPassed) {
  PeerCallContext context = Context();
  context.deadline = clock_.Now();
  EXPECT_TRUE(
      IsRefusal(peers_->Call<shelf::MirrorResponse>(context, Request()).status(), common::ERROR_REASON_DEADLINE));
  EXPECT_EQ(Count("grpc_client_started_total", "Mirror"), 0);
}

TEST_F(PeersTest, AreAskedAgainAFewTimesWhenUnreachable) {
  Connect(absl::StrCat("127.0.0.1:", harness::FreePort()));
  const auto answer = peers_->Call<shelf::MirrorResponse>(Context(), Request());
  EXPECT_TRUE(IsRefusal(answer.status(), common::ERROR_REASON_UNAVAILABLE)) << answer.status();
  EXPECT_EQ(RefusalIn(answer.status()).arguments().at("what"), "shelf-svc");
  EXPECT_EQ(Count("grpc_client_retried_total", "Mirror"), 2);
  EXPECT_EQ(sleeper_.count, 2);
}

TEST_F(PeersTest, MayHaveSeveralEndpointsOfWhichOneIsEnough) {
  Connect(absl::StrCat("ipv4:127.0.0.1:", harness::FreePort(), ", 127.0.0.1:", service_->port()));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(peers_->Call<shelf::MirrorResponse>(Context(), Request()).ok());
  EXPECT_EQ(Count("grpc_client_retried_total", "Mirror"), 0);
}

TEST_F(PeersTest, GetNoNewCallsWhileTheyDrain) {
  ASSERT_TRUE(peers_->Call<shelf::MirrorResponse>(Context(), Request()).ok());
  service_->Drain();  // its server takes calls still
  const absl::Time end = absl::Now() + absl::Seconds(20);
  absl::Status status;
  while (status.ok() && absl::Now() < end) {
    status = peers_->Call<shelf::MirrorResponse>(Context(), Request()).status();
  }
  EXPECT_TRUE(IsRefusal(status, common::ERROR_REASON_UNAVAILABLE)) << status;
}

TEST_F(PeersTest, AreSparedWhenTheRetryBudgetIsSpent) {
  Connect(absl::StrCat("127.0.0.1:", harness::FreePort()));
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(peers_->Call<shelf::MirrorResponse>(Context(), Request()).ok());
  EXPECT_LE(Count("grpc_client_retried_total", "Mirror"), 25) << "20 in the bank, and a tenth of the calls";
}

TEST_F(PeersTest, ThatNobodyConfiguredAreADefectOfOurs) {
  auto none = MakePeers(
      {"", ""}, [] { return ""; }, clock_, sleeper_, metrics_);
  ASSERT_TRUE(none.ok());
  EXPECT_EQ((*none)->Call<shelf::MirrorResponse>(Context(), Request()).status().code(), absl::StatusCode::kInternal);
  for (const char* wrong : {"aftersales.shelf.v1", "=127.0.0.1:1", "aftersales.shelf.v1=",
                            "aftersales.shelf.v1=127.0.0.1:1,aftersales.shelf.v1=127.0.0.1:2"}) {
    EXPECT_FALSE(MakePeers(
                     {wrong, ""}, [] { return ""; }, clock_, sleeper_, metrics_)
                     .ok())
        << wrong;
  }
}

}  // namespace
}  // namespace chassis
