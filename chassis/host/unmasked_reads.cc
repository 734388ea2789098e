// Group commit of audit entries.
#include "chassis/host/unmasked_reads.h"

#include <algorithm>
#include <vector>

namespace chassis {
namespace {

constexpr size_t kSharedMax = 50;
constexpr absl::Duration kDeadline = absl::Seconds(10);

}  // namespace

absl::Status UnmaskedReads::Record(Host& host, Command read) {
  Waiting mine{.read = std::move(read), .done = false, .status = absl::OkStatus()};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  finished_.wait(lock, [&] { return mine.done || !writing_; });
  // Whoever finds nobody writing writes for the first of the queue, and goes on until its own entry was among them.
  while (!mine.done) {
    writing_ = true;
    const size_t count = std::min(waiting_.size(), kSharedMax);
    const std::vector<Waiting*> together(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    lock.unlock();
    std::vector<Host::Share> shares;
    for (const Waiting* entry : together) {
      shares.push_back({entry->read, [](UnitOfWork& work) {
                          work.Because("unmasked read");
                          return absl::OkStatus();
                        }});
    }
    const absl::Status status = host.CommitTogether(host.clock().Now() + kDeadline, nullptr, shares);
    lock.lock();
    for (Waiting* entry : together) {
      entry->status = status;
      entry->done = true;
    }
    writing_ = false;
    finished_.notify_all();
  }
  return mine.status;
}

}  // namespace chassis
