// What is owed, paid, credited and overdue, without a database.
#include "parts-svc/payable/payable_rules.h"

#include "aftersales/options/v1/options.pb.h"
#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "parts-svc/payable/approval_rules.h"
#include "parts-svc/policy/policy_rules.h"

namespace parts {
namespace {

using chassis::IsRefusal;
namespace roles = aftersales::options::v1;

v1::Payable Owed(int64_t amount) {
  v1::Payable payable;
  payable.set_supplier_id("s");
  payable.set_state(v1::Payable::STATE_OPEN);
  payable.set_amount(amount);
  return payable;
}

// Handbook: P-09.
TEST(Payable, IsSettledByPaymentsInParts) {
  v1::Payable payable = Owed(1000);
  ASSERT_TRUE(Propose(400, "amount", payable).ok());
  EXPECT_TRUE(IsRefusal(Propose(601, "amount", payable), v1::RECEIVING_ERROR_REASON_PAYMENT_EXCEEDS_PAYABLE));
  ASSERT_TRUE(Pay(400, payable).ok());
  EXPECT_EQ(payable.state(), v1::Payable::STATE_PARTLY_SETTLED);
  ASSERT_TRUE(Propose(600, "amount", payable).ok());
  ASSERT_TRUE(Pay(600, payable).ok());
  EXPECT_EQ(payable.state(), v1::Payable::STATE_SETTLED);
  EXPECT_EQ(OpenAmount(payable), 0);
  EXPECT_FALSE(Propose(1, "amount", payable).ok());
}

TEST(Payable, IsOpenAgainForWhatWasWithdrawn) {
  v1::Payable payable = Owed(1000);
  ASSERT_TRUE(Propose(1000, "amount", payable).ok());
  Withdraw(1000, payable);
  EXPECT_TRUE(Propose(1000, "amount", payable).ok());
}

TEST(Credit, IsSetOffUpToWhatIsLeftAndOpen) {
  v1::Payable payable = Owed(1000);
  v1::SupplierCredit credit;
  credit.set_state(v1::SupplierCredit::STATE_OPEN);
  credit.set_amount(300);
  credit.set_supplier_id("other");
  EXPECT_TRUE(IsRefusal(SetOff(100, payable, credit), v1::RECEIVING_ERROR_REASON_OTHER_SUPPLIER));
  credit.set_supplier_id("s");
  EXPECT_TRUE(IsRefusal(SetOff(301, payable, credit), v1::RECEIVING_ERROR_REASON_CREDIT_EXCEEDED));
  ASSERT_TRUE(SetOff(100, payable, credit).ok());
  EXPECT_EQ(credit.state(), v1::SupplierCredit::STATE_PARTLY_APPLIED);
  ASSERT_TRUE(SetOff(50, payable, credit).ok());
  ASSERT_TRUE(SetOff(150, payable, credit).ok());
  EXPECT_EQ(credit.state(), v1::SupplierCredit::STATE_APPLIED);
  EXPECT_EQ(payable.state(), v1::Payable::STATE_PARTLY_SETTLED);
  v1::Payable small = Owed(10);
  credit.set_amount(1000);
  EXPECT_TRUE(IsRefusal(SetOff(11, small, credit), v1::RECEIVING_ERROR_REASON_PAYMENT_EXCEEDS_PAYABLE));
}

TEST(Ageing, CountsTheDaysPastTheDueDate) {
  const absl::CivilDay today(2026, 11, 21);
  std::vector<OpenItem> items;
  for (const int days : {-5, 0, 1, 30, 31, 60, 61, 90, 91}) items.push_back({"s", "S", today - days, 1, false});
  items.push_back({"s", "S", {}, 4, true});
  items.push_back({"t", "T", today - 100, 10, false});
  const v1::PayablesAgeing ageing = Age(items, today);
  ASSERT_EQ(ageing.suppliers_size(), 2);
  const auto& buckets = ageing.suppliers(0).buckets();
  EXPECT_EQ(buckets.not_due_amount(), 2);
  EXPECT_EQ(buckets.overdue_1_to_30_amount(), 2);
  EXPECT_EQ(buckets.overdue_31_to_60_amount(), 2);
  EXPECT_EQ(buckets.overdue_61_to_90_amount(), 2);
  EXPECT_EQ(buckets.overdue_over_90_amount(), 1);
  EXPECT_EQ(buckets.credit_amount(), 4);
  EXPECT_EQ(buckets.net_amount(), 5);
  EXPECT_EQ(ageing.total().overdue_over_90_amount(), 11);
  EXPECT_EQ(ageing.total().net_amount(), 15);
}

TEST(DueDate, EndsWithItsDayInTheStore) {
  EXPECT_EQ(DueDay(absl::CivilDay(2026, 1, 31), 30), absl::CivilDay(2026, 3, 2));
  EXPECT_EQ(EndOf(absl::CivilDay(2026, 11, 21), "Asia/Shanghai"),
            absl::FromCivil(absl::CivilHour(2026, 11, 21, 16), absl::UTCTimeZone()));
}

// Handbook: G-06.
TEST(ApprovalLimit, RisesWithThePost) {
  const v1::PartsPolicy policy = WithDefaults({});
  const auto refused = [&](roles::Role post, int64_t amount) {
    return IsRefusal(CheckApprovalLimit(policy, {post}, amount), v1::RECEIVING_ERROR_REASON_OVER_APPROVAL_LIMIT);
  };
  EXPECT_FALSE(refused(roles::ROLE_PARTS_CLERK, 500000));
  EXPECT_TRUE(refused(roles::ROLE_PARTS_CLERK, 500001));
  EXPECT_FALSE(refused(roles::ROLE_PARTS_MANAGER, 5000000));
  EXPECT_TRUE(refused(roles::ROLE_PARTS_MANAGER, 5000001));
  EXPECT_FALSE(refused(roles::ROLE_SERVICE_MANAGER, 20000000));
  EXPECT_TRUE(refused(roles::ROLE_SERVICE_MANAGER, 20000001));
  EXPECT_FALSE(refused(roles::ROLE_GROUP_MANAGER, 20000001));
  EXPECT_TRUE(refused(roles::ROLE_CASHIER, 1));
  EXPECT_TRUE(IsRefusal(CheckFourEyes("a", "a"), v1::RECEIVING_ERROR_REASON_OWN_APPROVAL));
  EXPECT_TRUE(CheckFourEyes("a", "b").ok());
}

}  // namespace
}  // namespace parts
