// A million random movements of one part: the value kept is to the fen what 128-bit arithmetic says, and never drifts
// from what came in and what went out.
#include <gtest/gtest.h>

#include <random>

#include "parts-svc/ledger/ledger_rules.h"

namespace parts {
namespace {

using Wide = __int128;

// Half away from zero, written down a second time.
int64_t Rounded(Wide dividend, Wide divisor) {
  const Wide twice = dividend * 2;
  return static_cast<int64_t>(twice >= 0 ? (twice + divisor) / (divisor * 2) : -((-twice + divisor) / (divisor * 2)));
}

// Handbook: P-03
TEST(MovingAverage, NeverDriftsOverAMillionMovements) {
  std::mt19937_64 random(20261121);
  const auto below = [&](int64_t limit) { return static_cast<int64_t>(random() % static_cast<uint64_t>(limit)); };
  v1::PartStock stock;
  Wide in = 0, out = 0;  // what receipts brought and issues took, before any rounding of ours
  int64_t emptied = 0;
  for (int i = 0; i < 1000000; ++i) {
    const int64_t owned = stock.owned_milli(), value = stock.value_amount();
    if (owned == 0 || below(100) < 45) {
      // From a drop of oil to a lorry of it, from free to dear: 10^5 units at 10^9 fen.
      const int64_t quantity = 1 + below(below(10) == 0 ? 100000000 : 5000);
      const int64_t cost = below(below(10) == 0 ? 1000000000 : 3000);
      stock.set_owned_milli(owned + quantity);
      stock.set_value_amount(value + cost);
      in += cost;
      continue;
    }
    const int64_t quantity = below(20) == 0 ? owned : 1 + below(owned);
    const int64_t cost = CostOf(stock, quantity);
    ASSERT_EQ(cost, quantity == owned ? value : Rounded(static_cast<Wide>(value) * quantity, owned))
        << "movement " << i;
    ASSERT_GE(cost, 0);
    ASSERT_LE(cost, value) << "more was taken than there was";
    stock.set_owned_milli(owned - quantity);
    stock.set_value_amount(value - cost);
    out += cost;
    if (stock.owned_milli() > 0) continue;
    ++emptied;
    ASSERT_EQ(stock.value_amount(), 0) << "nothing on hand is worth nothing";
    ASSERT_TRUE(in == out);
  }
  EXPECT_TRUE(in - out == stock.value_amount());
  EXPECT_GT(emptied, 1000);
}

// Handbook: P-03
TEST(MovingAverage, OfWhatIsFoundIsTheAverageOfWhatIsThere) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100000; ++i) {
    v1::PartStock stock;
    stock.set_owned_milli(1 + static_cast<int64_t>(random() % 1000000000));
    stock.set_value_amount(static_cast<int64_t>(random() % 100000000000));
    const int64_t quantity = 1 + static_cast<int64_t>(random() % 1000000);
    ASSERT_EQ(CostOfFound(stock, quantity),
              Rounded(static_cast<Wide>(stock.value_amount()) * quantity, stock.owned_milli()));
  }
}

// Handbook: P-03
TEST(MovingAverage, OfWhatIsFoundIsNothingWhereALineBeforeWroteOffMoreThanThereIs) {
  v1::PartStock stock;
  stock.set_owned_milli(-5000);
  EXPECT_EQ(CostOfFound(stock, 3000), 0);
  EXPECT_EQ(CostOf(stock, 3000), 0);
}

}  // namespace
}  // namespace parts
