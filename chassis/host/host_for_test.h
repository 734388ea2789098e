// A host on a fresh schema with a clock and ids the test holds in its hand. Several worlds may share one schema: they
// are replicas of one service.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "chassis/events/change_feed.h"
#include "chassis/host/host.h"
#include "chassis/processes/process_driver.h"
#include "chassis/sql/pool.h"
#include "chassis/stores/stores.h"
#include "gtest/gtest.h"
#include "tests/harness/database.h"

namespace chassis {

// Answers calls with what the test says.
class PeersForTest : public Peers {
 public:
  using Answer = std::function<absl::Status(std::string_view method, const google::protobuf::Message& request,
                                            google::protobuf::Message& response)>;
  Answer answer = [](std::string_view, const google::protobuf::Message&, google::protobuf::Message&) {
    return absl::UnavailableError("no peer in this test");
  };

  absl::Status CallMessage(const PeerCallContext&, const google::protobuf::Message& request,
                           google::protobuf::Message& response) override {
    return answer(request.GetDescriptor()->full_name(), request, response);
  }
  absl::Status CallNamed(const PeerCallContext&, std::string_view method, const google::protobuf::Message& request,
                         google::protobuf::Message& response) override {
    return answer(method, request, response);
  }
};

class NumbersForTest : public Numbers {
 public:
  absl::StatusOr<std::string> Next(const std::string&, std::string_view kind, absl::Time) override {
    return "SH01-" + std::string(kind) + "-20261121-0001";
  }
};

// What replicas of one service share.
struct GroundForTest {
  std::unique_ptr<harness::Schema> schema = harness::FreshSchema("");
  ManualClock clock{absl::FromUnixSeconds(1795222800)};  // 2026-11-21 01:00 UTC
  SystemSleeper sleeper;
  CountingIds ids;
  std::unique_ptr<privacy::Cipher> cipher = privacy::CipherForTest();
};

struct WorldForTest {
  explicit WorldForTest(GroundForTest& on) : ground(on) { processes.AttachTo(host); }

  // Runs SQL behind the suite's back.
  int64_t Execute(std::string_view sql, const std::vector<sql::Value>& values = {}) {
    int64_t changed = 0;
    absl::Status status = pool->Transact(absl::InfiniteFuture(), [&](sql::Session& session) -> absl::Status {
      auto result = session.ExecuteValues(sql, values);
      if (result.ok()) changed = *result;
      return result.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return changed;
  }
  int64_t Count(std::string_view from_where) {
    int64_t count = -1;
    absl::Status status = pool->Read(absl::InfiniteFuture(), [&](sql::Session& session) -> absl::Status {
      auto rows = session.QueryValues("SELECT COUNT(*) AS n FROM " + std::string(from_where), {});
      if (rows.ok()) count = (*rows)[0].Int("n");
      return rows.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return count;
  }
  // Reads with a session.
  template <typename Body>
  auto With(Body&& body) -> decltype(body(std::declval<sql::Session&>())) {
    using Result = decltype(body(std::declval<sql::Session&>()));
    Result result = absl::InternalError("never ran");
    absl::Status status = pool->Read(absl::InfiniteFuture(), [&](sql::Session& session) {
      result = body(session);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return result;
  }
  absl::Status Work(const std::function<absl::Status(UnitOfWork&)>& body) {
    return host.CommitInBackground(kStore, "Test/Work", body);
  }

  inline static const std::string kStore = "11111111-1111-7111-8111-111111111111";
  inline static const std::string kOtherStore = "22222222-2222-7222-8222-222222222222";

  GroundForTest& ground;
  telemetry::Metrics metrics;
  std::unique_ptr<sql::Pool> pool = sql::MakePool(ground.schema->endpoint(), {}, ground.clock, ground.sleeper);
  PeersForTest peers;
  NumbersForTest numbers;
  std::unique_ptr<Stores> stores = MakeStores(*pool, *ground.cipher, ground.clock, nullptr);
  ChangeFeed feed{*pool, ground.clock, metrics};
  ProcessDriver processes;
  Host host{Host::Parts{.service_name = "test-svc",
                        .package = "aftersales.test.v1",
                        .clock = &ground.clock,
                        .ids = &ground.ids,
                        .sleeper = &ground.sleeper,
                        .pool = pool.get(),
                        .cipher = ground.cipher.get(),
                        .numbers = &numbers,
                        .stores = stores.get(),
                        .peers = &peers,
                        .processes = &processes,
                        .feed = &feed,
                        .metrics = &metrics}};
};

}  // namespace chassis
