#include "chassis/server/admission.h"

#include "chassis/status/refusal.h"

namespace chassis {
namespace {

constexpr int64_t kRetryAfterMs = 300;

absl::Status Overloaded() {
  return Refuse(aftersales::common::v1::ERROR_REASON_OVERLOADED)
      .With("what", "too many calls")
      .With("what_zh", "请求过多")
      .RetryAfterMs(kRetryAfterMs);
}

}  // namespace

Admission::Admission(std::string kind, Limits limits, telemetry::Metrics& metrics)
    : limits_(limits),
      running_gauge_(metrics.Gauge("admission_running", "Calls running now", {{"kind", kind}})),
      waiting_gauge_(metrics.Gauge("admission_waiting", "Calls waiting for their turn", {{"kind", kind}})),
      refused_(metrics.Counter("admission_refused_total", "Calls refused because too many ran and waited",
                               {{"kind", kind}})) {
  metrics.Gauge("admission_limit", "Calls that may run at once.", {{"kind", kind}}).Set(limits_.running);
}

absl::StatusOr<Admission::Place> Admission::Enter(absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  if (running_ >= limits_.running) {
    if (waiting_ >= limits_.waiting) {
      refused_.Increment();
      return Overloaded();
    }
    ++waiting_;
    waiting_gauge_.Set(waiting_);
    const auto free = [this] {
      mutex_.AssertReaderHeld();
      return running_ < limits_.running;
    };
    const bool in_time = mutex_.AwaitWithTimeout(absl::Condition(&free), patience);
    --waiting_;
    waiting_gauge_.Set(waiting_);
    if (!in_time) {
      refused_.Increment();
      return Overloaded();
    }
  }
  ++running_;
  running_gauge_.Set(running_);
  return Place(this);
}

void Admission::Leave() {
  absl::MutexLock lock(&mutex_);
  --running_;
  running_gauge_.Set(running_);
}

}  // namespace chassis
