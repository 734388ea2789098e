// The purchase order room (P-08): from the draft to the last goods, with approval by limit and prices held against the
// contract.
#pragma once

#include <functional>
#include <string>

#include "chassis/server/service.h"
#include "parts-svc/purchase_order/purchase_desk.h"

namespace parts {

class PurchaseOrderService {
 public:
  explicit PurchaseOrderService(chassis::Rooms& rooms);

 private:
  // Moves a locked order and writes it; `change` does the rest and may refuse.
  using Change =
      std::function<absl::Status(chassis::UnitOfWork&, const v1::PurchaseOrder& before, v1::PurchaseOrder& after)>;
  absl::StatusOr<v1::PurchaseOrder> Moved(chassis::Call& call, const std::string& purchase_order_id,
                                          v1::PurchaseOrder::State state, const std::string& reason,
                                          const Change& change);

  absl::StatusOr<v1::PurchaseOrder> Create(chassis::Call& call, const v1::CreatePurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> Revise(chassis::Call& call, const v1::RevisePurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> Submit(chassis::Call& call, const v1::SubmitPurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> Approve(chassis::Call& call, const v1::ApprovePurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> Return(chassis::Call& call, const v1::ReturnPurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> Reject(chassis::Call& call, const v1::RejectPurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> SendOut(chassis::Call& call, const v1::SendPurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> Confirm(chassis::Call& call, const v1::ConfirmPurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> Cancel(chassis::Call& call, const v1::CancelPurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> Close(chassis::Call& call, const v1::ClosePurchaseOrderRequest& request);
  absl::StatusOr<v1::PurchaseOrder> Get(chassis::Call& call, const v1::GetPurchaseOrderRequest& request);

  absl::Status ReviseApproved(chassis::UnitOfWork& work, const v1::RevisePurchaseOrderRequest& request,
                              const Buyer& buyer, const v1::PartsPolicy& policy, const Terms& terms,
                              const v1::PurchaseOrder& before, v1::PurchaseOrder& after);
  absl::Status KeepSpecialOrders(chassis::UnitOfWork& work, const v1::PurchaseOrder& after);

  PurchaseDesk desk_;
  std::map<v1::PurchaseOrder::State, prometheus::Counter*> steps_;
};

}  // namespace parts
