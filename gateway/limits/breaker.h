// Leaves a service alone that keeps failing. Closed: calls pass. So many failures within a window, and so large a
// share of its calls: open, nothing passes for a moment. Then half-open: a few calls try it; the first that succeeds
// closes it, the first that fails opens it again. Only the way to the service counts, never what it answers.
//
//   Breaker::Attempt attempt;
//   if (!breaker.Admit(now, attempt)) ... refuse, try again after breaker.RetryAfter(now) ...
//   ... call ...
//   attempt.Succeeded(now);  // or Failed(now), or nothing: the attempt says nothing about the service
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace gateway {

class Breaker {
 public:
  enum class State { kClosed = 0, kHalfOpen = 1, kOpen = 2 };
  struct Settings {
    int64_t failures = 20;       // in one window; 0: never opens
    int64_t share_percent = 50;  // of the calls that ended in the window, these included
    absl::Duration window = absl::Seconds(10);
    absl::Duration open = absl::Seconds(2);
    int64_t probes = 3;  // calls under way at once while half-open
  };
  // `changed` hears of each transition, under the breaker's lock: it must be quick and not ask the breaker.
  explicit Breaker(Settings settings, std::function<void(State)> changed = {});

  class Attempt {
   public:
    Attempt() = default;
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    // Said nothing by now: its place as a probe goes to another.
    ~Attempt() { Abandoned(); }

    bool live() const { return breaker_ != nullptr; }
    void Succeeded(absl::Time now);
    void Failed(absl::Time now);
    void Abandoned();

   private:
    friend class Breaker;
    Breaker* breaker_ = nullptr;
    int64_t epoch_ = 0;
  };

  bool Admit(absl::Time now, Attempt& attempt);
  absl::Duration RetryAfter(absl::Time now) const;
  State state() const;

 private:
  void Succeeded(int64_t epoch, absl::Time now);
  void Failed(int64_t epoch, absl::Time now);
  void Abandoned(int64_t epoch);
  void Change(State state, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountClosed(int64_t failed, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Settings settings_;
  const std::function<void(State)> changed_;
  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kClosed;
  // Counts transitions: what was sent out before the last one says nothing about now.
  int64_t epoch_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time since_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // of the window, or of open, or of the probes
  int64_t ended_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t failed_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t probes_left_ ABSL_GUARDED_BY(mutex_) = 0;
};

std::string_view Name(Breaker::State state);  // "half_open"

}  // namespace gateway
