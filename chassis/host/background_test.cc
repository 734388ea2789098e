// The jobs behind a service: by hand, on threads, and one replica at a time.
#include "chassis/host/background.h"

#include "absl/synchronization/notification.h"
#include "chassis/host/host_for_test.h"
#include "chassis/host/leases.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr char kDocument[] = "33333333-3333-7333-8333-333333333333";

void Publish(WorldForTest& world) {
  ASSERT_TRUE(world
                  .Work([](UnitOfWork& work) {
                    work.Publish(v1::DutyEscalated(), {"order", kDocument, 1});
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST(Background, TurnsEveryJobByHand) {
  GroundForTest ground;
  WorldForTest world{ground};
  EventIntake intake;
  Background background(world.host, intake, world.processes);
  int turns = 0;
  background.Add({"gauges", absl::Hours(1), Background::Where::kOneReplica, [&]() -> absl::StatusOr<int64_t> {
                    ++turns;
                    return 0;
                  }});
  Publish(world);
  EXPECT_EQ(*background.TurnOnce(), 2);  // the event got its position, its command was sealed
  EXPECT_EQ(*background.TurnOnce(), 0);
  EXPECT_EQ(turns, 2);
}

TEST(Background, RelaysAndTakesInOnItsThreads) {
  GroundForTest ground;
  WorldForTest world{ground};
  EventIntake intake;
  absl::Notification taken_in;
  // Its own facts, so that no peer is needed.
  intake.OnFrom<v1::DutyEscalated>("aftersales.test.v1",
                                   [&](UnitOfWork&, const v1::Event&, const v1::DutyEscalated&) -> absl::Status {
                                     if (!taken_in.HasBeenNotified()) taken_in.Notify();
                                     return absl::OkStatus();
                                   });
  Background background(world.host, intake, world.processes);
  background.Start();
  Publish(world);
  EXPECT_TRUE(taken_in.WaitForNotificationWithTimeout(absl::Seconds(20)));
  background.Stop();
}

TEST(Leases, LetOneReplicaWorkUntilItsTimeIsUp) {
  GroundForTest ground;
  WorldForTest world{ground};
  Leases one(*world.pool, ground.clock), other(*world.pool, ground.clock);
  EXPECT_TRUE(*one.Take("seal", absl::Seconds(10)));
  EXPECT_TRUE(*one.Take("seal", absl::Seconds(10)));
  EXPECT_FALSE(*other.Take("seal", absl::Seconds(10)));
  EXPECT_TRUE(*other.Take("escalate", absl::Seconds(10)));
  ground.clock.Advance(absl::Seconds(11));
  EXPECT_TRUE(*other.Take("seal", absl::Seconds(10)));
  EXPECT_FALSE(*one.Take("seal", absl::Seconds(10)));
  ASSERT_TRUE(other.ReleaseAll().ok());
  EXPECT_TRUE(*one.Take("seal", absl::Seconds(10)));
}

}  // namespace
}  // namespace chassis
