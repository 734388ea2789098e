// Every command on requisitions, old parts, runs and claims in every state: what the transition table does not allow is
// refused.
#include <set>

#include "aftersales/parts/v1/supplier.pb.h"
#include "aftersales/parts/v1/supplier_claim.pb.h"
#include "parts-svc/old_part/warranty_for_test.h"
#include "parts-svc/transitions_for_test.h"

namespace parts {
namespace {

using Claim = v1::SupplierClaim;
using OldPart = v1::OldPart;
using Requisition = v1::WarrantyRequisition;
using MonthRun = v1::OldPartRun;

class WarrantyStates : public TransitionsOf<WarrantyDesk> {};

// Handbook: P-15
TEST_F(WarrantyStates, OfAnOldPartAllowNoStepOutOfTurn) {
  const OldPart old_part = AnExpectedOldPart();
  v1::ShowOldPartRequest show;
  show.set_old_part_id(old_part.old_part_id());
  const std::set<int> in_store = {OldPart::STATE_STORED, OldPart::STATE_SHOWN};
  ExpectRefusedElsewhere(
      "old_part", OldPart::State_descriptor(),
      {{"tag", {{OldPart::STATE_EXPECTED}, [&] { return Send<OldPart>(Tagging(old_part)).status(); }}},
       {"store", {{OldPart::STATE_TAGGED}, [&] { return Send<OldPart>(Storing(old_part)).status(); }}},
       {"show", {{OldPart::STATE_STORED}, [&] { return Send<OldPart>(show).status(); }}},
       {"hand over", {in_store, [&] { return Send<OldPart>(HandingOver(old_part)).status(); }}},
       {"send", {in_store, [&] { return Send<OldPart>(Sending(old_part)).status(); }}},
       // Of one that never came, and of one that was lost from the store.
       {"except", {{OldPart::STATE_EXPECTED, OldPart::STATE_TAGGED, OldPart::STATE_STORED, OldPart::STATE_SHOWN}, [&] {
                     return Send<OldPart>(Excepting(old_part)).status();
                   }}}});
}

TEST_F(WarrantyStates, OfARunAllowNothingOnceItIsEnded) {
  const OldPart old_part = Stored(AnExpectedOldPart());
  const auto run = Must<MonthRun>(v1::CreateOldPartRunRequest());
  v1::DecideOldPartRunRequest decide;
  decide.set_old_part_run_id(run.old_part_run_id());
  auto& line = *decide.add_lines();
  line.set_old_part_id(old_part.old_part_id());
  line.set_decision(v1::OLD_PART_DECISION_KEEP);
  line.set_reason("wait");
  v1::PostOldPartRunRequest post;
  post.set_old_part_run_id(run.old_part_run_id());
  *post.mutable_manager_signature() = SignedBy(aftersales::common::v1::Signature::SIGNER_ROLE_MANAGER);
  v1::CancelOldPartRunRequest cancel;
  cancel.set_old_part_run_id(run.old_part_run_id());
  cancel.set_reason("no");
  ExpectRefusedElsewhere("old_part_run", MonthRun::State_descriptor(),
                         {{"decide", {{MonthRun::STATE_OPEN}, [&] { return Send<MonthRun>(decide).status(); }}},
                          {"post", {{MonthRun::STATE_OPEN}, [&] { return Send<MonthRun>(post).status(); }}},
                          {"cancel", {{MonthRun::STATE_OPEN}, [&] { return Send<MonthRun>(cancel).status(); }}}});
}

// Handbook: P-14
TEST_F(WarrantyStates, OfARequisitionAllowNoCommandOutOfTurn) {
  const v1::Part pump = OnTheShelf("P-1", 5);
  const auto held = Reserve(NewId(), {{pump, 1000}});
  const auto requisition = Requested(held);
  v1::ResubmitRequisitionRequest resubmit;
  resubmit.set_warranty_requisition_id(requisition.warranty_requisition_id());
  resubmit.set_fault("leaks");
  resubmit.add_lines()->set_holder_line_id(held.lines(0).holder_line_id());
  resubmit.mutable_lines(0)->set_part_id(pump.part_id());
  resubmit.mutable_lines(0)->set_quantity_milli(1000);
  v1::CancelRequisitionRequest cancel;
  cancel.set_warranty_requisition_id(requisition.warranty_requisition_id());
  cancel.set_reason("no");
  v1::RequestPostageRequest postage;
  postage.set_warranty_requisition_id(requisition.warranty_requisition_id());
  postage.set_postage_amount(1);
  postage.set_purpose("parcel");
  const auto deciding = [&](v1::DecideRequisitionRequest::Decision decision) {
    return [this, requisition, decision] { return Send<Requisition>(Deciding(requisition, decision)).status(); };
  };
  const std::set<int> asked = {Requisition::STATE_REQUESTED};
  ExpectRefusedElsewhere(
      "warranty_requisition", Requisition::State_descriptor(),
      {{"approve", {asked, deciding(v1::DecideRequisitionRequest::DECISION_APPROVE)}},
       {"send back", {asked, deciding(v1::DecideRequisitionRequest::DECISION_SEND_BACK)}},
       {"refuse", {asked, deciding(v1::DecideRequisitionRequest::DECISION_REFUSE)}},
       {"resubmit", {{Requisition::STATE_SENT_BACK}, [&] { return Send<Requisition>(resubmit).status(); }}},
       {"cancel",
        {{Requisition::STATE_REQUESTED, Requisition::STATE_SENT_BACK, Requisition::STATE_APPROVED},
         [&] { return Send<Requisition>(cancel).status(); }}},
       {"write off",
        {{Requisition::STATE_ISSUED}, [&] { return Send<Requisition>(WritingOff(requisition)).status(); }}},
       {"ask for postage", {{Requisition::STATE_ISSUED, Requisition::STATE_WRITTEN_OFF}, [&] {
                              return Send<Requisition>(postage).status();
                            }}}});
}

// Handbook: P-16
TEST_F(WarrantyStates, OfAClaimAllowNoCommandOutOfTurn) {
  const OldPart old_part = Stored(AnExpectedOldPart());
  v1::CreateSupplierRequest supplier;
  supplier.mutable_supplier()->set_code("S1");
  supplier.mutable_supplier()->set_display_name("申达汽车零部件有限公司");
  supplier.mutable_supplier()->set_unified_social_credit_code("91350100M000100Y43");
  v1::CreateSupplierClaimRequest create;
  create.set_supplier_id(Must<v1::Supplier>(supplier).supplier_id());
  create.set_cause("leaks");
  create.add_lines()->set_old_part_id(old_part.old_part_id());
  create.mutable_lines(0)->set_claimed_amount(100);
  const auto claim = Must<Claim>(create);
  v1::SubmitSupplierClaimRequest submit;
  submit.set_supplier_claim_id(claim.supplier_claim_id());
  v1::AnswerSupplierClaimRequest answer;
  answer.set_supplier_claim_id(claim.supplier_claim_id());
  answer.set_answer_reference("A-1");
  answer.add_lines()->set_supplier_claim_line_id(claim.lines(0).supplier_claim_line_id());
  v1::RecordClaimRecoveryRequest recover;
  recover.set_supplier_claim_id(claim.supplier_claim_id());
  recover.set_kind(v1::SupplierClaimRecovery::KIND_MONEY);
  recover.set_amount(1);
  recover.set_reference("T-1");
  v1::CloseSupplierClaimRequest close;
  close.set_supplier_claim_id(claim.supplier_claim_id());
  close.set_reason("enough");
  v1::CancelSupplierClaimRequest cancel;
  cancel.set_supplier_claim_id(claim.supplier_claim_id());
  cancel.set_reason("no");
  const std::set<int> accepted = {Claim::STATE_ACCEPTED, Claim::STATE_PARTLY_ACCEPTED};
  ExpectRefusedElsewhere(
      "supplier_claim", Claim::State_descriptor(),
      {{"submit", {{Claim::STATE_DRAFT, Claim::STATE_REJECTED}, [&] { return Send<Claim>(submit).status(); }}},
       {"answer", {{Claim::STATE_SUBMITTED}, [&] { return Send<Claim>(answer).status(); }}},
       {"recover", {accepted, [&] { return Send<Claim>(recover).status(); }}},
       {"close",
        {{Claim::STATE_ACCEPTED, Claim::STATE_PARTLY_ACCEPTED, Claim::STATE_REJECTED, Claim::STATE_RECOVERED},
         [&] { return Send<Claim>(close).status(); }}},
       {"cancel", {{Claim::STATE_DRAFT}, [&] { return Send<Claim>(cancel).status(); }}}});
}

}  // namespace
}  // namespace parts
