// The room of price proposals (P-01): a clerk proposes, the manager decides, small changes take effect by the policy.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/price_proposal/price_proposal_rules.h"

namespace parts {

class PriceProposalService {
 public:
  explicit PriceProposalService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::PartPriceProposal> Propose(chassis::Call& call, const v1::ProposePartPriceRequest& request);
  absl::StatusOr<v1::PartPriceProposal> Approve(chassis::Call& call,
                                                const v1::ApprovePartPriceProposalRequest& request);
  absl::StatusOr<v1::PartPriceProposal> Reject(chassis::Call& call, const v1::RejectPartPriceProposalRequest& request);
  // The price that comes of it: at the time proposed, at the earliest now.
  absl::Status TakeEffect(chassis::UnitOfWork& work, v1::PartPriceProposal& proposal);

  chassis::records::Table<v1::PartPriceProposal> proposals_;
  CatalogueStore catalogue_;
  PolicyStore policy_;
};

}  // namespace parts
