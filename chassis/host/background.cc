// The threads behind a service and the order of their turns.
#include "chassis/host/background.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "chassis/audit/sealing.h"
#include "chassis/duties/duty_board.h"
#include "chassis/events/change_feed.h"
#include "chassis/events/intake_runner.h"
#include "chassis/host/leases.h"
#include "chassis/processes/process_driver.h"
#include "chassis/telemetry/log.h"

namespace chassis {
namespace {

constexpr absl::Duration kRelayPoll = absl::Milliseconds(200);
// Commits that come together are relayed together.
constexpr absl::Duration kRelayGather = absl::Milliseconds(5);
constexpr absl::Duration kIntakeWait = absl::Milliseconds(300);
constexpr absl::Duration kIntakeRest = absl::Milliseconds(20);
constexpr absl::Duration kIntakeBackoffMin = absl::Milliseconds(200);
constexpr absl::Duration kIntakeBackoffMax = absl::Seconds(30);
constexpr absl::Duration kProcessPoll = absl::Milliseconds(500);
constexpr absl::Duration kHousekeepingTick = absl::Milliseconds(250);
constexpr absl::Duration kSealEvery = absl::Seconds(2);
constexpr absl::Duration kEscalateEvery = absl::Seconds(15);
constexpr absl::Duration kMeasureEvery = absl::Seconds(15);
constexpr absl::Duration kLeaseMin = absl::Seconds(10);

absl::Duration Backoff(absl::Duration least, absl::Duration most, int failures) {
  return std::min(most, least * std::pow(2.0, std::min(failures, 12)));
}

}  // namespace

Background::Background(Host& host, const EventIntake& intake, ProcessDriver& processes)
    : host_(host),
      processes_(processes),
      intake_(std::make_unique<IntakeRunner>(host, intake)),
      leases_(std::make_unique<Leases>(host.pool(), host.clock())) {
  Add({"seal", kSealEvery, Where::kOneReplica, [this] { return audit::SealOnce(host_); }});
  Add({"escalate", kEscalateEvery, Where::kOneReplica, [this] { return host_.duties().EscalateOverdue(host_); }});
  Add({"measure_duties", kMeasureEvery, Where::kOneReplica, [this]() -> absl::StatusOr<int64_t> {
         RETURN_IF_ERROR(host_.duties().Measure(host_));
         return 0;
       }});
  Add({"measure_processes", kMeasureEvery, Where::kOneReplica, [this]() -> absl::StatusOr<int64_t> {
         RETURN_IF_ERROR(processes_.Measure());
         return 0;
       }});
}

Background::~Background() { Stop(); }

void Background::Add(Job job) {
  Scheduled scheduled{.job = std::move(job)};
  scheduled.failed = &host_.metrics().Counter("background_failures_total", "Turns of background work that failed.",
                                              {{"job", scheduled.job.name}});
  jobs_.push_back(std::move(scheduled));
}

void Background::Start() {
  threads_.emplace_back([this] { RelayLoop(); });
  threads_.emplace_back([this] { ProcessLoop(); });
  threads_.emplace_back([this] { HousekeepingLoop(); });
  for (const std::string& publisher : intake_->publishers()) {
    threads_.emplace_back([this, publisher] { IntakeLoop(publisher); });
  }
}

void Background::Stop() {
  {
    std::lock_guard lock(mutex_);
    if (stop_) return;
    stop_ = true;
    stopping_.notify_all();
  }
  host_.feed().Close();
  for (std::thread& thread : threads_) thread.join();
  if (!threads_.empty()) (void)leases_->ReleaseAll();  // they run out by themselves, too
  threads_.clear();
}

bool Background::Pause(absl::Duration duration) {
  std::unique_lock lock(mutex_);
  stopping_.wait_for(lock, absl::ToChronoNanoseconds(duration), [this] { return stop_; });
  return !stop_;
}

absl::StatusOr<int64_t> Background::Turn(Scheduled& scheduled) {
  if (scheduled.job.where == Where::kOneReplica) {
    ASSIGN_OR_RETURN(const bool ours,
                     leases_->Take(scheduled.job.name, std::max(kLeaseMin, scheduled.job.interval * 2)));
    if (!ours) return 0;
  }
  return scheduled.job.turn();
}

absl::StatusOr<int64_t> Background::TurnOnce() {
  ASSIGN_OR_RETURN(int64_t done, host_.feed().Relay());
  for (const std::string& publisher : intake_->publishers()) {
    ASSIGN_OR_RETURN(int64_t taken_in, intake_->TurnOnce(publisher, absl::ZeroDuration()));
    done += taken_in;
  }
  ASSIGN_OR_RETURN(int64_t driven, processes_.TurnOnce());
  done += driven;
  for (Scheduled& scheduled : jobs_) {
    ASSIGN_OR_RETURN(int64_t worked, Turn(scheduled));
    done += worked;
  }
  return done;
}

void Background::RelayLoop() {
  int failures = 0;
  while (Pause(failures > 0 ? Backoff(kRelayPoll, kIntakeBackoffMax, failures) : kRelayGather)) {
    host_.feed().WaitForCommit(kRelayPoll);
    absl::StatusOr<int64_t> relayed = host_.feed().Relay();
    failures = relayed.ok() ? 0 : failures + 1;
    if (!relayed.ok()) log::Warning("relay failed", {{"code", absl::StatusCodeToString(relayed.status().code())}});
  }
}

void Background::IntakeLoop(const std::string& publisher) {
  int failures = 0;
  absl::Duration rest = absl::ZeroDuration();
  while (Pause(rest)) {
    absl::StatusOr<int64_t> taken_in = intake_->TurnOnce(publisher, kIntakeWait);
    failures = taken_in.ok() ? 0 : failures + 1;
    rest = !taken_in.ok()   ? Backoff(kIntakeBackoffMin, kIntakeBackoffMax, failures - 1)
           : *taken_in == 0 ? kIntakeRest
                            : absl::ZeroDuration();
    if (failures == 1) {
      log::Warning("intake waits",
                   {{"publisher", publisher}, {"code", absl::StatusCodeToString(taken_in.status().code())}});
    }
  }
}

void Background::ProcessLoop() {
  absl::Duration rest = absl::ZeroDuration();
  while (Pause(rest)) {
    absl::StatusOr<int64_t> driven = processes_.TurnOnce();
    rest = driven.ok() && *driven > 0 ? absl::ZeroDuration() : kProcessPoll;
    if (!driven.ok())
      log::Warning("process worker waits", {{"code", absl::StatusCodeToString(driven.status().code())}});
  }
}

void Background::HousekeepingLoop() {
  while (Pause(kHousekeepingTick)) {
    for (Scheduled& scheduled : jobs_) {
      const absl::Time now = host_.clock().Now();
      if (now < scheduled.due) continue;
      absl::StatusOr<int64_t> done = Turn(scheduled);
      scheduled.failures = done.ok() ? 0 : scheduled.failures + 1;
      scheduled.due =
          now + Backoff(scheduled.job.interval, std::max(scheduled.job.interval, absl::Minutes(5)), scheduled.failures);
      if (done.ok()) continue;
      scheduled.failed->Increment();
      log::Warning("background work failed",
                   {{"job", scheduled.job.name}, {"code", absl::StatusCodeToString(done.status().code())}});
    }
  }
}

}  // namespace chassis
