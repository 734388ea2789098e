// The room of price proposals; see price_proposal_service.h.
#include "parts-svc/price_proposal/price_proposal_service.h"

namespace parts {

using chassis::UnitOfWork;
using Proposal = v1::PartPriceProposal;

PriceProposalService::PriceProposalService(chassis::Rooms& rooms)
    : proposals_(rooms.host.cipher()), catalogue_(rooms.host.cipher()), policy_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &PriceProposalService::Propose);
  rooms.rpcs.On(this, &PriceProposalService::Approve);
  rooms.rpcs.On(this, &PriceProposalService::Reject);
  rooms.rpcs.Standard<Proposal>(proposals_);
}

absl::StatusOr<Proposal> PriceProposalService::Propose(chassis::Call& call,
                                                       const v1::ProposePartPriceRequest& request) {
  return call.Transact<Proposal>([&](UnitOfWork& work) -> absl::StatusOr<Proposal> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const PartsById found, catalogue_.ByIds(work.sql(), work.store_id(), {request.part_id()}));
    if (found.empty()) return UnknownParts({request.part_id()}, {"part_id"});
    Proposal proposal;
    proposal.set_store_id(work.store_id());
    proposal.set_part_price_proposal_id(work.NewId());
    proposal.set_part_id(request.part_id());
    proposal.set_part_number(found.begin()->second.part_number());
    proposal.set_price_level(request.price_level() == v1::PRICE_LEVEL_UNSPECIFIED ? v1::PRICE_LEVEL_RETAIL
                                                                                  : request.price_level());
    proposal.set_unit_price_amount(request.unit_price_amount());
    proposal.set_reason(request.reason());
    proposal.set_proposed_by(work.actor().subject);
    proposal.set_state(Proposal::STATE_PROPOSED);
    if (request.has_effective_time()) {
      RETURN_IF_ERROR(CheckPriceDate(chassis::FromProto(request.effective_time()), work.now()));
      *proposal.mutable_effective_time() = request.effective_time();
    }
    ASSIGN_OR_RETURN(const auto in_force, catalogue_.PricesInForce(work.sql(), work.store_id(), proposal.price_level(),
                                                                   {proposal.part_id()}, work.now()));
    if (const auto price = in_force.find(proposal.part_id()); price != in_force.end()) {
      proposal.set_price_in_force_amount(price->second);
    }
    ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policy_.Get(work.sql(), work.store_id()));
    if (TakesEffectAtOnce(proposal.price_in_force_amount(), proposal.unit_price_amount(),
                          policy.clerk_price_change_basis_points())) {
      RETURN_IF_ERROR(chassis::MoveTo(proposal, Proposal::STATE_APPROVED));
      proposal.set_decided_by("policy");
      RETURN_IF_ERROR(TakeEffect(work, proposal));
    }
    RETURN_IF_ERROR(proposals_.Insert(work, proposal));
    return proposal;
  });
}

absl::Status PriceProposalService::TakeEffect(UnitOfWork& work, Proposal& proposal) {
  *proposal.mutable_decide_time() = work.now_proto();
  v1::PartPrice price;
  price.set_store_id(work.store_id());
  price.set_part_price_id(work.NewId());
  price.set_part_id(proposal.part_id());
  price.set_price_level(proposal.price_level());
  price.set_unit_price_amount(proposal.unit_price_amount());
  price.set_reason(proposal.reason());
  price.set_actor(proposal.proposed_by());
  const bool later = proposal.has_effective_time() && chassis::FromProto(proposal.effective_time()) > work.now();
  *price.mutable_effective_time() = later ? proposal.effective_time() : work.now_proto();
  proposal.set_part_price_id(price.part_price_id());
  const absl::Status inserted = catalogue_.prices().Insert(work, price);
  if (absl::IsAlreadyExists(inserted)) return chassis::AlreadyExists("price", proposal.part_number());
  return inserted;
}

absl::StatusOr<Proposal> PriceProposalService::Approve(chassis::Call& call,
                                                       const v1::ApprovePartPriceProposalRequest& request) {
  return call.Transact<Proposal>([&](UnitOfWork& work) -> absl::StatusOr<Proposal> {
    if (!request.reason().empty()) work.Because(request.reason());
    ASSIGN_OR_RETURN(const Proposal before, proposals_.Lock(work, work.store_id(), request.part_price_proposal_id()));
    RETURN_IF_ERROR(CheckDecider(before, work.actor().subject));
    Proposal after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Proposal::STATE_APPROVED));
    after.set_decided_by(work.actor().subject);
    after.set_decision_reason(request.reason());
    RETURN_IF_ERROR(TakeEffect(work, after));
    RETURN_IF_ERROR(proposals_.Update(work, before, after));
    return after;
  });
}

absl::StatusOr<Proposal> PriceProposalService::Reject(chassis::Call& call,
                                                      const v1::RejectPartPriceProposalRequest& request) {
  return call.Transact<Proposal>([&](UnitOfWork& work) -> absl::StatusOr<Proposal> {
    work.Because(request.reason());
    ASSIGN_OR_RETURN(const Proposal before, proposals_.Lock(work, work.store_id(), request.part_price_proposal_id()));
    RETURN_IF_ERROR(CheckDecider(before, work.actor().subject));
    Proposal after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Proposal::STATE_REJECTED));
    after.set_decided_by(work.actor().subject);
    after.set_decision_reason(request.reason());
    *after.mutable_decide_time() = work.now_proto();
    RETURN_IF_ERROR(proposals_.Update(work, before, after));
    return after;
  });
}

}  // namespace parts
