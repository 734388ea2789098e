#include "chassis/server/twins.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "aftersales/common/v1/errors.pb.h"
#include "chassis/status/refusal.h"

namespace chassis {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

// Handbook: G-07
TEST(Twins, RunOneAfterTheOther) {
  Twins twins;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 16; ++i) {
    callers.emplace_back([&] {
      const auto turn = twins.Enter("li.na/1", kPatience);
      EXPECT_TRUE(turn.ok()) << turn.status();
      const int now = ++inside;
      if (now > most) most = now;
      std::this_thread::yield();
      --inside;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(most, 1);
}

TEST(Twins, DoNotHoldUpStrangers) {
  Twins twins;
  const auto one = twins.Enter("li.na/1", kPatience);
  EXPECT_TRUE(twins.Enter("li.na/2", absl::ZeroDuration()).ok());
  EXPECT_TRUE(twins.Enter("wang.wei/1", absl::ZeroDuration()).ok());
}

TEST(Twins, GiveUpAtTheDeadlineAndComeInLater) {
  Twins twins;
  {
    const auto first = twins.Enter("li.na/1", kPatience);
    const auto second = twins.Enter("li.na/1", absl::Milliseconds(1));
    EXPECT_TRUE(IsRefusal(second.status(), aftersales::common::v1::ERROR_REASON_DEADLINE)) << second.status();
  }
  EXPECT_TRUE(twins.Enter("li.na/1", absl::ZeroDuration()).ok());
}

}  // namespace
}  // namespace chassis
