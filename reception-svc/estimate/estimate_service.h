// The RPCs of estimates.
#pragma once

#include "aftersales/reception/v1/estimate.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/repair_order/line_pricing.h"
#include "reception-svc/repair_order/repair_order_store.h"

namespace reception {

class EstimateService {
 public:
  explicit EstimateService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<aftersales::reception::v1::Estimate> Prepare(
      chassis::Call& call, const aftersales::reception::v1::PrepareEstimateRequest& request);

  RepairOrderStore store_;
  LinePricing pricing_;
  BoardStore board_;
};

}  // namespace reception
