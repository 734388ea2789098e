// The trade's formula, number by number.
#include "parts-svc/replenishment/replenishment_rules.h"

#include "aftersales/parts/v1/planning_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "parts-svc/demand/part_facts.h"
#include "parts-svc/policy/policy_rules.h"

namespace parts {
namespace {

using chassis::IsRefusal;
using testing::HasSubstr;

const absl::CivilDay kToday(2026, 11, 30);

// Known for years, one piece a day.
PartFacts APartADay() {
  PartFacts part;
  part.part_id = "00000000-0000-7000-8000-000000000001";
  part.part_number = "F-1";
  part.name_zh = "机油滤清器";
  part.history.known_since = absl::CivilDay(2020, 1, 1);
  absl::CivilMonth month(kToday);
  for (int i = 0; i <= kHistoryMonths; ++i) {
    part.history.demand_milli[i] = (absl::CivilDay(month - i + 1) - absl::CivilDay(month - i)) * 1000;
  }
  return part;
}
v1::ReplenishmentRun ARun() {
  v1::ReplenishmentRun run;
  TakeFigures(WithDefaults({}), run);  // factor 1, 7 safety days, cycle 14, lead time 7
  return run;
}

// Handbook: P-06
TEST(Replenishment, FollowsTheTradesFormula) {
  PartFacts part = APartADay();
  part.available_milli = 5000;
  part.backorder_milli = 2000;
  part.on_order_milli = 3000;
  const auto proposal = Propose(part, ARun(), kToday);
  ASSERT_TRUE(proposal.has_value());
  EXPECT_EQ(proposal->average_daily_micro(), 1000000);
  EXPECT_EQ(proposal->days_3_months(), 91);
  // December, with 31 days, takes a little more than an average month.
  EXPECT_NEAR(proposal->season_basis_points(), 10000, 300);
  const int64_t daily = proposal->daily_micro();
  EXPECT_EQ(proposal->safety_stock_milli(), (daily * 7 + 500) / 1000);
  EXPECT_EQ(proposal->reorder_point_milli(), (daily * 21 + 500) / 1000 + proposal->safety_stock_milli());
  EXPECT_EQ(proposal->need_milli(), proposal->reorder_point_milli() + 2000 - 5000 - 3000);
  EXPECT_EQ(proposal->proposed_milli(), InPacks(proposal->need_milli(), 1000));
  EXPECT_EQ(proposal->quantity_milli(), proposal->proposed_milli());
}

TEST(Replenishment, ProposesNothingForWhatIsEnoughOrSuperseded) {
  PartFacts part = APartADay();
  part.available_milli = 20000;
  part.on_order_milli = 20000;
  EXPECT_FALSE(Propose(part, ARun(), kToday).has_value());
  part = APartADay();
  part.superseded = true;
  EXPECT_FALSE(Propose(part, ARun(), kToday).has_value());
}

TEST(Replenishment, OrdersForThoseWhoWaitEvenWhatWasNeverWantedBefore) {
  PartFacts part;
  part.part_number = "NEW-1";
  part.history.known_since = kToday;
  part.backorder_milli = 1000;
  const auto proposal = Propose(part, ARun(), kToday);
  ASSERT_TRUE(proposal.has_value());
  EXPECT_EQ(proposal->quantity_milli(), 1000);
  EXPECT_TRUE(proposal->urgent());
}

TEST(Replenishment, UsesUpWhatIsThereOfThePartsItTookThePlaceOf) {
  PartFacts part = APartADay();
  const int64_t need = Propose(part, ARun(), kToday)->need_milli();
  part.predecessor_available_milli = 4000;
  EXPECT_EQ(Propose(part, ARun(), kToday)->need_milli(), need - 4000);
}

TEST(Replenishment, RoundsUpToTheSuppliersPackAndHisLeast) {
  PartFacts part = APartADay();
  part.available_milli = 25500;
  part.pack_quantity_milli = 4000;
  EXPECT_EQ(Propose(part, ARun(), kToday)->quantity_milli() % 4000, 0);
  part.offer.emplace();
  part.offer->supplier_id = "00000000-0000-7000-8000-0000000000aa";
  part.offer->unit_price_amount = 250;
  part.offer->pack_quantity_milli = 6000;
  part.offer->minimum_quantity_milli = 20000;
  const auto proposal = Propose(part, ARun(), kToday);
  EXPECT_EQ(proposal->pack_quantity_milli(), 6000);
  EXPECT_EQ(proposal->quantity_milli(), 24000);
  EXPECT_EQ(proposal->amount(), 6000);
}

TEST(Replenishment, CountsTheSuppliersLeadTime) {
  PartFacts part = APartADay();
  part.offer.emplace();
  part.offer->lead_time_days = 30;
  const auto proposal = Propose(part, ARun(), kToday);
  EXPECT_EQ(proposal->lead_time_days(), 30);
  EXPECT_GT(proposal->reorder_point_milli(), 44000);
}

TEST(Replenishment, IsUrgentAtSafetyStockAndHalfTheLeadTimesDemand) {
  PartFacts part = APartADay();
  const int64_t point = Propose(part, ARun(), kToday)->urgent_point_milli();
  EXPECT_NEAR(point, 10500, 300);
  part.available_milli = point;
  EXPECT_TRUE(Propose(part, ARun(), kToday)->urgent());
  part.available_milli = point + 1;
  EXPECT_FALSE(Propose(part, ARun(), kToday)->urgent());
}

TEST(Replenishment, ExplainsEveryNumberInBothLanguages) {
  PartFacts part = APartADay();
  part.available_milli = 5500;
  part.backorder_milli = 2000;
  part.on_order_milli = 3000;
  auto proposal = *Propose(part, ARun(), kToday);
  proposal.set_change_reason("promotion");
  Explain(ARun(), proposal);
  for (const std::string& text : {proposal.explanation_zh(), proposal.explanation_en()}) {
    EXPECT_THAT(text, HasSubstr("5.5"));
    EXPECT_THAT(text, HasSubstr(Decimal(proposal.reorder_point_milli(), 1000)));
    EXPECT_THAT(text, HasSubstr(Decimal(proposal.safety_stock_milli(), 1000)));
    EXPECT_THAT(text, HasSubstr(Decimal(proposal.need_milli(), 1000)));
    EXPECT_THAT(text, HasSubstr(Decimal(proposal.daily_micro(), 1000000)));
    EXPECT_THAT(text, HasSubstr("promotion"));
  }
  EXPECT_THAT(proposal.explanation_zh(), HasSubstr("急件"));
  EXPECT_THAT(proposal.explanation_en(), HasSubstr("Urgent"));
}

TEST(Replenishment, RefusesAQuantityBetweenTwoPacks) {
  v1::ReplenishmentProposal proposal;
  proposal.set_pack_quantity_milli(4000);
  EXPECT_TRUE(CheckPack(proposal, 8000).ok());
  EXPECT_TRUE(IsRefusal(CheckPack(proposal, 9000), v1::PLANNING_ERROR_REASON_PROPOSAL_PACK));
}

TEST(Replenishment, PutsEachSuppliersPartsOnOrdersOfBoundedLength) {
  std::vector<v1::ReplenishmentProposal> proposals(kOrderLinesMax + 2);
  for (size_t i = 0; i < proposals.size(); ++i) proposals[i].set_supplier_id(i == 0 ? "b" : "a");
  const auto orders = OrdersOf(proposals);
  ASSERT_EQ(orders.size(), 3u);
  EXPECT_EQ(orders[0].size(), static_cast<size_t>(kOrderLinesMax));
  EXPECT_EQ(orders[1].size(), 1u);
  EXPECT_EQ(orders[2][0].supplier_id(), "b");
}

TEST(Replenishment, IsNotOrderedWhileSomePartHasNoSupplier) {
  v1::ReplenishmentRun run;
  EXPECT_TRUE(IsRefusal(CheckOrderable(run, {}), v1::PLANNING_ERROR_REASON_NOTHING_TO_ORDER));
  v1::ReplenishmentProposal proposal;
  proposal.set_part_number("F-1");
  EXPECT_TRUE(IsRefusal(CheckOrderable(run, {proposal}), v1::PLANNING_ERROR_REASON_PROPOSAL_WITHOUT_SUPPLIER));
  proposal.set_supplier_id("a");
  EXPECT_TRUE(CheckOrderable(run, {proposal}).ok());
}

TEST(DecimalText, WritesWhatIsThereAndNothingElse) {
  EXPECT_EQ(Decimal(1500, 1000), "1.5");
  EXPECT_EQ(Decimal(-50, 1000), "-0.05");
  EXPECT_EQ(Decimal(20000, 10000), "2");
  EXPECT_EQ(Decimal(571, 1000000), "0.000571");
}

}  // namespace
}  // namespace parts
