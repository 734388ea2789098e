#include "gateway/limits/breaker.h"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

// Over, or in a future that a clock gone backwards made.
bool Past(absl::Time since, absl::Duration length, absl::Time now) { return now >= since + length || now < since; }

}  // namespace

std::string_view Name(Breaker::State state) {
  switch (state) {
    case Breaker::State::kClosed:
      return "closed";
    case Breaker::State::kHalfOpen:
      return "half_open";
    case Breaker::State::kOpen:
      return "open";
  }
  return "unknown";
}

Breaker::Breaker(Settings settings, std::function<void(State)> changed)
    : settings_(settings), changed_(std::move(changed)) {}

Breaker::State Breaker::state() const {
  absl::MutexLock lock(&mutex_);
  return state_;
}

bool Breaker::Admit(absl::Time now, Attempt& attempt) {
  if (settings_.failures <= 0) return true;
  absl::MutexLock lock(&mutex_);
  if (state_ == State::kOpen) {
    if (!Past(since_, settings_.open, now)) return false;
    Change(State::kHalfOpen, now);
  }
  if (state_ == State::kHalfOpen) {
    // Probes that never come back, streams that wait for an event, must not keep it half-open for ever.
    if (probes_left_ == 0 && Past(since_, settings_.open, now)) {
      probes_left_ = settings_.probes;
      since_ = now;
    }
    if (probes_left_ == 0) return false;
    --probes_left_;
  }
  attempt.breaker_ = this;
  attempt.epoch_ = epoch_;
  return true;
}

absl::Duration Breaker::RetryAfter(absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  if (state_ == State::kClosed) return absl::ZeroDuration();
  return std::clamp(since_ + settings_.open - now, absl::ZeroDuration(), settings_.open);
}

void Breaker::Attempt::Succeeded(absl::Time now) {
  if (Breaker* breaker = std::exchange(breaker_, nullptr)) breaker->Succeeded(epoch_, now);
}

void Breaker::Attempt::Failed(absl::Time now) {
  if (Breaker* breaker = std::exchange(breaker_, nullptr)) breaker->Failed(epoch_, now);
}

void Breaker::Attempt::Abandoned() {
  if (Breaker* breaker = std::exchange(breaker_, nullptr)) breaker->Abandoned(epoch_);
}

void Breaker::Succeeded(int64_t epoch, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (epoch != epoch_) return;
  if (state_ == State::kHalfOpen) return Change(State::kClosed, now);
  CountClosed(0, now);
}

void Breaker::Failed(int64_t epoch, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (epoch != epoch_) return;
  if (state_ == State::kHalfOpen) return Change(State::kOpen, now);
  CountClosed(1, now);
  if (failed_ >= settings_.failures && failed_ * 100 >= ended_ * settings_.share_percent) Change(State::kOpen, now);
}

void Breaker::Abandoned(int64_t epoch) {
  absl::MutexLock lock(&mutex_);
  if (epoch == epoch_ && state_ == State::kHalfOpen && probes_left_ < settings_.probes) ++probes_left_;
}

void Breaker::CountClosed(int64_t failed, absl::Time now) {
  if (Past(since_, settings_.window, now)) {
    since_ = now;
    ended_ = 0;
    failed_ = 0;
  }
  ++ended_;
  failed_ += failed;
}

void Breaker::Change(State state, absl::Time now) {
  state_ = state;
  ++epoch_;
  since_ = now;
  ended_ = 0;
  failed_ = 0;
  probes_left_ = state == State::kHalfOpen ? settings_.probes : 0;
  if (changed_) changed_(state);
}

}  // namespace gateway
