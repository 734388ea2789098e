#include "reception-svc/price_list/price_list_rules.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"
#include "gtest/gtest.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;

absl::Time At(std::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error)) << error;
  return time;
}

v1::LabourOperation Operation(std::string_view code, std::string_view group, int minutes, std::string_view from) {
  v1::LabourOperation operation;
  operation.set_code(std::string(code));
  operation.set_model_group(std::string(group));
  operation.set_standard_minutes(minutes);
  operation.set_skill(common::SKILL_MECHANICAL);
  *operation.mutable_effective_time() = chassis::ToProto(At(from));
  return operation;
}

v1::LabourRate Rate(int64_t hourly_amount, std::string_view from) {
  v1::LabourRate rate;
  rate.set_skill(common::SKILL_MECHANICAL);
  rate.set_hourly_amount(hourly_amount);
  *rate.mutable_effective_time() = chassis::ToProto(At(from));
  return rate;
}

constexpr std::string_view kJanuary = "2026-01-01T00:00:00Z";
constexpr std::string_view kJune = "2026-06-01T00:00:00Z";
constexpr std::string_view kToday = "2026-03-01T09:00:00Z";

TEST(PriceBook, TakesTheLatestVersionInForceAndNotTheComingOne) {
  const PriceBook book("A3L", At(kToday),
                       {Operation("BRK-1", "*", 60, "2025-01-01T00:00:00Z"), Operation("BRK-1", "*", 66, kJanuary),
                        Operation("BRK-1", "*", 90, kJune)},
                       {}, {});
  EXPECT_EQ(book.Operation("BRK-1")->standard_minutes(), 66);
}

TEST(PriceBook, PrefersTheMostParticularModelGroup) {
  const PriceBook book("A3L-15T", At(kToday),
                       {Operation("BRK-1", "*", 60, kJanuary), Operation("BRK-1", "A3L", 48, kJanuary),
                        Operation("BRK-1", "A3", 30, kJanuary)},
                       {}, {});
  EXPECT_EQ(book.Operation("BRK-1")->standard_minutes(), 48);
}

TEST(PriceBook, OffersNothingThatWasWithdrawn) {
  v1::LabourOperation withdrawn = Operation("BRK-1", "*", 60, kJanuary);
  withdrawn.set_withdrawn(true);
  const PriceBook book("A3L", At(kToday), {Operation("BRK-1", "*", 60, "2025-01-01T00:00:00Z"), withdrawn}, {}, {});
  EXPECT_TRUE(chassis::IsRefusal(book.Operation("BRK-1").status(), v1::ERROR_REASON_OPERATION_UNKNOWN));
}

TEST(PriceBook, PricesLabourFromTheRateInForce) {
  const PriceBook book("A3L", At(kToday), {Operation("BRK-1", "*", 54, kJanuary)},
                       {Rate(30000, "2025-01-01T00:00:00Z"), Rate(32000, kJanuary), Rate(40000, kJune)}, {});
  EXPECT_EQ(*book.LabourAmountOf(*book.Operation("BRK-1")), 28800);
}

TEST(PriceBook, ChargesNothingWithoutARate) {
  const PriceBook book("A3L", At(kToday), {Operation("BRK-1", "*", 54, kJanuary)}, {}, {});
  EXPECT_TRUE(
      chassis::IsRefusal(book.LabourAmountOf(*book.Operation("BRK-1")).status(), v1::ERROR_REASON_RATE_MISSING));
}

TEST(LabourAmount, RoundsOnceHalfAwayFromZero) {
  EXPECT_EQ(LabourAmount(33333, 6), 3333);
  EXPECT_EQ(LabourAmount(33335, 6), 3334);
}

v1::PriceChange AChange() {
  v1::PriceChange change;
  change.set_proposed_by("adviser-1");
  change.set_effective_date("2026-03-02");
  *change.add_labour_operations() = Operation("BRK-1", "*", 60, kJanuary);
  return change;
}

TEST(CheckProposal, RefusesADateThatHasPassed) {
  EXPECT_TRUE(CheckProposal(AChange(), "2026-03-02").ok());
  EXPECT_TRUE(chassis::IsRefusal(CheckProposal(AChange(), "2026-03-03"), v1::ERROR_REASON_PRICE_CHANGE_RETROACTIVE));
}

TEST(CheckProposal, RefusesALineThatStandsTwice) {
  v1::PriceChange change = AChange();
  *change.add_labour_operations() = change.labour_operations(0);
  EXPECT_TRUE(chassis::IsRefusal(CheckProposal(change, "2026-03-01"), v1::ERROR_REASON_PRICE_LINE_REPEATED));
}

TEST(CheckProposal, RefusesNothingAndPackagesWithoutLabour) {
  v1::PriceChange change = AChange();
  change.clear_labour_operations();
  EXPECT_TRUE(chassis::IsRefusal(CheckProposal(change, "2026-03-01"), v1::ERROR_REASON_PRICE_CHANGE_EMPTY));
  change.add_service_packages()->set_code("PKG-1");
  EXPECT_TRUE(chassis::IsRefusal(CheckProposal(change, "2026-03-01"), v1::ERROR_REASON_PACKAGE_EMPTY));
}

TEST(CheckApproval, TakesASecondPerson) {
  EXPECT_TRUE(CheckApproval(AChange(), "manager-1", "2026-03-01").ok());
  EXPECT_TRUE(chassis::IsRefusal(CheckApproval(AChange(), "adviser-1", "2026-03-01"),
                                 v1::ERROR_REASON_PRICE_CHANGE_SELF_APPROVED));
}

TEST(EffectiveTime, BeginsWithTheStoresDayButNeverBeforeNow) {
  EXPECT_EQ(EffectiveTime("2026-03-02", "Asia/Shanghai", At(kToday)), At("2026-03-01T16:00:00Z"));
  EXPECT_EQ(EffectiveTime("2026-03-01", "Asia/Shanghai", At(kToday)), At(kToday));
}

}  // namespace
}  // namespace reception
