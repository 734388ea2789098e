#include "gateway/limits/token_buckets.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/status/text.h"

namespace gateway {
namespace {

constexpr double kRateMax = 1e6;

}  // namespace

absl::StatusOr<Rate> ParseRate(std::string_view setting, std::string_view text) {
  const auto wrong = [&] {
    return absl::InvalidArgumentError(absl::StrCat(
        "setting ", chassis::Absl(setting), " must be calls a second and, after a slash, calls at once: 50/100"));
  };
  const std::vector<std::string> parts = absl::StrSplit(chassis::Absl(text), '/');
  Rate rate;
  if (text.empty()) return rate;
  if (parts.size() > 2 || !absl::SimpleAtod(parts[0], &rate.per_second)) return wrong();
  if (!(rate.per_second >= 0 && rate.per_second <= kRateMax)) return wrong();
  rate.burst = std::max<int64_t>(1, std::llround(std::ceil(rate.per_second)));
  if (parts.size() == 2 && (!absl::SimpleAtoi(parts[1], &rate.burst) || rate.burst < 1 || rate.burst > kRateMax)) {
    return wrong();
  }
  return rate;
}

TokenBuckets::TokenBuckets(Rate rate, int64_t buckets_max)
    : rate_(rate),
      interval_(rate.unlimited() ? absl::ZeroDuration() : absl::Seconds(1) / rate.per_second),
      whole_(interval_ * rate.burst),
      per_shard_max_(static_cast<size_t>(std::max<int64_t>(1, buckets_max / static_cast<int64_t>(kShards)))) {}

Standing TokenBuckets::Take(std::string_view key, absl::Time now) {
  Standing standing;
  if (rate_.unlimited()) return standing;
  standing.limit = rate_.burst;
  Shard& shard = shards_[std::hash<std::string_view>()(key) % kShards];
  absl::MutexLock lock(&shard.mutex);
  auto found = shard.full_time.find(chassis::Absl(key));
  if (found == shard.full_time.end()) {
    if (shard.full_time.size() >= per_shard_max_) MakeRoom(shard, now);
    found = shard.full_time.emplace(std::string(key), now).first;
  }
  // Full since long ago, or, after the clock went back, as empty as a bucket can be.
  const absl::Time full = std::clamp(found->second, now, now + whole_);
  const absl::Time full_after = full + interval_;
  if (full_after - now > whole_) {
    standing.allowed = false;
    standing.retry_after = full_after - whole_ - now;
    standing.reset = full - now;
    found->second = full;
    return standing;
  }
  found->second = full_after;
  standing.reset = full_after - now;
  standing.remaining = static_cast<int64_t>(std::floor(absl::FDivDuration(whole_ - standing.reset, interval_) + 1e-6));
  return standing;
}

void TokenBuckets::MakeRoom(Shard& shard, absl::Time now) {
  auto fullest = shard.full_time.begin();
  for (auto entry = shard.full_time.begin(); entry != shard.full_time.end();) {
    const auto current = entry++;
    if (current->second < fullest->second) fullest = current;
    if (current->second <= now && current != fullest) shard.full_time.erase(current);
  }
  shard.full_time.erase(fullest);
}

int64_t TokenBuckets::size() const {
  int64_t size = 0;
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    size += static_cast<int64_t>(shard.full_time.size());
  }
  return size;
}

}  // namespace gateway
