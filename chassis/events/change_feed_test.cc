// Every event once, in order per document, readable from any position.
#include "chassis/events/change_feed.h"

#include <thread>

#include "chassis/host/host_for_test.h"
#include "gmock/gmock.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kDocument[] = "33333333-3333-7333-8333-333333333333";
constexpr char kOther[] = "44444444-4444-7444-8444-444444444444";

class Feed : public testing::Test {
 protected:
  void Publish(const std::string& document, int64_t version, const std::string& store = WorldForTest::kStore) {
    ASSERT_TRUE(world.host
                    .CommitInBackground(store, "Test/Work",
                                        [&](UnitOfWork& work) {
                                          v1::DutyEscalated fact;
                                          fact.set_duty_id(document);
                                          work.Publish(fact, {"order", document, version});
                                          return absl::OkStatus();
                                        })
                    .ok());
  }
  int64_t Relay() {
    auto relayed = world.feed.Relay();
    EXPECT_TRUE(relayed.ok()) << relayed.status();
    return relayed.value_or(-1);
  }
  ChangeFeed::Page Read(const ChangeFeed::Filter& filter, int64_t after, int64_t limit = 100) {
    auto page = world.feed.Read(filter, after, limit);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.value_or(ChangeFeed::Page{});
  }
  static std::vector<int64_t> Versions(const ChangeFeed::Page& page) {
    std::vector<int64_t> versions;
    for (const v1::Event& event : page.events) versions.push_back(event.document_version());
    return versions;
  }
  static std::vector<int64_t> Positions(const ChangeFeed::Page& page) {
    std::vector<int64_t> positions;
    for (const v1::Event& event : page.events) positions.push_back(event.position());
    return positions;
  }
  std::vector<std::string> Differences() {
    return *world.With([](sql::Session& session) {
      int64_t count = 0;
      return ChangeFeed::Differences(session, count);
    });
  }

  GroundForTest ground;
  WorldForTest world{ground};
};

TEST_F(Feed, GivesConsecutivePositions) {
  for (int version = 1; version <= 3; ++version) Publish(kDocument, version);
  EXPECT_THAT(Read({}, 0).events, IsEmpty());
  EXPECT_EQ(Relay(), 3);
  EXPECT_EQ(Relay(), 0);
  Publish(kDocument, 4);
  EXPECT_EQ(Relay(), 1);
  EXPECT_THAT(Positions(Read({}, 0)), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Positions(Read({}, 2)), ElementsAre(3, 4));
  EXPECT_THAT(Differences(), IsEmpty());
}

TEST_F(Feed, KeepsTheOrderOfVersionsWhateverTheIdsSay) {
  Publish(kDocument, 2);  // a replica with a slow clock made an earlier id for the later version
  Publish(kOther, 7);
  Publish(kDocument, 1);
  ASSERT_EQ(Relay(), 3);
  EXPECT_THAT(Versions(Read({}, 0)), ElementsAre(1, 7, 2));
}

TEST_F(Feed, KeepsTheOrderOfVersionsAcrossBatches) {
  Publish(kDocument, 1001);
  ASSERT_TRUE(world
                  .Work([](UnitOfWork& work) {
                    for (int i = 0; i < 1300; ++i) {
                      v1::DutyEscalated fact;
                      work.Publish(fact, {"order", kOther, i});
                    }
                    return absl::OkStatus();
                  })
                  .ok());
  Publish(kDocument, 1000);
  int64_t relayed = 0;
  while (int64_t batch = Relay()) relayed += batch;
  EXPECT_EQ(relayed, 1302);
  std::map<std::string, int64_t> last;
  int64_t after = 0;
  for (ChangeFeed::Page page = Read({}, 0, 500); !page.events.empty(); page = Read({}, after, 500)) {
    for (const v1::Event& event : page.events) {
      auto [at, first] = last.try_emplace(event.document_id(), event.document_version());
      if (!first) {
        EXPECT_LT(at->second, event.document_version());
        at->second = event.document_version();
      }
    }
    after = page.position;
  }
  EXPECT_EQ(after, 1302);
  EXPECT_THAT(Differences(), IsEmpty());
}

TEST_F(Feed, FiltersByStoreAndType) {
  Publish(kDocument, 1);
  Publish(kDocument, 2, WorldForTest::kOtherStore);
  ASSERT_EQ(Relay(), 2);
  EXPECT_THAT(Versions(Read({.store_id = WorldForTest::kOtherStore, .types = {}}, 0)), ElementsAre(2));
  EXPECT_THAT(Versions(Read({.store_id = "", .types = {"DutyEscalated"}}, 0)), ElementsAre(1, 2));
  const ChangeFeed::Page none = Read({.store_id = "", .types = {"SomethingElse"}}, 0);
  EXPECT_THAT(none.events, IsEmpty());
  EXPECT_EQ(none.position, 2);
}

TEST_F(Feed, ReadsPagesThatFitTogether) {
  for (int version = 1; version <= 5; ++version) Publish(kDocument, version);
  ASSERT_EQ(Relay(), 5);
  const ChangeFeed::Page first = Read({}, 0, 2);
  EXPECT_THAT(Versions(first), ElementsAre(1, 2));
  EXPECT_THAT(Versions(Read({}, first.position, 2)), ElementsAre(3, 4));
}

TEST_F(Feed, WakesWhoWaits) {
  absl::StatusOr<ChangeFeed::Page> page;
  std::thread reader([&] { page = world.feed.ReadOrWait({}, 0, 10, absl::Seconds(60), [] { return false; }); });
  Publish(kDocument, 1);
  ASSERT_EQ(Relay(), 1);
  reader.join();
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(Versions(*page), ElementsAre(1));
}

TEST_F(Feed, LetsReplicasRelayAtOnce) {
  WorldForTest replica{ground};
  for (int version = 1; version <= 40; ++version) Publish(kDocument, version);
  std::thread other([&] {
    while (replica.feed.Relay().value_or(0) > 0) {
    }
  });
  while (Relay() > 0) {
  }
  other.join();
  EXPECT_THAT(Positions(Read({}, 0)), testing::SizeIs(40));
  EXPECT_THAT(Differences(), IsEmpty());
}

TEST_F(Feed, ShowsARemovedEvent) {
  for (int version = 1; version <= 3; ++version) Publish(kDocument, version);
  ASSERT_EQ(Relay(), 3);
  world.Execute("DELETE FROM outbox WHERE feed_position = 2");
  EXPECT_THAT(Differences(), testing::SizeIs(1));
}

}  // namespace
}  // namespace chassis
