// Prices that somebody else must agree to.
#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/price_proposal.pb.h"
#include "parts-svc/parts_for_test.h"
#include "parts-svc/price_proposal/price_proposal_rules.h"

namespace parts {
namespace {

using Proposal = v1::PartPriceProposal;

class PriceProposals : public PartsStore {
 protected:
  absl::StatusOr<Proposal> Propose(const v1::Part& part, int64_t amount) {
    identity_.subject = "clerk.wu";
    v1::ProposePartPriceRequest request;
    request.set_part_id(part.part_id());
    request.set_unit_price_amount(amount);
    request.set_reason("the supplier's new list");
    const auto proposal = Send<Proposal>(request);
    identity_.subject = "zhang.lei";
    return proposal;
  }
  absl::StatusOr<Proposal> Approve(const Proposal& proposal) {
    v1::ApprovePartPriceProposalRequest request;
    request.set_part_price_proposal_id(proposal.part_price_proposal_id());
    return Send<Proposal>(request);
  }
  absl::StatusOr<Proposal> Reject(const Proposal& proposal) {
    v1::RejectPartPriceProposalRequest request;
    request.set_part_price_proposal_id(proposal.part_price_proposal_id());
    request.set_reason("too high");
    return Send<Proposal>(request);
  }
  int64_t PriceOf(const v1::Part& part) {
    v1::LookUpPartsRequest request;
    request.add_part_ids(part.part_id());
    return Must<v1::LookUpPartsResponse>(request).offers(0).unit_price_amount();
  }
  void AllowClerks(int32_t basis_points) {
    v1::UpdatePartsPolicyRequest request;
    request.mutable_parts_policy()->set_clerk_price_change_basis_points(basis_points);
    request.mutable_update_mask()->add_paths("clerk_price_change_basis_points");
    request.set_reason("trust");
    Must<v1::PartsPolicy>(request);
  }
  const v1::Part filter_ = APart("F-1");
};

// Handbook: P-01, G-06
TEST_F(PriceProposals, TakeEffectWhenSomebodyElseAgrees) {
  APrice(filter_, 1000);
  clock_.Advance(absl::Seconds(1));
  const auto proposal = Propose(filter_, 1200);
  ASSERT_TRUE(proposal.ok()) << proposal.status();
  EXPECT_EQ(proposal->state(), Proposal::STATE_PROPOSED);
  EXPECT_EQ(proposal->price_in_force_amount(), 1000);
  EXPECT_EQ(PriceOf(filter_), 1000);
  identity_.subject = "clerk.wu";
  EXPECT_TRUE(IsRefusal(Approve(*proposal).status(), v1::CATALOGUE_ERROR_REASON_PROPOSER_DECIDES));
  EXPECT_TRUE(IsRefusal(Reject(*proposal).status(), v1::CATALOGUE_ERROR_REASON_PROPOSER_DECIDES));
  identity_.subject = "zhang.lei";
  const auto approved = Approve(*proposal);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->decided_by(), "zhang.lei");
  EXPECT_EQ(PriceOf(filter_), 1200);
  EXPECT_TRUE(IsRefusal(Reject(*proposal).status(), aftersales::common::v1::ERROR_REASON_WRONG_STATE));
}

TEST_F(PriceProposals, RejectedChangeNothing) {
  APrice(filter_, 1000);
  const auto rejected = Reject(*Propose(filter_, 900));
  ASSERT_TRUE(rejected.ok()) << rejected.status();
  EXPECT_EQ(rejected->state(), Proposal::STATE_REJECTED);
  EXPECT_EQ(PriceOf(filter_), 1000);
  EXPECT_TRUE(IsRefusal(Approve(*rejected).status(), aftersales::common::v1::ERROR_REASON_WRONG_STATE));
}

// Handbook: P-01, G-06
TEST_F(PriceProposals, WithinThePolicysLimitTakeEffectAtOnce) {
  AllowClerks(500);
  EXPECT_EQ(Propose(filter_, 1000)->state(), Proposal::STATE_PROPOSED) << "a first price waits";
  APrice(filter_, 1000);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Propose(filter_, 1051)->state(), Proposal::STATE_PROPOSED);
  const auto small = Propose(filter_, 1050);
  EXPECT_EQ(small->state(), Proposal::STATE_APPROVED);
  EXPECT_EQ(small->decided_by(), "policy");
  EXPECT_EQ(PriceOf(filter_), 1050);
}

TEST(PriceLimit, CountsBothWaysAndNeverForAFirstPrice) {
  EXPECT_TRUE(TakesEffectAtOnce(1000, 950, 500));
  EXPECT_FALSE(TakesEffectAtOnce(1000, 949, 500));
  EXPECT_FALSE(TakesEffectAtOnce(0, 1, 10000));
  EXPECT_FALSE(TakesEffectAtOnce(1000, 1000, 0));
}

}  // namespace
}  // namespace parts
