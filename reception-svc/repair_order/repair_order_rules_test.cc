#include "reception-svc/repair_order/repair_order_rules.h"

#include "aftersales/common/v1/errors.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"
#include "reception-svc/orders_for_test.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
using aftersales::workshop::v1::OrderProgress;
using chassis::FromProto;
using chassis::IsRefusal;
using chassis::ToProto;

absl::Status Signable(const v1::RepairOrder& order) { return CheckSignable(order, kToday, kNow); }

TEST(SignRepairOrder, TakesAnEstimatedPromisedAndDecidedOrder) { EXPECT_TRUE(Signable(AnEstimatedOrder()).ok()); }

TEST(SignRepairOrder, IsRefusedWithoutEstimate) {
  EXPECT_TRUE(IsRefusal(Signable(ADraft()), v1::ERROR_REASON_ESTIMATE_MISSING));
}

TEST(SignRepairOrder, IsRefusedWhenTheEstimateHasExpired) {
  v1::RepairOrder order = AnEstimatedOrder();
  order.set_estimate_valid_until_date("2026-11-20");
  EXPECT_TRUE(IsRefusal(Signable(order), v1::ERROR_REASON_ESTIMATE_EXPIRED));
  order.set_estimate_valid_until_date(kToday);
  EXPECT_TRUE(Signable(order).ok());
}

TEST(SignRepairOrder, IsRefusedWhileCoverageIsNotDecided) {
  v1::RepairOrder order = AnEstimatedOrder();
  order.mutable_lines(0)->set_coverage(v1::COVERAGE_UNSPECIFIED);
  const absl::Status status = Signable(order);
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_COVERAGE_MISSING));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("lines"), "BRK-101");
  // Undetermined is a decision: the price follows.
  order.mutable_lines(0)->set_coverage(v1::COVERAGE_UNDETERMINED);
  EXPECT_TRUE(Signable(order).ok());
}

TEST(SignRepairOrder, DoesNotAskForCoverageOfDeclinedLines) {
  v1::RepairOrder order = AnEstimatedOrder();
  order.mutable_lines(1)->set_coverage(v1::COVERAGE_UNSPECIFIED);
  order.mutable_lines(1)->set_authorization(v1::AUTHORIZATION_DECLINED);
  EXPECT_TRUE(Signable(order).ok());
}

TEST(SignRepairOrder, IsRefusedWithoutPromiseOrAfterItHasPassed) {
  v1::RepairOrder order = AnEstimatedOrder();
  order.clear_promised_time();
  EXPECT_TRUE(IsRefusal(Signable(order), v1::ERROR_REASON_PROMISE_MISSING));
  *order.mutable_promised_time() = ToProto(kNow - absl::Minutes(1));
  EXPECT_TRUE(IsRefusal(Signable(order), v1::ERROR_REASON_PROMISE_PASSED));
}

TEST(SignRepairOrder, IsRefusedUntilEveryClauseIsAcknowledgedSeparately) {
  v1::RepairOrder order = AnEstimatedOrder();
  order.add_clauses(v1::CLAUSE_NO_GUARANTEE);
  order.add_clauses(v1::CLAUSE_UNKNOWN_FAULT);
  order.add_acknowledgements()->set_clause(v1::CLAUSE_UNKNOWN_FAULT);
  const absl::Status status = Signable(order);
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_DISCLAIMER_MISSING));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("clauses"), "CLAUSE_NO_GUARANTEE");
  order.add_acknowledgements()->set_clause(v1::CLAUSE_NO_GUARANTEE);
  EXPECT_TRUE(Signable(order).ok());
}

TEST(SignRepairOrder, IsNotDoneTwice) {
  EXPECT_TRUE(IsRefusal(Signable(ASignedOrder()), common::ERROR_REASON_WRONG_STATE));
}

TEST(SignRepairOrder, IsTheCustomersToSign) {
  common::Signature signature = ByCustomer();
  EXPECT_TRUE(CheckSignedByCustomer(signature, "signature").ok());
  signature.set_signer_role(common::Signature::SIGNER_ROLE_SERVICE_ADVISER);
  EXPECT_TRUE(IsRefusal(CheckSignedByCustomer(signature, "signature"), v1::ERROR_REASON_CUSTOMER_MUST_SIGN));
}

TEST(SignRepairOrder, ApprovesWhatWasProposedAndNothingElse) {
  v1::RepairOrder order = AnEstimatedOrder();
  order.mutable_lines(1)->set_authorization(v1::AUTHORIZATION_DECLINED);
  ApproveLines(order);
  EXPECT_EQ(order.lines(0).authorization(), v1::AUTHORIZATION_APPROVED);
  EXPECT_EQ(order.lines(1).authorization(), v1::AUTHORIZATION_DECLINED);
}

TEST(AcknowledgeDisclaimer, IsForClausesOnTheEstimateOnly) {
  v1::RepairOrder order = AnEstimatedOrder();
  v1::AcknowledgeDisclaimerRequest request;
  request.set_clause(v1::CLAUSE_NO_GUARANTEE);
  *request.mutable_signature() = ByCustomer();
  EXPECT_TRUE(IsRefusal(CheckAcknowledgeable(order, request), v1::ERROR_REASON_CLAUSE_NOT_PRINTED));
  order.add_clauses(v1::CLAUSE_NO_GUARANTEE);
  EXPECT_TRUE(CheckAcknowledgeable(order, request).ok());
}

// Handbook.
TEST(Clauses, FollowFromSupplySourceAndUnknownFault) {
  v1::RepairOrder order = ADraft();
  EXPECT_TRUE(ClausesOf(order).empty());
  order.mutable_lines(1)->set_supply_source(common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED);
  order.set_fault_unknown(true);
  EXPECT_EQ(ClausesOf(order), (std::vector<v1::Clause>{v1::CLAUSE_NO_GUARANTEE, v1::CLAUSE_UNKNOWN_FAULT}));
}

TEST(Estimate, NeedsWorkThatWasNotDeclined) {
  v1::RepairOrder order = ADraft();
  EXPECT_TRUE(CheckHasWork(order).ok());
  order.mutable_lines(0)->set_authorization(v1::AUTHORIZATION_DECLINED);
  EXPECT_TRUE(IsRefusal(CheckHasWork(order), v1::ERROR_REASON_ORDER_HAS_NO_WORK));
}

// Handbook: R-25.
TEST(Promise, IsFeasibleTimePlusMarginUpToTheNextQuarter) {
  const absl::Time feasible = kNow + absl::Hours(3);
  EXPECT_EQ(PromiseFrom(feasible, 60, 2000), kNow + absl::Hours(3) + absl::Minutes(15));  // 12 minutes of margin
  EXPECT_EQ(PromiseFrom(feasible, 0, 2000), feasible);
}

TEST(Promise, EarlierThanFeasibleTakesTheManagerAndAReason) {
  v1::RepairOrder order = AnEstimatedOrder();
  const absl::Time early = kNow + absl::Hours(2);
  EXPECT_TRUE(IsRefusal(SetPromise(order, early, "urgent", MayOverridePromise::kNo, kNow),
                        v1::ERROR_REASON_PROMISE_BEFORE_FEASIBLE));
  EXPECT_TRUE(IsRefusal(SetPromise(order, early, "", MayOverridePromise::kYes, kNow),
                        v1::ERROR_REASON_PROMISE_BEFORE_FEASIBLE));
  ASSERT_TRUE(SetPromise(order, early, "urgent", MayOverridePromise::kYes, kNow).ok());
  EXPECT_EQ(FromProto(order.agreed_time()), early);
  EXPECT_EQ(order.promise_reason(), "urgent");
}

TEST(Promise, NeedsTheFeasibleTimeAndTheFuture) {
  v1::RepairOrder order = AnEstimatedOrder();
  EXPECT_TRUE(IsRefusal(SetPromise(order, kNow, "", MayOverridePromise::kYes, kNow), v1::ERROR_REASON_PROMISE_PASSED));
  order.clear_feasible_time();
  EXPECT_TRUE(IsRefusal(SetPromise(order, kNow + absl::Hours(9), "", MayOverridePromise::kYes, kNow),
                        v1::ERROR_REASON_PROMISE_NOT_COMPUTED));
}

TEST(Lines, ChangedAfterTheEstimateMakeADraftAgain) {
  v1::RepairOrder order = AnEstimatedOrder();
  order.add_clauses(v1::CLAUSE_NO_GUARANTEE);
  order.add_acknowledgements();
  v1::RemoveOrderLinesRequest request;
  request.add_line_ids("filter");
  ASSERT_TRUE(RemoveLines(order, request).ok());
  EXPECT_EQ(order.state(), v1::RepairOrder::STATE_DRAFT);
  EXPECT_TRUE(order.estimate_id().empty());
  EXPECT_FALSE(order.has_promised_time());
  EXPECT_EQ(order.acknowledgements_size(), 0);
  EXPECT_EQ(order.total_amount(), 22600);
}

TEST(Lines, OfASignedOrderAreNotChanged) {
  v1::RepairOrder order = ASignedOrder();
  v1::RemoveOrderLinesRequest request;
  request.add_line_ids("filter");
  EXPECT_TRUE(IsRefusal(RemoveLines(order, request), common::ERROR_REASON_WRONG_STATE));
}

TEST(Lines, UnknownOnesAreNamed) {
  v1::RepairOrder order = ADraft();
  v1::RemoveOrderLinesRequest request;
  request.add_line_ids("nowhere");
  const absl::Status status = RemoveLines(order, request);
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_LINE_UNKNOWN));
  EXPECT_EQ(chassis::RefusalIn(status).violations(0).field(), "line_ids[0]");
}

// Handbook: R-28.
TEST(Lines, DeclinedStayOnTheOrderAndAreNotCounted) {
  v1::RepairOrder order = ADraft();
  v1::DeclineOrderLinesRequest request;
  request.add_line_ids("filter");
  request.set_reason("next time");
  ASSERT_TRUE(DeclineLines(order, request).ok());
  EXPECT_EQ(order.lines_size(), 2);
  EXPECT_EQ(order.total_amount(), 22600);
  EXPECT_EQ(order.lines(1).decline_reason(), "next time");
}

// Handbook: G-03.
TEST(ReviseRepairOrder, MakesANewVersionToSignAgain) {
  v1::RepairOrder order = ASignedOrder();
  ASSERT_TRUE(Revise(order).ok());
  EXPECT_EQ(order.revision(), 2);
  EXPECT_EQ(order.state(), v1::RepairOrder::STATE_DRAFT);
  EXPECT_FALSE(order.has_signature());
  EXPECT_EQ(order.lines(0).authorization(), v1::AUTHORIZATION_PROPOSED);
  v1::RepairOrder released = AReleasedOrder();
  EXPECT_TRUE(IsRefusal(Revise(released), common::ERROR_REASON_WRONG_STATE));
}

v1::RecordHandoverRequest Handover(absl::Time at) {
  v1::RecordHandoverRequest request;
  request.set_given_by("adviser-1");
  request.set_received_by("leader-1");
  *request.mutable_handover_time() = ToProto(at);
  request.set_key_tag("17");
  return request;
}

TEST(Handover, IsRecordedWithinTenMinutesOrWithAReason) {
  v1::RepairOrder order = AReleasedOrder();
  auto late = Handover(kNow - absl::Minutes(11));
  EXPECT_TRUE(IsRefusal(RecordHandover(order, late, kNow, 10), v1::ERROR_REASON_HANDOVER_LATE));
  late.set_late_reason("the network was down");
  EXPECT_TRUE(RecordHandover(order, late, kNow, 10).ok());
  EXPECT_EQ(order.handover().key_tag(), "17");
  EXPECT_TRUE(IsRefusal(RecordHandover(order, late, kNow, 10), v1::ERROR_REASON_HANDOVER_RECORDED));
}

TEST(Handover, IsBetweenTwoPeopleAndNotInTheFuture) {
  v1::RepairOrder order = AReleasedOrder();
  EXPECT_TRUE(IsRefusal(RecordHandover(order, Handover(kNow + absl::Minutes(1)), kNow, 10),
                        v1::ERROR_REASON_HANDOVER_IN_FUTURE));
  auto alone = Handover(kNow);
  alone.set_received_by(alone.given_by());
  EXPECT_TRUE(IsRefusal(RecordHandover(order, alone, kNow, 10), v1::ERROR_REASON_HANDOVER_SAME_PERSON));
  EXPECT_TRUE(RecordHandover(order, Handover(kNow - absl::Minutes(10)), kNow, 10).ok());
}

TEST(Handover, FollowsTheRelease) {
  v1::RepairOrder order = ASignedOrder();
  EXPECT_TRUE(IsRefusal(RecordHandover(order, Handover(kNow), kNow, 10), common::ERROR_REASON_WRONG_STATE));
}

// Handbook: R-27.
TEST(StopRepairOrder, RevokesWhatIsNotDone) {
  v1::RepairOrder order = AReleasedOrder();
  *order.add_lines() = Labour("second", "OIL-1", 10000);
  ApproveLines(order);
  OrderProgress progress = AllDone({"labour"});
  progress.add_lines()->set_line_id("second");
  ASSERT_TRUE(Stop(order, progress, "customer sells the vehicle").ok());
  EXPECT_EQ(order.lines(0).authorization(), v1::AUTHORIZATION_APPROVED);
  EXPECT_EQ(order.lines(2).authorization(), v1::AUTHORIZATION_REVOKED);
  // What was revoked does not block the way back.
  EXPECT_TRUE(CheckTakeBack(order, {}, AllDone({"labour"})).ok());
}

TEST(StopRepairOrder, IsRefusedWhileNothingIsDone) {
  v1::RepairOrder order = AReleasedOrder();
  EXPECT_TRUE(IsRefusal(Stop(order, OrderProgress(), "no"), v1::ERROR_REASON_NOTHING_DONE_YET));
}

TEST(TakeBack, WaitsForEveryLine) {
  OrderProgress progress = AllDone({});
  const absl::Status status = CheckTakeBack(AReleasedOrder(), {}, progress);
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_LINES_MISSING));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("lines"), "BRK-101");
}

TEST(TakeBack, WaitsForTheLinesOfApprovedAddOns) {
  v1::AddOn add_on = AnOfferedAddOn();
  add_on.set_state(v1::AddOn::STATE_APPROVED);
  EXPECT_TRUE(
      IsRefusal(CheckTakeBack(AReleasedOrder(), {add_on}, AllDone({"labour"})), v1::ERROR_REASON_LINES_MISSING));
  EXPECT_TRUE(CheckTakeBack(AReleasedOrder(), {add_on}, AllDone({"labour", "add-labour"})).ok());
}

TEST(TakeBack, WaitsForTheCustomersAnswerToAddOns) {
  EXPECT_TRUE(IsRefusal(CheckTakeBack(AReleasedOrder(), {AnOfferedAddOn()}, AllDone({"labour"})),
                        v1::ERROR_REASON_ADD_ON_OPEN));
  v1::AddOn declined = AnOfferedAddOn();
  declined.set_state(v1::AddOn::STATE_DECLINED);
  EXPECT_TRUE(CheckTakeBack(AReleasedOrder(), {declined}, AllDone({"labour"})).ok());
}

TEST(TakeBack, WaitsForAllThreeInspections) {
  OrderProgress progress = AllDone({"labour"});
  progress.set_final_inspection_passed(false);
  EXPECT_TRUE(IsRefusal(CheckTakeBack(AReleasedOrder(), {}, progress), v1::ERROR_REASON_INSPECTION_MISSING));
}

TEST(TakeBack, WaitsForTheLeadersSignature) {
  OrderProgress progress = AllDone({"labour"});
  progress.clear_leader_signature();
  EXPECT_TRUE(IsRefusal(CheckTakeBack(AReleasedOrder(), {}, progress), v1::ERROR_REASON_LEADER_SIGNATURE_MISSING));
}

// Handbook: R-41.
TEST(PickUpNotice, IsDueOneHourBeforeAShortJobAndFourBeforeALongOne) {
  EXPECT_EQ(NoticeDueTime(kNow, kNow + absl::Hours(4), Settings()), kNow + absl::Hours(3));
  EXPECT_EQ(NoticeDueTime(kNow, kNow + absl::Hours(48), Settings()), kNow + absl::Hours(47));
  EXPECT_EQ(NoticeDueTime(kNow, kNow + absl::Hours(49), Settings()), kNow + absl::Hours(45));
}

v1::RecordPickUpNoticeRequest ReadyNotice() {
  v1::RecordPickUpNoticeRequest request;
  request.set_channel(v1::NOTICE_CHANNEL_PHONE);
  auto& preparation = *request.mutable_preparation();
  preparation.set_cleaned(true);
  preparation.set_belongings_checked(true);
  preparation.set_papers_gathered(true);
  preparation.set_costs_gathered(true);
  return request;
}

TEST(PickUpNotice, OfReadinessFollowsTheTakeBackAndThePreparation) {
  v1::RepairOrder released = AReleasedOrder();
  EXPECT_TRUE(
      IsRefusal(RecordNotice(released, ReadyNotice(), "a", kNow, Settings()), v1::ERROR_REASON_NOTICE_TOO_EARLY));
  v1::RepairOrder order = ACompletedOrder();
  auto unprepared = ReadyNotice();
  unprepared.mutable_preparation()->set_cleaned(false);
  const absl::Status status = RecordNotice(order, unprepared, "a", kNow, Settings());
  EXPECT_TRUE(IsRefusal(status, v1::ERROR_REASON_PREPARATION_INCOMPLETE));
  EXPECT_EQ(chassis::RefusalIn(status).arguments().at("missing"), "cleaned");
  EXPECT_TRUE(RecordNotice(order, ReadyNotice(), "a", kNow, Settings()).ok());
  EXPECT_TRUE(order.pick_up_notice().ready());
}

TEST(PickUpNotice, AfterItsTimeNeedsTheReason) {
  v1::RepairOrder order = ACompletedOrder();
  auto request = ReadyNotice();
  const absl::Time late = kNow + absl::Hours(3) + absl::Minutes(1);
  EXPECT_TRUE(IsRefusal(RecordNotice(order, request, "a", late, Settings()), v1::ERROR_REASON_NOTICE_REASON_MISSING));
  request.set_reason("the line was engaged");
  EXPECT_TRUE(RecordNotice(order, request, "a", late, Settings()).ok());
}

TEST(PickUpNotice, OfADelayTellsNewTimeAndReason) {
  v1::RepairOrder order = AReleasedOrder();
  v1::RecordPickUpNoticeRequest request;
  request.set_channel(v1::NOTICE_CHANNEL_WECHAT);
  request.set_reason("part arrives tomorrow");
  EXPECT_TRUE(IsRefusal(RecordNotice(order, request, "a", kNow, Settings()), v1::ERROR_REASON_NOTICE_NEW_TIME_MISSING));
  *request.mutable_new_time() = ToProto(kNow + absl::Hours(26));
  request.clear_reason();
  EXPECT_TRUE(IsRefusal(RecordNotice(order, request, "a", kNow, Settings()), v1::ERROR_REASON_NOTICE_REASON_MISSING));
  request.set_reason("part arrives tomorrow");
  ASSERT_TRUE(RecordNotice(order, request, "a", kNow, Settings()).ok());
  EXPECT_EQ(FromProto(order.agreed_time()), kNow + absl::Hours(26));
  EXPECT_EQ(FromProto(order.promised_time()), kNow + absl::Hours(4));  // what was signed stays
}

// Handbook: R-31.
TEST(ProgressCheck, IsDueAtHalfAndAtFourFifthsOfThePlan) {
  EXPECT_EQ(ProgressCheckTime(kNow, kNow + absl::Hours(5), 50), kNow + absl::Minutes(150));
  EXPECT_EQ(ProgressCheckTime(kNow, kNow + absl::Hours(5), 80), kNow + absl::Hours(4));
}

}  // namespace
}  // namespace reception
