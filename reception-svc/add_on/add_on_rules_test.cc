#include "reception-svc/add_on/add_on_rules.h"

#include "aftersales/common/v1/errors.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "reception-svc/orders_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
using chassis::IsRefusal;
using chassis::ToProto;
using Request = v1::RecordAddOnDecisionRequest;

Request Answer(Request::Answer answer) {
  Request request;
  request.set_answer(answer);
  *request.mutable_consent() = ByCustomer();
  request.mutable_consent()->set_method(common::Signature::AUTHORIZATION_METHOD_VERBAL_PHONE);
  *request.mutable_answer_time() = ToProto(kNow + absl::Minutes(5));
  if (answer == Request::ANSWER_DECLINED) request.set_decline_reason("too expensive");
  return request;
}
const absl::Time kLater = kNow + absl::Minutes(10);

absl::Status Decision(const Request& request, const std::vector<v1::AddOn>& others = {}, int64_t limit = 0) {
  v1::RepairOrder order = AReleasedOrder();
  order.set_authorization_limit_amount(limit);
  return CheckDecision(AnOfferedAddOn(), order, others, request, kLater);
}

TEST(AddOnDecision, TakesARecordedRemoteConsent) { EXPECT_TRUE(Decision(Answer(Request::ANSWER_APPROVED)).ok()); }

TEST(AddOnDecision, IsTheCustomers) {
  Request request = Answer(Request::ANSWER_APPROVED);
  request.mutable_consent()->set_signer_role(common::Signature::SIGNER_ROLE_TECHNICIAN);
  EXPECT_TRUE(IsRefusal(Decision(request), v1::ERROR_REASON_CONSENT_MISSING));
}

TEST(AddOnDecision, LiesBetweenOfferAndNow) {
  Request request = Answer(Request::ANSWER_APPROVED);
  *request.mutable_answer_time() = ToProto(kNow - absl::Minutes(1));
  EXPECT_TRUE(IsRefusal(Decision(request), v1::ERROR_REASON_ANSWER_TIME_WRONG));
  *request.mutable_answer_time() = ToProto(kLater + absl::Minutes(1));
  EXPECT_TRUE(IsRefusal(Decision(request), v1::ERROR_REASON_ANSWER_TIME_WRONG));
}

TEST(AddOnDecision, ADeclineSaysWhy) {
  Request request = Answer(Request::ANSWER_DECLINED);
  EXPECT_TRUE(Decision(request).ok());
  request.clear_decline_reason();
  EXPECT_TRUE(IsRefusal(Decision(request), v1::ERROR_REASON_DECLINE_REASON_MISSING));
}

TEST(AddOnDecision, PreauthorisationCoversAllAddOnsTogether) {
  Request request = Answer(Request::ANSWER_APPROVED);
  request.mutable_consent()->set_method(common::Signature::AUTHORIZATION_METHOD_AUTOMATED_POLICY_PREAUTHORIZATION);
  const int64_t total = AnOfferedAddOn().total_amount();  // 452.00
  EXPECT_TRUE(Decision(request, {}, total).ok());
  EXPECT_TRUE(IsRefusal(Decision(request, {}, total - 1), v1::ERROR_REASON_ABOVE_AUTHORISATION_LIMIT));
  v1::AddOn other = AnOfferedAddOn();
  other.set_add_on_id("other");
  other.set_state(v1::AddOn::STATE_APPROVED);
  EXPECT_TRUE(IsRefusal(Decision(request, {other}, total), v1::ERROR_REASON_ABOVE_AUTHORISATION_LIMIT));
  // A phone call asks the customer again: no limit.
  request.mutable_consent()->set_method(common::Signature::AUTHORIZATION_METHOD_VERBAL_PHONE);
  EXPECT_TRUE(Decision(request, {other}, 0).ok());
}

TEST(AddOnDecision, NeverPromisesAnEarlierTime) {
  Request request = Answer(Request::ANSWER_APPROVED);
  *request.mutable_new_agreed_time() = ToProto(kNow + absl::Hours(3));
  EXPECT_TRUE(IsRefusal(Decision(request), v1::ERROR_REASON_ADD_ON_CHANGES_PROMISE));
  *request.mutable_new_agreed_time() = ToProto(kNow + absl::Hours(6));
  EXPECT_TRUE(Decision(request).ok());
}

TEST(AddOnDecision, NeedsAPrice) {
  v1::AddOn raised = AnOfferedAddOn();
  raised.set_state(v1::AddOn::STATE_RAISED);
  EXPECT_TRUE(IsRefusal(CheckDecision(raised, AReleasedOrder(), {}, Answer(Request::ANSWER_APPROVED), kLater),
                        common::ERROR_REASON_WRONG_STATE));
}

TEST(AddOnDecision, BooksBeforeItIsApproved) {
  v1::AddOn add_on = AnOfferedAddOn();
  ASSERT_TRUE(ApplyDecision(add_on, Answer(Request::ANSWER_APPROVED), ByCustomer()).ok());
  EXPECT_EQ(add_on.state(), v1::AddOn::STATE_BOOKING);
  EXPECT_TRUE(add_on.decision().approved());
}

// Handbook.
TEST(AddOnDecision, ADeclineOfSafetyCriticalWorkIsDeclared) {
  v1::AddOn add_on = AnOfferedAddOn();
  ASSERT_TRUE(ApplyDecision(add_on, Answer(Request::ANSWER_DECLINED), ByCustomer()).ok());
  EXPECT_EQ(add_on.state(), v1::AddOn::STATE_DECLINED);
  EXPECT_TRUE(add_on.refusal_declared());
  v1::AddOn comfort = AnOfferedAddOn();
  comfort.set_safety_critical(false);
  ASSERT_TRUE(ApplyDecision(comfort, Answer(Request::ANSWER_DECLINED), ByCustomer()).ok());
  EXPECT_FALSE(comfort.refusal_declared());
}

TEST(AddOnOffer, RequotesAndForgetsTheEarlierAnswer) {
  v1::AddOn add_on = AnOfferedAddOn();
  add_on.mutable_decision()->set_approved(true);
  OrderLines lines;
  *lines.Add() = Labour("new", "BRK-202", 12000);
  lines[0].clear_pay_type();
  ASSERT_TRUE(Offer(add_on, lines).ok());
  EXPECT_EQ(add_on.quote_number(), 2);
  EXPECT_FALSE(add_on.has_decision());
  EXPECT_EQ(add_on.total_amount(), 13560);
  EXPECT_EQ(add_on.lines(0).pay_type(), common::PAY_TYPE_CUSTOMER_PAY);
  EXPECT_EQ(OrderLineOf(add_on.lines(0)).operation_code(), "BRK-202");
  v1::AddOn approved = AnOfferedAddOn();
  approved.set_state(v1::AddOn::STATE_APPROVED);
  EXPECT_FALSE(Offer(approved, lines).ok());
}

}  // namespace
}  // namespace reception
