// Giving an order to the workshop and taking it away again: three processes that span parts-svc and
// workshop-svc, and the handover of the vehicle.
//
//   release_repair_order  reserve_parts -> create_jobs          all or nothing; undone: SIGNED again
//   cancel_repair_order   cancel_jobs -> give_parts_back        refused once work has begun: RELEASED again
//   give_back_parts       give_parts_back                       after a stop, and after settlement
#pragma once

#include "aftersales/reception/v1/repair_order.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/add_on/add_on_store.h"
#include "reception-svc/appointment/appointment_store.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/repair_order/repair_order_store.h"
#include "reception-svc/visit/visit_store.h"

namespace reception {

inline constexpr std::string_view kReleaseProcess = "release_repair_order";
inline constexpr std::string_view kCancelProcess = "cancel_repair_order";
inline constexpr std::string_view kGiveBackProcess = "give_back_parts";

// Text for `process_refusal`: what the peer said, in Chinese, amounts in the order's currency.
std::string RefusalText(const absl::Status& why, const std::string& currency_code);

class ReleaseService {
 public:
  explicit ReleaseService(chassis::Rooms& rooms);

 private:
  using Order = aftersales::reception::v1::RepairOrder;

  absl::StatusOr<Order> Release(chassis::Call& call,
                                const aftersales::reception::v1::ReleaseRepairOrderRequest& request);
  absl::StatusOr<Order> Handover(chassis::Call& call, const aftersales::reception::v1::RecordHandoverRequest& request);
  absl::StatusOr<Order> Cancel(chassis::Call& call, const aftersales::reception::v1::CancelRepairOrderRequest& request);
  absl::StatusOr<Order> StopOrder(chassis::Call& call,
                                  const aftersales::reception::v1::StopRepairOrderRequest& request);

  void DefineRelease(chassis::Processes& processes);
  void DefineCancel(chassis::Processes& processes);
  void DefineGiveBack(chassis::Processes& processes);
  absl::Status FinishRelease(chassis::UnitOfWork& work, const chassis::ProcessContext& at);
  absl::Status FinishCancel(chassis::UnitOfWork& work, const chassis::ProcessContext& at);
  // Back to `state`, with what was refused.
  absl::Status FallBack(chassis::UnitOfWork& work, const chassis::ProcessContext& at, Order::State state,
                        const absl::Status& why);
  // The order is no longer: visit, board, add-ons and duties know it.
  absl::Status ForgetOrder(chassis::UnitOfWork& work, const Order& order);

  RepairOrderStore store_;
  AddOnStore add_ons_;
  AppointmentStore appointments_;
  VisitStore visits_;
  BoardStore board_;
};

}  // namespace reception
