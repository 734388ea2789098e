// What a purchase order may say, proven without a database.
#include "parts-svc/purchase_order/purchase_order_rules.h"

#include "absl/strings/str_cat.h"
#include "aftersales/common/v1/errors.pb.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/procurement_errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "parts-svc/policy/policy_rules.h"

namespace parts {
namespace {

namespace options = aftersales::options::v1;
using chassis::IsRefusal;

constexpr char kToday[] = "2026-11-21";

Terms ATerms(int64_t step_milli = 1000) {
  Terms terms;
  terms.today = kToday;
  PartTerms& part = terms.by_part["part"];
  part.part.set_part_id("part");
  part.part.set_part_number("F-1");
  part.part.set_name_zh("机油滤清器");
  part.part.set_step_milli(step_milli);
  part.lead_time_days = 5;
  part.tax_basis_points = 1300;
  return terms;
}
void Agree(Terms& terms, int64_t price) {
  terms.by_part["part"].contract = ContractTerms{"contract", "PCT-1", price, 0, 0};
}
void List(Terms& terms, int64_t price, int64_t pack_milli = 0, int64_t minimum_milli = 0) {
  v1::SupplierPart offer;
  offer.set_unit_price_amount(price);
  offer.set_pack_quantity_milli(pack_milli);
  offer.set_minimum_quantity_milli(minimum_milli);
  terms.by_part["part"].offer = offer;
}
v1::PurchaseOrderDraftLine Wanted(int64_t quantity_milli) {
  v1::PurchaseOrderDraftLine line;
  line.set_part_id("part");
  line.set_quantity_milli(quantity_milli);
  return line;
}
Buyer AClerk() { return BuyerOf("wang", {options::ROLE_PARTS_CLERK}, WithDefaults({})); }
Buyer AManager() { return BuyerOf("zhang", {options::ROLE_PARTS_MANAGER}, WithDefaults({})); }

absl::StatusOr<v1::PurchaseOrder> Write(const Terms& terms, const std::vector<v1::PurchaseOrderDraftLine>& wanted,
                                        const Buyer& buyer = AClerk(), v1::PurchaseOrder order = {}) {
  int count = 0;
  if (order.state() == v1::PurchaseOrder::STATE_UNSPECIFIED) order.set_state(v1::PurchaseOrder::STATE_DRAFT);
  const absl::Status status = WriteLines(
      wanted, terms, buyer, {}, [&] { return absl::StrCat("line-", order.lines_size(), "-", ++count); }, order);
  if (!status.ok()) return status;
  return order;
}
v1::PurchaseOrder AnOrderOf(int64_t quantity_milli, v1::PurchaseOrder::State state = v1::PurchaseOrder::STATE_DRAFT) {
  Terms terms = ATerms();
  List(terms, 1000);
  v1::PurchaseOrder order = *Write(terms, {Wanted(quantity_milli)});
  order.set_state(state);
  return order;
}
const std::string& LineId(const v1::PurchaseOrder& order) { return order.lines(0).purchase_order_line_id(); }

// Handbook: P-08.
TEST(PurchaseOrderLines, TakeThePriceOfTheContractBeforeThatOfTheList) {
  Terms terms = ATerms();
  List(terms, 1200);
  EXPECT_EQ(Write(terms, {Wanted(3000)})->lines(0).unit_price_amount(), 1200);
  Agree(terms, 1100);
  const v1::PurchaseOrder order = *Write(terms, {Wanted(3000)});
  EXPECT_EQ(order.lines(0).unit_price_amount(), 1100);
  EXPECT_EQ(order.lines(0).contract_id(), "contract");
  EXPECT_EQ(order.lines(0).expected_date(), "2026-11-26");
  EXPECT_EQ(order.total_amount(), 3300);
  EXPECT_EQ(order.tax_amount(), 429);
}

TEST(PurchaseOrderLines, NeedAPriceFromSomewhere) {
  EXPECT_TRUE(IsRefusal(Write(ATerms(), {Wanted(1000)}).status(), v1::PROCUREMENT_ERROR_REASON_ORDER_PRICE_UNKNOWN));
  v1::PurchaseOrderDraftLine stated = Wanted(1000);
  stated.set_unit_price_amount(700);
  EXPECT_EQ(Write(ATerms(), {stated})->total_amount(), 700);
}

TEST(PurchaseOrderLines, PayNoMoreThanTheContractUnlessAManagerSaysWhy) {
  Terms terms = ATerms();
  Agree(terms, 1000);
  v1::PurchaseOrderDraftLine dear = Wanted(1000);
  dear.set_unit_price_amount(1001);
  EXPECT_TRUE(IsRefusal(Write(terms, {dear}).status(), v1::PROCUREMENT_ERROR_REASON_PRICE_ABOVE_CONTRACT));
  EXPECT_TRUE(IsRefusal(Write(terms, {dear}, AManager()).status(), v1::PROCUREMENT_ERROR_REASON_PRICE_ABOVE_CONTRACT))
      << "a manager must say why";
  dear.set_price_override_reason("the only one who delivers before the holiday");
  EXPECT_TRUE(IsRefusal(Write(terms, {dear}).status(), v1::PROCUREMENT_ERROR_REASON_PRICE_OVERRIDE_BY_MANAGER));
  const v1::PurchaseOrder order = *Write(terms, {dear}, AManager());
  EXPECT_EQ(order.lines(0).price_override_actor(), "zhang");
  terms.price_tolerance_basis_points = 10;
  dear.clear_price_override_reason();
  EXPECT_TRUE(Write(terms, {dear}).ok()) << "within the tolerance";
}

TEST(PurchaseOrderLines, AnAllowanceHoldsForItsPriceOnly) {
  Terms terms = ATerms();
  Agree(terms, 1000);
  v1::PurchaseOrderDraftLine dear = Wanted(1000);
  dear.set_unit_price_amount(1100);
  dear.set_price_override_reason("urgent");
  const v1::PurchaseOrder order = *Write(terms, {dear}, AManager());
  v1::PurchaseOrderDraftLine again = Wanted(2000);
  again.set_purchase_order_line_id(LineId(order));
  EXPECT_TRUE(Write(terms, {again}, AClerk(), order).ok()) << "the price stays, so does the allowance";
  again.set_unit_price_amount(1200);
  EXPECT_TRUE(
      IsRefusal(Write(terms, {again}, AClerk(), order).status(), v1::PROCUREMENT_ERROR_REASON_PRICE_ABOVE_CONTRACT));
}

TEST(PurchaseOrderLines, AreSoldInWholePacksAndNotBelowTheMinimum) {
  Terms terms = ATerms();
  List(terms, 1000, 6000, 12000);
  EXPECT_TRUE(IsRefusal(Write(terms, {Wanted(6000)}).status(), v1::PROCUREMENT_ERROR_REASON_BELOW_MINIMUM_QUANTITY));
  EXPECT_TRUE(IsRefusal(Write(terms, {Wanted(13000)}).status(), v1::PROCUREMENT_ERROR_REASON_PACK_QUANTITY));
  EXPECT_TRUE(IsRefusal(Write(terms, {Wanted(12500)}).status(), v1::ERROR_REASON_QUANTITY_STEP));
  EXPECT_TRUE(Write(terms, {Wanted(18000)}).ok());
  EXPECT_EQ(SellableQuantity(terms.by_part.at("part"), 1000), 12000);
  EXPECT_EQ(SellableQuantity(terms.by_part.at("part"), 13000), 18000);
}

TEST(PurchaseOrderLines, AreNotExpectedInThePast) {
  Terms terms = ATerms();
  List(terms, 1000);
  v1::PurchaseOrderDraftLine late = Wanted(1000);
  late.set_expected_date("2026-11-20");
  EXPECT_TRUE(IsRefusal(Write(terms, {late}).status(), v1::PROCUREMENT_ERROR_REASON_EXPECTED_DATE_PAST));
  late.set_expected_date(kToday);
  EXPECT_TRUE(Write(terms, {late}).ok());
}

TEST(PurchaseOrderLines, NameEachLineOnceAndOnlyTheirOwn) {
  Terms terms = ATerms();
  List(terms, 1000);
  const v1::PurchaseOrder order = AnOrderOf(2000);
  v1::PurchaseOrderDraftLine same = Wanted(2000);
  same.set_purchase_order_line_id(LineId(order));
  EXPECT_TRUE(
      IsRefusal(Write(terms, {same, same}, AClerk(), order).status(), v1::PROCUREMENT_ERROR_REASON_ORDER_LINE_TWICE));
  same.set_purchase_order_line_id("elsewhere");
  EXPECT_TRUE(
      IsRefusal(Write(terms, {same}, AClerk(), order).status(), v1::PROCUREMENT_ERROR_REASON_ORDER_LINE_UNKNOWN));
  v1::PurchaseOrderDraftLine unknown = Wanted(1000);
  unknown.set_part_id("nothing");
  EXPECT_TRUE(IsRefusal(Write(terms, {unknown}).status(), v1::ERROR_REASON_PART_UNKNOWN));
}

TEST(PurchaseOrderLines, GoFromADraftAndAreGivenUpOnceItIsOut) {
  Terms terms = ATerms();
  List(terms, 1000);
  v1::PurchaseOrder order = *Write(terms, {Wanted(2000), Wanted(3000)});
  v1::PurchaseOrderDraftLine first = Wanted(2000);
  first.set_purchase_order_line_id(LineId(order));
  EXPECT_EQ(Write(terms, {first}, AClerk(), order)->lines_size(), 1);
  order.set_state(v1::PurchaseOrder::STATE_SENT);
  const v1::PurchaseOrder revised = *Write(terms, {first}, AClerk(), order);
  ASSERT_EQ(revised.lines_size(), 2);
  EXPECT_EQ(revised.lines(1).cancelled_milli(), 3000);
  EXPECT_EQ(revised.lines(1).open_milli(), 0);
  EXPECT_EQ(revised.total_amount(), 2000);
}

TEST(PurchaseOrderLines, StayAtLeastWhatHasCome) {
  Terms terms = ATerms();
  List(terms, 1000);
  v1::PurchaseOrder order = AnOrderOf(5000, v1::PurchaseOrder::STATE_SENT);
  ASSERT_TRUE(Receive({{LineId(order), 3000, 0}}, kToday, absl::Now(), order).ok());
  v1::PurchaseOrderDraftLine less = Wanted(2000);
  less.set_purchase_order_line_id(LineId(order));
  EXPECT_TRUE(IsRefusal(Write(terms, {less}, AClerk(), order).status(), v1::PROCUREMENT_ERROR_REASON_BELOW_RECEIVED));
  less.set_quantity_milli(3000);
  EXPECT_EQ(Write(terms, {less}, AClerk(), order)->lines(0).open_milli(), 0);
}

TEST(PurchaseOrderLines, KeepWhatSpecialOrdersCountOn) {
  Terms terms = ATerms();
  List(terms, 1000);
  v1::PurchaseOrder order = AnOrderOf(5000);
  v1::PurchaseOrderDraftLine less = Wanted(1000);
  less.set_purchase_order_line_id(LineId(order));
  const absl::Status refused = WriteLines(
      {less}, terms, AClerk(), {{LineId(order), {2000, "RO-1"}}}, [] { return ""; }, order);
  EXPECT_TRUE(IsRefusal(refused, v1::PROCUREMENT_ERROR_REASON_SERVES_SPECIAL_ORDERS));
  EXPECT_EQ(chassis::RefusalIn(refused).arguments().at("holders"), "RO-1");
}

// Handbook: P-08, G-06.
TEST(PurchaseApproval, RisesFromPostToPost) {
  const v1::PartsPolicy policy = WithDefaults({});
  const struct {
    options::Role role;
    int64_t limit;
  } posts[] = {{options::ROLE_PARTS_CLERK, 500000},
               {options::ROLE_PARTS_MANAGER, 5000000},
               {options::ROLE_SERVICE_MANAGER, 20000000}};
  for (const auto& post : posts) {
    const Buyer buyer = BuyerOf("x", {post.role}, policy);
    EXPECT_TRUE(CheckAuthority(buyer, post.limit, policy).ok());
    const absl::Status above = CheckAuthority(buyer, post.limit + 1, policy);
    EXPECT_TRUE(IsRefusal(above, v1::PROCUREMENT_ERROR_REASON_ORDER_APPROVAL_LIMIT));
    EXPECT_EQ(ApproverFor(post.limit, policy), post.role);
  }
  const absl::Status clerk = CheckAuthority(BuyerOf("x", {options::ROLE_PARTS_CLERK}, policy), 590000, policy);
  const chassis::Presentation store{"CNY", "Asia/Shanghai"};
  EXPECT_EQ(chassis::Worded(chassis::RefusalIn(clerk), "zh-CN", store),
            "金额 5,900.00 CNY 超出您的审批权限 5,000.00 CNY，须由 配件经理 审批");
  EXPECT_EQ(chassis::Worded(chassis::RefusalIn(clerk), "en", store),
            "5,900.00 CNY is above the 5,000.00 CNY you may approve; it takes the parts manager");
  const Buyer group = BuyerOf("x", {options::ROLE_GROUP_MANAGER}, policy);
  EXPECT_TRUE(CheckAuthority(group, 1000000000000, policy).ok());
  EXPECT_EQ(ApproverFor(20000001, policy), options::ROLE_GROUP_MANAGER);
  EXPECT_FALSE(CheckAuthority(BuyerOf("x", {options::ROLE_CASHIER}, policy), 1, policy).ok());
  EXPECT_TRUE(
      CheckAuthority(BuyerOf("x", {options::ROLE_PARTS_CLERK, options::ROLE_SERVICE_MANAGER}, policy), 20000000, policy)
          .ok())
      << "the higher post counts";
}

TEST(PurchaseReceipt, MovesTheOrderFromSentToReceived) {
  v1::PurchaseOrder order = AnOrderOf(5000, v1::PurchaseOrder::STATE_SENT);
  ASSERT_TRUE(Receive({{LineId(order), 2000, 1000}}, kToday, absl::Now(), order).ok());
  EXPECT_EQ(order.state(), v1::PurchaseOrder::STATE_PARTLY_RECEIVED);
  EXPECT_EQ(order.lines(0).open_milli(), 3000) << "what was rejected is still owed";
  EXPECT_EQ(order.lines(0).rejected_milli(), 1000);
  ASSERT_TRUE(Receive({{LineId(order), 4000, 0}}, "2026-11-25", absl::Now(), order).ok());
  EXPECT_EQ(order.state(), v1::PurchaseOrder::STATE_RECEIVED);
  EXPECT_EQ(order.lines(0).complete_date(), "2026-11-25");
  EXPECT_EQ(order.lines(0).open_milli(), 0) << "more came than was ordered";
  EXPECT_EQ(order.expected_date(), "");
}

TEST(PurchaseReceipt, OfRejectedGoodsAloneLeavesTheOrderSent) {
  v1::PurchaseOrder order = AnOrderOf(5000, v1::PurchaseOrder::STATE_SENT);
  ASSERT_TRUE(Receive({{LineId(order), 0, 5000}}, kToday, absl::Now(), order).ok());
  EXPECT_EQ(order.state(), v1::PurchaseOrder::STATE_SENT);
}

TEST(PurchaseReceipt, TakesNothingForAnOrderThatIsNotOut) {
  for (const auto state :
       {v1::PurchaseOrder::STATE_DRAFT, v1::PurchaseOrder::STATE_SUBMITTED, v1::PurchaseOrder::STATE_APPROVED,
        v1::PurchaseOrder::STATE_RECEIVED, v1::PurchaseOrder::STATE_CLOSED, v1::PurchaseOrder::STATE_CANCELLED,
        v1::PurchaseOrder::STATE_REJECTED}) {
    v1::PurchaseOrder order = AnOrderOf(5000, state);
    EXPECT_TRUE(IsRefusal(Receive({{LineId(order), 1000, 0}}, kToday, absl::Now(), order),
                          aftersales::common::v1::ERROR_REASON_WRONG_STATE))
        << state;
  }
}

TEST(PurchaseOrder, IsReceivedWhenTheRestIsGivenUpAndCancelledWhenNothingCame) {
  v1::PurchaseOrder order = AnOrderOf(5000, v1::PurchaseOrder::STATE_SENT);
  v1::PurchaseOrder untouched = order;
  ASSERT_TRUE(Receive({{LineId(order), 2000, 0}}, kToday, absl::Now(), order).ok());
  EXPECT_EQ(*GiveUp(LineId(order), 9000, order), 3000);
  ASSERT_TRUE(Settle(order).ok());
  EXPECT_EQ(order.state(), v1::PurchaseOrder::STATE_RECEIVED);
  EXPECT_EQ(order.lines(0).complete_date(), "") << "it never came complete";
  EXPECT_EQ(order.total_amount(), 2000);
  EXPECT_EQ(*GiveUp(LineId(untouched), 5000, untouched), 5000);
  ASSERT_TRUE(Settle(untouched).ok());
  EXPECT_EQ(untouched.state(), v1::PurchaseOrder::STATE_CANCELLED);
}

}  // namespace
}  // namespace parts
