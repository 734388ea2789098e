#include "gateway/limits/breaker.h"

#include <deque>
#include <memory>
#include <vector>

#include "gtest/gtest.h"

namespace gateway {
namespace {

using State = Breaker::State;
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class BreakerTest : public testing::Test {
 protected:
  BreakerTest() : breaker_(kSettings, [this](State state) { seen_.push_back(state); }) {}

  bool Admits(absl::Time now) {
    Breaker::Attempt attempt;
    return breaker_.Admit(now, attempt);
  }
  void Fail(int times, absl::Time now) {
    for (int i = 0; i < times; ++i) {
      Breaker::Attempt attempt;
      ASSERT_TRUE(breaker_.Admit(now, attempt));
      attempt.Failed(now);
    }
  }
  void Succeed(int times, absl::Time now) {
    for (int i = 0; i < times; ++i) {
      Breaker::Attempt attempt;
      ASSERT_TRUE(breaker_.Admit(now, attempt));
      attempt.Succeeded(now);
    }
  }

  static constexpr Breaker::Settings kSettings = {
      .failures = 5, .share_percent = 50, .window = absl::Seconds(10), .open = absl::Seconds(2), .probes = 2};
  std::vector<State> seen_;
  Breaker breaker_;
};

TEST_F(BreakerTest, OpensAfterSoManyFailuresInAWindow) {
  Fail(4, kNow);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  Fail(1, kNow + absl::Seconds(9));
  EXPECT_EQ(breaker_.state(), State::kOpen);
  EXPECT_FALSE(Admits(kNow + absl::Seconds(9)));
  EXPECT_EQ(breaker_.RetryAfter(kNow + absl::Seconds(10)), absl::Seconds(1));
  EXPECT_EQ(seen_, std::vector<State>{State::kOpen});
}

TEST_F(BreakerTest, ForgetsTheFailuresOfAnOlderWindow) {
  Fail(4, kNow);
  Fail(4, kNow + absl::Seconds(10));
  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(BreakerTest, StaysClosedWhileMostCallsSucceed) {
  Succeed(100, kNow);
  Fail(50, kNow);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  Fail(50, kNow);
  EXPECT_EQ(breaker_.state(), State::kOpen);
}

TEST_F(BreakerTest, LetsAFewTryAndClosesOnTheFirstSuccess) {
  Fail(5, kNow);
  const absl::Time later = kNow + absl::Seconds(2);
  Breaker::Attempt first, second, third;
  EXPECT_TRUE(breaker_.Admit(later, first));
  EXPECT_TRUE(breaker_.Admit(later, second));
  EXPECT_FALSE(breaker_.Admit(later, third));
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
  first.Succeeded(later);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  EXPECT_TRUE(Admits(later));
  second.Failed(later);
  EXPECT_EQ(breaker_.state(), State::kClosed) << "it set out before";
  EXPECT_EQ(seen_, (std::vector<State>{State::kOpen, State::kHalfOpen, State::kClosed}));
}

TEST_F(BreakerTest, OpensAgainOnTheFirstFailureOfATry) {
  Fail(5, kNow);
  const absl::Time later = kNow + absl::Seconds(2);
  Fail(1, later);
  EXPECT_EQ(breaker_.state(), State::kOpen);
  EXPECT_FALSE(Admits(later + absl::Seconds(1)));
  EXPECT_TRUE(Admits(later + absl::Seconds(2)));
}

TEST_F(BreakerTest, GivesTheTryOfAnAbandonedCallToAnother) {
  Fail(5, kNow);
  const absl::Time later = kNow + absl::Seconds(2);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Admits(later)) << "each leaves without a word";
  EXPECT_EQ(breaker_.state(), State::kHalfOpen);
}

TEST_F(BreakerTest, DoesNotWaitForTriesThatNeverEnd) {
  Fail(5, kNow);
  const absl::Time later = kNow + absl::Seconds(2);
  std::deque<Breaker::Attempt> streams(2);
  for (Breaker::Attempt& stream : streams) EXPECT_TRUE(breaker_.Admit(later, stream));
  EXPECT_FALSE(Admits(later + absl::Seconds(1)));
  Succeed(1, later + absl::Seconds(2));
  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(BreakerTest, OpensForNoLongerWhenTheClockGoesBack) {
  Fail(5, kNow);
  EXPECT_TRUE(Admits(kNow - absl::Hours(1)));
  EXPECT_LE(breaker_.RetryAfter(kNow - absl::Hours(2)), absl::Seconds(2));
}

TEST(Breaker, NeverOpensWhenItIsTurnedOff) {
  Breaker breaker({.failures = 0});
  for (int i = 0; i < 1000; ++i) {
    Breaker::Attempt attempt;
    ASSERT_TRUE(breaker.Admit(kNow, attempt));
    attempt.Failed(kNow);
  }
  EXPECT_EQ(breaker.state(), State::kClosed);
}

}  // namespace
}  // namespace gateway
