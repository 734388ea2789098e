// What entries make of a receivable.
#include "parts-svc/receivable/receivable_rules.h"

#include "aftersales/parts/v1/sales_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace parts {
namespace {

using chassis::IsRefusal;
using Entry = v1::Collection;

v1::Receivable Owed(int64_t gross_amount, const std::string& due_date = "2026-12-01") {
  v1::Receivable receivable;
  receivable.set_number(due_date);
  receivable.set_state(v1::Receivable::STATE_OPEN);
  receivable.set_gross_amount(gross_amount);
  receivable.set_open_amount(gross_amount);
  receivable.set_due_date(due_date);
  return receivable;
}
Entry Of(Entry::Kind kind, int64_t amount) {
  Entry entry;
  entry.set_kind(kind);
  entry.set_amount(amount);
  return entry;
}

TEST(AReceivable, IsSettledByTheLastPayment) {
  v1::Receivable receivable = Owed(100);
  EXPECT_TRUE(Enter(receivable, Of(Entry::KIND_COLLECTION, 60)).ok());
  EXPECT_EQ(receivable.state(), v1::Receivable::STATE_OPEN);
  EXPECT_TRUE(
      IsRefusal(Enter(receivable, Of(Entry::KIND_COLLECTION, 41)), v1::SALES_ERROR_REASON_COLLECTION_ABOVE_OPEN));
  EXPECT_TRUE(Enter(receivable, Of(Entry::KIND_COLLECTION, 40)).ok());
  EXPECT_EQ(receivable.state(), v1::Receivable::STATE_SETTLED);
}

TEST(ReturnedGoods, AreCreditedFirstAndPaidBackBeyondWhatIsOpen) {
  v1::Receivable receivable = Owed(100);
  EXPECT_TRUE(Enter(receivable, Of(Entry::KIND_COLLECTION, 70)).ok());
  const MadeGood made = MakeGood(receivable, 50);
  EXPECT_EQ(made.credit_amount, 50);
  EXPECT_EQ(made.refund_amount, 20);
  EXPECT_TRUE(Enter(receivable, Of(Entry::KIND_REFUND, 20)).ok());
  EXPECT_TRUE(Enter(receivable, Of(Entry::KIND_CREDIT, 50)).ok());
  EXPECT_EQ(receivable.open_amount(), 0);
  EXPECT_EQ(receivable.collected_amount(), 50);
  EXPECT_EQ(receivable.state(), v1::Receivable::STATE_SETTLED);
}

TEST(ReturnedGoods, OfAReceivableGivenUpBringNobodyMoney) {
  v1::Receivable receivable = Owed(100);
  EXPECT_TRUE(Enter(receivable, Of(Entry::KIND_COLLECTION, 30)).ok());
  EXPECT_TRUE(Enter(receivable, Of(Entry::KIND_WRITE_OFF, 70)).ok());
  EXPECT_EQ(receivable.state(), v1::Receivable::STATE_WRITTEN_OFF);
  const MadeGood made = MakeGood(receivable, 100);
  EXPECT_EQ(made.credit_amount, 30);
  EXPECT_EQ(made.refund_amount, 30);
}

TEST(MoneyOfABuyer, PaysWhatIsDueFirst) {
  const std::vector<v1::Receivable> owed = {Owed(50, "2026-12-03"), Owed(50, "2026-12-01"), Owed(50, "2026-12-02")};
  const auto shares = OldestFirst(70, owed);
  ASSERT_TRUE(shares.ok());
  EXPECT_EQ(*shares, (std::vector<int64_t>{0, 50, 20}));
  EXPECT_FALSE(OldestFirst(151, owed).ok());
}

TEST(DueDates, CountDays) {
  EXPECT_EQ(DayAfter("2026-11-21", 30), "2026-12-21");
  EXPECT_EQ(DayAfter("2026-12-31", 1), "2027-01-01");
  EXPECT_EQ(DayAfter("2026-03-01", -1), "2026-02-28");
}

}  // namespace
}  // namespace parts
