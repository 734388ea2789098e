#include "gateway/admission.h"

#include "chassis/status/text.h"

namespace gateway {
namespace {

bool Take(std::atomic<int64_t>& count, int64_t limit) {
  if (count.fetch_add(1, std::memory_order_relaxed) < limit) return true;
  count.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

}  // namespace

Admission::Admission(Limits calls, Limits streams, size_t upstreams) : limits_{calls, streams}, upstreams_(upstreams) {}

Admission::Place::~Place() {
  if (admission_ == nullptr) return;
  admission_->total_.at(kind_).fetch_sub(1, std::memory_order_relaxed);
  admission_->upstreams_[upstream_].at(kind_).fetch_sub(1, std::memory_order_relaxed);
  if (!holds_subject_) return;
  absl::MutexLock lock(&admission_->mutex_);
  const auto found = admission_->subjects_.find(subject_);
  --found->second[static_cast<size_t>(kind_)];
  if (found->second == std::array<int64_t, 2>{}) admission_->subjects_.erase(found);
}

Admission::Answer Admission::Enter(Kind kind, int upstream, Place& place) {
  if (!Take(total_.at(kind), limits(kind).total)) return Answer::kFullInAll;
  if (!Take(upstreams_[upstream].at(kind), limits(kind).per_upstream)) {
    total_.at(kind).fetch_sub(1, std::memory_order_relaxed);
    return Answer::kFullForUpstream;
  }
  place.admission_ = this;
  place.kind_ = kind;
  place.upstream_ = upstream;
  return Answer::kAdmitted;
}

Admission::Answer Admission::Join(std::string_view subject, Place& place) {
  const auto kind = static_cast<size_t>(place.kind_);
  absl::MutexLock lock(&mutex_);
  const auto found = subjects_.find(chassis::Absl(subject));
  const int64_t held = found == subjects_.end() ? 0 : found->second[kind];
  if (held >= limits_[kind].per_subject) return Answer::kFullForSubject;
  place.subject_ = std::string(subject);
  place.holds_subject_ = true;
  ++subjects_[place.subject_][kind];
  return Answer::kAdmitted;
}

}  // namespace gateway
