// The RPCs of gate passes.
#pragma once

#include "aftersales/reception/v1/gate_pass.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/gate_pass/gate_pass_store.h"
#include "reception-svc/payment/payment_store.h"
#include "reception-svc/repair_order/repair_order_store.h"

namespace reception {

class GatePassService {
 public:
  explicit GatePassService(chassis::Rooms& rooms);

 private:
  using GatePass = aftersales::reception::v1::GatePass;

  absl::StatusOr<GatePass> Issue(chassis::Call& call, const aftersales::reception::v1::IssueGatePassRequest& request);
  absl::StatusOr<GatePass> Exit(chassis::Call& call, const aftersales::reception::v1::CheckExitRequest& request);

  GatePassTable passes_;
  PaymentStore payments_;
  RepairOrderStore orders_;
  BoardStore board_;
};

}  // namespace reception
