#include "gateway/admission.h"

#include "chassis/status/text.h"

namespace gateway {
namespace {

enum class Taken { kYes, kNotForIt, kFull };

// `share` of the `limit` places are open to the caller.
Taken Take(std::atomic<int64_t>& count, int64_t share, int64_t limit) {
  const int64_t before = count.fetch_add(1, std::memory_order_relaxed);
  if (before < share) return Taken::kYes;
  count.fetch_sub(1, std::memory_order_relaxed);
  return before < limit ? Taken::kNotForIt : Taken::kFull;
}

}  // namespace

Admission::Admission(Limits calls, Limits streams, size_t upstreams, Shares shares)
    : limits_{calls, streams}, shares_(shares), upstreams_(upstreams) {}

int64_t Admission::ShareOf(Priority priority, int64_t limit) const {
  const auto rounded_up = [limit](int64_t percent) { return (limit * percent + 99) / 100; };
  switch (priority) {
    case Priority::kDeferrable:
      return rounded_up(shares_.deferrable_percent);
    case Priority::kNormal:
      return rounded_up(shares_.normal_percent);
    case Priority::kEssential:
      return limit;
  }
  return limit;
}

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

Admission::Answer Admission::Enter(Kind kind, int upstream, Priority priority, Place& place) {
  const Limits& limit = limits(kind);
  const Taken of_all = Take(total_.at(kind), ShareOf(priority, limit.total), limit.total);
  if (of_all != Taken::kYes) return of_all == Taken::kFull ? Answer::kFullInAll : Answer::kShed;
  const Taken there = Take(upstreams_[upstream].at(kind), ShareOf(priority, limit.per_upstream), limit.per_upstream);
  if (there != Taken::kYes) {
    total_.at(kind).fetch_sub(1, std::memory_order_relaxed);
    return there == Taken::kFull ? Answer::kFullForUpstream : Answer::kShed;
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
