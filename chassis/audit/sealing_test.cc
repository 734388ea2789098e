// The chain must show every kind of tampering, and must not cry wolf.
#include "chassis/audit/sealing.h"

#include "chassis/audit/command_log.h"
#include "chassis/host/host_for_test.h"
#include "gmock/gmock.h"

namespace chassis::audit {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Sealing : public testing::Test {
 protected:
  void Command(const std::string& store, const std::string& reason) {
    ASSERT_TRUE(world.host
                    .CommitInBackground(store, "Test/Work",
                                        [&](UnitOfWork& work) {
                                          work.Because(reason);
                                          work.Record({"part", "p-1", "", R"({"stock":1})"});
                                          return absl::OkStatus();
                                        })
                    .ok());
  }
  int64_t Seal() {
    ground.clock.Advance(kSettleTime + absl::Seconds(1));
    auto sealed = SealOnce(world.host);
    EXPECT_TRUE(sealed.ok()) << sealed.status();
    return sealed.value_or(-1);
  }
  std::vector<std::string> Differences(const std::string& store = WorldForTest::kStore) {
    auto check = world.With([&](sql::Session& session) { return VerifyChain(session, store); });
    EXPECT_TRUE(check.ok()) << check.status();
    return {check->differences().begin(), check->differences().end()};
  }
  // Two seals of three and two commands, and one open command.
  void ThreeBatches() {
    for (int i = 0; i < 3; ++i) Command(WorldForTest::kStore, absl::StrCat("a", i));
    ASSERT_EQ(Seal(), 3);
    for (int i = 0; i < 2; ++i) Command(WorldForTest::kStore, absl::StrCat("b", i));
    ASSERT_EQ(Seal(), 2);
    Command(WorldForTest::kStore, "open");
    ASSERT_THAT(Differences(), IsEmpty());
  }

  GroundForTest ground;
  WorldForTest world{ground};
};

TEST_F(Sealing, SealsEachStoreOnItsOwn) {
  Command(WorldForTest::kStore, "a");
  Command(WorldForTest::kOtherStore, "b");
  EXPECT_EQ(Seal(), 2);
  EXPECT_EQ(world.Count("audit_seal WHERE seal_number = 1"), 2);
  EXPECT_EQ(Seal(), 0);
  EXPECT_THAT(Differences(), IsEmpty());
  EXPECT_THAT(Differences(WorldForTest::kOtherStore), IsEmpty());
}

TEST_F(Sealing, NamesAnEditedCommand) {
  ThreeBatches();
  world.Execute("UPDATE command_log SET reason = 'nothing to see' WHERE reason = 'a1'");
  EXPECT_THAT(Differences(), ElementsAre(testing::AllOf(HasSubstr("command "), HasSubstr("was edited"))));
}

TEST_F(Sealing, NamesAnEditedOpenCommand) {
  ThreeBatches();
  world.Execute("UPDATE command_log SET actor = 'somebody else' WHERE reason = 'open'");
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("was edited")));
}

TEST_F(Sealing, NamesTheSealOfARemovedCommand) {
  ThreeBatches();
  world.Execute("DELETE FROM command_log WHERE reason = 'a1'");
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("seal 1 ")));
}

TEST_F(Sealing, NamesTheSealOfAnEditWithAFreshDigest) {
  ThreeBatches();
  // The forger knows how row digests are made.
  world.Execute("UPDATE command_log SET reason = 'forged' WHERE reason = 'b0'");
  auto digest = world.With([&](sql::Session& session) -> absl::StatusOr<std::string> {
    auto rows =
        session.Query(absl::StrCat("SELECT ", CommandLog::kDigestColumns, " FROM command_log WHERE reason = 'forged'"));
    if (!rows.ok()) return rows.status();
    return CommandLog::RowDigest((*rows)[0]);
  });
  world.Execute("UPDATE command_log SET row_digest = ? WHERE reason = 'forged'", {sql::Bytes{*digest}});
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("seal 2 ")));
}

TEST_F(Sealing, NoticesAMissingSeal) {
  ThreeBatches();
  world.Execute("DELETE FROM audit_seal WHERE seal_number = 1");
  EXPECT_THAT(Differences(), testing::Contains(HasSubstr("seal 1 was removed")));
}

TEST_F(Sealing, NoticesACutOffEnd) {
  ThreeBatches();
  world.Execute("DELETE FROM audit_seal WHERE seal_number = 2");
  EXPECT_THAT(Differences(), ElementsAre(HasSubstr("names seal 2"), HasSubstr("names seal 2")));
}

TEST_F(Sealing, DoesNotCountThePurgedReply) {
  ThreeBatches();
  world.Execute("UPDATE command_log SET reply = NULL");
  EXPECT_THAT(Differences(), IsEmpty());
}

TEST_F(Sealing, ListsEntriesNewestFirstInPages) {
  ThreeBatches();
  std::vector<std::string> reasons;
  std::string token;
  do {
    aftersales::common::v1::ListAuditEntriesResponse page;
    auto status = world.With([&](sql::Session& session) -> absl::StatusOr<bool> {
      auto listed = CommandLog::List(session, WorldForTest::kStore, 4, token, page);
      if (!listed.ok()) return listed;
      return true;
    });
    ASSERT_TRUE(status.ok()) << status.status();
    for (const auto& entry : page.audit_entries()) reasons.push_back(entry.reason());
    EXPECT_EQ(page.audit_entries(0).changes(0).after_json(), R"({"stock":1})");
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(reasons, ElementsAre("open", "b1", "b0", "a2", "a1", "a0"));
}

}  // namespace
}  // namespace chassis::audit
