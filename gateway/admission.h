// How many calls may be under way: in all, for one caller, towards one upstream. Nothing queues here: what is over a
// limit is refused at once, so one slow service or one greedy client cannot take the places of the others. Streams live
// long and have limits of their own. Under load the less urgent are refused first: each priority may fill only its
// share of the places, in all and towards each upstream, so that there is always one left for a payment.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "gateway/routes.h"

namespace gateway {

class Admission {
 public:
  // Most calls at once.
  struct Limits {
    int64_t total = 0;
    int64_t per_subject = 0;
    int64_t per_upstream = 0;
  };
  // Of the places, rounded up; essential calls may fill them all.
  struct Shares {
    int64_t deferrable_percent = 100;
    int64_t normal_percent = 100;
  };
  enum class Kind { kCall = 0, kStream = 1 };
  // kShed: there are places, but not for calls of this priority.
  enum class Answer { kAdmitted, kFullInAll, kFullForSubject, kFullForUpstream, kShed };

  Admission(Limits calls, Limits streams, size_t upstreams, Shares shares);

  // What one call holds; gives it back when it goes.
  class Place {
   public:
    Place() = default;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

   private:
    friend class Admission;
    Admission* admission_ = nullptr;
    Kind kind_ = Kind::kCall;
    int upstream_ = -1;
    std::string subject_;
    bool holds_subject_ = false;
  };

  // Before the caller is known, so that strangers cannot keep the gateway busy with bad tokens.
  Answer Enter(Kind kind, int upstream, Priority priority, Place& place);
  // Once the caller is known.
  Answer Join(std::string_view subject, Place& place);

  int64_t InFlight(Kind kind, int upstream) const {
    return upstreams_[upstream].at(kind).load(std::memory_order_relaxed);
  }

 private:
  struct Counts {
    std::array<std::atomic<int64_t>, 2> by_kind{};
    std::atomic<int64_t>& at(Kind kind) { return by_kind[static_cast<size_t>(kind)]; }
    const std::atomic<int64_t>& at(Kind kind) const { return by_kind[static_cast<size_t>(kind)]; }
  };

  const Limits& limits(Kind kind) const { return limits_[static_cast<size_t>(kind)]; }
  int64_t ShareOf(Priority priority, int64_t limit) const;

  const std::array<Limits, 2> limits_;
  const Shares shares_;
  Counts total_;
  std::vector<Counts> upstreams_;
  absl::Mutex mutex_;
  // Only subjects with calls under way stand here, so it is bounded by the total.
  absl::flat_hash_map<std::string, std::array<int64_t, 2>> subjects_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gateway
