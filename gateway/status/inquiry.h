// Asks Prometheus for the status page, on a thread of its own: a lane of the admin door must answer probes while
// Prometheus thinks. Nobody is asked while nobody looks, and however many look at once, there is one asking.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/completion.h"
#include "gateway/status/suite_figures.h"

namespace gateway::status {

class Inquiry {
 public:
  // `url`: of Prometheus, checked already (fetch.h).
  explicit Inquiry(std::string url);
  ~Inquiry();

  const std::string& url() const { return url_; }
  // What Prometheus says, a few seconds old at most. Waits on `queue`, whose events arrive on the caller's thread.
  // Null: it took longer than the inquiry may.
  Task Get(grpc::CompletionQueue* queue, std::shared_ptr<const SuiteFigures>& figures);
  // Nobody waits any more, and nobody will.
  void Stop();

 private:
  void Run();
  bool Fresh(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string url_;
  std::atomic<bool> stopped_{false};
  absl::Mutex mutex_;
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<const SuiteFigures> last_ ABSL_GUARDED_BY(mutex_);
  std::list<grpc::Alarm*> waiting_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace gateway::status
