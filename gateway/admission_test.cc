#include "gateway/admission.h"

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
                      {.total = 1, .per_subject = 1, .per_upstream = 1}, 2);
  auto first = std::make_unique<Admission::Place>();
  Admission::Place second, third, stream, refused;
  EXPECT_EQ(admission.Enter(Kind::kCall, 0, *first), Answer::kAdmitted);
  EXPECT_EQ(admission.Enter(Kind::kCall, 0, second), Answer::kAdmitted);
  EXPECT_EQ(admission.Enter(Kind::kCall, 0, refused), Answer::kFullForUpstream);
  EXPECT_EQ(admission.Enter(Kind::kCall, 1, third), Answer::kAdmitted);
  EXPECT_EQ(admission.Enter(Kind::kCall, 1, refused), Answer::kFullInAll);
  EXPECT_EQ(admission.Join("wang", *first), Answer::kAdmitted);
  EXPECT_EQ(admission.Join("wang", second), Answer::kAdmitted);
  EXPECT_EQ(admission.Join("wang", third), Answer::kFullForSubject);
  EXPECT_EQ(admission.Enter(Kind::kStream, 0, stream), Answer::kAdmitted);
  EXPECT_EQ(admission.Join("wang", stream), Answer::kAdmitted);

  first.reset();
  EXPECT_EQ(admission.InFlight(Kind::kCall, 0), 1);
  EXPECT_EQ(admission.Join("wang", third), Answer::kAdmitted);
  EXPECT_EQ(admission.Enter(Kind::kCall, 0, refused), Answer::kAdmitted);
}

TEST(Admission, NeverLetsMoreInThanItsLimitUnderContention) {
  Admission admission({.total = 4, .per_subject = 4, .per_upstream = 4}, {}, 1);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 2000; ++j) {
        Admission::Place place;
        if (admission.Enter(Kind::kCall, 0, place) != Answer::kAdmitted) continue;
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
