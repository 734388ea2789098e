// The sales plan room (P-12): a month's targets, and what the month brought.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/sales_plan/sales_plan_store.h"

namespace parts {

class SalesPlanService {
 public:
  explicit SalesPlanService(chassis::Rooms& rooms);

 private:
  absl::Status Check(chassis::UnitOfWork& work, const v1::SalesPlan* before, v1::SalesPlan& after);
  absl::StatusOr<v1::SalesResult> Result(chassis::Call& call, const v1::GetSalesResultRequest& request);

  SalesPlanStore store_;
};

}  // namespace parts
