#include "reception-svc/estimate/estimate_service.h"

#include "reception-svc/estimate/estimate_rules.h"
#include "reception-svc/repair_order/repair_order_rules.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
using chassis::Call;
using chassis::UnitOfWork;

EstimateService::EstimateService(chassis::Rooms& rooms)
    : store_(rooms.host.cipher()), pricing_(rooms.host.cipher()), board_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &EstimateService::Prepare);
  rooms.rpcs.Standard<v1::Estimate>(store_.estimates);
  rooms.SignedDocument("estimate",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::Estimate estimate, store_.estimates.Get(session, store_id, id));
                         return std::make_unique<v1::Estimate>(std::move(estimate));
                       });
}

absl::StatusOr<v1::Estimate> EstimateService::Prepare(Call& call, const v1::PrepareEstimateRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const v1::RepairOrder seen, store_.Get(call, request.repair_order_id()));
  RETURN_IF_ERROR(chassis::RequireState(seen, {v1::RepairOrder::STATE_DRAFT, v1::RepairOrder::STATE_ESTIMATED}));
  RETURN_IF_ERROR(CheckHasWork(seen));
  ASSIGN_OR_RETURN(const PriceSources sources, pricing_.SourcesFor(call, seen.lines(), seen.model_code()));
  return call.Transact<v1::Estimate>([&](UnitOfWork& work) -> absl::StatusOr<v1::Estimate> {
    v1::RepairOrder order = seen;
    RETURN_IF_ERROR(Reprice(*order.mutable_lines(), sources));
    v1::Estimate estimate = MakeEstimate(order, sources.offers, store, work.now());
    estimate.set_estimate_id(work.NewId());
    estimate.set_prepared_by(call.actor().subject);
    RETURN_IF_ERROR(AdoptEstimate(order, estimate));
    // Refused when the order is no longer the one that was priced.
    RETURN_IF_ERROR(store_.orders.Update(work, seen, order));
    RETURN_IF_ERROR(store_.estimates.Insert(work, estimate));
    RETURN_IF_ERROR(board_.SetStage(work, order.visit_id(), v1::BoardEntry::STAGE_AWAITING_CUSTOMER_AUTHORIZATION));
    return estimate;
  });
}

}  // namespace reception
