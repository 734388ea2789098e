// Add-ons from the workshop's finding to the customer's answer.
#include "gmock/gmock.h"
#include "reception-svc/repairs_for_test.h"

namespace reception {
namespace {

using chassis::IsRefusal;
using testing::ElementsAre;

class AddOnRoom : public testing::Test {
 protected:
  AddOnRoom() : order(desk.Released()) {}

  v1::AddOn AFinding(bool safety_critical = true) {
    workshop::FindingRaised finding;
    finding.set_finding_id(desk.ids.NewId());
    finding.set_repair_order_id(order.repair_order_id());
    finding.set_description("front brake pads worn to 2 mm");
    finding.set_reason("measured");
    finding.set_safety_critical(safety_critical);
    finding.add_operations()->set_operation_code("OIL");
    auto& part = *finding.add_parts();
    part.set_part_number("PAD-1");
    part.set_quantity_milli(1000);
    EXPECT_TRUE(desk.Hear(finding).ok());
    v1::ListAddOnsRequest list;
    list.set_filter("state = \"RAISED\"");
    const auto raised = desk.Must<v1::ListAddOnsResponse>(options::ROLE_SERVICE_ADVISER, list);
    EXPECT_EQ(raised.add_ons_size(), 1);
    return raised.add_ons_size() == 1 ? raised.add_ons(0) : v1::AddOn();
  }
  v1::AddOn AnOffer(bool safety_critical = true) {
    v1::PriceAddOnRequest price;
    price.set_add_on_id(AFinding(safety_critical).add_on_id());
    return desk.Must<v1::AddOn>(options::ROLE_SERVICE_ADVISER, price);
  }
  absl::StatusOr<v1::AddOn> Answer(const v1::AddOn& add_on, v1::RecordAddOnDecisionRequest::Answer answer) {
    v1::RecordAddOnDecisionRequest request;
    request.set_add_on_id(add_on.add_on_id());
    request.set_answer(answer);
    *request.mutable_consent() = ByCustomer();
    request.mutable_consent()->set_method(common::Signature::AUTHORIZATION_METHOD_VERBAL_PHONE);
    request.mutable_consent()->set_evidence("call 4711");
    *request.mutable_answer_time() = chassis::ToProto(desk.clock.Now());
    if (answer == v1::RecordAddOnDecisionRequest::ANSWER_DECLINED) request.set_decline_reason("too expensive");
    return desk.Do<v1::AddOn>(options::ROLE_SERVICE_ADVISER, request);
  }

  RepairDesk desk;
  v1::RepairOrder order;
};

// Handbook: R-32, W-08.
TEST_F(AddOnRoom, AFindingReachesTheAdviserAtOnce) {
  const v1::AddOn add_on = AFinding();
  EXPECT_EQ(add_on.number(), "SH01-ADD-20261121-0001");
  EXPECT_EQ(add_on.repair_order_id(), order.repair_order_id());
  EXPECT_EQ(desk.OpenDuties("add_on_answer"), 1);
}

TEST_F(AddOnRoom, IsPricedFromThePriceList) {
  const v1::AddOn add_on = AnOffer();
  EXPECT_EQ(add_on.state(), v1::AddOn::STATE_OFFERED);
  EXPECT_EQ(add_on.labour_amount(), 16800);
  EXPECT_EQ(add_on.parts_amount(), 30000);
  EXPECT_EQ(add_on.total_amount(), 52884);
}

// Handbook: W-08, R-32.
TEST_F(AddOnRoom, IsWithdrawnWhenTheWorkshopTakesItsFindingBack) {
  const v1::AddOn add_on = AnOffer();
  workshop::FindingWithdrawn withdrawn;
  withdrawn.set_finding_id(add_on.finding_id());
  withdrawn.set_repair_order_id(order.repair_order_id());
  withdrawn.set_reason("measured the wrong axle");
  ASSERT_TRUE(desk.Hear(withdrawn).ok());
  EXPECT_EQ(desk.Count("add_on WHERE state = 'WITHDRAWN'"), 1);
  EXPECT_EQ(desk.OpenDuties("add_on_answer"), 0);
  EXPECT_FALSE(Answer(add_on, v1::RecordAddOnDecisionRequest::ANSWER_APPROVED).ok());
  // Told twice, or after the customer's answer: nothing changes.
  EXPECT_TRUE(desk.Hear(withdrawn).ok());
}

TEST_F(AddOnRoom, StaysDecidedWhenTheFindingIsTakenBackTooLate) {
  const v1::AddOn add_on = AnOffer();
  ASSERT_TRUE(Answer(add_on, v1::RecordAddOnDecisionRequest::ANSWER_APPROVED).ok());
  workshop::FindingWithdrawn withdrawn;
  withdrawn.set_finding_id(add_on.finding_id());
  withdrawn.set_repair_order_id(order.repair_order_id());
  ASSERT_TRUE(desk.Hear(withdrawn).ok());
  EXPECT_EQ(desk.Count("add_on WHERE state = 'APPROVED'"), 1);
}

// Handbook: R-32.
TEST_F(AddOnRoom, BooksNothingBeforeConsent) {
  const v1::AddOn raised = AFinding();
  EXPECT_TRUE(IsRefusal(Answer(raised, v1::RecordAddOnDecisionRequest::ANSWER_APPROVED).status(),
                        common::ERROR_REASON_WRONG_STATE));
  EXPECT_EQ(desk.reservation_holders.size(), 1u);
  EXPECT_EQ(desk.workshop_lines.size(), 1u);
}

// Handbook: R-32.
TEST_F(AddOnRoom, ApprovalReservesPartsAndGivesTheWorkshopTheLines) {
  const v1::AddOn offer = AnOffer();
  const auto approved = Answer(offer, v1::RecordAddOnDecisionRequest::ANSWER_APPROVED);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), v1::AddOn::STATE_APPROVED);
  EXPECT_EQ(approved->decision().consent().document_digest().size(), 32u);
  EXPECT_EQ(desk.reservation_holders.count(offer.add_on_id()), 1u);
  EXPECT_EQ(desk.workshop_lines.size(), 2u);
  EXPECT_EQ(desk.OpenDuties("add_on_answer"), 0);
  EXPECT_EQ(desk.Count("outbox WHERE type = 'AddOnDecided'"), 1);
  // The signed order stays as it was.
  EXPECT_EQ(desk.OrderNow(order.repair_order_id()).total_amount(), order.total_amount());
}

TEST_F(AddOnRoom, IsOfferedAgainWhenItsPartIsShort) {
  const v1::AddOn offer = AnOffer();
  desk.reservation_refusal = chassis::Refuse(parts::ERROR_REASON_INSUFFICIENT_STOCK).With("part", "PAD-1");
  EXPECT_TRUE(IsRefusal(Answer(offer, v1::RecordAddOnDecisionRequest::ANSWER_APPROVED).status(),
                        parts::ERROR_REASON_INSUFFICIENT_STOCK));
  v1::GetAddOnRequest get;
  get.set_add_on_id(offer.add_on_id());
  const auto after = desk.Must<v1::AddOn>(options::ROLE_SERVICE_ADVISER, get);
  EXPECT_EQ(after.state(), v1::AddOn::STATE_OFFERED);
  EXPECT_FALSE(after.has_decision());
  EXPECT_FALSE(after.process_refusal().empty());
  EXPECT_EQ(desk.workshop_lines.size(), 1u);
}

// Handbook.
TEST_F(AddOnRoom, ADeclineIsPassedToTheWorkshopAndDeclaredWhenSafetyIsCritical) {
  const v1::AddOn offer = AnOffer();
  const auto declined = Answer(offer, v1::RecordAddOnDecisionRequest::ANSWER_DECLINED);
  ASSERT_TRUE(declined.ok()) << declined.status();
  EXPECT_EQ(declined->state(), v1::AddOn::STATE_DECLINED);
  EXPECT_TRUE(declined->refusal_declared());
  EXPECT_TRUE(declined->workshop_told());
  EXPECT_THAT(desk.declines, ElementsAre(offer.add_on_id()));
  EXPECT_EQ(desk.reservation_holders.size(), 1u);
  // It is printed on the bill and becomes an open recommendation.
  const v1::Settlement bill = desk.Drafted(desk.Completed(order));
  ASSERT_EQ(bill.declined_works_size(), 1);
  EXPECT_TRUE(bill.declined_works(0).refusal_declared());
  EXPECT_EQ(bill.total_amount(), order.total_amount());
}

// Handbook.
TEST_F(AddOnRoom, IsBilledBesideTheOrder) {
  ASSERT_TRUE(Answer(AnOffer(), v1::RecordAddOnDecisionRequest::ANSWER_APPROVED).ok());
  const v1::Settlement bill = desk.Drafted(desk.Completed(order));
  EXPECT_EQ(bill.total_amount(), order.total_amount() + 52884);
  EXPECT_EQ(bill.add_on_amount(), 52884);
}

// Handbook: R-34.
TEST_F(AddOnRoom, TheWorkshopsStagesMoveTheBoard) {
  workshop::OrderStageChanged stage;
  stage.set_repair_order_id(order.repair_order_id());
  stage.set_stage(workshop::OrderStageChanged::STAGE_QUALITY_ASSURANCE);
  ASSERT_TRUE(desk.Hear(stage).ok());
  EXPECT_EQ(desk.Count("board_entry WHERE stage = 'QUALITY_ASSURANCE'"), 1);
  // A fact about an order nobody knows stops nothing.
  stage.set_repair_order_id(desk.ids.NewId());
  EXPECT_TRUE(desk.Hear(stage).ok());
}

// Handbook: R-33, G-05.
TEST_F(AddOnRoom, ADelayIsADutyToTellTheCustomer) {
  workshop::DelayReported delay;
  delay.set_repair_order_id(order.repair_order_id());
  delay.set_reason("part broken");
  ASSERT_TRUE(desk.Hear(delay).ok());
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 1);
  v1::RecordPickUpNoticeRequest notice;
  notice.set_repair_order_id(order.repair_order_id());
  notice.set_channel(v1::NOTICE_CHANNEL_PHONE);
  *notice.mutable_new_time() = chassis::ToProto(desk.clock.Now() + absl::Hours(8));
  notice.set_reason("part broken");
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, notice);
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 0);
  EXPECT_EQ(desk.OpenDuties("pick_up_notice"), 1);
}

}  // namespace
}  // namespace reception
