// Supplier claims on a real database: the file, the answer, what was recovered.
#include "aftersales/parts/v1/supplier.pb.h"
#include "aftersales/parts/v1/supplier_claim.pb.h"
#include "parts-svc/old_part/warranty_for_test.h"

namespace parts {
namespace {

using Claim = v1::SupplierClaim;

class SupplierClaims : public WarrantyDesk {
 protected:
  std::string ASupplier() {
    v1::CreateSupplierRequest request;
    request.mutable_supplier()->set_code("S1");
    request.mutable_supplier()->set_display_name("申达汽车零部件有限公司");
    request.mutable_supplier()->set_unified_social_credit_code("91350100M000100Y43");
    return Must<v1::Supplier>(request).supplier_id();
  }
  v1::CreateSupplierClaimRequest Claiming(const v1::OldPart& old_part, int64_t amount) {
    if (supplier_id_.empty()) supplier_id_ = ASupplier();
    v1::CreateSupplierClaimRequest request;
    request.set_supplier_id(supplier_id_);
    request.set_cause("shaft seal of batch 7 leaks");
    auto& line = *request.add_lines();
    line.set_old_part_id(old_part.old_part_id());
    line.set_claimed_amount(amount);
    return request;
  }
  Claim Submitted(const Claim& claim) {
    v1::SubmitSupplierClaimRequest request;
    request.set_supplier_claim_id(claim.supplier_claim_id());
    return Must<Claim>(request);
  }
  v1::AnswerSupplierClaimRequest Answering(const Claim& claim, const std::vector<int64_t>& accepted) {
    v1::AnswerSupplierClaimRequest request;
    request.set_supplier_claim_id(claim.supplier_claim_id());
    request.set_answer_reference("SD-2026-117");
    for (size_t i = 0; i < accepted.size(); ++i) {
      auto& line = *request.add_lines();
      line.set_supplier_claim_line_id(claim.lines(static_cast<int>(i)).supplier_claim_line_id());
      line.set_accepted_amount(accepted[i]);
    }
    return request;
  }
  v1::RecordClaimRecoveryRequest Recovering(const Claim& claim, int64_t amount) {
    v1::RecordClaimRecoveryRequest request;
    request.set_supplier_claim_id(claim.supplier_claim_id());
    request.set_kind(v1::SupplierClaimRecovery::KIND_CREDIT_NOTE);
    request.set_amount(amount);
    request.set_reference("CN-1");
    return request;
  }
  v1::CloseSupplierClaimRequest Closing(const Claim& claim, const std::string& reason = "") {
    v1::CloseSupplierClaimRequest request;
    request.set_supplier_claim_id(claim.supplier_claim_id());
    request.set_reason(reason);
    return request;
  }

  std::string supplier_id_;
};

// Handbook: P-16
TEST_F(SupplierClaims, GoFromTheFileToTheMoney) {
  const v1::OldPart old_part = Stored(AnExpectedOldPart());
  Claim claim = Must<Claim>(Claiming(old_part, 30000));
  EXPECT_EQ(claim.number().substr(0, 9), "SH01-SCL-");
  EXPECT_EQ(claim.lines(0).part_number(), "S-1");
  EXPECT_EQ(claim.claimed_amount(), 30000);
  EXPECT_FALSE(Send<Claim>(Answering(claim, {30000})).ok()) << "not submitted";
  claim = Submitted(claim);
  EXPECT_EQ(Count("duty WHERE kind = 'supplier_claim_answer' AND state = 'OPEN'"), 1);
  EXPECT_FALSE(Send<Claim>(Recovering(claim, 1)).ok()) << "not accepted";
  EXPECT_EQ(Must<Claim>(Answering(claim, {30000})).state(), Claim::STATE_ACCEPTED);
  EXPECT_EQ(Count("duty WHERE kind = 'supplier_claim_answer' AND state = 'DONE'"), 1);
  EXPECT_EQ(Must<Claim>(Recovering(claim, 10000)).state(), Claim::STATE_ACCEPTED);
  EXPECT_TRUE(
      IsRefusal(Send<Claim>(Recovering(claim, 20001)).status(), v1::WARRANTY_ERROR_REASON_RECOVERED_ABOVE_ACCEPTED));
  EXPECT_EQ(Must<Claim>(Recovering(claim, 20000)).state(), Claim::STATE_RECOVERED);
  EXPECT_EQ(Must<Claim>(Closing(claim)).recovered_amount(), 30000);
  EXPECT_EQ(Events("SupplierClaimClosed"), 1);
  EXPECT_FALSE(Send<Claim>(Closing(claim)).ok());
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SupplierClaims, ProveThemselvesByOldPartsAtHandOneClaimEach) {
  const v1::OldPart expected = AnExpectedOldPart();
  EXPECT_TRUE(IsRefusal(Send<Claim>(Claiming(expected, 100)).status(), v1::WARRANTY_ERROR_REASON_OLD_PART_NOT_AT_HAND));
  const v1::OldPart old_part = Stored(expected);
  v1::CreateSupplierClaimRequest twice = Claiming(old_part, 100);
  *twice.add_lines() = twice.lines(0);
  EXPECT_TRUE(IsRefusal(Send<Claim>(twice).status(), v1::WARRANTY_ERROR_REASON_OLD_PART_CLAIMED));
  v1::CreateSupplierClaimRequest both = Claiming(old_part, 100);
  both.mutable_lines(0)->set_part_id(old_part.part_id());
  EXPECT_TRUE(IsRefusal(Send<Claim>(both).status(), v1::WARRANTY_ERROR_REASON_CLAIM_LINE_WRONG));
  const auto claim = Must<Claim>(Claiming(old_part, 100));
  EXPECT_TRUE(IsRefusal(Send<Claim>(Claiming(old_part, 100)).status(), v1::WARRANTY_ERROR_REASON_OLD_PART_CLAIMED));
  EXPECT_TRUE(IsRefusal(Send<v1::OldPart>(HandingOver(old_part)).status(), v1::WARRANTY_ERROR_REASON_OLD_PART_BOUND));
  v1::CancelSupplierClaimRequest cancel;
  cancel.set_supplier_claim_id(claim.supplier_claim_id());
  cancel.set_reason("another supplier");
  Must<Claim>(cancel);
  Must<v1::OldPart>(HandingOver(old_part));
  v1::CreateSupplierClaimRequest unknown = Claiming(old_part, 100);
  unknown.set_supplier_id(NewId());
  EXPECT_FALSE(Send<Claim>(unknown).ok());
  EXPECT_EQ(Differences(), std::vector<std::string>());
}

TEST_F(SupplierClaims, FollowFromTheAnswerLineByLine) {
  const v1::OldPart old_part = Stored(AnExpectedOldPart());
  v1::CreateSupplierClaimRequest request = Claiming(old_part, 30000);
  auto& line = *request.add_lines();
  line.set_part_id(old_part.part_id());
  line.set_quantity_milli(2000);
  line.set_claimed_amount(5000);
  Claim claim = Submitted(Must<Claim>(request));
  EXPECT_TRUE(IsRefusal(Send<Claim>(Answering(claim, {30000})).status(), v1::WARRANTY_ERROR_REASON_ANSWER_INCOMPLETE));
  EXPECT_TRUE(
      IsRefusal(Send<Claim>(Answering(claim, {30000, 5001})).status(), v1::WARRANTY_ERROR_REASON_ACCEPTED_ABOVE_CLAIM));
  EXPECT_EQ(Must<Claim>(Answering(claim, {0, 0})).state(), Claim::STATE_REJECTED);
  claim = Submitted(claim);
  EXPECT_EQ(Must<Claim>(Answering(claim, {20000, 0})).state(), Claim::STATE_PARTLY_ACCEPTED);
  EXPECT_FALSE(Send<Claim>(Closing(claim)).ok()) << "20,000 is not recovered, and nobody says why";
  EXPECT_EQ(Must<Claim>(Closing(claim, "supplier is bankrupt")).state(), Claim::STATE_CLOSED);
  EXPECT_EQ(Differences(), std::vector<std::string>());
  Execute("UPDATE supplier_claim SET claimed_amount = 36000");
  EXPECT_EQ(Differences().size(), 1u);
}

}  // namespace
}  // namespace parts
