#include "reception-svc/repair_order/order_line_rules.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/clock.h"
#include "gtest/gtest.h"
#include "reception-svc/orders_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
using aftersales::parts::v1::PartOffer;
using chassis::IsRefusal;

template <typename T>
T InForce(T version) {
  version.set_model_group("*");
  *version.mutable_effective_time() = chassis::ToProto(kNow - absl::Hours(24));
  return version;
}

v1::LabourOperation Operation(const std::string& code, int minutes) {
  v1::LabourOperation operation;
  operation.set_code(code);
  operation.set_display_name("work " + code);
  operation.set_standard_minutes(minutes);
  operation.set_skill(common::SKILL_MECHANICAL);
  operation.set_system(common::VEHICLE_SYSTEM_BRAKES);
  return InForce(operation);
}

PartOffer Offer(const std::string& number, int64_t price, bool original, bool safety_critical) {
  PartOffer offer;
  offer.set_part_id("part " + number);
  offer.set_part_number(number);
  offer.set_display_name("part " + number);
  offer.set_unit("piece");
  offer.set_unit_price_amount(price);
  offer.set_tax_basis_points(1300);
  offer.set_original(original);
  offer.set_safety_critical(safety_critical);
  offer.set_fits(true);
  offer.set_step_milli(1000);
  return offer;
}

class Pricing : public testing::Test {
 protected:
  Pricing() : sources{.book = Book(), .labour_tax_basis_points = 1300, .model_code = "A3L"} {
    Add(Offer("PAD-1", 30050, true, true));
    Add(Offer("PAD-X", 15000, false, true));
    Add(Offer("WIPER-X", 4000, false, false));
    PartOffer oil = Offer("OIL-5W30", 8000, true, false);
    oil.set_unit("litre");
    oil.set_step_milli(100);
    Add(oil);
  }
  static PriceBook Book() {
    v1::LabourRate rate;
    rate.set_skill(common::SKILL_MECHANICAL);
    rate.set_hourly_amount(25000);
    *rate.mutable_effective_time() = chassis::ToProto(kNow - absl::Hours(24));
    v1::ServicePackage package;
    package.set_code("PKG-A");
    package.add_operation_codes("OIL-1");
    package.add_parts()->set_part_number("OIL-5W30");
    package.mutable_parts(0)->set_quantity_milli(4500);
    return PriceBook("A3L", kNow, {Operation("BRK-1", 50), Operation("OIL-1", 36)}, {rate}, {InForce(package)});
  }
  void Add(const PartOffer& offer) { sources.offers[offer.part_number()] = offer; }

  void WantPart(const std::string& number, common::SupplySource source, int64_t quantity_milli) {
    v1::PartWish& part = *wishes.Add()->mutable_part();
    part.set_part_number(number);
    part.set_supply_source(source);
    part.set_quantity_milli(quantity_milli);
  }
  absl::StatusOr<OrderLines> Price() {
    return PriceLines(wishes, sources, [this] { return "line-" + std::to_string(++ids); });
  }

  PriceSources sources;
  LineWishes wishes;
  int ids = 0;
};

// Handbook: R-22, G-06.
TEST_F(Pricing, LabourIsStandardTimeTimesRateWithTaxShown) {
  wishes.Add()->set_operation_code("BRK-1");
  const auto lines = Price();
  ASSERT_TRUE(lines.ok()) << lines.status();
  const v1::RepairOrderLine& line = lines->Get(0);
  EXPECT_EQ(line.standard_minutes(), 50);
  EXPECT_EQ(line.quantity_milli(), 833);  // for people; the amount comes from the minutes
  EXPECT_EQ(line.net_amount(), 20833);    // 250.00 x 50 / 60
  EXPECT_EQ(line.tax_amount(), 2708);
  EXPECT_EQ(line.gross_amount(), 23541);
  EXPECT_EQ(line.authorization(), v1::AUTHORIZATION_PROPOSED);
}

// Handbook.
TEST_F(Pricing, APackageExpandsIntoItsLines) {
  wishes.Add()->set_package_code("PKG-A");
  const auto lines = Price();
  ASSERT_TRUE(lines.ok()) << lines.status();
  ASSERT_EQ(lines->size(), 2);
  EXPECT_EQ(lines->Get(0).operation_code(), "OIL-1");
  EXPECT_EQ(lines->Get(1).part_number(), "OIL-5W30");
  EXPECT_EQ(lines->Get(1).net_amount(), 36000);  // 4.5 litres at 80.00
  EXPECT_EQ(lines->Get(1).operation_code(), "OIL-1");
  EXPECT_EQ(lines->Get(1).system(), common::VEHICLE_SYSTEM_BRAKES);
  for (const auto& line : *lines) EXPECT_EQ(line.package_code(), "PKG-A");
}

// Handbook: R-23.
TEST_F(Pricing, ACustomersOwnPartHasNoPriceAndNoStock) {
  v1::PartWish& part = *wishes.Add()->mutable_part();
  part.set_supply_source(common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED);
  part.set_description("floor mat");
  part.set_quantity_milli(1000);
  const auto lines = Price();
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_EQ(lines->Get(0).gross_amount(), 0);
  EXPECT_TRUE(lines->Get(0).part_id().empty());
  EXPECT_TRUE(CarriesNoGuarantee(lines->Get(0)));
  EXPECT_TRUE(PartNumbersOf(*lines).empty());
}

// Handbook: R-23.
TEST_F(Pricing, AftermarketIsWithoutGuaranteeOnlyWhereSafetyIsCritical) {
  WantPart("PAD-X", common::SUPPLY_SOURCE_STORE_AFTERMARKET, 1000);
  WantPart("WIPER-X", common::SUPPLY_SOURCE_STORE_AFTERMARKET, 1000);
  WantPart("PAD-1", common::SUPPLY_SOURCE_STORE_ORIGINAL, 1000);
  const auto lines = Price();
  ASSERT_TRUE(lines.ok()) << lines.status();
  EXPECT_TRUE(CarriesNoGuarantee(lines->Get(0)));
  EXPECT_FALSE(CarriesNoGuarantee(lines->Get(1)));
  EXPECT_FALSE(CarriesNoGuarantee(lines->Get(2)));
}

TEST_F(Pricing, NobodyChargesWhatThePriceListDoesNotHold) {
  wishes.Add()->set_operation_code("NO-SUCH");
  EXPECT_TRUE(IsRefusal(Price().status(), v1::ERROR_REASON_OPERATION_UNKNOWN));
  wishes.Clear();
  wishes.Add()->set_package_code("NO-SUCH");
  EXPECT_TRUE(IsRefusal(Price().status(), v1::ERROR_REASON_PACKAGE_UNKNOWN));
}

TEST_F(Pricing, AnAftermarketPartIsNotSoldAsOriginal) {
  WantPart("PAD-X", common::SUPPLY_SOURCE_STORE_ORIGINAL, 1000);
  const absl::Status status = Price().status();
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_SUPPLY_SOURCE_MISMATCH));
  EXPECT_EQ(chassis::RefusalIn(status).violations(0).field(), "lines[0].part.supply_source");
}

TEST_F(Pricing, PiecesAreWholeAndLitresTenths) {
  WantPart("PAD-1", common::SUPPLY_SOURCE_STORE_ORIGINAL, 1500);
  EXPECT_TRUE(IsRefusal(Price().status(), v1::ERROR_REASON_QUANTITY_STEP));
  wishes.Clear();
  WantPart("OIL-5W30", common::SUPPLY_SOURCE_STORE_ORIGINAL, 4500);
  EXPECT_TRUE(Price().ok());
}

TEST_F(Pricing, APartForAnotherModelIsRefused) {
  sources.offers["PAD-1"].set_fits(false);
  WantPart("PAD-1", common::SUPPLY_SOURCE_STORE_ORIGINAL, 1000);
  EXPECT_TRUE(IsRefusal(Price().status(), v1::ERROR_REASON_PART_DOES_NOT_FIT));
}

TEST_F(Pricing, ALineIsOneThingOnly) {
  v1::LineWish& wish = *wishes.Add();
  EXPECT_TRUE(IsRefusal(Price().status(), v1::ERROR_REASON_LINE_WISH_AMBIGUOUS));
  wish.set_operation_code("BRK-1");
  wish.set_package_code("PKG-A");
  EXPECT_TRUE(IsRefusal(Price().status(), v1::ERROR_REASON_LINE_WISH_AMBIGUOUS));
}

TEST_F(Pricing, AStorePartNeedsItsNumberAndACustomersPartItsName) {
  WantPart("", common::SUPPLY_SOURCE_STORE_ORIGINAL, 1000);
  EXPECT_TRUE(IsRefusal(Price().status(), v1::ERROR_REASON_PART_NUMBER_MISSING));
  wishes.Clear();
  WantPart("", common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED, 1000);
  EXPECT_TRUE(IsRefusal(Price().status(), v1::ERROR_REASON_PART_DESCRIPTION_MISSING));
}

// Handbook: R-22.
TEST_F(Pricing, RequotingALineAtAnotherPriceResetsItsAuthorisation) {
  WantPart("PAD-1", common::SUPPLY_SOURCE_STORE_ORIGINAL, 1000);
  wishes.Add()->set_operation_code("BRK-1");
  OrderLines lines = *Price();
  for (auto& line : lines) line.set_authorization(v1::AUTHORIZATION_APPROVED);
  sources.offers["PAD-1"].set_unit_price_amount(31000);
  ASSERT_TRUE(Reprice(lines, sources).ok());
  EXPECT_EQ(lines[0].net_amount(), 31000);
  EXPECT_EQ(lines[0].authorization(), v1::AUTHORIZATION_PROPOSED);
  EXPECT_EQ(lines[1].authorization(), v1::AUTHORIZATION_APPROVED);
}

// Handbook.
TEST(Totals, LeaveDeclinedLinesOutAndKeepLabourAndPartsApart) {
  v1::RepairOrder order = ADraft();
  v1::RepairOrderLine declined = Part("coolant", "COOL-1", 9900, 1000);
  declined.set_authorization(v1::AUTHORIZATION_DECLINED);
  *order.add_lines() = declined;
  order.mutable_lines(0)->set_pay_type(common::PAY_TYPE_WARRANTY);
  const Totals totals = TotalOf(order.lines());
  EXPECT_EQ(totals.labour_amount, 20000);
  EXPECT_EQ(totals.parts_amount, 10000);
  EXPECT_EQ(totals.tax_amount, 3900);
  EXPECT_EQ(totals.total_amount, 33900);
  EXPECT_EQ(totals.customer_amount, 11300);
}

}  // namespace
}  // namespace reception
