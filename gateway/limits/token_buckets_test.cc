#include "gateway/limits/token_buckets.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gateway {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

int TakeAll(TokenBuckets& buckets, const std::string& key, absl::Time now) {
  int taken = 0;
  while (buckets.Take(key, now).allowed) ++taken;
  return taken;
}

TEST(TokenBuckets, GiveTheBurstAtOnceAndThenTheRate) {
  TokenBuckets buckets({.per_second = 10, .burst = 5}, 1000);
  EXPECT_EQ(TakeAll(buckets, "wang", kNow), 5);
  EXPECT_EQ(TakeAll(buckets, "li", kNow), 5) << "everybody has a bucket of their own";
  EXPECT_EQ(TakeAll(buckets, "wang", kNow + absl::Milliseconds(99)), 0);
  EXPECT_EQ(TakeAll(buckets, "wang", kNow + absl::Milliseconds(300)), 3);
  EXPECT_EQ(TakeAll(buckets, "wang", kNow + absl::Hours(1)), 5) << "no more than the burst, however long the rest";
}

TEST(TokenBuckets, TellHowACallerStands) {
  TokenBuckets buckets({.per_second = 2, .burst = 4}, 1000);
  Standing standing = buckets.Take("wang", kNow);
  EXPECT_TRUE(standing.allowed);
  EXPECT_EQ(standing.limit, 4);
  EXPECT_EQ(standing.remaining, 3);
  EXPECT_EQ(standing.reset, absl::Milliseconds(500));
  for (int i = 0; i < 3; ++i) standing = buckets.Take("wang", kNow);
  EXPECT_EQ(standing.remaining, 0);
  standing = buckets.Take("wang", kNow);
  EXPECT_FALSE(standing.allowed);
  EXPECT_EQ(standing.retry_after, absl::Milliseconds(500));
  EXPECT_EQ(standing.reset, absl::Seconds(2));
  EXPECT_TRUE(buckets.Take("wang", kNow + standing.retry_after).allowed) << "the time told is enough";
}

TEST(TokenBuckets, AreNotTouchedByRefusedCalls) {
  TokenBuckets buckets({.per_second = 1, .burst = 1}, 1000);
  EXPECT_TRUE(buckets.Take("wang", kNow).allowed);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(buckets.Take("wang", kNow).allowed);
  EXPECT_TRUE(buckets.Take("wang", kNow + absl::Seconds(1)).allowed);
}

TEST(TokenBuckets, KeepNobodyOutForLongWhenTheClockGoesBack) {
  TokenBuckets buckets({.per_second = 1, .burst = 3}, 1000);
  EXPECT_EQ(TakeAll(buckets, "wang", kNow), 3);
  const absl::Time back = kNow - absl::Hours(5);
  EXPECT_FALSE(buckets.Take("wang", back).allowed);
  EXPECT_TRUE(buckets.Take("wang", back + absl::Seconds(1)).allowed);
}

TEST(TokenBuckets, ForgetTheFullOnesAndStayBounded) {
  TokenBuckets buckets({.per_second = 1, .burst = 2}, 160);
  EXPECT_EQ(TakeAll(buckets, "greedy", kNow), 2);
  for (int i = 0; i < 10'000; ++i) {
    // Each long after the one before: all but the greedy one's bucket are full again, and it empties its own.
    const absl::Time now = kNow + absl::Seconds(3) * i;
    TakeAll(buckets, "greedy", now);
    buckets.Take(absl::StrCat("passer-by ", i), now);
    EXPECT_FALSE(buckets.Take("greedy", now).allowed) << "an empty bucket is not forgotten for a full one";
  }
  EXPECT_LE(buckets.size(), 160);
  for (int i = 0; i < 10'000; ++i) TakeAll(buckets, absl::StrCat("crowd ", i), kNow + absl::Hours(24));
  EXPECT_LE(buckets.size(), 160);
}

TEST(TokenBuckets, GiveNoTokenTwiceUnderContention) {
  TokenBuckets buckets({.per_second = 1, .burst = 1000}, 1000);
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) taken += buckets.Take("wang", kNow).allowed ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1000);
}

TEST(Rates, AreReadFromTheirSetting) {
  EXPECT_TRUE(ParseRate("r", "0")->unlimited());
  EXPECT_TRUE(ParseRate("r", "")->unlimited());
  EXPECT_EQ(ParseRate("r", "50")->burst, 50);
  EXPECT_EQ(ParseRate("r", "50/200")->burst, 200);
  EXPECT_EQ(ParseRate("r", "0.5")->burst, 1);
  for (const char* wrong : {"many", "-1", "1/0", "1/2/3", "1/x", "nan", "inf"}) {
    const auto rate = ParseRate("rate-client-read", wrong);
    ASSERT_FALSE(rate.ok()) << wrong;
    EXPECT_NE(std::string(rate.status().message()).find("rate-client-read"), std::string::npos);
  }
  TokenBuckets none(*ParseRate("r", "0"), 100);
  EXPECT_TRUE(none.Take("wang", kNow).allowed);
  EXPECT_EQ(none.Take("wang", kNow).limit, 0);
}

}  // namespace
}  // namespace gateway
