// A process ends, finished or undone, however often it is interrupted, and each step has one effect.
#include "chassis/processes/process_driver.h"

#include <set>
#include <thread>

#include "chassis/host/host_for_test.h"
#include "gmock/gmock.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kSubject[] = "33333333-3333-7333-8333-333333333333";
constexpr char kRequest[] = "aaaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa";

// Two peers that keep request ids, as every service does, and do what the test tells them.
struct Peer {
  absl::Status answer;
  std::set<std::string> request_ids;
  std::vector<std::string> calls;

  absl::Status Do(const std::string& what, const ProcessContext& context) {
    calls.push_back(what);
    if (answer.ok()) request_ids.insert(context.StepRequestId());
    return answer;
  }
};

class Process : public testing::Test {
 protected:
  Process() { Define(world.processes); }

  void Define(ProcessDriver& driver) {
    driver.Define({.kind = "release",
                   .steps = {{"reserve", [this](ProcessContext& at) { return parts.Do("reserve", at); },
                              [this](ProcessContext& at) { return parts_undo.Do("unreserve", at); }},
                             {"notify", [this](ProcessContext& at) { return mail.Do("notify", at); }, nullptr},
                             {"create_jobs", [this](ProcessContext& at) { return jobs.Do("create", at); },
                              [this](ProcessContext& at) { return jobs_undo.Do("cancel", at); }}},
                   .finish = [this](UnitOfWork& work, const ProcessContext& at) -> absl::Status {
                     EXPECT_EQ(at.Data<v1::DutyEscalated>().kind(), "data");
                     EXPECT_EQ(at.on_behalf_of, "adviser-1");
                     work.Record({"repair_order", at.subject_id, "", R"({"state":"RELEASED"})"});
                     ++finished;
                     if (!answer.empty()) work.Answer(Said(answer));
                     return finish_answer;
                   },
                   .abandon =
                       [this](UnitOfWork& work, const ProcessContext& at, const absl::Status& why) {
                         work.Record({"repair_order", at.subject_id, "", R"({"state":"SIGNED"})"});
                         abandoned = why;
                         if (!answer.empty()) work.Answer(Said(answer));
                         return absl::OkStatus();
                       }});
  }
  static v1::DutyEscalated Said(const std::string& kind) {
    v1::DutyEscalated message;
    message.set_kind(kind);
    return message;
  }
  static Command TheCommand(const std::string& request_id = "") {
    return {.store_id = WorldForTest::kStore,
            .actor = {.subject = "adviser-1", .on_behalf_of = "", .client = ""},
            .method = "Release",
            .request_id = request_id,
            .request_digest = ""};
  }
  std::string Start(const std::string& request_id = "") {
    std::string process_id;
    EXPECT_TRUE(world.host
                    .Commit(TheCommand(request_id), absl::InfiniteFuture(),
                            [&](UnitOfWork& work) -> absl::StatusOr<std::string> {
                              process_id = work.Start("release", kSubject, Said("data"));
                              return Said("under way").SerializeAsString();
                            })
                    .ok());
    return process_id;
  }
  // What a repeat of the command that started it is told, with this much time.
  absl::StatusOr<std::string> Repeat(WorldForTest& any, absl::Duration time) {
    absl::StatusOr<std::optional<std::string>> stored =
        any.host.StoredReply(TheCommand(kRequest), ground.clock.Now() + time);
    if (!stored.ok()) return stored.status();
    v1::DutyEscalated message;
    message.ParseFromString(stored->value_or(""));
    return message.kind();
  }
  absl::Status Drive(const std::string& process_id) {
    return world.processes.Drive(WorldForTest::kStore, process_id, absl::InfiniteFuture(), {});
  }
  std::string StateOf(WorldForTest& any) {
    return *any.With([](sql::Session& session) -> absl::StatusOr<std::string> {
      auto rows = session.Query("SELECT state FROM process");
      return (*rows)[0].Text("state");
    });
  }

  Peer parts, parts_undo, mail, jobs, jobs_undo;
  int finished = 0;
  std::string answer;
  absl::Status finish_answer, abandoned;
  GroundForTest ground;
  WorldForTest world{ground};
};

TEST_F(Process, RunsItsStepsInOrderAndFinishes) {
  const std::string id = Start();
  EXPECT_TRUE(Drive(id).ok());
  EXPECT_THAT(parts.calls, ElementsAre("reserve"));
  EXPECT_THAT(jobs.calls, ElementsAre("create"));
  EXPECT_EQ(finished, 1);
  EXPECT_EQ(StateOf(world), "FINISHED");
  EXPECT_EQ(world.Count("command_log WHERE method = 'process/release' AND on_behalf_of = 'adviser-1'"), 1);
  // Driving what is finished tells its end and does nothing.
  EXPECT_TRUE(Drive(id).ok());
  EXPECT_EQ(finished, 1);
  EXPECT_EQ(*world.processes.TurnOnce(), 0);
}

TEST_F(Process, AnswersItsCommandAndEveryRepeatWithItsEnd) {
  answer = "released";
  const std::string id = Start(kRequest);
  std::string told;
  ASSERT_TRUE(world.processes.Drive(WorldForTest::kStore, id, absl::InfiniteFuture(), {}, &told).ok());
  EXPECT_EQ(told, Said("released").SerializeAsString());
  EXPECT_EQ(*Repeat(world, absl::Seconds(1)), "released");
  // Whoever drives it once more is told the same.
  ASSERT_TRUE(world.processes.Drive(WorldForTest::kStore, id, absl::InfiniteFuture(), {}, &told).ok());
  EXPECT_EQ(told, Said("released").SerializeAsString());
}

TEST_F(Process, AnswersItsCommandWithTheRefusalThatUndidIt) {
  jobs.answer = Refuse(v1::ERROR_REASON_WRONG_STATE).With("what", "bay");
  EXPECT_EQ(Drive(Start(kRequest)), jobs.answer);
  EXPECT_EQ(Repeat(world, absl::Seconds(1)).status(), jobs.answer);
}

TEST_F(Process, MayAnswerItsCommandThoughItWasUndone) {
  answer = "wait-listed";
  jobs.answer = Refuse(v1::ERROR_REASON_WRONG_STATE).With("what", "bay");
  const std::string id = Start(kRequest);
  EXPECT_TRUE(Drive(id).ok());
  EXPECT_EQ(StateOf(world), "UNDONE");
  EXPECT_EQ(*Repeat(world, absl::Seconds(1)), "wait-listed");
  EXPECT_TRUE(Drive(id).ok());
}

// Handbook: G-07
TEST_F(Process, LetsNoReplicaAnswerItsCommandBeforeItsEnd) {
  answer = "released";
  WorldForTest replica{ground};
  Define(replica.processes);
  const std::string id = Start(kRequest);
  EXPECT_EQ(Repeat(replica, absl::Milliseconds(100)).status().code(), absl::StatusCode::kUnavailable);
  std::thread repeat([&] { EXPECT_EQ(*Repeat(replica, absl::Seconds(20)), "released"); });
  EXPECT_TRUE(Drive(id).ok());
  repeat.join();
}

TEST_F(Process, LetsNobodyAnswerItsCommandAfterACrashUntilItIsTakenUp) {
  answer = "released";
  jobs.answer = absl::UnavailableError("down");
  (void)Drive(Start(kRequest));
  EXPECT_EQ(Repeat(world, absl::Milliseconds(100)).status().code(), absl::StatusCode::kUnavailable);
  jobs.answer = absl::OkStatus();
  ground.clock.Advance(absl::Minutes(1));
  EXPECT_EQ(*world.processes.TurnOnce(), 1);
  EXPECT_EQ(*Repeat(world, absl::Seconds(1)), "released");
}

TEST_F(Process, GoesOnBehindACommandThatIsAnsweredAtOnce) {
  ASSERT_TRUE(world.host
                  .Commit(TheCommand(kRequest), absl::InfiniteFuture(),
                          [&](UnitOfWork& work) -> absl::StatusOr<std::string> {
                            work.StartBehind("release", kSubject, Said("data"));
                            return Said("stopped").SerializeAsString();
                          })
                  .ok());
  EXPECT_EQ(*Repeat(world, absl::Seconds(1)), "stopped");
}

TEST_F(Process, IsWrittenTwiceWhenNothingHoldsItUp) {
  const std::string id = Start();
  const int64_t before = world.pool->Statistics().acquired_total;
  EXPECT_TRUE(Drive(id).ok());
  EXPECT_EQ(world.pool->Statistics().acquired_total - before, 1) << "its start and its end";
}

TEST_F(Process, UndoesNewestFirstAndReturnsTheRefusalAsGiven) {
  jobs.answer = Refuse(v1::ERROR_REASON_WRONG_STATE).With("what", "bay").At("bay_id", "已占用", "is taken");
  const std::string id = Start();
  EXPECT_EQ(Drive(id), jobs.answer);
  EXPECT_THAT(parts_undo.calls, ElementsAre("unreserve"));
  EXPECT_THAT(jobs_undo.calls, IsEmpty());
  EXPECT_EQ(abandoned, jobs.answer);
  EXPECT_EQ(StateOf(world), "UNDONE");
  EXPECT_EQ(Drive(id), jobs.answer);
}

TEST_F(Process, NeedsNothingUndoneWhenTheFirstStepIsRefused) {
  parts.answer = Refuse(v1::ERROR_REASON_WRONG_STATE).With("what", "part");
  EXPECT_EQ(Drive(Start()), parts.answer);
  EXPECT_THAT(parts_undo.calls, IsEmpty());
  EXPECT_EQ(StateOf(world), "UNDONE");
}

TEST_F(Process, WaitsForAPeerThatIsDownAndGoesOnBehindItsCallersBack) {
  jobs.answer = absl::UnavailableError("down");
  const std::string id = Start();
  EXPECT_EQ(Drive(id).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(*world.processes.TurnOnce(), 0);  // not yet due
  ground.clock.Advance(absl::Seconds(2));
  EXPECT_EQ(*world.processes.TurnOnce(), 1);
  jobs.answer = absl::OkStatus();
  ground.clock.Advance(absl::Seconds(5));
  EXPECT_EQ(*world.processes.TurnOnce(), 1);
  EXPECT_EQ(StateOf(world), "FINISHED");
  EXPECT_EQ(parts.calls.size(), 1u);
  EXPECT_EQ(jobs.request_ids.size(), 1u);
}

TEST_F(Process, RepeatsTheCompensationUntilItSucceeds) {
  jobs.answer = Refuse(v1::ERROR_REASON_WRONG_STATE);
  parts_undo.answer = Refuse(v1::ERROR_REASON_NOT_FOUND);  // even a refusal
  const std::string id = Start();
  EXPECT_EQ(Drive(id).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StateOf(world), "COMPENSATING");
  parts_undo.answer = absl::OkStatus();
  jobs.answer = absl::OkStatus();  // too late: there is no way forward any more
  ground.clock.Advance(absl::Minutes(1));
  EXPECT_EQ(*world.processes.TurnOnce(), 1);
  EXPECT_EQ(StateOf(world), "UNDONE");
  EXPECT_EQ(finished, 0);
}

TEST_F(Process, IsTakenUpByAnotherReplicaAfterACrashAtAnyPoint) {
  // The instance dies inside step k: its driver never returns, which for the row is the same as an exception thrown
  // out of the step.
  struct Killed {};
  for (int k = 0; k < 4; ++k) {
    SCOPED_TRACE(k);
    world.Execute("DELETE FROM process");
    parts = mail = jobs = Peer();
    finished = 0;
    const std::string id = Start();
    {
      ProcessDriver dying;  // another instance: another lease
      dying.AttachTo(world.host);
      int at = 0;
      const auto die_at = [&](Peer& peer, const std::string& what) {
        return [&, what, mine = at++](ProcessContext& context) -> absl::Status {
          if (mine == k) throw Killed();
          absl::Status answer = peer.Do(what, context);
          return answer;
        };
      };
      dying.Define({.kind = "release",
                    .steps = {{"reserve", die_at(parts, "reserve"), nullptr},
                              {"notify", die_at(mail, "notify"), nullptr},
                              {"create_jobs", die_at(jobs, "create"), nullptr}},
                    .finish = [&](UnitOfWork&, const ProcessContext&) -> absl::Status {
                      if (k == 3) throw Killed();
                      return absl::OkStatus();
                    },
                    .abandon = nullptr});
      // The instance that started it is gone, too: its lease has to run out.
      ground.clock.Advance(kProcessLease + absl::Seconds(1));
      EXPECT_THROW((void)dying.Drive(WorldForTest::kStore, id, absl::InfiniteFuture(), {}), Killed);
    }
    EXPECT_EQ(*world.processes.TurnOnce(), 0) << "the dead instance still holds the lease";
    ground.clock.Advance(kProcessLease + absl::Seconds(1));
    EXPECT_EQ(*world.processes.TurnOnce(), 1);
    EXPECT_EQ(StateOf(world), "FINISHED");
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(parts.request_ids.size(), 1u);
    EXPECT_EQ(jobs.request_ids.size(), 1u);
  }
}

TEST_F(Process, IsDrivenByOneInstanceAtATime) {
  WorldForTest replica{ground};
  Define(replica.processes);
  const std::string id = Start();
  // The lease is with the instance that started it.
  EXPECT_EQ(replica.processes.Drive(WorldForTest::kStore, id, absl::InfiniteFuture(), {}).code(),
            absl::StatusCode::kUnavailable);
  EXPECT_THAT(parts.calls, IsEmpty());
  EXPECT_TRUE(Drive(id).ok());
}

TEST_F(Process, IsTriedAgainWhenItsEndCannotBeWritten) {
  finish_answer = absl::AbortedError("changed meanwhile");
  const std::string id = Start();
  EXPECT_EQ(Drive(id).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StateOf(world), "RUNNING");
  finish_answer = absl::OkStatus();
  ground.clock.Advance(absl::Minutes(1));
  EXPECT_EQ(*world.processes.TurnOnce(), 1);
  EXPECT_EQ(StateOf(world), "FINISHED");
}

TEST_F(Process, KeepsItsDataEncrypted) {
  Start();
  EXPECT_EQ(world.Count("process WHERE data LIKE '%data%'"), 0);
}

TEST_F(Process, IsCountedWhileUnderWay) {
  jobs.answer = absl::UnavailableError("down");
  (void)Drive(Start());
  ground.clock.Advance(absl::Seconds(90));
  ASSERT_TRUE(world.processes.Measure().ok());
  const auto running = [&](const char* state) {
    return world.metrics.Gauge("saga_running", "", {{"kind", "release"}, {"state", state}}).Value();
  };
  EXPECT_EQ(running("running"), 1);
  EXPECT_EQ(running("compensating"), 0);
  EXPECT_EQ(world.metrics.Gauge("saga_oldest_age_seconds", "", {{"kind", "release"}}).Value(), 90);
}

}  // namespace
}  // namespace chassis
