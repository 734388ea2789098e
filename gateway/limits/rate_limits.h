// The rates of the door: per client and per store, each for reads, writes and reports apart, so that a script that
// lists everything cannot keep its own store from writing, nor a report's reader from reading.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/limits/token_buckets.h"
#include "gateway/refusals.h"
#include "gateway/routes.h"

namespace gateway {

enum class RatedBy { kClient = 0, kStore = 1 };
inline constexpr size_t kRatedByCount = 2;
std::string_view Name(RatedBy by);  // "client"

class RateLimits {
 public:
  using ByClass = std::array<Rate, kCallClassCount>;
  using Rates = std::array<ByClass, kRatedByCount>;

  RateLimits(const Rates& rates, int64_t buckets_max);

  // From now on these count. Where a rate stays as it was, so do its buckets: nobody gets tokens by it.
  void Apply(const Rates& rates);

  bool Limits(RatedBy by) const { return limits_[static_cast<size_t>(by)].load(std::memory_order_relaxed); }
  // Takes one call from the bucket of this client or store.
  Standing Take(RatedBy by, CallClass call_class, std::string_view key, absl::Time now) {
    return At(by, call_class)->Take(key, now);
  }

 private:
  std::shared_ptr<TokenBuckets> At(RatedBy by, CallClass call_class) const {
    absl::ReaderMutexLock lock(&mutex_);
    return buckets_[static_cast<size_t>(by)][static_cast<size_t>(call_class)];
  }

  const int64_t buckets_max_;
  std::array<std::atomic<bool>, kRatedByCount> limits_{};
  mutable absl::Mutex mutex_;  // held for copies of pointers only
  std::array<std::array<std::shared_ptr<TokenBuckets>, kCallClassCount>, kRatedByCount> buckets_
      ABSL_GUARDED_BY(mutex_);
};

// What a refusal calls it: "writes of this caller".
Thing Named(RatedBy by, CallClass call_class);

}  // namespace gateway
