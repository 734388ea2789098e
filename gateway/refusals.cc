#include "gateway/refusals.h"

#include <algorithm>

#include "aftersales/common/v1/door_errors.pb.h"
#include "aftersales/common/v1/errors.pb.h"
#include "chassis/status/refusal.h"

namespace gateway {

namespace common = aftersales::common::v1;

namespace {

constexpr int64_t kRetryAfterMs = 500;

int64_t AtLeastAMillisecond(absl::Duration wait) {
  return std::max<int64_t>(1, absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1))));
}

}  // namespace

absl::Status Overloaded(Thing what) {
  return chassis::Refuse(common::ERROR_REASON_OVERLOADED)
      .With("what", what.en)
      .With("what_zh", what.zh)
      .RetryAfterMs(kRetryAfterMs);
}

absl::Status Unavailable(Thing what) {
  return chassis::Refuse(common::ERROR_REASON_UNAVAILABLE)
      .With("what", what.en)
      .With("what_zh", what.zh)
      .RetryAfterMs(kRetryAfterMs);
}

absl::Status TooLarge(Thing what, int64_t limit_bytes) {
  return chassis::Refuse(common::ERROR_REASON_TOO_LARGE)
      .With("what", what.en)
      .With("what_zh", what.zh)
      .With("limit", limit_bytes);
}

absl::Status Unauthenticated(std::string_view zh, std::string_view en) {
  return chassis::Refuse(common::ERROR_REASON_UNAUTHENTICATED).With("why", en).With("why_zh", zh);
}

absl::Status DeadlinePassed() { return chassis::Refuse(common::ERROR_REASON_DEADLINE); }

absl::Status MethodUnknown() { return chassis::Refuse(common::ERROR_REASON_METHOD_UNKNOWN); }

absl::Status RateLimited(Thing what, absl::Duration retry_after) {
  return chassis::Refuse(common::DOOR_ERROR_REASON_RATE_LIMIT)
      .With("what", what.en)
      .With("what_zh", what.zh)
      .With("seconds", absl::ToInt64Seconds(absl::Ceil(retry_after, absl::Seconds(1))))
      .RetryAfterMs(AtLeastAMillisecond(retry_after));
}

absl::Status CircuitOpen(Thing what, absl::Duration retry_after) {
  return chassis::Refuse(common::DOOR_ERROR_REASON_CIRCUIT_OPEN)
      .With("what", what.en)
      .RetryAfterMs(AtLeastAMillisecond(retry_after));
}

absl::Status Shed() { return chassis::Refuse(common::DOOR_ERROR_REASON_SHED).RetryAfterMs(kRetryAfterMs); }

}  // namespace gateway
