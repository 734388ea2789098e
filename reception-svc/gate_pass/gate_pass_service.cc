#include "reception-svc/gate_pass/gate_pass_service.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "reception-svc/gate_pass/gate_pass_rules.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace sql = chassis::sql;
using chassis::Call;
using chassis::UnitOfWork;

GatePassService::GatePassService(chassis::Rooms& rooms)
    : passes_(rooms.host.cipher()),
      payments_(rooms.host.cipher()),
      orders_(rooms.host.cipher()),
      board_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &GatePassService::Issue);
  rooms.rpcs.On(this, &GatePassService::Exit);
  rooms.rpcs.Standard<v1::GatePass>(passes_);
}

absl::StatusOr<v1::GatePass> GatePassService::Issue(Call& call, const v1::IssueGatePassRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("GP"));
  return call.Transact<v1::GatePass>([&](UnitOfWork& work) -> absl::StatusOr<v1::GatePass> {
    // Locked, so that no refund slips in between.
    ASSIGN_OR_RETURN(const v1::Receivable receivable,
                     payments_.receivables.Lock(work, call.store_id(), request.settlement_id()));
    ASSIGN_OR_RETURN(const auto issued, PassesOf(passes_, work.sql(), call.store_id(), request.settlement_id()));
    if (!issued.empty()) {
      return chassis::Refuse(v1::ERROR_REASON_GATE_PASS_EXISTS)
          .With("number", issued.front().number())
          .At("settlement_id", "已签发", "has a pass");
    }
    RETURN_IF_ERROR(CheckGatePassDue(receivable));
    ASSIGN_OR_RETURN(const v1::RepairOrder order,
                     orders_.orders.Get(work.sql(), call.store_id(), receivable.repair_order_id()));
    v1::GatePass pass;
    pass.set_store_id(call.store_id());
    pass.set_gate_pass_id(work.NewId());
    pass.set_number(number);
    pass.set_state(v1::GatePass::STATE_ISSUED);
    pass.set_code(ExitCode(work.NewId()));
    pass.set_settlement_id(request.settlement_id());
    pass.set_repair_order_id(order.repair_order_id());
    pass.set_visit_id(order.visit_id());
    pass.set_plate(order.plate());
    pass.set_payment_state(receivable.on_account_amount() > 0 ? v1::GatePass::PAYMENT_STATE_ON_ACCOUNT
                                                              : v1::GatePass::PAYMENT_STATE_PAID);
    pass.set_issued_by(call.actor().subject);
    RETURN_IF_ERROR(passes_.Insert(work, pass));
    RETURN_IF_ERROR(board_.SetStage(work, pass.visit_id(), v1::BoardEntry::STAGE_CHECKOUT));
    return pass;
  });
}

absl::StatusOr<v1::GatePass> GatePassService::Exit(Call& call, const v1::CheckExitRequest& request) {
  return call.Transact<v1::GatePass>([&](UnitOfWork& work) -> absl::StatusOr<v1::GatePass> {
    ASSIGN_OR_RETURN(const auto found, passes_.Select(work.sql(), "WHERE store_id = ? AND number = ? FOR UPDATE",
                                                      sql::Uuid{call.store_id()}, request.number()));
    if (found.empty()) {
      return chassis::Refuse(v1::ERROR_REASON_GATE_PASS_WRONG).At("number", "没有此出门证", "no such pass");
    }
    v1::GatePass pass = found.front();
    RETURN_IF_ERROR(LetOut(pass, request, call.actor().subject, work.now()));
    RETURN_IF_ERROR(passes_.Update(work, found.front(), pass));
    RETURN_IF_ERROR(board_.Leave(work, pass.visit_id(), v1::BoardEntry::STAGE_VEHICLE_DELIVERED));
    return pass;
  });
}

}  // namespace reception
