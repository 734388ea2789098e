// How often a cache had what was asked for, and how much it holds: cache_lookups_total and cache_entries.
#pragma once

#include <string>

#include "chassis/telemetry/metrics.h"

namespace chassis::telemetry {

class CacheFigures {
 public:
  // `metrics` may be null: then nothing is counted.
  CacheFigures(Metrics* metrics, const std::string& cache) {
    if (metrics == nullptr) return;
    const auto lookups = [&](const char* outcome) {
      return &metrics->Counter("cache_lookups_total", "Times something was looked for in a cache, by outcome.",
                               {{"cache", cache}, {"outcome", outcome}});
    };
    hits_ = lookups("hit");
    misses_ = lookups("miss");
    entries_ = &metrics->Gauge("cache_entries", "Entries a cache holds.", {{"cache", cache}});
  }

  void Hit() {
    if (hits_ != nullptr) hits_->Increment();
  }
  void Miss() {
    if (misses_ != nullptr) misses_->Increment();
  }
  void Holds(size_t entries) {
    if (entries_ != nullptr) entries_->Set(static_cast<double>(entries));
  }
  void HoldsMore(double entries) {
    if (entries_ != nullptr) entries_->Increment(entries);
  }

 private:
  prometheus::Counter* hits_ = nullptr;
  prometheus::Counter* misses_ = nullptr;
  prometheus::Gauge* entries_ = nullptr;
};

}  // namespace chassis::telemetry
