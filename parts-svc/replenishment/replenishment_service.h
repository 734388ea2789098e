// The replenishment room (P-06): runs over all parts, page by page in transactions of their own, so that a crash costs
// one page; proposals people may change; the approval that drafts the purchase orders.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/demand/facts_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/purchase_order/purchase_desk.h"
#include "parts-svc/replenishment/replenishment_store.h"

namespace parts {

class ReplenishmentService {
 public:
  explicit ReplenishmentService(chassis::Rooms& rooms);

  // Goes on with every run a crash or a deadline left.
  absl::Status GoOn();

 private:
  absl::StatusOr<v1::ReplenishmentRun> Run(chassis::Call& call, const v1::RunReplenishmentRequest& request);
  absl::StatusOr<v1::ReplenishmentProposal> GetProposal(chassis::Call& call,
                                                        const v1::GetReplenishmentProposalRequest& request);
  absl::StatusOr<v1::ListReplenishmentProposalsResponse> ListProposals(
      chassis::Call& call, const v1::ListReplenishmentProposalsRequest& request);
  absl::StatusOr<v1::ReplenishmentProposal> Change(chassis::Call& call,
                                                   const v1::ChangeReplenishmentProposalRequest& request);
  absl::StatusOr<v1::ReplenishmentRun> Approve(chassis::Call& call, const v1::ApproveReplenishmentRequest& request);
  absl::StatusOr<v1::ReplenishmentRun> Reject(chassis::Call& call, const v1::RejectReplenishmentRequest& request);

  absl::StatusOr<v1::ReplenishmentRun> Begin(chassis::UnitOfWork& work, const std::string& number,
                                             const std::string& time_zone);
  // One page of the run, committed with its progress; false when the run is at its end.
  absl::StatusOr<bool> Advance(const std::string& store_id, const std::string& replenishment_run_id);
  absl::Status LookAtPage(chassis::UnitOfWork& work, const absl::TimeZone& zone, const v1::ReplenishmentRun& before,
                          v1::ReplenishmentRun& after);
  // All parts were looked at: the run waits for the manager, and those still waiting give way to it.
  absl::Status Finish(chassis::UnitOfWork& work, v1::ReplenishmentRun& run);
  // Takes another supplier's name, price and pack into the proposal.
  absl::Status TakeOffer(chassis::UnitOfWork& work, const std::string& supplier_id,
                         v1::ReplenishmentProposal& proposal);

  // Drafts one purchase order for these proposals of one supplier.
  absl::Status Order(chassis::UnitOfWork& work, const std::string& number,
                     const std::vector<v1::ReplenishmentProposal>& proposals, v1::ReplenishmentRun& run);

  chassis::Host& host_;
  ReplenishmentStore store_;
  FactsStore facts_;
  PolicyStore policy_;
  PurchaseDesk desk_;
  prometheus::Counter& proposals_;
  prometheus::Counter& urgent_;
};

}  // namespace parts
