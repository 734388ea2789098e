// The threads behind a service and the order of their turns.
#include "chassis/host/background.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
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
constexpr absl::Duration kMeasureBackupEvery = absl::Minutes(1);
// A lease lasts for two intervals: whoever cannot ask for the third time has lost it.
constexpr int kLeaseFailuresMax = 3;

absl::Duration Backoff(absl::Duration least, absl::Duration most, int failures) {
  return std::min(most, least * std::pow(2.0, std::min(failures, 12)));
}

}  // namespace

Background::Background(Host& host, const EventIntake& intake, ProcessDriver& processes)
    : host_(host),
      processes_(processes),
      intake_(std::make_unique<IntakeRunner>(host, intake)),
      leases_(std::make_unique<Leases>(host.pool(), host.clock())),
      backup_figures_(host) {
  Add({"seal", kSealEvery, Where::kOneReplica, [this] { return audit::SealOnce(host_); }});
  Add({"escalate", kEscalateEvery, Where::kOneReplica, [this] { return host_.duties().EscalateOverdue(host_); }});
  // On every replica: what one of them showed last would stay when another takes over.
  Add({"measure_processes", kMeasureEvery, Where::kEveryReplica, [this]() -> absl::StatusOr<int64_t> {
         RETURN_IF_ERROR(processes_.Measure());
         return 0;
       }});
  Add({"measure_backup", kMeasureBackupEvery, Where::kEveryReplica, [this]() -> absl::StatusOr<int64_t> {
         RETURN_IF_ERROR(backup_figures_.Measure());
         return 0;
       }});
}

Background::~Background() { Stop(); }

void Background::Add(Job job) {
  Outcomes outcomes(host_.metrics(), job.name);
  jobs_.push_back({.job = std::move(job), .outcomes = std::move(outcomes)});
}

Background::Outcomes::Outcomes(telemetry::Metrics& metrics, const std::string& job)
    : metrics_(metrics),
      job_(job),
      failed_(metrics.Counter("background_failures_total", "Turns of background work that failed.", {{"job", job}})) {}

void Background::Outcomes::Note(const absl::Status& status) {
  if (!status.ok()) {
    failed_.Increment();
    return;
  }
  if (succeeded_ == nullptr) {
    succeeded_ = &metrics_.Gauge("background_last_success_timestamp_seconds",
                                 "When a turn of background work last succeeded on this replica.", {{"job", job_}});
  }
  succeeded_->Set(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
}

void Background::Start() {
  threads_.emplace_back([this] { RelayLoop(); });
  threads_.emplace_back([this] { ProcessLoop(); });
  std::vector<size_t> shared;
  for (size_t i = 0; i < jobs_.size(); ++i) {
    if (jobs_[i].job.thread == Thread::kShared) {
      shared.push_back(i);
    } else {
      threads_.emplace_back([this, i] { JobLoop({i}); });
    }
  }
  threads_.emplace_back([this, shared] { JobLoop(shared); });
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
    const absl::StatusOr<bool> ours =
        leases_->Take(scheduled.job.name, std::max(scheduled.job.lease_min, scheduled.job.interval * 2));
    scheduled.lease_failures = ours.ok() ? 0 : scheduled.lease_failures + 1;
    const bool lost = ours.ok() ? !*ours : scheduled.lease_failures >= kLeaseFailuresMax;
    if (lost && scheduled.job.otherwise) scheduled.job.otherwise();
    if (!ours.ok()) scheduled.outcomes.Note(ours.status());
    RETURN_IF_ERROR(ours.status());
    if (!*ours) return 0;
  }
  absl::StatusOr<int64_t> done = scheduled.job.turn();
  scheduled.outcomes.Note(done.status());
  return done;
}

absl::StatusOr<int64_t> Background::TurnOnce() {
  ASSIGN_OR_RETURN(int64_t done, host_.feed().Relay());
  for (const std::string& publisher : intake_->publishers()) {
    ASSIGN_OR_RETURN(int64_t taken_in, intake_->TurnOnce(publisher, absl::ZeroDuration()));
    done += taken_in;
  }
  ASSIGN_OR_RETURN(int64_t driven, processes_.TurnOnce());
  done += driven;
  absl::Status first;
  for (Scheduled& scheduled : jobs_) {
    const absl::StatusOr<int64_t> worked = Turn(scheduled);
    first.Update(worked.status());
    done += worked.value_or(0);
  }
  RETURN_IF_ERROR(first);
  return done;
}

void Background::RelayLoop() {
  Outcomes outcomes(host_.metrics(), "relay");
  int failures = 0;
  while (Pause(failures > 0 ? Backoff(kRelayPoll, kIntakeBackoffMax, failures) : kRelayGather)) {
    host_.feed().WaitForCommit(kRelayPoll);
    absl::StatusOr<int64_t> relayed = host_.feed().Relay();
    outcomes.Note(relayed.status());
    failures = relayed.ok() ? 0 : failures + 1;
    if (!relayed.ok()) log::Warning("relay failed", {{"code", absl::StatusCodeToString(relayed.status().code())}});
  }
}

void Background::IntakeLoop(const std::string& publisher) {
  Outcomes outcomes(host_.metrics(), absl::StrCat("intake/", publisher));
  int failures = 0;
  absl::Duration rest = absl::ZeroDuration();
  while (Pause(rest)) {
    absl::StatusOr<int64_t> taken_in = intake_->TurnOnce(publisher, kIntakeWait);
    outcomes.Note(taken_in.status());
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
  Outcomes outcomes(host_.metrics(), "processes");
  absl::Duration rest = absl::ZeroDuration();
  while (Pause(rest)) {
    absl::StatusOr<int64_t> driven = processes_.TurnOnce();
    outcomes.Note(driven.status());
    rest = driven.ok() && *driven > 0 ? absl::ZeroDuration() : kProcessPoll;
    if (!driven.ok())
      log::Warning("process worker waits", {{"code", absl::StatusCodeToString(driven.status().code())}});
  }
}

void Background::JobLoop(const std::vector<size_t>& places) {
  while (Pause(kHousekeepingTick)) {
    for (const size_t place : places) TurnIfDue(jobs_[place]);
  }
}

void Background::TurnIfDue(Scheduled& scheduled) {
  const absl::Time now = host_.clock().Now();
  if (now < scheduled.due) return;
  absl::StatusOr<int64_t> done = Turn(scheduled);
  scheduled.failures = done.ok() ? 0 : scheduled.failures + 1;
  scheduled.due = now + Backoff(scheduled.job.interval, std::max(scheduled.job.interval, scheduled.job.rest_max),
                                scheduled.failures);
  if (done.ok()) return;
  log::Warning("background work failed",
               {{"job", scheduled.job.name}, {"code", absl::StatusCodeToString(done.status().code())}});
}

}  // namespace chassis
