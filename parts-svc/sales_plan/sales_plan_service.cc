// The sales plan room; see sales_plan_service.h.
#include "parts-svc/sales_plan/sales_plan_service.h"

#include "aftersales/parts/v1/sales_errors.pb.h"

namespace parts {

SalesPlanService::SalesPlanService(chassis::Rooms& rooms) : store_(rooms.host.cipher()) {
  rooms.rpcs.Standard<v1::SalesPlan>(
      store_.table(), [this](chassis::UnitOfWork& work, const v1::SalesPlan* before, v1::SalesPlan& after) {
        return Check(work, before, after);
      });
  rooms.rpcs.On(this, &SalesPlanService::Result);
}

absl::Status SalesPlanService::Check(chassis::UnitOfWork& work, const v1::SalesPlan* before, v1::SalesPlan& after) {
  RETURN_IF_ERROR(CheckMonth(after.month_date(), "sales_plan.month_date"));
  if (before != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto plans, store_.OfMonth(work.sql(), work.store_id(), after.month_date()));
  for (const v1::SalesPlan& plan : plans) {
    if (plan.kind() != after.kind()) continue;
    return chassis::Refuse(v1::SALES_ERROR_REASON_PLAN_EXISTS)
        .At("sales_plan.month_date", "该月已有计划", "has a plan for this kind already");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::SalesResult> SalesPlanService::Result(chassis::Call& call,
                                                         const v1::GetSalesResultRequest& request) {
  RETURN_IF_ERROR(CheckMonth(request.month_date(), "month_date"));
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::SalesResult> {
    ASSIGN_OR_RETURN(const auto plans, store_.OfMonth(session, request.store_id(), request.month_date()));
    ASSIGN_OR_RETURN(const auto sold, store_.SoldIn(session, request.store_id(), request.month_date()));
    return ResultOf(request.month_date(), plans, sold);
  });
}

}  // namespace parts
