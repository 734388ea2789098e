// Duties are owed, done, waived, handed on and escalated (G-05).
#include "chassis/duties/duty_board.h"

#include "chassis/host/host_for_test.h"
#include "gmock/gmock.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;
namespace options = aftersales::options::v1;

constexpr char kVisit[] = "33333333-3333-7333-8333-333333333333";

class Duties : public testing::Test {
 protected:
  v1::Duty AGreeting() {
    v1::Duty duty;
    duty.set_kind("greeting");
    duty.set_handbook("R-10");
    duty.set_subject_kind("visit");
    duty.set_subject_id(kVisit);
    duty.set_assignee_role(options::ROLE_SERVICE_ADVISER);
    duty.set_escalation_role(options::ROLE_SERVICE_MANAGER);
    *duty.mutable_due_time() = ToProto(ground.clock.Now() + absl::Minutes(10));
    return duty;
  }
  void Owe(const v1::Duty& duty) {
    ASSERT_TRUE(world
                    .Work([&](UnitOfWork& work) {
                      work.Owe(duty);
                      return absl::OkStatus();
                    })
                    .ok());
  }
  v1::Duty TheDuty() {
    auto duties = world.With([&](sql::Session& session) {
      return world.host.duties().table().Select(session, "WHERE store_id = ?", sql::Uuid{WorldForTest::kStore});
    });
    EXPECT_TRUE(duties.ok()) << duties.status();
    EXPECT_EQ(duties->size(), 1u);
    return duties->at(0);
  }
  static identity::Identity ACaller(options::Role role, const std::string& subject = "somebody") {
    identity::Identity caller;
    caller.subject = subject;
    caller.roles = {role};
    return caller;
  }
  absl::Status Complete(const identity::Identity& caller, const std::string& duty_id) {
    return world.Work(
        [&](UnitOfWork& work) { return world.host.duties().Complete(work, caller, duty_id, "greeted").status(); });
  }
  double Done(bool in_time) {
    return world.metrics
        .Counter("duty_done_total", "Duties done, by kind and whether in time.",
                 {{"kind", "greeting"}, {"in_time", in_time ? "true" : "false"}})
        .Value();
  }

  GroundForTest ground;
  WorldForTest world{ground};
};

TEST_F(Duties, AreDoneByTheFactTheyWaitFor) {
  Owe(AGreeting());
  ASSERT_TRUE(world.Work([](UnitOfWork& work) { return work.CompleteDuties("greeting", kVisit, "greeted"); }).ok());
  const v1::Duty duty = TheDuty();
  EXPECT_EQ(duty.state(), v1::Duty::STATE_DONE);
  EXPECT_EQ(duty.outcome(), "greeted");
  EXPECT_EQ(duty.etag(), "2");
  EXPECT_EQ(Done(true), 1);
  // Nothing open is no error.
  EXPECT_TRUE(world.Work([](UnitOfWork& work) { return work.CompleteDuties("greeting", kVisit, "again"); }).ok());
  EXPECT_EQ(TheDuty().outcome(), "greeted");
}

TEST_F(Duties, AreDoneWithinTheCommandThatOwesThem) {
  ASSERT_TRUE(world
                  .Work([&](UnitOfWork& work) {
                    work.Owe(AGreeting());
                    return work.CompleteDuties("greeting", kVisit, "at once");
                  })
                  .ok());
  EXPECT_EQ(TheDuty().state(), v1::Duty::STATE_DONE);
}

TEST_F(Duties, CountLateOnesApart) {
  Owe(AGreeting());
  ground.clock.Advance(absl::Minutes(11));
  ASSERT_TRUE(world.Work([](UnitOfWork& work) { return work.CompleteDuties("greeting", kVisit, "late"); }).ok());
  EXPECT_EQ(Done(false), 1);
  EXPECT_EQ(Done(true), 0);
}

TEST_F(Duties, AreCompletedOnlyByThoseWhoOweOrSuperviseThem) {
  Owe(AGreeting());
  const std::string id = TheDuty().duty_id();
  EXPECT_TRUE(IsRefusal(Complete(ACaller(options::ROLE_CASHIER), id), v1::ERROR_REASON_ROLE_NOT_ALLOWED));
  EXPECT_EQ(TheDuty().state(), v1::Duty::STATE_OPEN);
  EXPECT_TRUE(Complete(ACaller(options::ROLE_SERVICE_ADVISER), id).ok());
  EXPECT_TRUE(IsRefusal(Complete(ACaller(options::ROLE_SERVICE_ADVISER), id), v1::ERROR_REASON_WRONG_STATE));
}

// Handbook: G-05
TEST_F(Duties, ThatEndByACommandAreNotClosedByHand) {
  world.host.duties().EndsBy("greeting", "GreetVisit");
  Owe(AGreeting());
  const std::string id = TheDuty().duty_id();
  const absl::Status refused = Complete(ACaller(options::ROLE_SERVICE_ADVISER), id);
  EXPECT_TRUE(IsRefusal(refused, v1::ERROR_REASON_DUTY_ENDS_BY_COMMAND)) << refused;
  EXPECT_EQ(Worded(RefusalIn(refused), "en"), "this duty ends with GreetVisit; nobody can close it by hand");
  ASSERT_TRUE(world.Work([](UnitOfWork& work) { return work.CompleteDuties("greeting", kVisit, "greeted"); }).ok());
}

TEST_F(Duties, AreHandedToAStandIn) {
  Owe(AGreeting());
  const std::string id = TheDuty().duty_id();
  ASSERT_TRUE(world
                  .Work([&](UnitOfWork& work) {
                    return world.host.duties().Reassign(work, id, "stand-in", "on leave").status();
                  })
                  .ok());
  EXPECT_EQ(TheDuty().assignee(), "stand-in");
  EXPECT_TRUE(Complete(ACaller(options::ROLE_CASHIER, "stand-in"), id).ok());
  EXPECT_EQ(world.Count("command_log WHERE reason = 'on leave'"), 1);
}

TEST_F(Duties, AreWaivedOnlyWithAReason) {
  Owe(AGreeting());
  const std::string id = TheDuty().duty_id();
  const auto waive = [&](const std::string& reason) {
    return world.Work([&](UnitOfWork& work) { return world.host.duties().Waive(work, id, reason).status(); });
  };
  EXPECT_TRUE(IsRefusal(waive(""), v1::ERROR_REASON_REASON_REQUIRED));
  EXPECT_TRUE(waive("left without a word").ok());
  EXPECT_EQ(TheDuty().state(), v1::Duty::STATE_WAIVED);
}

TEST_F(Duties, EscalateWhenOverdueAndAgainAfterAWhile) {
  Owe(AGreeting());
  EXPECT_EQ(*world.host.duties().EscalateOverdue(world.host), 0);
  ground.clock.Advance(absl::Minutes(11));
  EXPECT_EQ(*world.host.duties().EscalateOverdue(world.host), 1);
  EXPECT_EQ(*world.host.duties().EscalateOverdue(world.host), 0);
  EXPECT_EQ(TheDuty().escalation_count(), 1);
  EXPECT_EQ(world.Count("outbox WHERE type = 'DutyEscalated'"), 1);
  ground.clock.Advance(kEscalateAgainAfter);
  EXPECT_EQ(*world.host.duties().EscalateOverdue(world.host), 1);
  EXPECT_EQ(TheDuty().escalation_count(), 2);
}

}  // namespace
}  // namespace chassis
