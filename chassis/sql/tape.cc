#include "chassis/sql/tape.h"

#include <atomic>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace chassis::sql {
namespace {

struct Tape {
  std::atomic<bool> runs{false};
  absl::Mutex mutex;
  std::vector<TapedLease> leases ABSL_GUARDED_BY(mutex);
};

Tape& TheTape() {
  static auto* tape = new Tape();
  return *tape;
}

}  // namespace

void StartTape() {
  TakeTape();
  TheTape().runs = true;
}

std::vector<TapedLease> TakeTape() {
  absl::MutexLock lock(&TheTape().mutex);
  return std::exchange(TheTape().leases, {});
}

void StopTape() { TheTape().runs = false; }

bool TapeRuns() { return TheTape().runs.load(std::memory_order_relaxed); }

void WriteOnTape(TapedLease lease) {
  absl::MutexLock lock(&TheTape().mutex);
  TheTape().leases.push_back(std::move(lease));
}

}  // namespace chassis::sql
