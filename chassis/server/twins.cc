#include "chassis/server/twins.h"

#include "aftersales/common/v1/errors.pb.h"
#include "chassis/status/refusal.h"

namespace chassis {

absl::StatusOr<Twins::Turn> Twins::Enter(std::string key, absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  const auto alone = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !running_.contains(key); };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&alone), patience)) {
    return Refuse(aftersales::common::v1::ERROR_REASON_DEADLINE);
  }
  running_.insert(key);
  return Turn(this, std::move(key));
}

void Twins::Leave(const std::string& key) {
  absl::MutexLock lock(&mutex_);
  running_.erase(key);
}

}  // namespace chassis
