#include "chassis/numbers/numbers.h"

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "tests/harness/database.h"

namespace chassis {
namespace {

namespace v1 = aftersales::common::v1;

constexpr char kStore[] = "01234567-89ab-7cde-8f01-23456789abcd";

class NumbersTest : public testing::Test {
 protected:
  NumbersTest() : schema_(harness::FreshSchema("")) {}

  std::unique_ptr<Numbers> Replica() {
    return MakeNumbers(schema_->pool(), clock_,
                       [](const std::string& store_id, absl::Time) -> absl::StatusOr<v1::Store> {
                         if (store_id != kStore) return Refuse(v1::ERROR_REASON_STORE_UNKNOWN).With("id", store_id);
                         v1::Store store;
                         store.set_code("SH01");
                         store.set_time_zone("Asia/Shanghai");
                         return store;
                       });
  }
  static std::string Next(Numbers& numbers, std::string_view kind) {
    auto number = numbers.Next(kStore, kind, absl::InfiniteFuture());
    EXPECT_TRUE(number.ok()) << number.status();
    return number.ok() ? *number : "";
  }

  std::unique_ptr<harness::Schema> schema_;
  // 2026-11-20 23:59 in Shanghai.
  ManualClock clock_{absl::FromUnixSeconds(1795190340)};
};

TEST_F(NumbersTest, CountPerKindAndBusinessDayOfTheStore) {
  auto numbers = Replica();
  EXPECT_EQ(Next(*numbers, "RO"), "SH01-RO-20261120-0001");
  EXPECT_EQ(Next(*numbers, "RO"), "SH01-RO-20261120-0002");
  EXPECT_EQ(Next(*numbers, "ST"), "SH01-ST-20261120-0001");
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Next(*numbers, "RO"), "SH01-RO-20261121-0001");
}

TEST_F(NumbersTest, NeverRepeatAcrossReplicasRestartsAndThreads) {
  auto one = Replica();
  auto two = Replica();
  std::mutex mutex;
  std::set<std::string> seen;
  std::vector<std::thread> threads;
  for (Numbers* numbers : {one.get(), one.get(), two.get(), two.get()}) {
    threads.emplace_back([&, numbers] {
      for (int i = 0; i < 100; ++i) {
        const std::string number = Next(*numbers, "RO");
        std::lock_guard lock(mutex);
        EXPECT_TRUE(seen.insert(number).second) << number;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto restarted = Replica();
  EXPECT_TRUE(seen.insert(Next(*restarted, "RO")).second);
}

TEST_F(NumbersTest, TakeOneTransactionPerBlock) {
  auto numbers = Replica();
  Next(*numbers, "RO");
  const int64_t before = schema_->pool().Statistics().statements_total;
  for (int i = 0; i < 19; ++i) Next(*numbers, "RO");
  EXPECT_EQ(schema_->pool().Statistics().statements_total, before);
  EXPECT_EQ(Next(*numbers, "RO"), "SH01-RO-20261120-0021");
}

TEST_F(NumbersTest, GrowBeyondFourDigits) {
  ASSERT_TRUE(schema_->pool()
                  .Read(absl::InfiniteFuture(),
                        [](sql::Session& session) {
                          return session
                              .Execute("INSERT INTO number_block VALUES (?, 'RO', '2026-11-20', 10000)",
                                       sql::Uuid{kStore})
                              .status();
                        })
                  .ok());
  EXPECT_EQ(Next(*Replica(), "RO"), "SH01-RO-20261120-10000");
}

TEST_F(NumbersTest, RefuseAnUnknownStore) {
  EXPECT_TRUE(
      IsRefusal(Replica()->Next("nobody", "RO", absl::InfiniteFuture()).status(), v1::ERROR_REASON_STORE_UNKNOWN));
}

}  // namespace
}  // namespace chassis
