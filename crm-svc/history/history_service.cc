#include "crm-svc/history/history_service.h"

namespace crm {

using namespace aftersales::crm::v1;  // NOLINT: this file speaks the package's words
using chassis::UnitOfWork;

HistoryService::HistoryService(chassis::Rooms& rooms) : store_(rooms.host.cipher()) {
  rooms.rpcs.Standard<ServiceRecord>(store_.service_records());
  rooms.rpcs.Standard<Recommendation>(store_.recommendations());
  rooms.rpcs.Standard<Interaction>(store_.interactions());
  rooms.rpcs.On(this, &HistoryService::Close);
  rooms.rpcs.On(this, &HistoryService::Record);
}

absl::StatusOr<Recommendation> HistoryService::Close(chassis::Call& call, const CloseRecommendationRequest& request) {
  return call.Transact<Recommendation>([&](UnitOfWork& work) -> absl::StatusOr<Recommendation> {
    ASSIGN_OR_RETURN(const Recommendation before,
                     store_.recommendations().Lock(work, request.store_id(), request.recommendation_id()));
    Recommendation after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Recommendation::STATE_CLOSED));
    after.set_close_reason(request.reason());
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.recommendations().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<Interaction> HistoryService::Record(chassis::Call& call, const RecordInteractionRequest& request) {
  return call.Transact<Interaction>([&](UnitOfWork& work) -> absl::StatusOr<Interaction> {
    Interaction interaction = request.interaction();
    interaction.set_store_id(request.store_id());
    interaction.set_interaction_id(work.NewId());
    interaction.set_actor(work.actor().subject);
    interaction.clear_document_number();
    if (!interaction.has_interaction_time()) *interaction.mutable_interaction_time() = work.now_proto();
    RETURN_IF_ERROR(store_.interactions().Insert(work, interaction));
    return interaction;
  });
}

}  // namespace crm
