#include "reception-svc/delivery/delivery_service.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"
#include "chassis/duties/duty_board.h"
#include "reception-svc/coverage/warranty_lookup.h"
#include "reception-svc/repair_order/order_duties.h"
#include "reception-svc/repair_order/repair_order_rules.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace workshop = aftersales::workshop::v1;
using chassis::Call;
using chassis::UnitOfWork;

DeliveryService::DeliveryService(chassis::Rooms& rooms)
    : deliveries_(rooms.host.cipher()),
      orders_(rooms.host.cipher()),
      add_ons_(rooms.host.cipher()),
      settlements_(rooms.host.cipher()),
      payments_(rooms.host.cipher()),
      passes_(rooms.host.cipher()),
      visits_(rooms.host.cipher()),
      appointments_(rooms.host.cipher()),
      board_(rooms.host.cipher()),
      closing_(visits_, appointments_, board_) {
  rooms.rpcs.On(this, &DeliveryService::TakeBackVehicle);
  rooms.rpcs.On(this, &DeliveryService::PickUpNotice);
  rooms.host.duties().EndsBy(kPickUpNoticeDuty, "RecordPickUpNotice");
  rooms.host.duties().EndsBy(kDelayNoticeDuty, "RecordPickUpNotice");
  rooms.host.duties().EndsBy(kTakeBackDuty, "TakeBackVehicle");
  rooms.rpcs.On(this, &DeliveryService::Deliver);
  rooms.rpcs.Standard<v1::Delivery>(deliveries_);
  rooms.SignedDocument("delivery",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::Delivery delivery, deliveries_.Get(session, store_id, id));
                         return std::make_unique<v1::Delivery>(std::move(delivery));
                       });
}

absl::StatusOr<v1::RepairOrder> DeliveryService::TakeBackVehicle(Call& call,
                                                                 const v1::TakeBackVehicleRequest& request) {
  workshop::GetOrderProgressRequest query;
  query.set_store_id(call.store_id());
  query.set_repair_order_id(request.repair_order_id());
  ASSIGN_OR_RETURN(const auto progress, call.Ask<workshop::OrderProgress>(query));
  return orders_.ChangeOrder(
      call, request.repair_order_id(), [&](UnitOfWork& work, v1::RepairOrder& order) -> absl::Status {
        ASSIGN_OR_RETURN(const auto add_ons, add_ons_.OfOrder(work.sql(), call.store_id(), order.repair_order_id()));
        RETURN_IF_ERROR(CheckTakeBack(order, add_ons, progress));
        RETURN_IF_ERROR(chassis::MoveTo(order, v1::RepairOrder::STATE_COMPLETED));
        v1::TakeBack& take_back = *order.mutable_take_back();
        take_back.set_taken_by(call.actor().subject);
        *take_back.mutable_take_back_time() = work.now_proto();
        *take_back.mutable_complete_time() = progress.has_complete_time() ? progress.complete_time() : work.now_proto();
        take_back.set_parking_place(progress.parking_place());
        *take_back.mutable_repair_suggestions() = progress.repair_suggestions();
        for (const std::string_view kind : {kTakeBackDuty, kProgressCheckDuty}) {
          RETURN_IF_ERROR(work.CompleteDuties(kind, order.repair_order_id(), "taken back"));
        }
        return board_.SetStage(work, order.visit_id(), v1::BoardEntry::STAGE_COMPLETED);
      });
}

absl::StatusOr<v1::RepairOrder> DeliveryService::PickUpNotice(Call& call,
                                                              const v1::RecordPickUpNoticeRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  return orders_.ChangeOrder(
      call, request.repair_order_id(), [&](UnitOfWork& work, v1::RepairOrder& order) -> absl::Status {
        work.Because(request.reason());
        RETURN_IF_ERROR(RecordNotice(order, request, call.actor().subject, work.now(), store.settings()));
        RETURN_IF_ERROR(work.CompleteDuties(kPickUpNoticeDuty, order.repair_order_id(), "told"));
        RETURN_IF_ERROR(work.CompleteDuties(kDelayNoticeDuty, order.repair_order_id(), "told"));
        if (order.pick_up_notice().ready()) return absl::OkStatus();
        // Told that it will be late: the notice for the new time is owed again.
        const absl::Time agreed = chassis::FromProto(order.agreed_time());
        const absl::Time released = chassis::FromProto(order.release_time());
        work.Owe(AdviserDuty(order, kPickUpNoticeDuty, "R-41", NoticeDueTime(released, agreed, store.settings())));
        return board_.SetPromised(work, order.visit_id(), agreed);
      });
}

absl::StatusOr<BusinessFile> DeliveryService::LoadFile(UnitOfWork& work, const std::string& order_id) const {
  BusinessFile file;
  const std::string& store_id = work.store_id();
  ASSIGN_OR_RETURN(file.order, orders_.orders.Lock(work, store_id, order_id));
  ASSIGN_OR_RETURN(file.visit, visits_.visits.Lock(work, store_id, file.order.visit_id()));
  ASSIGN_OR_RETURN(auto check_in, visits_.LoadCheckIn(work.sql(), store_id, file.order.visit_id()));
  file.walk_around = std::move(check_in.walk_around);
  file.belongings = std::move(check_in.belongings);
  file.custody = std::move(check_in.custody);
  ASSIGN_OR_RETURN(file.settlement, settlements_.OfOrder(work.sql(), store_id, order_id));
  if (!file.settlement.has_value()) return file;
  ASSIGN_OR_RETURN(auto passes, PassesOf(passes_, work.sql(), store_id, file.settlement->settlement_id()));
  if (!passes.empty()) file.gate_pass = std::move(passes.front());
  return file;
}

absl::StatusOr<v1::Delivery> DeliveryService::Deliver(Call& call, const v1::DeliverVehicleRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const v1::RepairOrder seen, orders_.Get(call, request.repair_order_id()));
  ASSIGN_OR_RETURN(const auto summary, AskSummary(call, seen.vehicle_id()));
  return call.Transact<v1::Delivery>([&](UnitOfWork& work) -> absl::StatusOr<v1::Delivery> {
    ASSIGN_OR_RETURN(const BusinessFile file, LoadFile(work, request.repair_order_id()));
    RETURN_IF_ERROR(CheckDelivery(request, file));
    const std::string today = chassis::CivilDate(work.now(), store.time_zone());
    const NextMaintenance next =
        NextMaintenanceAfter(file.order, request.odometer_km(), today, summary, store.settings());
    v1::Delivery delivery = MakeDelivery(request, file, next, store.time_zone(), work.now());
    delivery.set_delivery_id(work.NewId());
    delivery.set_delivered_by(call.actor().subject);
    if (delivery.preferred_contact_time().empty()) {
      delivery.set_preferred_contact_time(summary.preferred_contact_time());
    }
    ASSIGN_OR_RETURN(*delivery.mutable_signature(),
                     work.Sign(delivery, {"delivery", delivery.delivery_id(), 1}, request.signature()));
    RETURN_IF_ERROR(deliveries_.Insert(work, delivery));

    v1::RepairOrder order = file.order;
    RETURN_IF_ERROR(chassis::MoveTo(order, v1::RepairOrder::STATE_DELIVERED));
    RETURN_IF_ERROR(orders_.orders.Update(work, file.order, order));
    RETURN_IF_ERROR(work.CompleteDuties(kPickUpNoticeDuty, order.repair_order_id(), "delivered"));
    RETURN_IF_ERROR(work.WaiveDuties(kDelayNoticeDuty, order.repair_order_id(), "delivered"));
    work.Publish(DeliveredFact(file, delivery, work.now()),
                 {"repair_order", order.repair_order_id(), order.revision()});
    RETURN_IF_ERROR(
        closing_
            .Close(work, file.visit, v1::Visit::PURPOSE_REPAIR, v1::Visit::OUTCOME_DELIVERED, "repaired and delivered")
            .status());
    return delivery;
  });
}

}  // namespace reception
