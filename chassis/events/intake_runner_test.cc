// Each event of another service takes effect once, whatever crashes, races or fails in between.
#include "chassis/events/intake_runner.h"

#include <thread>

#include "chassis/host/host_for_test.h"
#include "gmock/gmock.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

using testing::ElementsAre;

constexpr char kPublisher[] = "aftersales.common.v1";

class Intake : public testing::Test {
 protected:
  Intake() { Answer(receiver); }

  // The receiver's peers are the publisher's feed.
  void Answer(WorldForTest& world) {
    world.peers.answer = [this](std::string_view method, const google::protobuf::Message& request,
                                google::protobuf::Message& response) -> absl::Status {
      EXPECT_EQ(method, "aftersales.common.v1.EventService/ReadEvents");
      const auto& read = static_cast<const v1::ReadEventsRequest&>(request);
      auto page = publisher.feed.Read({.store_id = "", .types = {read.types().begin(), read.types().end()}},
                                      read.after_position(), read.page_size());
      if (!page.ok()) return page.status();
      auto& answer = static_cast<v1::ReadEventsResponse&>(response);
      for (v1::Event& event : page->events) *answer.add_events() = std::move(event);
      answer.set_position(page->position);
      return absl::OkStatus();
    };
  }
  void Publish(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(publisher
                      .Work([&](UnitOfWork& work) {
                        v1::DutyEscalated fact;
                        fact.set_duty_id(absl::StrCat("fact-", ++published));
                        work.Publish(fact, {"duty", "33333333-3333-7333-8333-333333333333", published});
                        return absl::OkStatus();
                      })
                      .ok());
    }
    while (publisher.feed.Relay().value_or(0) > 0) {
    }
  }
  // The effect: one row per event in the receiver's schema, so that a second effect shows.
  void Handle(EventIntake& intake) {
    intake.On<v1::DutyEscalated>(
        [this](UnitOfWork& work, const v1::Event& event, const v1::DutyEscalated& fact) -> absl::Status {
          if (fact.duty_id() == broken) return Refuse(v1::ERROR_REASON_UNAVAILABLE).With("what", "the rule");
          work.Record({"effect", fact.duty_id(), "", "{}"});
          return work.sql()
              .Execute("INSERT INTO intake (publisher, position) VALUES (?, ?)", "effect " + fact.duty_id(),
                       event.position())
              .status();
        });
  }
  int64_t Effects() { return receiver.Count("intake WHERE publisher LIKE 'effect %'"); }

  GroundForTest publisher_ground, receiver_ground;
  WorldForTest publisher{publisher_ground}, receiver{receiver_ground};
  int published = 0;
  std::string broken;
};

TEST_F(Intake, TakesEachEventInOnce) {
  EventIntake intake;
  Handle(intake);
  IntakeRunner runner(receiver.host, intake);
  EXPECT_THAT(runner.publishers(), ElementsAre(kPublisher));
  Publish(3);
  EXPECT_EQ(*runner.TurnOnce(kPublisher, absl::ZeroDuration()), 3);
  EXPECT_EQ(*runner.TurnOnce(kPublisher, absl::ZeroDuration()), 0);
  Publish(2);
  // After a restart it goes on where the schema says.
  IntakeRunner restarted(receiver.host, intake);
  EXPECT_EQ(*restarted.TurnOnce(kPublisher, absl::ZeroDuration()), 2);
  EXPECT_EQ(Effects(), 5);
  EXPECT_EQ(receiver.Count("command_log WHERE method = 'intake/DutyEscalated'"), 5);
}

TEST_F(Intake, StopsAtAnEventThatFailsAndGoesOnWhenItIsMended) {
  EventIntake intake;
  Handle(intake);
  IntakeRunner runner(receiver.host, intake);
  broken = "fact-3";
  Publish(5);
  EXPECT_FALSE(runner.TurnOnce(kPublisher, absl::ZeroDuration()).ok());
  EXPECT_EQ(Effects(), 2);
  const auto gauge = [&](const char* name) {
    return receiver.metrics.Gauge(name, "", {{"publisher", kPublisher}}).Value();
  };
  EXPECT_EQ(gauge("event_intake_position"), 2);
  EXPECT_EQ(gauge("event_intake_behind"), 3);
  EXPECT_EQ(receiver.metrics
                .Gauge("event_intake_blocked", "1 while an event cannot be taken in.", {{"publisher", kPublisher}})
                .Value(),
            1);
  EXPECT_FALSE(runner.TurnOnce(kPublisher, absl::ZeroDuration()).ok());
  EXPECT_EQ(Effects(), 2);
  broken.clear();
  EXPECT_EQ(*runner.TurnOnce(kPublisher, absl::ZeroDuration()), 3);
  EXPECT_EQ(Effects(), 5);
  EXPECT_EQ(receiver.metrics
                .Gauge("event_intake_blocked", "1 while an event cannot be taken in.", {{"publisher", kPublisher}})
                .Value(),
            0);
  EXPECT_EQ(gauge("event_intake_position"), 5);
  EXPECT_EQ(gauge("event_intake_behind"), 0);
}

TEST_F(Intake, CountsWhatAnotherReplicaHadTakenInAlready) {
  EventIntake intake;
  Handle(intake);
  WorldForTest replica{receiver_ground};
  Answer(replica);
  IntakeRunner slow(receiver.host, intake), fast(replica.host, intake);
  Publish(3);
  // Between the page and its transaction the other one is there.
  const PeersForTest::Answer answer = receiver.peers.answer;
  receiver.peers.answer = [&](std::string_view method, const google::protobuf::Message& request,
                              google::protobuf::Message& response) -> absl::Status {
    const absl::Status answered = answer(method, request, response);
    EXPECT_TRUE(fast.TurnOnce(kPublisher, absl::ZeroDuration()).ok());
    return answered;
  };
  EXPECT_EQ(*slow.TurnOnce(kPublisher, absl::ZeroDuration()), 0);
  EXPECT_EQ(Effects(), 3);
  EXPECT_EQ(receiver.metrics.Counter("event_intake_duplicates_total", "", {{"publisher", kPublisher}}).Value(), 3);
}

TEST_F(Intake, HasOneEffectWithTwoReplicas) {
  EventIntake intake;
  Handle(intake);
  WorldForTest replica{receiver_ground};
  Answer(replica);
  IntakeRunner one(receiver.host, intake), other(replica.host, intake);
  Publish(60);
  const auto turn = [&](IntakeRunner& runner) {
    for (int i = 0; i < 20; ++i) runner.TurnOnce(kPublisher, absl::ZeroDuration()).IgnoreError();
  };
  std::thread second([&] { turn(other); });
  turn(one);
  second.join();
  EXPECT_EQ(Effects(), 60);
}

TEST_F(Intake, SurvivesAPublisherThatIsDown) {
  EventIntake intake;
  Handle(intake);
  IntakeRunner runner(receiver.host, intake);
  receiver.peers.answer = [](std::string_view, const google::protobuf::Message&, google::protobuf::Message&) {
    return absl::UnavailableError("down");
  };
  EXPECT_FALSE(runner.TurnOnce(kPublisher, absl::ZeroDuration()).ok());
  Answer(receiver);
  Publish(1);
  EXPECT_EQ(*runner.TurnOnce(kPublisher, absl::ZeroDuration()), 1);
}

}  // namespace
}  // namespace chassis
