#include "reception-svc/coverage/coverage_rules.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "reception-svc/orders_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
using chassis::IsRefusal;

// Sold 2024-11-21: three years or 100,000 km.
WarrantyFacts InWarranty() {
  return {
      .start_date = "2024-11-21", .end_date = "2027-11-20", .end_km = 100000, .odometer_km = 48210, .today = kToday};
}

v1::CoverageRule Rule(common::VehicleSystem system, const std::string& part_number, int months, int km) {
  v1::CoverageRule rule;
  rule.set_display_name("rule " + part_number);
  rule.set_system(system);
  rule.set_part_number(part_number);
  rule.set_limit_months(months);
  rule.set_limit_km(km);
  return rule;
}

v1::RepairOrderLine BrakePart() {
  v1::RepairOrderLine line = Part("pads", "PAD-1", 30000, 1000);
  line.set_system(common::VEHICLE_SYSTEM_BRAKES);
  line.set_coverage(v1::COVERAGE_UNSPECIFIED);
  return line;
}

v1::DecideCoverageRequest::Decision Decision(v1::Coverage coverage) {
  v1::DecideCoverageRequest::Decision decision;
  decision.set_line_id("pads");
  decision.set_coverage(coverage);
  decision.set_reason("looked at");
  return decision;
}

TEST(Months, KeepTheDayInsideTheMonth) {
  EXPECT_EQ(AddMonths("2024-11-21", 24), "2026-11-21");
  EXPECT_EQ(AddMonths("2026-01-31", 1), "2026-02-28");
  EXPECT_EQ(AddMonths("2027-12-31", 2), "2028-02-29");
  EXPECT_EQ(AddMonths("", 2), "");
}

// Handbook: R-21.
TEST(CoverageLimit, IsThatOfThePartThenTheSystemThenTheVehicle) {
  const v1::RepairOrderLine line = BrakePart();
  const auto by_system = Rule(common::VEHICLE_SYSTEM_BRAKES, "", 24, 60000);
  const auto by_part = Rule(common::VEHICLE_SYSTEM_UNSPECIFIED, "PAD-1", 6, 10000);
  EXPECT_EQ(LimitFor(line, {}, InWarranty()).end_date, "2027-11-20");
  EXPECT_EQ(LimitFor(line, {by_system}, InWarranty()).end_date, "2026-11-21");
  EXPECT_EQ(LimitFor(line, {by_part, by_system}, InWarranty()).end_km, 10000);
}

// Handbook: R-21.
TEST(PlainCoverage, IsDecidedWhereTheWarrantyHasEnded) {
  v1::RepairOrderLine line = BrakePart();
  WarrantyFacts facts = InWarranty();
  facts.today = "2027-11-21";
  DecidePlainCoverage(line, {}, facts);
  EXPECT_EQ(line.coverage(), v1::COVERAGE_OUT_OF_WARRANTY);
  EXPECT_EQ(line.pay_type(), common::PAY_TYPE_CUSTOMER_PAY);

  line = BrakePart();
  facts = InWarranty();
  facts.odometer_km = 100001;
  DecidePlainCoverage(line, {}, facts);
  EXPECT_EQ(line.coverage(), v1::COVERAGE_OUT_OF_WARRANTY);

  line = BrakePart();
  DecidePlainCoverage(line, {}, {.today = kToday});
  EXPECT_EQ(line.coverage(), v1::COVERAGE_OUT_OF_WARRANTY);
}

TEST(PlainCoverage, IsLeftToThePersonInsideTheWarranty) {
  v1::RepairOrderLine line = BrakePart();
  DecidePlainCoverage(line, {}, InWarranty());
  EXPECT_EQ(line.coverage(), v1::COVERAGE_UNSPECIFIED);
}

TEST(DecideCoverage, InsideTheWarrantySomebodyElsePays) {
  v1::RepairOrderLine line = BrakePart();
  ASSERT_TRUE(Decide(line, Decision(v1::COVERAGE_IN_WARRANTY), {}, InWarranty(), OrderIs::kUnsigned).ok());
  EXPECT_EQ(line.pay_type(), common::PAY_TYPE_WARRANTY);
  EXPECT_EQ(line.authorization(), v1::AUTHORIZATION_PROPOSED);
}

TEST(DecideCoverage, RefusesWarrantyBeyondTheWearPartsPeriod) {
  v1::RepairOrderLine line = BrakePart();
  const auto wear = Rule(common::VEHICLE_SYSTEM_UNSPECIFIED, "PAD-1", 6, 10000);
  EXPECT_TRUE(IsRefusal(Decide(line, Decision(v1::COVERAGE_IN_WARRANTY), {wear}, InWarranty(), OrderIs::kUnsigned),
                        v1::ERROR_REASON_COVERAGE_BEYOND_LIMITS));
  EXPECT_EQ(line.coverage(), v1::COVERAGE_UNSPECIFIED);
}

TEST(DecideCoverage, TheManufacturersAnswerGoesBeyondTheLimits) {
  v1::RepairOrderLine line = BrakePart();
  const auto wear = Rule(common::VEHICLE_SYSTEM_UNSPECIFIED, "PAD-1", 6, 10000);
  auto decision = Decision(v1::COVERAGE_IN_WARRANTY);
  decision.set_manufacturer_reference("OEM-2026-117");
  ASSERT_TRUE(Decide(line, decision, {wear}, InWarranty(), OrderIs::kUnsigned).ok());
  EXPECT_EQ(line.manufacturer_reference(), "OEM-2026-117");
}

TEST(DecideCoverage, ThePayerMustGoWithTheDecision) {
  v1::RepairOrderLine line = BrakePart();
  auto decision = Decision(v1::COVERAGE_OUT_OF_WARRANTY);
  decision.set_pay_type(common::PAY_TYPE_WARRANTY);
  EXPECT_TRUE(IsRefusal(Decide(line, decision, {}, InWarranty(), OrderIs::kUnsigned),
                        v1::ERROR_REASON_COVERAGE_PAYER_MISMATCH));
  decision.set_pay_type(common::PAY_TYPE_INSURANCE);
  EXPECT_TRUE(Decide(line, decision, {}, InWarranty(), OrderIs::kUnsigned).ok());
}

TEST(DecideCoverage, AfterSignatureDecidesOnlyWhatWasLeftOpenAndKeepsWhatWasSigned) {
  v1::RepairOrderLine line = BrakePart();
  line.set_coverage(v1::COVERAGE_OUT_OF_WARRANTY);
  EXPECT_TRUE(IsRefusal(Decide(line, Decision(v1::COVERAGE_IN_WARRANTY), {}, InWarranty(), OrderIs::kSigned),
                        v1::ERROR_REASON_COVERAGE_DECIDED));
  line.set_coverage(v1::COVERAGE_UNDETERMINED);
  EXPECT_TRUE(IsCoverageOpen(line));
  ASSERT_TRUE(Decide(line, Decision(v1::COVERAGE_IN_WARRANTY), {}, InWarranty(), OrderIs::kSigned).ok());
  EXPECT_EQ(line.coverage(), v1::COVERAGE_UNDETERMINED);
  EXPECT_EQ(line.pay_type(), common::PAY_TYPE_CUSTOMER_PAY);
  EXPECT_EQ(CoverageOf(line), v1::COVERAGE_IN_WARRANTY);
  EXPECT_EQ(PayerOf(line), common::PAY_TYPE_WARRANTY);
  EXPECT_FALSE(IsCoverageOpen(line));
}

}  // namespace
}  // namespace reception
