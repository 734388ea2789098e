// Keeps the keys that lie behind URLs fresh, on a thread of its own: regularly, and when somebody met a key nobody
// knows, but not more often than agreed, or strangers could make this process call the issuer at will.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "chassis/identity/issuer_keys.h"

namespace chassis::identity {

class KeyRefresher {
 public:
  struct Intervals {
    absl::Duration refresh;  // between regular fetches; a failed one is repeated after a tenth of it
    absl::Duration refetch;  // between fetches somebody wants
  };
  // `issuers` outlive it, and so does what `changed` touches; it runs after other keys came into force. The first
  // regular fetch is due after an interval: the caller has loaded them once.
  KeyRefresher(std::vector<IssuerKeys*> issuers, Intervals intervals, std::function<void()> changed);
  // Waits for a fetch under way: a few seconds at most.
  ~KeyRefresher();

  // Returns at once. False: it was wanted only a moment ago, so nothing happens. `now` is the caller's clock.
  bool Want(const IssuerKeys& issuer, absl::Time now);

 private:
  struct Entry {
    IssuerKeys* keys;
    absl::Time due;  // real time
    absl::Time last_wanted = absl::InfinitePast();
    bool wanted = false;
  };
  void Run();
  bool AnyWanted() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time NextDue() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Intervals intervals_;
  const std::function<void()> changed_;
  absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace chassis::identity
