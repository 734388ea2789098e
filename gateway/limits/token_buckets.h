// Rates: a bucket of tokens per key, filled at a steady pace, one token a call. A bucket is one time, the moment at
// which it will be full again (GCRA), so thousands cost little and none needs a timer; the caller's clock moves them.
//
//   TokenBuckets buckets({.per_second = 50, .burst = 100}, 10'000);
//   const Standing standing = buckets.Take("wang", now);
//   if (!standing.allowed) ... try again after standing.retry_after ...
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace gateway {

struct Rate {
  double per_second = 0;  // 0: unlimited
  int64_t burst = 0;      // calls at once after a rest; at least 1

  bool unlimited() const { return per_second <= 0; }
  bool operator==(const Rate&) const = default;
};
// "50/100": 50 a second, 100 at once; "50": as many at once as in a second; "0" and "": unlimited. `setting` names it
// in errors.
absl::StatusOr<Rate> ParseRate(std::string_view setting, std::string_view text);

// How a caller stands after a call.
struct Standing {
  bool allowed = true;
  int64_t limit = 0;  // the bucket's size; 0: unlimited, and the rest says nothing
  int64_t remaining = 0;
  absl::Duration reset;        // until the bucket is full
  absl::Duration retry_after;  // when refused: until there is a token
};

class TokenBuckets {
 public:
  // Not more than about `buckets_max` keys are remembered. Full buckets are forgotten first: nothing is lost with them.
  // When none is full, the fullest goes, whose owner has the least to gain.
  TokenBuckets(Rate rate, int64_t buckets_max);

  // From any thread. When `now` goes backwards nobody waits longer than for a whole bucket.
  Standing Take(std::string_view key, absl::Time now);

  const Rate& rate() const { return rate_; }
  int64_t size() const;

 private:
  static constexpr size_t kShards = 16;
  struct Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_map<std::string, absl::Time> full_time ABSL_GUARDED_BY(mutex);
  };
  void MakeRoom(Shard& shard, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  const Rate rate_;
  const absl::Duration interval_;  // of one token
  const absl::Duration whole_;     // from empty to full
  const size_t per_shard_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace gateway
