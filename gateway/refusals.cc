#include "gateway/refusals.h"

#include "aftersales/common/v1/errors.pb.h"
#include "chassis/status/refusal.h"

namespace gateway {

namespace common = aftersales::common::v1;

namespace {

constexpr int64_t kRetryAfterMs = 500;

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

absl::Status Unauthenticated(std::string_view why) {
  return chassis::Refuse(common::ERROR_REASON_UNAUTHENTICATED).With("why", why);
}

absl::Status DeadlinePassed() { return chassis::Refuse(common::ERROR_REASON_DEADLINE); }

absl::Status MethodUnknown() { return chassis::Refuse(common::ERROR_REASON_METHOD_UNKNOWN); }

}  // namespace gateway
