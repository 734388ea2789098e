#include "gateway/limits/rate_limits.h"

namespace gateway {

std::string_view Name(RatedBy by) { return by == RatedBy::kClient ? "client" : "store"; }

RateLimits::RateLimits(const ByClass& client, const ByClass& store, int64_t buckets_max) {
  for (size_t i = 0; i < kCallClassCount; ++i) {
    buckets_[static_cast<size_t>(RatedBy::kClient)][i] = std::make_unique<TokenBuckets>(client[i], buckets_max);
    buckets_[static_cast<size_t>(RatedBy::kStore)][i] = std::make_unique<TokenBuckets>(store[i], buckets_max);
    limits_[static_cast<size_t>(RatedBy::kClient)] |= !client[i].unlimited();
    limits_[static_cast<size_t>(RatedBy::kStore)] |= !store[i].unlimited();
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
