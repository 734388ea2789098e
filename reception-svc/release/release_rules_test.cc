#include "reception-svc/release/release_rules.h"

#include "gtest/gtest.h"
#include "reception-svc/orders_for_test.h"
#include "reception-svc/workshop_news/workshop_news.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace parts = aftersales::parts::v1;

// Handbook: R-26.
TEST(Release, ReservesApprovedStorePartsAllOrNothing) {
  v1::RepairOrder order = ASignedOrder();
  v1::RepairOrderLine own = Part("own", "", 0, 1000);
  own.set_supply_source(common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED);
  own.set_authorization(v1::AUTHORIZATION_APPROVED);
  *order.add_lines() = own;
  v1::RepairOrderLine declined = Part("coolant", "COOL-1", 9900, 1000);
  declined.set_authorization(v1::AUTHORIZATION_DECLINED);
  *order.add_lines() = declined;
  const auto request = ReservationFor(order, "holding");
  ASSERT_EQ(request.lines_size(), 1);
  EXPECT_EQ(request.lines(0).holder_line_id(), "filter");
  EXPECT_EQ(request.lines(0).quantity_milli(), 2000);
  EXPECT_EQ(request.shortage_policy(), parts::SHORTAGE_POLICY_REFUSE);
  EXPECT_EQ(request.replaces_holder_id(), "holding");
}

// Handbook: R-26.
TEST(Release, GivesTheWorkshopEveryApprovedLabourLineAndTheCheckInFacts) {
  v1::RepairOrder order = ASignedOrder();
  order.set_wash_wanted(true);
  v1::WalkAround walk_around;
  v1::BodyMark& mark = *walk_around.add_marks();
  mark.set_panel(v1::BodyMark::PANEL_FRONT_LEFT_DOOR);
  mark.set_kind(v1::BodyMark::KIND_SCRATCH);
  const auto request = JobsFor(order, "holding", walk_around);
  ASSERT_EQ(request.lines_size(), 1);
  EXPECT_EQ(request.lines(0).operation_code(), "BRK-101");
  EXPECT_TRUE(request.wash_wanted());
  EXPECT_EQ(request.slot_holder_id(), "holding");
  ASSERT_EQ(request.check_in_facts_size(), 2);
  EXPECT_EQ(request.check_in_facts(0), "odometer 48210 km");
  EXPECT_EQ(request.check_in_facts(1), "FRONT_LEFT_DOOR SCRATCH");
}

TEST(GiveBack, ConcernsTheOrderAndItsApprovedAddOns) {
  v1::AddOn approved = AnOfferedAddOn();
  approved.set_state(v1::AddOn::STATE_APPROVED);
  EXPECT_EQ(HoldersOf(AReleasedOrder(), {approved, AnOfferedAddOn()}), (std::vector<std::string>{"order", "add-on"}));
}

// Handbook: R-32.
TEST(WorkshopNews, MakesAnAddOnOfAFinding) {
  aftersales::workshop::v1::FindingRaised finding;
  finding.set_finding_id("finding");
  finding.set_description("pads worn");
  finding.set_safety_critical(true);
  finding.add_operations()->set_operation_code("BRK-201");
  auto& part = *finding.add_parts();
  part.set_part_number("PAD-1");
  part.set_quantity_milli(1000);
  const v1::AddOn add_on = AddOnFrom(finding);
  EXPECT_EQ(add_on.state(), v1::AddOn::STATE_RAISED);
  ASSERT_EQ(add_on.proposed_size(), 2);
  EXPECT_EQ(add_on.proposed(0).operation_code(), "BRK-201");
  EXPECT_EQ(add_on.proposed(1).part().part_number(), "PAD-1");
  EXPECT_EQ(add_on.lines_size(), 0);
}

}  // namespace
}  // namespace reception
