// Taking the vehicle back from the workshop, telling the customer, handing it over.
#pragma once

#include "aftersales/reception/v1/delivery.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/add_on/add_on_store.h"
#include "reception-svc/appointment/appointment_store.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/delivery/delivery_rules.h"
#include "reception-svc/gate_pass/gate_pass_store.h"
#include "reception-svc/payment/payment_store.h"
#include "reception-svc/repair_order/repair_order_store.h"
#include "reception-svc/settlement/settlement_store.h"
#include "reception-svc/visit/visit_closing.h"
#include "reception-svc/visit/visit_store.h"

namespace reception {

class DeliveryService {
 public:
  explicit DeliveryService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<aftersales::reception::v1::RepairOrder> TakeBackVehicle(
      chassis::Call& call, const aftersales::reception::v1::TakeBackVehicleRequest& request);
  absl::StatusOr<aftersales::reception::v1::RepairOrder> PickUpNotice(
      chassis::Call& call, const aftersales::reception::v1::RecordPickUpNoticeRequest& request);
  absl::StatusOr<aftersales::reception::v1::Delivery> Deliver(
      chassis::Call& call, const aftersales::reception::v1::DeliverVehicleRequest& request);

  absl::StatusOr<BusinessFile> LoadFile(chassis::UnitOfWork& work, const std::string& order_id) const;

  chassis::records::Table<aftersales::reception::v1::Delivery> deliveries_;
  RepairOrderStore orders_;
  AddOnStore add_ons_;
  SettlementStore settlements_;
  PaymentStore payments_;
  GatePassTable passes_;
  VisitStore visits_;
  AppointmentStore appointments_;
  BoardStore board_;
  VisitClosing closing_;
};

}  // namespace reception
