// RPCs of the customer's history (C-03).
#pragma once

#include "chassis/server/service.h"
#include "crm-svc/history/history_store.h"

namespace crm {

class HistoryService {
 public:
  explicit HistoryService(chassis::Rooms& rooms);

  absl::StatusOr<aftersales::crm::v1::Recommendation> Close(
      chassis::Call& call, const aftersales::crm::v1::CloseRecommendationRequest& request);
  absl::StatusOr<aftersales::crm::v1::Interaction> Record(chassis::Call& call,
                                                          const aftersales::crm::v1::RecordInteractionRequest& request);

  const HistoryStore& store() const { return store_; }

 private:
  HistoryStore store_;
};

}  // namespace crm
