// The working stock room (P-05): parts a technician keeps at hand, drawn and brought back signed.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/working_stock/carrying.h"
#include "parts-svc/working_stock/working_stock_store.h"

namespace parts {

class WorkingStockService {
 public:
  explicit WorkingStockService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::WorkingStockNote> Draw(chassis::Call& call, const v1::DrawWorkingStockRequest& request);
  absl::StatusOr<v1::WorkingStockNote> Return(chassis::Call& call, const v1::ReturnWorkingStockRequest& request);
  absl::StatusOr<v1::WorkingStock> Get(chassis::Call& call, const v1::GetWorkingStockRequest& request);

  // Makes, signs and books the note of either kind.
  template <typename Request>
  absl::StatusOr<v1::WorkingStockNote> Carry(chassis::Call& call, const Request& request,
                                             v1::WorkingStockNote::Kind kind);

  LocationStore locations_;
  WorkingStockStore store_;
  Carrying carrying_;
  prometheus::Counter& drawn_;
  prometheus::Counter& returned_;
};

}  // namespace parts
