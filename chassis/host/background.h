// What a service does besides answering calls: relay, intake, processes, sealing, escalation, and what its rooms
// ask for. Each is a job with a turn that does a bounded piece of work and never sleeps, so tests turn them by hand.
//
//   Background background(host, intake, driver);
//   for (...) background.Add({name, interval, Background::Where::kOneReplica, turn});   // the rooms' periodic work
//   background.Start();  ...  background.Stop();
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/events/intake.h"
#include "chassis/host/host.h"
#include "chassis/telemetry/backup_figures.h"

namespace chassis {

class IntakeRunner;
class Leases;
class ProcessDriver;

class Background {
 public:
  enum class Where { kEveryReplica, kOneReplica };
  // A turn that may take long has a thread of its own, so that sealing and escalation do not wait for it.
  enum class Thread { kShared, kOwn };
  struct Job {
    std::string name;
    absl::Duration interval;
    Where where = Where::kEveryReplica;
    std::function<absl::StatusOr<int64_t>()> turn;  // returns how much was done
    // Instead of the turn, when it is another replica's, and when that cannot be found out for longer than a lease
    // lasts.
    std::function<void()> otherwise = {};
    Thread thread = Thread::kShared;
    // After a failure it rests longer and longer, at most this; an interval that is longer stays.
    absl::Duration rest_max = absl::Minutes(5);
    // A lease lasts for two intervals, but not less than this: longer than a turn takes.
    absl::Duration lease_min = absl::Seconds(10);
  };

  // Adds the chassis' own jobs. All of the arguments outlive it; `intake` and `processes` are furnished by now.
  Background(Host& host, const EventIntake& intake, ProcessDriver& processes);
  ~Background();

  // Before Start.
  void Add(Job job);
  void Start();
  // Ends the threads after their turn under way; what is left is taken up by another replica or the next start.
  void Stop();

  // One turn of everything, whatever its interval, on this thread. Returns how much was done, or the first error; a job
  // that fails does not keep the others from their turn.
  absl::StatusOr<int64_t> TurnOnce();

 private:
  // background_failures_total and background_last_success_timestamp_seconds of one job. The latter appears with the
  // first success, so that only replicas show it that do the work.
  class Outcomes {
   public:
    Outcomes(telemetry::Metrics& metrics, const std::string& job);
    void Note(const absl::Status& status);

   private:
    telemetry::Metrics& metrics_;
    const std::string job_;
    prometheus::Counter& failed_;
    prometheus::Gauge* succeeded_ = nullptr;
  };
  struct Scheduled {
    Job job;
    Outcomes outcomes;
    absl::Time due = absl::InfinitePast();
    int failures = 0;
    int lease_failures = 0;  // one after the other
  };

  absl::StatusOr<int64_t> Turn(Scheduled& scheduled);
  void RelayLoop();
  void IntakeLoop(const std::string& publisher);
  void ProcessLoop();
  // Jobs by their places in jobs_, each when it is due.
  void JobLoop(const std::vector<size_t>& places);
  void TurnIfDue(Scheduled& scheduled);
  // False when the service stops.
  bool Pause(absl::Duration duration);

  Host& host_;
  ProcessDriver& processes_;
  std::unique_ptr<IntakeRunner> intake_;
  std::unique_ptr<Leases> leases_;
  BackupFigures backup_figures_;
  std::vector<Scheduled> jobs_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
};

}  // namespace chassis
