// One command, one transaction: what must hold when commands are repeated, race each other or fail.
#include <atomic>
#include <thread>

#include "aftersales/common/v1/event.pb.h"
#include "chassis/audit/command_log.h"
#include "chassis/audit/sealing.h"
#include "chassis/host/host_for_test.h"
#include "gmock/gmock.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr char kDocument[] = "33333333-3333-7333-8333-333333333333";

class Commit : public testing::Test {
 protected:
  Command ACommand(const std::string& digest = std::string(32, 'd')) {
    return {.store_id = WorldForTest::kStore,
            .actor = {.subject = "adviser-1", .on_behalf_of = "", .client = "10.0.0.9"},
            .method = "/aftersales.test.v1.OrderService/SignOrder",
            .request_id = "aaaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa",
            .request_digest = digest};
  }
  static v1::Duty ADuty() {
    v1::Duty duty;
    duty.set_kind("greeting");
    duty.set_handbook("R-10");
    duty.set_subject_kind("visit");
    duty.set_subject_id(kDocument);
    duty.set_assignee_role(aftersales::options::v1::ROLE_SERVICE_ADVISER);
    *duty.mutable_due_time() = ToProto(absl::FromUnixSeconds(1795222810));
    return duty;
  }
  static v1::DutyEscalated AFact() {
    v1::DutyEscalated fact;
    fact.set_duty_id(kDocument);
    return fact;
  }

  GroundForTest ground;
  WorldForTest world{ground};
};

TEST_F(Commit, WritesLogEventAndDutyTogether) {
  auto reply =
      world.host.Commit(ACommand(), absl::InfiniteFuture(), [](UnitOfWork& work) -> absl::StatusOr<std::string> {
        work.Because("customer asked");
        work.Record({"repair_order", kDocument, R"({"state":"DRAFT"})", R"({"state":"SIGNED"})"});
        work.Publish(AFact(), {"order", kDocument, 2});
        work.Owe(ADuty());
        return std::string("answer");
      });
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(*reply, "answer");
  EXPECT_EQ(world.Count("command_log WHERE reason = 'customer asked' AND client = '10.0.0.9'"), 1);
  EXPECT_EQ(world.Count("outbox WHERE type = 'DutyEscalated' AND document_version = 2"), 1);
  EXPECT_EQ(world.Count("duty WHERE state = 'OPEN' AND kind = 'greeting'"), 1);
}

TEST_F(Commit, LeavesNothingWhenTheBodyRefuses) {
  auto reply =
      world.host.Commit(ACommand(), absl::InfiniteFuture(), [](UnitOfWork& work) -> absl::StatusOr<std::string> {
        work.Publish(AFact(), {"order", kDocument, 2});
        work.Owe(ADuty());
        return NotFound("order", kDocument);
      });
  EXPECT_TRUE(IsRefusal(reply.status(), v1::ERROR_REASON_NOT_FOUND)) << reply.status();
  EXPECT_EQ(world.Count("command_log"), 0);
  EXPECT_EQ(world.Count("outbox"), 0);
  EXPECT_EQ(world.Count("duty"), 0);
}

TEST_F(Commit, GivesTheFirstAnswerToARepeatWithoutDoingItAgain) {
  int runs = 0;
  const auto body = [&](UnitOfWork& work) -> absl::StatusOr<std::string> {
    if (++runs > 1) return NotFound("order", kDocument);  // as a rule refuses what is done already
    work.Publish(AFact(), {"order", kDocument, 2});
    return std::string("first");
  };
  ASSERT_EQ(*world.host.Commit(ACommand(), absl::InfiniteFuture(), body), "first");
  EXPECT_EQ(*world.host.Commit(ACommand(), absl::InfiniteFuture(), body), "first");
  EXPECT_EQ(*world.host.StoredReply(ACommand(), absl::InfiniteFuture()), "first");
  EXPECT_EQ(world.Count("outbox"), 1);
}

TEST_F(Commit, RefusesARequestIdUsedForOtherContent) {
  const auto body = [](UnitOfWork&) -> absl::StatusOr<std::string> { return std::string("first"); };
  ASSERT_TRUE(world.host.Commit(ACommand(), absl::InfiniteFuture(), body).ok());
  const Command other = ACommand(std::string(32, 'x'));
  EXPECT_TRUE(
      IsRefusal(world.host.Commit(other, absl::InfiniteFuture(), body).status(), v1::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_TRUE(
      IsRefusal(world.host.StoredReply(other, absl::InfiniteFuture()).status(), v1::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(Commit, HasOneEffectWhenTwinsRunAtOnce) {
  std::atomic<int> serial = 0;
  std::vector<std::thread> callers;
  std::vector<std::string> replies(16);
  for (std::string& reply : replies) {
    callers.emplace_back([&] {
      auto answer =
          world.host.Commit(ACommand(), absl::InfiniteFuture(), [&](UnitOfWork& work) -> absl::StatusOr<std::string> {
            work.Publish(AFact(), {"order", kDocument, 2});
            return absl::StrCat("answer ", ++serial);
          });
      reply = answer.ok() ? *answer : answer.status().ToString();
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (const std::string& reply : replies) EXPECT_EQ(reply, replies[0]);
  EXPECT_EQ(world.Count("command_log"), 1);
  EXPECT_EQ(world.Count("outbox"), 1);
}

TEST_F(Commit, TellsARepeatFromAFirstTime) {
  const auto body = [](UnitOfWork&) -> absl::StatusOr<std::string> { return std::string("first"); };
  bool repeated = false;
  ASSERT_TRUE(world.host.Commit(ACommand(), absl::InfiniteFuture(), body, &repeated).ok());
  EXPECT_FALSE(repeated);
  ASSERT_TRUE(world.host.Commit(ACommand(), absl::InfiniteFuture(), body, &repeated).ok());
  EXPECT_TRUE(repeated);
}

TEST_F(Commit, LooksForTheRequestIdOnlyWhenItMeetsAKnownOne) {
  const int64_t before = world.pool->Statistics().statements_total;
  ASSERT_TRUE(world.host
                  .Commit(ACommand(), absl::InfiniteFuture(),
                          [](UnitOfWork&) -> absl::StatusOr<std::string> { return std::string("first"); })
                  .ok());
  EXPECT_EQ(world.pool->Statistics().statements_total - before, 1) << "the log entry";
}

// Handbook: G-07
TEST_F(Commit, ClearsOldRepliesAndKeepsTheChainOfTheirEntries) {
  const auto body = [](UnitOfWork& work) -> absl::StatusOr<std::string> {
    work.Publish(AFact(), {"order", kDocument, 2});
    return std::string("first");
  };
  ASSERT_TRUE(world.host.Commit(ACommand(), absl::InfiniteFuture(), body).ok());
  ground.clock.Advance(absl::Hours(24));
  ASSERT_TRUE(world.Work([&](UnitOfWork& work) { return body(work).status(); }).ok());
  ASSERT_TRUE(audit::SealOnce(world.host).ok());
  world.Execute(
      "INSERT INTO store (store_id, version, code, display_name, time_zone, currency_code, settings) VALUES (?, 1, "
      "'SH01', '', 'UTC', 'CNY', '{}')",
      {sql::ToValue(sql::Uuid{WorldForTest::kStore})});
  EXPECT_EQ(*CommandLog::PurgeReplies(world.host, absl::UnixEpoch(), 100), 0) << "none is as old as that";
  EXPECT_EQ(world.Count("command_log WHERE reply IS NOT NULL"), 1);
  EXPECT_EQ(*CommandLog::PurgeReplies(world.host, ground.clock.Now(), 1), 1);
  EXPECT_EQ(*CommandLog::PurgeReplies(world.host, ground.clock.Now(), 100), 1);
  EXPECT_EQ(*CommandLog::PurgeReplies(world.host, ground.clock.Now(), 100), 0) << "each entry is passed once";
  EXPECT_EQ(world.Count("command_log"), 2);
  EXPECT_EQ(world.Count("command_log WHERE reply IS NOT NULL"), 0);
  // It is known for ever that the id was used.
  EXPECT_TRUE(IsRefusal(world.host.Commit(ACommand(), absl::InfiniteFuture(), body).status(),
                        v1::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_EQ(world.Count("outbox"), 2);
  const auto chain =
      world.With([](sql::Session& session) { return audit::VerifyChain(session, WorldForTest::kStore); });
  EXPECT_EQ(chain->difference_count(), 0);
}

TEST_F(Commit, LeavesNoEntryForBackgroundWorkThatChangedNothing) {
  ASSERT_TRUE(world.Work([](UnitOfWork&) { return absl::OkStatus(); }).ok());
  EXPECT_EQ(world.Count("command_log"), 0);
}

TEST_F(Commit, RefusesAnEventThatHoldsPersonalData) {
  absl::Status status = world.Work([](UnitOfWork& work) {
    v1::Signature signature;
    signature.set_signer_name("张三");
    work.Publish(signature, {"order", kDocument, 1});
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(world.Count("outbox"), 0);
}

TEST_F(Commit, RefusesADutyNobodyOwes) {
  absl::Status status = world.Work([](UnitOfWork& work) {
    v1::Duty duty = ADuty();
    duty.clear_assignee_role();
    work.Owe(duty);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
}

TEST_F(Commit, RecordsEveryUnmaskedRead) {
  ASSERT_TRUE(world.host.RecordUnmaskedRead("agent-7", WorldForTest::kStore, "/x/GetCustomer", "10.0.0.9").ok());
  EXPECT_EQ(
      world.Count("command_log WHERE actor = 'agent-7' AND reason = 'unmasked read' AND method = '/x/GetCustomer'"), 1);
}

TEST_F(Commit, RecordsUnmaskedReadsThatComeAtOnce) {
  std::vector<std::thread> readers;
  std::atomic<int> recorded = 0;
  for (int i = 0; i < 32; ++i) {
    readers.emplace_back([&, i] {
      for (int read = 0; read < 4; ++read) {
        recorded += world.host.RecordUnmaskedRead(absl::StrCat("agent-", i), WorldForTest::kStore, "/x/Get", "").ok();
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(recorded, 128);
  EXPECT_EQ(world.Count("command_log WHERE reason = 'unmasked read'"), 128);
}

TEST_F(Commit, CommitsSharesTogetherOrNotAtAll) {
  const Command command{.store_id = WorldForTest::kStore,
                        .actor = world.host.Self(),
                        .method = "intake/X",
                        .request_id = "",
                        .request_digest = ""};
  const auto publish = [](UnitOfWork& work) {
    work.Publish(AFact(), {"order", kDocument, 2});
    return absl::OkStatus();
  };
  const auto fail = [](UnitOfWork&) { return absl::Status(NotFound("order", kDocument)); };
  EXPECT_FALSE(world.host.CommitTogether(absl::InfiniteFuture(), nullptr, {{command, publish}, {command, fail}}).ok());
  EXPECT_EQ(world.Count("outbox"), 0);
  EXPECT_TRUE(
      world.host.CommitTogether(absl::InfiniteFuture(), nullptr, {{command, publish}, {command, publish}}).ok());
  EXPECT_EQ(world.Count("outbox"), 2);
  EXPECT_EQ(world.Count("command_log"), 2);
}

}  // namespace
}  // namespace chassis
