#include "gateway/admission.h"

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace gateway {
namespace {

using Answer = Admission::Answer;
using Kind = Admission::Kind;

TEST(Admission, RefusesBeyondEachLimitAndTakesPlacesBack) {
  Admission admission({.total = 3, .per_subject = 2, .per_upstream = 2},
                      {.total = 1, .per_subject = 1, .per_upstream = 1}, 2, {});
  auto first = std::make_unique<Admission::Place>();
  Admission::Place second, third, stream, refused;
  EXPECT_EQ(admission.Enter(Kind::kCall, 0, Priority::kNormal, *first), Answer::kAdmitted);
  EXPECT_EQ(admission.Enter(Kind::kCall, 0, Priority::kNormal, second), Answer::kAdmitted);
  EXPECT_EQ(admission.Enter(Kind::kCall, 0, Priority::kNormal, refused), Answer::kFullForUpstream);
  EXPECT_EQ(admission.Enter(Kind::kCall, 1, Priority::kNormal, third), Answer::kAdmitted);
  EXPECT_EQ(admission.Enter(Kind::kCall, 1, Priority::kNormal, refused), Answer::kFullInAll);
  EXPECT_EQ(admission.Join("wang", *first), Answer::kAdmitted);
  EXPECT_EQ(admission.Join("wang", second), Answer::kAdmitted);
  EXPECT_EQ(admission.Join("wang", third), Answer::kFullForSubject);
  EXPECT_EQ(admission.Enter(Kind::kStream, 0, Priority::kNormal, stream), Answer::kAdmitted);
  EXPECT_EQ(admission.Join("wang", stream), Answer::kAdmitted);

  first.reset();
  EXPECT_EQ(admission.InFlight(Kind::kCall, 0), 1);
  EXPECT_EQ(admission.Join("wang", third), Answer::kAdmitted);
  EXPECT_EQ(admission.Enter(Kind::kCall, 0, Priority::kNormal, refused), Answer::kAdmitted);
}

TEST(Admission, KeepsPlacesForTheMoreUrgent) {
  Admission admission({.total = 20, .per_subject = 20, .per_upstream = 10}, {}, 2,
                      {.deferrable_percent = 60, .normal_percent = 90});
  std::deque<Admission::Place> places;
  const auto enter = [&](int upstream, Priority priority) {
    return admission.Enter(Kind::kCall, upstream, priority, places.emplace_back());
  };
  const auto admitted = [&](int upstream, Priority priority) {
    int count = 0;
    while (enter(upstream, priority) == Answer::kAdmitted) ++count;
    return count;
  };
  EXPECT_EQ(admitted(0, Priority::kDeferrable), 6);
  EXPECT_EQ(enter(0, Priority::kDeferrable), Answer::kShed);
  EXPECT_EQ(admitted(0, Priority::kNormal), 3);
  EXPECT_EQ(enter(0, Priority::kNormal), Answer::kShed);
  EXPECT_EQ(admitted(0, Priority::kEssential), 1);
  EXPECT_EQ(enter(0, Priority::kEssential), Answer::kFullForUpstream);
  // In all, too: ten of twenty are taken, so two reports are left of their twelve.
  EXPECT_EQ(admitted(1, Priority::kDeferrable), 2);
  EXPECT_EQ(admitted(1, Priority::kNormal), 6);
  EXPECT_EQ(enter(1, Priority::kNormal), Answer::kShed);
  EXPECT_EQ(admitted(1, Priority::kEssential), 2);
  EXPECT_EQ(enter(1, Priority::kEssential), Answer::kFullInAll);
  places.clear();
  EXPECT_EQ(enter(0, Priority::kDeferrable), Answer::kAdmitted);
}

TEST(Admission, NeverLetsMoreInThanItsLimitUnderContention) {
  Admission admission({.total = 4, .per_subject = 4, .per_upstream = 4}, {}, 1, {});
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 2000; ++j) {
        Admission::Place place;
        if (admission.Enter(Kind::kCall, 0, Priority::kNormal, place) != Answer::kAdmitted) continue;
        if (admission.Join("wang", place) != Answer::kAdmitted) continue;
        const int now = ++inside;
        int seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 4);
  EXPECT_EQ(admission.InFlight(Kind::kCall, 0), 0);
}

}  // namespace
}  // namespace gateway
