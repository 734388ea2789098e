#include "chassis/time/amounts.h"

#include <cstdint>
#include <numeric>
#include <random>

#include "gtest/gtest.h"

namespace chassis {
namespace {

TEST(MulDiv, RoundsHalfAwayFromZeroOnBothSides) {
  EXPECT_EQ(MulDiv(1, 1, 2), 1);
  EXPECT_EQ(MulDiv(-1, 1, 2), -1);
  EXPECT_EQ(MulDiv(1, 1, 3), 0);
  EXPECT_EQ(MulDiv(2, 1, 3), 1);
  EXPECT_EQ(MulDiv(-2, 1, 3), -1);
  EXPECT_EQ(MulDiv(5, 1, 10), 1);
  EXPECT_EQ(MulDiv(4, 1, 10), 0);
  EXPECT_EQ(MulDiv(7, 3, 1), 21);
  EXPECT_EQ(MulDiv(0, 5, 7), 0);
}

TEST(MulDiv, ComputesBeyond64Bits) {
  EXPECT_EQ(MulDiv(INT64_MAX, 10000, 10000), INT64_MAX);
  EXPECT_EQ(MulDiv(INT64_MIN, 1000, 1000), INT64_MIN);
  EXPECT_EQ(MulDiv(INT64_MAX / 2, 4, 4), INT64_MAX / 2);
}

TEST(MulDivDeathTest, EndsTheProgramRatherThanWrap) {
  EXPECT_DEATH(MulDiv(INT64_MAX, 2, 1), "left the range");
  EXPECT_DEATH(MulDiv(1, 1, 0), "positive denominator");
}

TEST(Extend, PricesFractionsOfAUnit) {
  EXPECT_EQ(Extend(8800, 4500), 39600);  // 4.5 litres of oil at 88.00
  EXPECT_EQ(Extend(999, 1), 1);          // 0.999 rounds up
  EXPECT_EQ(Extend(499, 1), 0);
  EXPECT_EQ(Extend(500, 1), 1);
  EXPECT_EQ(Extend(-8800, 4500), -39600);  // a return mirrors the issue
}

TEST(Portion, TakesBasisPoints) {
  EXPECT_EQ(Portion(100000, 5000), 50000);  // the 50 % deposit
  EXPECT_EQ(Portion(12345, 500), 617);      // 617.25
  EXPECT_EQ(Portion(12350, 500), 618);      // 617.5
  EXPECT_EQ(Portion(0, 1300), 0);
}

TEST(TaxInside, LeavesNetPlusTaxEqualToGross) {
  EXPECT_EQ(TaxInside(11300, 1300), 1300);
  EXPECT_EQ(TaxInside(-11300, 1300), -1300);
  EXPECT_EQ(TaxInside(100, 0), 0);
  for (int64_t gross = 0; gross < 5000; ++gross) {
    const int64_t tax = TaxInside(gross, 1300);
    // Net to the cent: what the net would be taxed with is the tax, but for the rounding of one unit.
    EXPECT_LE(std::abs(Portion(gross - tax, 1300) - tax), 1) << gross;
  }
}

TEST(Split, GivesRemaindersToTheLargestClaims) {
  EXPECT_EQ(Split(100, {1, 1, 1}), (std::vector<int64_t>{34, 33, 33}));
  EXPECT_EQ(Split(100, {2, 1}), (std::vector<int64_t>{67, 33}));
  EXPECT_EQ(Split(-100, {1, 1, 1}), (std::vector<int64_t>{-34, -33, -33}));
  EXPECT_EQ(Split(5, {0, 10, 0}), (std::vector<int64_t>{0, 5, 0}));
  EXPECT_EQ(Split(1, {1, 1, 1, 1}), (std::vector<int64_t>{1, 0, 0, 0}));
}

TEST(Split, GivesAllToTheFirstWhenNobodyHasAClaim) {
  EXPECT_EQ(Split(7, {0, 0}), (std::vector<int64_t>{7, 0}));
  EXPECT_TRUE(Split(7, {}).empty());
}

TEST(Split, SumsExactlyForAnyWeights) {
  std::mt19937_64 random(42);
  for (int round = 0; round < 2000; ++round) {
    const int64_t amount = static_cast<int64_t>(random() % 20'000'000) - 10'000'000;
    std::vector<int64_t> weights(1 + random() % 12);
    for (int64_t& weight : weights) weight = static_cast<int64_t>(random() % 1'000'000);
    const std::vector<int64_t> parts = Split(amount, weights);
    ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), int64_t{0}), amount);
    const int64_t total = std::accumulate(weights.begin(), weights.end(), int64_t{0});
    if (total == 0) continue;
    for (size_t i = 0; i < parts.size(); ++i) {
      const auto exact = static_cast<long double>(amount) * weights[i] / total;
      ASSERT_LT(std::abs(static_cast<long double>(parts[i]) - exact), 1.0L);
    }
  }
}

TEST(Split, SurvivesLargeAmounts) {
  EXPECT_EQ(Split(INT64_MAX, {INT64_MAX, INT64_MAX}), (std::vector<int64_t>{INT64_MAX / 2 + 1, INT64_MAX / 2}));
}

TEST(AmountText, ShowsWhatPeopleRead) {
  EXPECT_EQ(AmountText(936613, "CNY"), "9,366.13 CNY");
  EXPECT_EQ(AmountText(123456789, "CNY"), "1,234,567.89 CNY");
  EXPECT_EQ(AmountText(5, "CNY"), "0.05 CNY");
  EXPECT_EQ(AmountText(-100000, "CNY"), "-1,000.00 CNY");
  EXPECT_EQ(AmountText(0, "CNY"), "0.00 CNY");
  EXPECT_EQ(AmountText(1500, "JPY"), "1,500 JPY");
  EXPECT_EQ(AmountText(1500, "KWD"), "1.500 KWD");
  EXPECT_EQ(AmountText(INT64_MIN, "CNY"), "-92,233,720,368,547,758.08 CNY");
  EXPECT_EQ(AmountText(936613, ""), "936613");
}

}  // namespace
}  // namespace chassis
