#include "reception-svc/settlement/settlement_rules.h"

#include "aftersales/common/v1/errors.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "reception-svc/orders_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
using chassis::IsRefusal;
using Line = v1::SettlementLine;

void Draw(SettlementFacts& facts, const std::string& line_id, const std::string& number, int64_t issued_milli) {
  auto& line = *facts.parts.add_lines();
  line.set_holder_line_id(line_id);
  line.set_part_number(number);
  line.set_issued_milli(issued_milli);
}

// Everything done and drawn as estimated: 339.00.
SettlementFacts Facts() {
  SettlementFacts facts;
  facts.order = ACompletedOrder();
  facts.progress = AllDone({"labour"});
  Draw(facts, "filter", "FLT-1", 2000);
  facts.parts.set_cost_amount(6000);
  return facts;
}

v1::Settlement Draft(const SettlementFacts& facts = Facts()) {
  auto draft = DraftSettlement(facts);
  EXPECT_TRUE(draft.ok()) << draft.status();
  return draft.ok() ? *draft : v1::Settlement();
}

TEST(Settlement, EqualsTheEstimateWhenEverythingWentAsPlanned) {
  const v1::Settlement bill = Draft();
  EXPECT_EQ(bill.labour_amount(), 20000);
  EXPECT_EQ(bill.parts_amount(), 10000);
  EXPECT_EQ(bill.tax_amount(), 3900);
  EXPECT_EQ(bill.total_amount(), 33900);
  EXPECT_EQ(bill.customer_amount(), 33900);
  EXPECT_EQ(bill.due_amount(), 33900);
  for (const Line& line : bill.lines()) EXPECT_EQ(line.explanation(), Line::EXPLANATION_AS_ESTIMATED);
}

// Handbook: R-42, P-05.
TEST(Settlement, BillsPartsIssuedNetOfReturns) {
  SettlementFacts facts = Facts();
  facts.parts.mutable_lines(0)->set_issued_milli(1000);
  const v1::Settlement bill = Draft(facts);
  EXPECT_EQ(bill.parts_amount(), 5000);
  EXPECT_EQ(bill.lines(1).explanation(), Line::EXPLANATION_LESS_USED);
  EXPECT_EQ(bill.lines(1).estimated_gross_amount(), 11300);
  EXPECT_EQ(bill.total_amount(), 28250);
}

TEST(Settlement, BillsNothingForWhatWasNotDone) {
  SettlementFacts facts = Facts();
  facts.order.mutable_lines(0)->set_authorization(v1::AUTHORIZATION_REVOKED);
  facts.progress = AllDone({});
  const v1::Settlement bill = Draft(facts);
  EXPECT_EQ(bill.labour_amount(), 0);
  EXPECT_EQ(bill.lines(0).explanation(), Line::EXPLANATION_NOT_DONE);
}

TEST(Settlement, IsRefusedAboveTheSignedEstimate) {
  SettlementFacts facts = Facts();
  facts.parts.mutable_lines(0)->set_issued_milli(3000);
  const absl::Status status = DraftSettlement(facts).status();
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_SETTLEMENT_ABOVE_ESTIMATE));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("line"), "FLT-1");
}

TEST(Settlement, IsRefusedForAPartNoLineHolds) {
  SettlementFacts facts = Facts();
  Draw(facts, "elsewhere", "PAD-9", 1000);
  const absl::Status status = DraftSettlement(facts).status();
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_SETTLEMENT_ABOVE_ESTIMATE));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("line"), "PAD-9");
}

TEST(Settlement, AnApprovedAddOnExplainsMore) {
  SettlementFacts facts = Facts();
  v1::AddOn add_on = AnOfferedAddOn();
  add_on.set_state(v1::AddOn::STATE_APPROVED);
  facts.add_ons = {add_on};
  facts.progress = AllDone({"labour", "add-labour"});
  Draw(facts, "pads", "PAD-1", 1000);
  const v1::Settlement bill = Draft(facts);
  EXPECT_EQ(bill.total_amount(), 33900 + 45200);
  EXPECT_EQ(bill.add_on_amount(), 45200);
  EXPECT_EQ(bill.lines(2).explanation(), Line::EXPLANATION_ADD_ON);
  EXPECT_EQ(bill.lines(2).add_on_id(), "add-on");
}

// Handbook: R-32.
TEST(Settlement, PrintsTheDeclaredRefusalOfSafetyCriticalWork) {
  SettlementFacts facts = Facts();
  v1::AddOn add_on = AnOfferedAddOn();
  add_on.set_state(v1::AddOn::STATE_DECLINED);
  add_on.set_refusal_declared(true);
  facts.add_ons = {add_on};
  const v1::Settlement bill = Draft(facts);
  EXPECT_EQ(bill.total_amount(), 33900);
  ASSERT_EQ(bill.declined_works_size(), 1);
  EXPECT_TRUE(bill.declined_works(0).refusal_declared());
  EXPECT_EQ(bill.declined_works(0).offered_amount(), 45200);
}

// Handbook: R-42.
TEST(Settlement, SharesSumToTheTotal) {
  SettlementFacts facts = Facts();
  facts.order.mutable_lines(0)->set_final_pay_type(common::PAY_TYPE_WARRANTY);
  const v1::Settlement bill = Draft(facts);
  EXPECT_EQ(bill.warranty_amount(), 22600);
  EXPECT_EQ(bill.customer_amount(), 11300);
  EXPECT_EQ(bill.lines(0).explanation(), Line::EXPLANATION_COVERED);
  EXPECT_EQ(SumsDiffer(bill), "");
}

TEST(Settlement, WaitsForEveryPayer) {
  SettlementFacts facts = Facts();
  facts.order.mutable_lines(0)->set_coverage(v1::COVERAGE_ESCALATED);
  EXPECT_TRUE(IsRefusal(DraftSettlement(facts).status(), v1::ERROR_REASON_COVERAGE_OPEN));
}

TEST(Settlement, FollowsTheTakeBack) {
  SettlementFacts facts = Facts();
  facts.order.set_state(v1::RepairOrder::STATE_RELEASED);
  EXPECT_TRUE(IsRefusal(DraftSettlement(facts).status(), common::ERROR_REASON_WRONG_STATE));
}

// Handbook.
TEST(Settlement, CreditsTheDeposit) {
  SettlementFacts facts = Facts();
  facts.deposit_amount = 20000;
  EXPECT_EQ(Draft(facts).due_amount(), 13900);
  facts.deposit_amount = 40000;
  EXPECT_EQ(Draft(facts).due_amount(), -6100);
}

TEST(Settlement, ACustomersOwnPartCostsNothing) {
  SettlementFacts facts = Facts();
  v1::RepairOrderLine own = Part("own", "", 0, 1000);
  own.set_supply_source(common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED);
  own.set_authorization(v1::AUTHORIZATION_APPROVED);
  *facts.order.add_lines() = own;
  const v1::Settlement bill = Draft(facts);
  EXPECT_EQ(bill.total_amount(), 33900);
  EXPECT_EQ(bill.lines(2).explanation(), Line::EXPLANATION_CUSTOMER_SUPPLIED);
}

v1::ApplyDiscountRequest Percent(v1::DiscountTarget target, int32_t basis_points) {
  v1::ApplyDiscountRequest request;
  request.set_target(target);
  request.set_basis_points(basis_points);
  request.set_reason("regular customer");
  return request;
}

void Apply(v1::Settlement& bill, const v1::ApplyDiscountRequest& request) {
  auto discount = MakeDiscount(bill, request);
  ASSERT_TRUE(discount.ok()) << discount.status();
  discount->set_discount_id("d" + std::to_string(bill.discounts_size()));
  discount->set_status(v1::DISCOUNT_STATUS_APPLIED);
  *bill.add_discounts() = *discount;
  Recompute(bill);
}

TEST(Discount, ComesOffTheNetAmountAndTaxFollows) {
  v1::Settlement bill = Draft();
  Apply(bill, Percent(v1::DISCOUNT_TARGET_ALL, 500));
  EXPECT_EQ(bill.discount_amount(), 1500);
  EXPECT_EQ(bill.labour_amount(), 19000);
  EXPECT_EQ(bill.parts_amount(), 9500);
  EXPECT_EQ(bill.tax_amount(), 3705);
  EXPECT_EQ(bill.total_amount(), 32205);
  EXPECT_EQ(bill.lines(0).explanation(), Line::EXPLANATION_DISCOUNTED);
  EXPECT_EQ(SumsDiffer(bill), "");
}

TEST(Discount, OfAnAmountIsSpreadSoThatTheLinesSumExactly) {
  v1::Settlement bill = Draft();
  v1::ApplyDiscountRequest request;
  request.set_target(v1::DISCOUNT_TARGET_ALL);
  request.set_amount(100);
  Apply(bill, request);
  EXPECT_EQ(bill.lines(0).discount_amount(), 67);
  EXPECT_EQ(bill.lines(1).discount_amount(), 33);
  EXPECT_EQ(bill.discount_amount(), 100);
}

TEST(Discount, IsForWhatTheCustomerPays) {
  SettlementFacts facts = Facts();
  facts.order.mutable_lines(0)->set_final_pay_type(common::PAY_TYPE_WARRANTY);
  v1::Settlement bill = Draft(facts);
  EXPECT_TRUE(IsRefusal(MakeDiscount(bill, Percent(v1::DISCOUNT_TARGET_LABOUR, 500)).status(),
                        v1::ERROR_REASON_DISCOUNT_EMPTY));
  Apply(bill, Percent(v1::DISCOUNT_TARGET_ALL, 500));
  EXPECT_EQ(bill.discount_amount(), 500);
}

TEST(Discount, IsARateOrAnAmount) {
  auto both = Percent(v1::DISCOUNT_TARGET_ALL, 500);
  both.set_amount(100);
  EXPECT_TRUE(IsRefusal(MakeDiscount(Draft(), both).status(), v1::ERROR_REASON_DISCOUNT_EMPTY));
}

// Handbook: G-06.
TEST(DiscountLimit, IsTheHighestOfTheCallersRoles) {
  EXPECT_EQ(DiscountLimit({options::ROLE_SERVICE_ADVISER}, Settings()), 500);
  EXPECT_EQ(DiscountLimit({options::ROLE_SERVICE_ADVISER, options::ROLE_SERVICE_MANAGER}, Settings()), 2000);
  EXPECT_EQ(DiscountLimit({options::ROLE_GROUP_MANAGER}, Settings()), 10000);
  EXPECT_EQ(DiscountLimit({options::ROLE_CASHIER}, Settings()), 0);
}

TEST(DiscountLimit, NamesWhatWasAskedAndWhoMayApprove) {
  const v1::Settlement bill = Draft();
  const auto discount = MakeDiscount(bill, Percent(v1::DISCOUNT_TARGET_ALL, 800));
  const absl::Status status = CheckDiscountLimit(bill, *discount, 500, Settings());
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_DISCOUNT_ABOVE_LIMIT));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("asked"), "8.00%");
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("limit"), "5.00%");
  EXPECT_TRUE(CheckDiscountLimit(bill, *discount, 2000, Settings()).ok());
}

TEST(DiscountLimit, CannotBePassedInSlices) {
  v1::Settlement bill = Draft();
  Apply(bill, Percent(v1::DISCOUNT_TARGET_ALL, 300));
  const auto labour = MakeDiscount(bill, Percent(v1::DISCOUNT_TARGET_LABOUR, 300));
  EXPECT_TRUE(IsRefusal(CheckDiscountLimit(bill, *labour, 500, Settings()), v1::ERROR_REASON_DISCOUNT_ABOVE_LIMIT));
  v1::ApplyDiscountRequest amount;
  amount.set_target(v1::DISCOUNT_TARGET_PARTS);
  amount.set_amount(201);  // 2.01 % of 100.00
  EXPECT_TRUE(IsRefusal(CheckDiscountLimit(bill, *MakeDiscount(bill, amount), 500, Settings()),
                        v1::ERROR_REASON_DISCOUNT_ABOVE_LIMIT));
  amount.set_amount(200);
  EXPECT_TRUE(CheckDiscountLimit(bill, *MakeDiscount(bill, amount), 500, Settings()).ok());
}

TEST(DiscountLimit, NobodyGivesMoreThanEverything) {
  v1::Settlement bill = Draft();
  Apply(bill, Percent(v1::DISCOUNT_TARGET_ALL, 10000));
  EXPECT_EQ(bill.total_amount(), 0);
  const auto more = MakeDiscount(bill, Percent(v1::DISCOUNT_TARGET_LABOUR, 100));
  EXPECT_TRUE(IsRefusal(CheckDiscountLimit(bill, *more, 10000, Settings()), v1::ERROR_REASON_DISCOUNT_ABOVE_LIMIT));
}

TEST(IssueSettlement, WaitsForAPendingDiscount) {
  v1::Settlement bill = Draft();
  EXPECT_TRUE(CheckIssuable(bill).ok());
  v1::Discount& waiting = *bill.add_discounts();
  waiting.set_discount_id("d");
  waiting.set_status(v1::DISCOUNT_STATUS_WAITING);
  EXPECT_TRUE(IsRefusal(CheckIssuable(bill), v1::ERROR_REASON_DISCOUNT_PENDING));
  EXPECT_TRUE(WaitingDiscount(bill, "d").ok());
  EXPECT_TRUE(IsRefusal(WaitingDiscount(bill, "x").status(), v1::ERROR_REASON_DISCOUNT_UNKNOWN));
}

TEST(IssueSettlement, IsRefusedWhenTheFactsChanged) {
  SettlementFacts facts = Facts();
  v1::Settlement bill = Draft(facts);
  Apply(bill, Percent(v1::DISCOUNT_TARGET_ALL, 500));
  EXPECT_TRUE(CheckUpToDate(bill, facts).ok());
  facts.parts.mutable_lines(0)->set_issued_milli(1000);
  EXPECT_TRUE(IsRefusal(CheckUpToDate(bill, facts), v1::ERROR_REASON_SETTLEMENT_OUTDATED));
}

TEST(VerifySettlement, FindsAChangedLine) {
  v1::Settlement bill = Draft();
  bill.mutable_lines(0)->set_list_amount(19999);
  EXPECT_NE(SumsDiffer(bill), "");
}

}  // namespace
}  // namespace reception
