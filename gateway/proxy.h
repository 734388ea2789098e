// Carries calls through as bytes: all four kinds, headers and trailers, status details, deadlines and cancellation both
// ways. Per direction one message is under way: the next is read only when the last was taken over, so a slow reader
// slows the writer instead of filling the gateway. What a call must satisfy and how it ends is Passage's business.
#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/completion.h"
#include "gateway/passage.h"

namespace gateway {

class Proxy {
 public:
  explicit Proxy(Door& door) : door_(door) {}

  grpc::AsyncGenericService& service() { return service_; }

  // Takes in the lane's next call, and the next after that, until the server shuts down. Before the lane starts, or on
  // its thread.
  void Open(Lane& lane);
  // Waits until no operation is under way. After the server has shut down.
  void AwaitEnd();

 private:
  struct Call;

  Detached Serve(Lane& lane);
  bool Admit(Call& call);

  Task Carry(Call& call);
  Task Unary(Call& call);
  Task Stream(Call& call);
  Task Upward(Call& call);
  Task Downward(Call& call);
  Task AwaitDone(Call& call);
  // Fixes the status the client gets and the trailers that go with it.
  void Conclude(Call& call);

  Door& door_;
  grpc::AsyncGenericService service_;
  absl::Mutex mutex_;
  // Those that wait for a call included.
  int64_t coroutines_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace gateway
