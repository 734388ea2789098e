// An upgrade by day: every service and the gateway run twice and are restarted one after another while people work.
// Clients do what docs/api.md tells them: they repeat what was UNAVAILABLE with the same request_id. Nothing fails for
// them in the end, and nothing happens twice.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "aftersales/crm/v1/customer.pb.h"
#include "aftersales/parts/v1/catalogue.pb.h"
#include "aftersales/reception/v1/store.pb.h"
#include "tests/demo/opening.h"
#include "tests/demo/suite_stage.h"
#include "tests/harness/processes.h"
#include "tests/harness/server.h"
#include "tests/harness/suite.h"

namespace {

namespace common = aftersales::common::v1;
namespace crm = aftersales::crm::v1;
namespace parts = aftersales::parts::v1;
namespace reception = aftersales::reception::v1;

constexpr int kClients = 6;
// A client's own patience with one piece of work; far more than a restart takes.
constexpr int kAttemptsMax = 40;
// What every client gets done before the next process is restarted.
constexpr int64_t kRoundsBetween = 8;

class RollingRestart : public ::testing::Test {
 protected:
  RollingRestart()
      : suite_("", "", harness::Replicas::kTwo),
        time_(suite_),
        stage_(suite_.door(), suite_.issuer(), time_, narrator_) {
    const auto stores = demo::OpenStores(stage_, harness::SourceDirectory() + "/tests/data");
    store_ = stores.at("SH01");
    const demo::Cast cast(store_);
    agent_token_ = stage_.TokenOf(cast.agent);
    clerk_token_ = stage_.TokenOf(cast.clerk);
    manager_token_ = stage_.TokenOf(demo::GroupManager());
  }

  // One person at work: a customer is created and read, the store and its parts are looked at.
  void Work(int client) {
    const chassis::SystemClock clock;
    chassis::RandomIds ids(clock);
    for (int64_t round = 0; !stop_; ++round) {
      crm::CreateCustomerRequest create;
      create.set_store_id(store_.store_id());
      create.set_request_id(ids.NewId());
      create.mutable_customer()->set_kind(crm::Customer::KIND_COMPANY);
      create.mutable_customer()->set_name("车队");
      create.mutable_customer()->set_phone(absl::StrFormat("139%02d%06d", client, round));
      const auto created = Done<crm::Customer>(agent_token_, create);
      if (!created.has_value()) return;
      ++created_;
      crm::GetCustomerRequest get;
      get.set_store_id(store_.store_id());
      get.set_customer_id(created->customer_id());
      const auto got = Done<crm::Customer>(agent_token_, get);
      if (!got.has_value()) return;
      if (got->customer_id() != created->customer_id()) Fail("another customer came back");
      reception::ListStoresRequest stores;
      if (!Done<reception::ListStoresResponse>(manager_token_, stores).has_value()) return;
      parts::ListPartsRequest list;
      list.set_store_id(store_.store_id());
      list.set_page_size(5);
      if (!Done<parts::ListPartsResponse>(clerk_token_, list).has_value()) return;
      ++rounds_[client];
    }
  }

  // Repeats as a client should: the same request, and so the same request_id.
  template <typename Response, typename Request>
  std::optional<Response> Done(const std::string& token, const Request& request) {
    absl::Status last;
    const std::string name = absl::StrCat("work-", ++named_);
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
      if (attempt > 0) {
        ++repeated_;
        harness::WaitFor(absl::Milliseconds(50));
      }
      absl::StatusOr<Response> response = suite_.door().Call<Response>({.token = token, .request_name = name}, request);
      if (response.ok()) return *std::move(response);
      last = response.status();
      if (!absl::IsUnavailable(last)) break;
    }
    Fail(absl::StrCat(Request::descriptor()->name(), ": ", last.ToString(), LoggedOf(name)));
    return std::nullopt;
  }
  // What the processes say about a call, each line after the name of who wrote it.
  std::string LoggedOf(const std::string& request_name) {
    std::string lines;
    for (const char* name : {"gateway", "gateway-2", "crm", "crm-2", "reception", "reception-2", "parts", "parts-2"}) {
      for (const absl::string_view line : absl::StrSplit(suite_.LogOf(name), '\n')) {
        if (absl::StrContains(line, absl::StrCat("\"", request_name, "\""))) {
          absl::StrAppend(&lines, "\n", name, ": ", line);
        }
      }
    }
    return lines.empty() ? "\nno process has heard of it" : lines;
  }
  void Fail(const std::string& what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    failures_.push_back(what);
    stop_ = true;
  }
  std::string Failures() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return failures_.empty() ? "" : absl::StrCat(failures_.size(), " failed, first: ", failures_.front());
  }
  // Every client has done some more work from end to end.
  void AwaitWork() {
    std::vector<int64_t> before(std::begin(rounds_), std::end(rounds_));
    for (int client = 0; client < kClients; ++client) {
      while (rounds_[client] < before[client] + kRoundsBetween && !stop_) harness::WaitFor(absl::Milliseconds(10));
    }
  }
  int64_t Count(const std::string& service, const std::string& what) {
    int64_t count = -1;
    const std::string id = absl::StrReplaceAll(store_.store_id(), {{"-", ""}});
    const absl::Status read =
        suite_.Database(service).Read(absl::Now() + absl::Seconds(10), [&](chassis::sql::Session& session) {
          auto rows = session.Query(absl::StrCat("SELECT COUNT(*) AS n FROM ", what, " WHERE store_id = 0x", id));
          if (rows.ok()) count = (*rows)[0].Int("n");
          return rows.status();
        });
    EXPECT_TRUE(read.ok()) << read;
    return count;
  }

  harness::Suite suite_;
  demo::SuiteTime time_;
  demo::Quiet narrator_;
  demo::Stage stage_;
  common::Store store_;
  std::string agent_token_, clerk_token_, manager_token_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> created_{0};
  std::atomic<int64_t> repeated_{0};
  std::atomic<int64_t> named_{0};
  std::array<std::atomic<int64_t>, kClients> rounds_{};
  std::mutex mutex_;
  std::vector<std::string> failures_;
};

// Handbook: G-07
TEST_F(RollingRestart, FailsNoCallAndDoublesNoChange) {
  const int64_t before = Count("crm", "customer");
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) clients.emplace_back([this, i] { Work(i); });
  AwaitWork();
  for (const char* service : {"crm", "reception", "parts", "gateway"}) {
    for (const char* replica : {"", "-2"}) {
      if (stop_) break;
      suite_.Restart(absl::StrCat(service, replica));
      AwaitWork();
    }
  }
  stop_ = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(Failures(), "");
  EXPECT_EQ(Count("crm", "customer"), before + created_) << "one per request, none lost and none twice";
  EXPECT_GE(created_, 9 * kClients * kRoundsBetween);
  RecordProperty("created", static_cast<int>(created_));
  RecordProperty("repeated", static_cast<int>(repeated_));
}

// kill -9 leaves no time to drain: calls under way end, their clients repeat, and still nothing is doubled.
TEST_F(RollingRestart, SurvivesProcessesThatAreKilled) {
  const int64_t before = Count("crm", "customer");
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) clients.emplace_back([this, i] { Work(i); });
  AwaitWork();
  for (const char* name : {"crm", "gateway", "crm-2", "gateway-2"}) {
    if (stop_) break;
    suite_.Kill(name);
    AwaitWork();  // the other one does it all
    suite_.Start(name);
    AwaitWork();
  }
  stop_ = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(Failures(), "");
  EXPECT_EQ(Count("crm", "customer"), before + created_);
}

}  // namespace
