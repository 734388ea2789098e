#include "reception-svc/estimate/estimate_rules.h"

#include "gtest/gtest.h"
#include "reception-svc/orders_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;

common::Store AStore() {
  common::Store store;
  store.set_time_zone("Asia/Shanghai");
  *store.mutable_settings() = Settings();
  return store;
}

// Handbook: R-22.
TEST(PrepareEstimate, ShowsLabourPartsAndTaxApartAndIsValidForAWeek) {
  const v1::Estimate estimate = MakeEstimate(ADraft(), {}, AStore(), kNow);
  EXPECT_EQ(estimate.labour_amount(), 20000);
  EXPECT_EQ(estimate.parts_amount(), 10000);
  EXPECT_EQ(estimate.tax_amount(), 3900);
  EXPECT_EQ(estimate.total_amount(), 33900);
  EXPECT_EQ(estimate.valid_until_date(), "2026-11-28");
  EXPECT_EQ(estimate.number(), "SH01-RO-20261121-0001/E1");
}

// Handbook: R-22.
TEST(PrepareEstimate, CountsItsVersions) {
  v1::RepairOrder order = ADraft();
  order.set_estimate_count(2);
  EXPECT_EQ(MakeEstimate(order, {}, AStore(), kNow).number(), "SH01-RO-20261121-0001/E3");
}

TEST(PrepareEstimate, LeavesOutWhatTheCustomerDeclined) {
  v1::RepairOrder order = ADraft();
  order.mutable_lines(1)->set_authorization(v1::AUTHORIZATION_DECLINED);
  const v1::Estimate estimate = MakeEstimate(order, {}, AStore(), kNow);
  EXPECT_EQ(estimate.estimate_lines_size(), 1);
  EXPECT_EQ(estimate.total_amount(), 22600);
}

// Handbook: R-24.
TEST(PrepareEstimate, ShowsLiveAvailabilityOfStoreParts) {
  aftersales::parts::v1::PartOffer offer;
  offer.set_available_milli(3000);
  offer.set_on_hand_milli(5000);
  const v1::Estimate estimate = MakeEstimate(ADraft(), {{"FLT-1", offer}}, AStore(), kNow);
  EXPECT_EQ(estimate.estimate_lines(1).available_milli(), 3000);
  EXPECT_EQ(estimate.estimate_lines(0).available_milli(), 0);
}

// Handbook: R-23.
TEST(PrepareEstimate, PrintsTheNoGuaranteeClause) {
  v1::RepairOrder order = ADraft();
  order.mutable_lines(1)->set_supply_source(common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED);
  const v1::Estimate estimate = MakeEstimate(order, {}, AStore(), kNow);
  ASSERT_EQ(estimate.clauses_size(), 1);
  EXPECT_EQ(estimate.clauses(0), v1::CLAUSE_NO_GUARANTEE);
  EXPECT_TRUE(estimate.estimate_lines(1).no_guarantee());
}

TEST(AdoptEstimate, ReplacesAnEarlierOneAndItsAcknowledgements) {
  v1::RepairOrder order = AnEstimatedOrder();
  order.add_acknowledgements();
  v1::Estimate estimate = MakeEstimate(order, {}, AStore(), kNow);
  estimate.set_estimate_id("second");
  ASSERT_TRUE(AdoptEstimate(order, estimate).ok());
  EXPECT_EQ(order.estimate_id(), "second");
  EXPECT_EQ(order.estimate_count(), 2);
  EXPECT_EQ(order.acknowledgements_size(), 0);
  EXPECT_TRUE(order.has_promised_time());
  v1::RepairOrder is_signed = ASignedOrder();
  EXPECT_FALSE(AdoptEstimate(is_signed, estimate).ok());
}

}  // namespace
}  // namespace reception
