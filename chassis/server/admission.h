// How many calls run at once, and how many may wait for their turn: beyond that a call is refused at once with
// ERROR_REASON_OVERLOADED, so that load is shed before it takes memory, threads or connections.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "chassis/telemetry/metrics.h"

namespace chassis {

class Admission {
 public:
  struct Limits {
    int running;
    int waiting;
  };
  // `kind` is the metric label: "person", "service", "watch".
  Admission(std::string kind, Limits limits, telemetry::Metrics& metrics);

  // A place among the running; gives it back when it goes.
  class Place {
   public:
    explicit Place(Admission* admission) : admission_(admission) {}
    Place(Place&& other) noexcept : admission_(other.admission_) { other.admission_ = nullptr; }
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (admission_ != nullptr) admission_->Leave();
    }

   private:
    Admission* admission_;
  };
  // Waits its turn, at most `patience` of real time.
  absl::StatusOr<Place> Enter(absl::Duration patience);

 private:
  void Leave();

  const Limits limits_;
  absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  prometheus::Gauge& running_gauge_;
  prometheus::Gauge& waiting_gauge_;
  prometheus::Counter& refused_;
};

}  // namespace chassis
