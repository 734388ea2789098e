#include "chassis/identity/key_refresher.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "chassis/telemetry/log.h"

namespace chassis::identity {
namespace {

constexpr int kSoonerAfterFailure = 10;

}  // namespace

KeyRefresher::KeyRefresher(std::vector<IssuerKeys*> issuers, Intervals intervals, std::function<void()> changed)
    : intervals_(intervals), changed_(std::move(changed)) {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  for (IssuerKeys* keys : issuers) {
    const bool have_some = !keys->InForce()->empty();
    entries_.push_back({keys, now + (have_some ? intervals_.refresh : intervals_.refresh / kSoonerAfterFailure)});
  }
  if (!entries_.empty()) thread_ = std::thread([this] { Run(); });
}

KeyRefresher::~KeyRefresher() {
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool KeyRefresher::Want(const IssuerKeys& issuer, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  for (Entry& entry : entries_) {
    if (entry.keys != &issuer) continue;
    if (entry.wanted || (now >= entry.last_wanted && now < entry.last_wanted + intervals_.refetch)) return false;
    entry.last_wanted = now;
    entry.wanted = true;
    return true;
  }
  return false;
}

bool KeyRefresher::AnyWanted() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.wanted; });
}

absl::Time KeyRefresher::NextDue() const {
  absl::Time next = absl::InfiniteFuture();
  for (const Entry& entry : entries_) next = std::min(next, entry.due);
  return next;
}

void KeyRefresher::Run() {
  const auto called = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || AnyWanted(); };
  absl::MutexLock lock(&mutex_);
  while (!stop_) {
    mutex_.AwaitWithDeadline(absl::Condition(&called), NextDue());
    const absl::Time now = absl::Now();
    // The list of entries never changes, so a position stays good while the lock is let go.
    for (size_t i = 0; i < entries_.size() && !stop_; ++i) {
      if (!entries_[i].wanted && entries_[i].due > now) continue;
      IssuerKeys& keys = *entries_[i].keys;
      entries_[i].wanted = false;  // who wants it while it is fetched gets another
      mutex_.Unlock();
      bool changed = false;
      const absl::Status status = keys.Load(&changed);
      if (changed) changed_();
      if (!status.ok()) {
        log::Error("keys were not fetched, the old ones stay",
                   {{"issuer", keys.settings().issuer}, {"why", std::string(status.message())}});
      }
      mutex_.Lock();
      entries_[i].due = absl::Now() + (status.ok() ? intervals_.refresh : intervals_.refresh / kSoonerAfterFailure);
    }
  }
}

}  // namespace chassis::identity
