// The same command sent again while the first is under way: it waits for the first one's end and gets its answer, so
// that nobody hears of a booking that is not yet decided. Holds within this process; between replicas the command log
// decides (host/host.h).
#pragma once

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace chassis {

class Twins {
 public:
  // The right to be the only one of its key that runs; given back when it goes.
  class Turn {
   public:
    Turn(Twins* twins, std::string key) : twins_(twins), key_(std::move(key)) {}
    Turn(Turn&& other) noexcept : twins_(std::exchange(other.twins_, nullptr)), key_(std::move(other.key_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (twins_ != nullptr) twins_->Leave(key_);
    }

   private:
    Twins* twins_;
    std::string key_;
  };
  // Waits while another of this key runs, at most `patience` of real time; then ERROR_REASON_DEADLINE.
  absl::StatusOr<Turn> Enter(std::string key, absl::Duration patience);

 private:
  void Leave(const std::string& key);

  absl::Mutex mutex_;
  // Bounded by what admission lets run.
  absl::flat_hash_set<std::string> running_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace chassis
