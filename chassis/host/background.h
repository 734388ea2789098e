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

namespace chassis {

class IntakeRunner;
class Leases;
class ProcessDriver;

class Background {
 public:
  enum class Where { kEveryReplica, kOneReplica };
  struct Job {
    std::string name;
    absl::Duration interval;
    Where where = Where::kEveryReplica;
    std::function<absl::StatusOr<int64_t>()> turn;  // returns how much was done
  };

  // Adds the chassis' own jobs. All of the arguments outlive it; `intake` and `processes` are furnished by now.
  Background(Host& host, const EventIntake& intake, ProcessDriver& processes);
  ~Background();

  // Before Start.
  void Add(Job job);
  void Start();
  // Ends the threads after their turn under way; what is left is taken up by another replica or the next start.
  void Stop();

  // One turn of every job, whatever its interval, on this thread. Returns how much was done; the first error ends it.
  absl::StatusOr<int64_t> TurnOnce();

 private:
  struct Scheduled {
    Job job;
    absl::Time due = absl::InfinitePast();
    int failures = 0;
    prometheus::Counter* failed = nullptr;
  };

  absl::StatusOr<int64_t> Turn(Scheduled& scheduled);
  void RelayLoop();
  void IntakeLoop(const std::string& publisher);
  void ProcessLoop();
  void HousekeepingLoop();
  // False when the service stops.
  bool Pause(absl::Duration duration);

  Host& host_;
  ProcessDriver& processes_;
  std::unique_ptr<IntakeRunner> intake_;
  std::unique_ptr<Leases> leases_;
  std::vector<Scheduled> jobs_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
};

}  // namespace chassis
