#include "gateway/limits/rate_limits.h"

namespace gateway {

std::string_view Name(RatedBy by) { return by == RatedBy::kClient ? "client" : "store"; }

RateLimits::RateLimits(const Rates& rates, int64_t buckets_max) : buckets_max_(buckets_max) { Apply(rates); }

void RateLimits::Apply(const Rates& rates) {
  absl::MutexLock lock(&mutex_);
  for (size_t by = 0; by < kRatedByCount; ++by) {
    bool limits = false;
    for (size_t i = 0; i < kCallClassCount; ++i) {
      const Rate& rate = rates[by][i];
      limits |= !rate.unlimited();
      std::shared_ptr<TokenBuckets>& buckets = buckets_[by][i];
      if (buckets == nullptr || !(buckets->rate() == rate))
        buckets = std::make_shared<TokenBuckets>(rate, buckets_max_);
    }
    limits_[by].store(limits, std::memory_order_relaxed);
  }
}

Thing Named(RatedBy by, CallClass call_class) {
  const bool client = by == RatedBy::kClient;
  switch (call_class) {
    case CallClass::kRead:
      return client ? Thing{"this caller (reads)", "该用户的查询"} : Thing{"this store (reads)", "该门店的查询"};
    case CallClass::kWrite:
      return client ? Thing{"this caller (writes)", "该用户的写入"} : Thing{"this store (writes)", "该门店的写入"};
    case CallClass::kReport:
      return client ? Thing{"this caller (reports)", "该用户的报表"} : Thing{"this store (reports)", "该门店的报表"};
  }
  return kTheGateway;
}

}  // namespace gateway
