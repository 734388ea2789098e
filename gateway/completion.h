// Completion-queue events as things a coroutine can wait for. A lane is one queue with one thread; a call and all its
// operations, towards the client and towards the service, stay on the lane that took it in, so a call needs no locks.
//
//   stream.Read(&message, &read);      // `read` is a Tag that outlives the operation
//   const bool ok = co_await read;
//
// g++ 12 lays a coroutine's frame out wrongly when co_await stands inside a condition (`if (!co_await read)`), and
// copies what `co_await *pointer` names: await a named thing, into a named result.
#pragma once

#include <grpcpp/grpcpp.h>

#include <coroutine>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace gateway {

// One operation under way. Its address is the operation's tag, so it neither moves nor copies.
class Tag {
 public:
  Tag() = default;
  Tag(const Tag&) = delete;
  Tag& operator=(const Tag&) = delete;

  bool await_ready() const noexcept { return arrived_; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
  bool await_resume() noexcept {
    arrived_ = false;
    return ok_;
  }

  // May destroy the tag: the coroutine that waited may end.
  void Arrive(bool ok) {
    ok_ = ok;
    arrived_ = true;
    if (std::coroutine_handle<> waiter = std::exchange(waiter_, nullptr)) waiter.resume();
  }

 private:
  std::coroutine_handle<> waiter_;
  bool arrived_ = false;
  bool ok_ = false;
};

// A coroutine that starts at once, belongs to nobody and frees itself at its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

// A coroutine that starts at once and is waited for by the one that holds it, which must not let go before the end.
class Task {
 public:
  struct promise_type {
    std::coroutine_handle<> waiter;

    struct Handover {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
        if (ended.promise().waiter) return ended.promise().waiter;
        return std::noop_coroutine();
      }
      void await_resume() const noexcept {}
    };
    Task get_return_object() noexcept { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_never initial_suspend() noexcept { return {}; }
    Handover final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return handle_.done(); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { handle_.promise().waiter = waiter; }
  void await_resume() const noexcept {}

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// Something on a lane that has limits of time no completion tells of.
class Watched {
 public:
  virtual ~Watched() = default;
  // May start operations, but must not end this object.
  virtual void Look(absl::Time now) = 0;
};

// A completion queue and its thread. Once it has started, everything but Stop happens on that thread.
class Lane {
 public:
  using Watch = std::list<Watched*>::iterator;

  explicit Lane(std::unique_ptr<grpc::ServerCompletionQueue> queue) : queue_(std::move(queue)) {}

  grpc::ServerCompletionQueue* queue() { return queue_.get(); }
  Watch Join(Watched& watched) { return watched_.insert(watched_.end(), &watched); }
  void Leave(Watch watch) { watched_.erase(watch); }

  // `regularly` runs about every `interval`, when also the watched are looked at. The first operations are begun
  // before, by whoever calls this: begun on the new thread they might come after Stop.
  void Start(std::function<void()> regularly, absl::Duration interval) {
    thread_ = std::thread([this, regularly = std::move(regularly), interval] { Turn(regularly, interval); });
  }
  // No operation that could start another may be under way any more.
  void Stop() {
    queue_->Shutdown();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Turn(const std::function<void()>& regularly, absl::Duration interval) {
    absl::Time next_look = absl::Now() + interval;
    for (;;) {
      void* tag = nullptr;
      bool ok = false;
      const auto outcome = queue_->AsyncNext(&tag, &ok, absl::ToChronoTime(next_look));
      if (outcome == grpc::CompletionQueue::SHUTDOWN) return;
      if (outcome == grpc::CompletionQueue::GOT_EVENT) static_cast<Tag*>(tag)->Arrive(ok);
      const absl::Time now = absl::Now();
      if (now < next_look) continue;
      for (Watched* watched : watched_) watched->Look(now);
      regularly();
      next_look = now + interval;
    }
  }

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::list<Watched*> watched_;
  std::thread thread_;
};

}  // namespace gateway
