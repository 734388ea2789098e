// Warranty requisitions on a real database: asked for, decided, issued, written off.
#include "parts-svc/old_part/warranty_for_test.h"

namespace parts {
namespace {

using Decision = v1::DecideRequisitionRequest;
using Requisition = v1::WarrantyRequisition;
using Signature = aftersales::common::v1::Signature;

class WarrantyParts : public WarrantyDesk {};

// Handbook: P-14
TEST_F(WarrantyParts, AreIssuedOnlyWhenTheirRequisitionIsApproved) {
  const v1::Part pump = OnTheShelf("P-1", 5);
  const auto held = Reserve(NewId(), {{pump, 2000}});
  const auto requisition = Requested(held);
  EXPECT_EQ(requisition.number().substr(0, 9), "SH01-WRQ-");
  EXPECT_EQ(Count("duty WHERE kind = 'warranty_requisition_open' AND state = 'OPEN'"), 1);
  EXPECT_TRUE(
      IsRefusal(Send<v1::Issue>(Drawing(held, 1000)).status(), v1::WARRANTY_ERROR_REASON_REQUISITION_NOT_APPROVED));
  EXPECT_EQ(StockOf(pump).on_hand_milli(), 5000);
  Must<Requisition>(Deciding(requisition, Decision::DECISION_APPROVE));
  EXPECT_EQ(Count("duty WHERE kind = 'warranty_requisition_open' AND state = 'DONE'"), 1);
  const auto note = Must<v1::Issue>(Drawing(held, 1000));
  EXPECT_EQ(RequisitionOf(requisition).state(), Requisition::STATE_APPROVED) << "half of it is out";
  Must<v1::Issue>(Drawing(held, 1000));
  EXPECT_EQ(RequisitionOf(requisition).state(), Requisition::STATE_ISSUED);
  EXPECT_EQ(RequisitionOf(requisition).issue_ids_size(), 2);
  EXPECT_EQ(OldPartsOf(held.order_id()).at(0).cause(), v1::OldPart::CAUSE_WARRANTY);
  Must<v1::Issue>(Bringing(note, 1000));
  EXPECT_EQ(RequisitionOf(requisition).state(), Requisition::STATE_APPROVED) << "one came back unused";
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(WarrantyParts, AreIssuedNoMoreThanApproved) {
  const v1::Part pump = OnTheShelf("P-1", 5);
  const auto held = Reserve(NewId(), {{pump, 3000}});
  AsAdviser();
  v1::RequestWarrantyPartsRequest request = AskingFor(held);
  request.mutable_lines(0)->set_quantity_milli(1000);
  const auto requisition = Must<Requisition>(request);
  AsManager();
  Must<Requisition>(Deciding(requisition, Decision::DECISION_APPROVE));
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(Drawing(held, 2000)).status(), v1::WARRANTY_ERROR_REASON_REQUISITION_EXCEEDED));
  Must<v1::Issue>(Drawing(held, 1000));
  EXPECT_TRUE(IsRefusal(Send<v1::Issue>(Drawing(held, 1000)).status(), v1::WARRANTY_ERROR_REASON_REQUISITION_EXCEEDED));
}

TEST_F(WarrantyParts, AreAskedForOncePerLineUntilRefusedOrCancelled) {
  const v1::Part pump = OnTheShelf("P-1", 5);
  const auto held = Reserve(NewId(), {{pump, 1000}});
  const auto first = Requested(held);
  AsAdviser();
  EXPECT_TRUE(IsRefusal(Send<Requisition>(AskingFor(held)).status(), v1::WARRANTY_ERROR_REASON_REQUISITION_LINE_TWICE));
  v1::RequestWarrantyPartsRequest twice = AskingFor(held);
  *twice.add_lines() = twice.lines(0);
  EXPECT_TRUE(IsRefusal(Send<Requisition>(twice).status(), v1::WARRANTY_ERROR_REASON_REQUISITION_LINE_TWICE));
  AsManager();
  Must<Requisition>(Deciding(first, Decision::DECISION_REFUSE));
  EXPECT_EQ(RequisitionOf(first).state(), Requisition::STATE_REFUSED);
  Requested(held);
}

TEST_F(WarrantyParts, SentBackAreCorrectedAndDecidedAgainButNeverByWhoAsked) {
  const v1::Part pump = OnTheShelf("P-1", 5);
  const auto held = Reserve(NewId(), {{pump, 1000}});
  const auto requisition = Requested(held);
  As("liu.yang", {aftersales::options::v1::ROLE_SERVICE_MANAGER});
  EXPECT_TRUE(IsRefusal(Send<Requisition>(Deciding(requisition, Decision::DECISION_APPROVE)).status(),
                        v1::WARRANTY_ERROR_REASON_REQUISITION_SELF_DECIDED));
  AsManager();
  Must<Requisition>(Deciding(requisition, Decision::DECISION_SEND_BACK));
  EXPECT_FALSE(Send<Requisition>(Deciding(requisition, Decision::DECISION_APPROVE)).ok()) << "first corrected";
  AsAdviser();
  v1::ResubmitRequisitionRequest again;
  again.set_warranty_requisition_id(requisition.warranty_requisition_id());
  again.set_fault("pump leaks at the shaft seal, 12,480 km");
  again.add_lines()->set_holder_line_id(held.lines(0).holder_line_id());
  again.mutable_lines(0)->set_part_id(pump.part_id());
  again.mutable_lines(0)->set_quantity_milli(1000);
  EXPECT_EQ(Must<Requisition>(again).state(), Requisition::STATE_REQUESTED);
  EXPECT_FALSE(Send<Requisition>(again).ok());
  AsManager();
  EXPECT_EQ(Must<Requisition>(Deciding(requisition, Decision::DECISION_APPROVE)).state(), Requisition::STATE_APPROVED);
}

TEST_F(WarrantyParts, AreCancelledOnlyWhileNothingIsOut) {
  const v1::Part pump = OnTheShelf("P-1", 5);
  const auto held = Reserve(NewId(), {{pump, 2000}});
  const auto requisition = Approved(held);
  const auto note = Must<v1::Issue>(Drawing(held, 1000));
  v1::CancelRequisitionRequest cancel;
  cancel.set_warranty_requisition_id(requisition.warranty_requisition_id());
  cancel.set_reason("customer pays");
  EXPECT_TRUE(IsRefusal(Send<Requisition>(cancel).status(), v1::WARRANTY_ERROR_REASON_REQUISITION_PARTLY_ISSUED));
  Must<v1::Issue>(Bringing(note, 1000));
  EXPECT_EQ(Must<Requisition>(cancel).state(), Requisition::STATE_CANCELLED);
  EXPECT_FALSE(Send<Requisition>(cancel).ok());
}

class WritingOffWarrantyParts : public WarrantyDesk {
 protected:
  v1::Reservation Held() { return Reserve(NewId(), {{OnTheShelf("P-1", 5), 1000}}); }
};

// Handbook: P-14
TEST_F(WritingOffWarrantyParts, NeedsTheSignedReportAndTheOldPart) {
  const auto held = Held();
  const auto requisition = Approved(held);
  EXPECT_FALSE(Send<Requisition>(WritingOff(requisition)).ok()) << "nothing is issued";
  Must<v1::Issue>(Drawing(held, 1000));
  EXPECT_TRUE(
      IsRefusal(Send<Requisition>(WritingOff(requisition)).status(), v1::WARRANTY_ERROR_REASON_OLD_PART_MISSING));
  const v1::OldPart old_part = OldPartsOf(held.order_id()).at(0);
  Must<v1::OldPart>(Tagging(old_part));
  v1::WriteOffRequisitionRequest by_customer = WritingOff(requisition);
  *by_customer.mutable_service_report_signature() = SignedBy(Signature::SIGNER_ROLE_CUSTOMER);
  EXPECT_TRUE(
      IsRefusal(Send<Requisition>(by_customer).status(), v1::WARRANTY_ERROR_REASON_REPORT_SIGNER_NOT_TECHNICIAN));
  v1::WriteOffRequisitionRequest without_report = WritingOff(requisition);
  without_report.clear_service_report_number();
  EXPECT_FALSE(Send<Requisition>(without_report).ok());
  const auto written_off = Must<Requisition>(WritingOff(requisition));
  EXPECT_EQ(written_off.state(), Requisition::STATE_WRITTEN_OFF);
  EXPECT_EQ(written_off.service_report_signature().document_digest().size(), 32u);
  EXPECT_EQ(Events("WarrantyRequisitionWrittenOff"), 1);
  EXPECT_FALSE(Send<Requisition>(WritingOff(requisition)).ok());
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(WritingOffWarrantyParts, TakesAnApprovedExceptionInTheOldPartsPlace) {
  const auto held = Held();
  const auto requisition = Approved(held);
  Must<v1::Issue>(Drawing(held, 1000));
  Must<v1::OldPart>(Excepting(OldPartsOf(held.order_id()).at(0)));
  EXPECT_EQ(Must<Requisition>(WritingOff(requisition)).state(), Requisition::STATE_WRITTEN_OFF);
}

TEST_F(WritingOffWarrantyParts, KeepsTheOldPartForTheManufacturer) {
  const auto held = Held();
  Approved(held);
  Must<v1::Issue>(Drawing(held, 1000));
  const v1::OldPart old_part = Stored(OldPartsOf(held.order_id()).at(0));
  EXPECT_TRUE(IsRefusal(Send<v1::OldPart>(HandingOver(old_part)).status(), v1::WARRANTY_ERROR_REASON_OLD_PART_BOUND));
  clock_.Advance(absl::Hours(24 * 40));
  const auto run = Must<v1::OldPartRun>(v1::CreateOldPartRunRequest());
  EXPECT_EQ(run.lines(0).decision(), v1::OLD_PART_DECISION_KEEP);
  v1::DecideOldPartRunRequest scrap;
  scrap.set_old_part_run_id(run.old_part_run_id());
  auto& line = *scrap.add_lines();
  line.set_old_part_id(old_part.old_part_id());
  line.set_decision(v1::OLD_PART_DECISION_SCRAP);
  line.set_reason("no room");
  EXPECT_TRUE(IsRefusal(Send<v1::OldPartRun>(scrap).status(), v1::WARRANTY_ERROR_REASON_OLD_PART_BOUND));
}

// Handbook: P-14
TEST_F(WritingOffWarrantyParts, SendsTheOldPartOnlyWithItsPostageApprovedByLimit) {
  const auto held = Held();
  const auto requisition = Approved(held);
  Must<v1::Issue>(Drawing(held, 1000));
  const v1::OldPart old_part = Stored(OldPartsOf(held.order_id()).at(0));
  EXPECT_TRUE(IsRefusal(Send<v1::OldPart>(Sending(old_part)).status(), v1::WARRANTY_ERROR_REASON_POSTAGE_NOT_APPROVED));
  v1::DecidePostageRequest decide;
  decide.set_warranty_requisition_id(requisition.warranty_requisition_id());
  decide.set_decision(v1::DecidePostageRequest::DECISION_APPROVE);
  decide.set_reason("lowest offer");
  EXPECT_TRUE(IsRefusal(Send<Requisition>(decide).status(), v1::WARRANTY_ERROR_REASON_POSTAGE_NOT_ASKED));
  v1::RequestPostageRequest ask;
  ask.set_warranty_requisition_id(requisition.warranty_requisition_id());
  ask.set_postage_amount(20001);
  ask.set_purpose("old pump to the manufacturer");
  Must<Requisition>(ask);
  EXPECT_TRUE(IsRefusal(Send<Requisition>(decide).status(), v1::WARRANTY_ERROR_REASON_REQUISITION_SELF_DECIDED));
  As("sun.li", {aftersales::options::v1::ROLE_PARTS_MANAGER});
  EXPECT_TRUE(IsRefusal(Send<Requisition>(decide).status(), v1::WARRANTY_ERROR_REASON_POSTAGE_ABOVE_LIMIT));
  AsServiceManager();
  EXPECT_EQ(Must<Requisition>(decide).postage_state(), Requisition::POSTAGE_STATE_APPROVED);
  AsManager();
  EXPECT_EQ(Must<v1::OldPart>(Sending(old_part)).state(), v1::OldPart::STATE_SENT);
  Must<Requisition>(WritingOff(requisition));
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

}  // namespace
}  // namespace parts
