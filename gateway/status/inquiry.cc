#include "gateway/status/inquiry.h"

#include "absl/time/clock.h"

namespace gateway::status {
namespace {

// Pages that are asked for at the same time show the same figures.
constexpr absl::Duration kFresh = absl::Seconds(3);
// An asking under way when somebody comes, and then one more, take at most twice two seconds.
constexpr absl::Duration kPatience = absl::Seconds(5);

}  // namespace

Inquiry::Inquiry(std::string url) : url_(std::move(url)), thread_([this] { Run(); }) {}

Inquiry::~Inquiry() {
  Stop();
  thread_.join();
}

void Inquiry::Stop() {
  stopped_ = true;
  absl::MutexLock lock(&mutex_);
  for (grpc::Alarm* alarm : waiting_) alarm->Cancel();
}

bool Inquiry::Fresh(absl::Time now) const {
  return last_ != nullptr && now >= last_->asked_time && now < last_->asked_time + kFresh;
}

Task Inquiry::Get(grpc::CompletionQueue* queue, std::shared_ptr<const SuiteFigures>& figures) {
  const absl::Time now = absl::Now();
  Tag answered;
  grpc::Alarm alarm;
  std::list<grpc::Alarm*>::iterator place;
  bool fresh = false;
  {
    absl::MutexLock lock(&mutex_);
    fresh = Fresh(now) || stopped_;
    if (fresh) {
      figures = last_;
    } else {
      wanted_ = true;
      place = waiting_.insert(waiting_.end(), &alarm);
      alarm.Set(queue, absl::ToChronoTime(now + kPatience), &answered);
    }
  }
  if (fresh) co_return;
  // Rings when the answer is there, or patience ends.
  co_await answered;
  absl::MutexLock lock(&mutex_);
  waiting_.erase(place);
  figures = last_ != nullptr && last_->asked_time >= now - kFresh ? last_ : nullptr;
}

void Inquiry::Run() {
  const auto called = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return wanted_ || stopped_; };
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&called));
      if (stopped_) return;
      wanted_ = false;
    }
    auto asked = std::make_shared<const SuiteFigures>(AskPrometheus(url_, stopped_));
    absl::MutexLock lock(&mutex_);
    last_ = std::move(asked);
    for (grpc::Alarm* alarm : waiting_) alarm->Cancel();
  }
}

}  // namespace gateway::status
