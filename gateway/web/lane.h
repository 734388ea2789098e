// What the connections of a server share: limits, counts, the phase of its life; and the lanes they live on, each one
// thread with its connections and one that hands over what their calls complete.
#pragma once

#include <grpcpp/grpcpp.h>

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/web/server.h"

namespace gateway::web {

class Connection;

// A server only goes forward through them.
enum class Phase { kServing, kLeaving, kDraining, kEnding };

// Connections in all and by address; shared by the lanes.
class Census {
 public:
  enum class Answer { kAdmitted, kFullInAll, kFullForAddress };
  Census(const ServerLimits& limits, const ServerMetrics& metrics) : limits_(limits), metrics_(metrics) {}

  Answer Enter(const std::string& address) {
    absl::MutexLock lock(&mutex_);
    if (total_ >= limits_.connections_max) return Answer::kFullInAll;
    int64_t& of_address = by_address_[address];
    if (of_address >= limits_.connections_per_address_max) return Answer::kFullForAddress;
    ++of_address;
    ++total_;
    Show();
    return Answer::kAdmitted;
  }
  void Leave(const std::string& address) {
    absl::MutexLock lock(&mutex_);
    const auto found = by_address_.find(address);
    if (--found->second == 0) by_address_.erase(found);
    --total_;
    Show();
  }
  int64_t total() const {
    absl::MutexLock lock(&mutex_);
    return total_;
  }
  // False: some are left at `end`.
  bool AwaitNone(absl::Time end) const {
    absl::MutexLock lock(&mutex_);
    const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return total_ == 0; };
    return mutex_.AwaitWithDeadline(absl::Condition(&none), end);
  }

 private:
  void Show() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (metrics_.connections != nullptr) metrics_.connections->Set(static_cast<double>(total_));
  }
  const ServerLimits limits_;
  const ServerMetrics metrics_;
  mutable absl::Mutex mutex_;
  int64_t total_ ABSL_GUARDED_BY(mutex_) = 0;
  // Only addresses with connections stand here.
  absl::flat_hash_map<std::string, int64_t> by_address_ ABSL_GUARDED_BY(mutex_);
};

class ServerState {
 public:
  // `site` outlives it.
  ServerState(const ServerLimits& limits, const ServerMetrics& metrics, Site& site)
      : limits_(limits), metrics_(metrics), site_(site), census_(limits, metrics) {}

  Phase phase() const { return phase_.load(std::memory_order_relaxed); }
  void Enter(Phase phase) {
    Phase now = phase_.load();
    while (now < phase && !phase_.compare_exchange_weak(now, phase)) {
    }
  }
  const ServerLimits& limits() const { return limits_; }
  const ServerMetrics& metrics() const { return metrics_; }
  Site& site() { return site_; }
  Census& census() { return census_; }
  const Census& census() const { return census_; }

 private:
  const ServerLimits limits_;
  const ServerMetrics metrics_;
  Site& site_;
  Census census_;
  std::atomic<Phase> phase_{Phase::kServing};
};

// One thread with its connections, and beside it one that hands over what the calls' queue completes.
struct WebLane {
  static constexpr size_t kReadBytes = 16 * 1024;

  WebLane() : io(1), timer(io), work(io.get_executor()) {}

  void Start(std::function<void()> regularly);
  void LookAfter(std::function<void()> regularly);
  // When no connection is left.
  void Stop();
  std::string_view Date();

  boost::asio::io_context io;
  boost::asio::steady_timer timer;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  grpc::CompletionQueue calls;
  std::list<Connection*> connections;
  std::array<char, kReadBytes> scratch;
  std::thread thread;
  std::thread calls_thread;
  bool stopping = false;
  int64_t date_second = 0;
  std::string date;
};

}  // namespace gateway::web
