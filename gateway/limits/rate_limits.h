// The rates of the door: per client and per store, each for reads, writes and reports apart, so that a script that
// lists everything cannot keep its own store from writing, nor a report's reader from reading.
#pragma once

#include <array>
#include <memory>
#include <string_view>

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

  RateLimits(const ByClass& client, const ByClass& store, int64_t buckets_max);

  bool Limits(RatedBy by) const { return limits_[static_cast<size_t>(by)]; }
  // Takes one call from the bucket of this client or store.
  Standing Take(RatedBy by, CallClass call_class, std::string_view key, absl::Time now) {
    return buckets_[static_cast<size_t>(by)][static_cast<size_t>(call_class)]->Take(key, now);
  }

 private:
  std::array<std::array<std::unique_ptr<TokenBuckets>, kCallClassCount>, kRatedByCount> buckets_;
  std::array<bool, kRatedByCount> limits_{};
};

// What a refusal calls it: "writes of this caller".
Thing Named(RatedBy by, CallClass call_class);

}  // namespace gateway
