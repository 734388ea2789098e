#include "crm-svc/vehicle/vehicle_service.h"

#include "aftersales/crm/v1/errors.pb.h"
#include "crm-svc/vehicle/vehicle_rules.h"

namespace crm {

using namespace aftersales::crm::v1;  // NOLINT: this file speaks the package's words
using chassis::Refuse;
using chassis::UnitOfWork;

VehicleService::VehicleService(chassis::Rooms& rooms, const CustomerStore& customers)
    : customers_(customers), store_(rooms.host.cipher()) {
  rooms.rpcs.Standard<Vehicle>(store_.table(), [this](UnitOfWork& work, const Vehicle* before, Vehicle& after) {
    return Check(work, before, after);
  });
  rooms.rpcs.On(this, &VehicleService::ChangePlate);
  rooms.rpcs.On(this, &VehicleService::Transfer);
  rooms.rpcs.On(this, &VehicleService::RecordOdometer);
}

absl::Status VehicleService::RequireCustomer(UnitOfWork& work, const std::string& customer_id,
                                             std::string_view field) const {
  const absl::Status found = customers_.Get(work.sql(), work.store_id(), customer_id).status();
  if (!absl::IsNotFound(found)) return found;
  return Refuse(ERROR_REASON_CUSTOMER_UNKNOWN)
      .With("id", customer_id)
      .At(field, "本店无此客户", "this store has no such customer");
}

absl::Status VehicleService::Check(UnitOfWork& work, const Vehicle* before, Vehicle& after) const {
  if (before != nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(CheckVin(after));
  RETURN_IF_ERROR(RequireCustomer(work, after.customer_id(), "vehicle.customer_id"));
  const absl::Status twin = store_.ByVin(work.sql(), work.store_id(), after.vin()).status();
  if (twin.ok()) {
    return Refuse(ERROR_REASON_VEHICLE_EXISTS).At("vehicle.vin", "本店已有此车", "this store has this vehicle");
  }
  if (!absl::IsNotFound(twin)) return twin;

  OdometerReading reading;
  reading.odometer_km = after.odometer_km();
  reading.read_time = work.now();
  reading.event_id = work.NewId();
  after.set_odometer_km(0);
  return ApplyReading(reading, after);
}

absl::StatusOr<Vehicle> VehicleService::ChangePlate(chassis::Call& call, const ChangePlateRequest& request) {
  return call.Transact<Vehicle>([&](UnitOfWork& work) -> absl::StatusOr<Vehicle> {
    ASSIGN_OR_RETURN(const Vehicle before, store_.Lock(work, request.vehicle_id()));
    Vehicle after = before;
    VehicleEvent& event = *after.add_history();
    event.set_vehicle_event_id(work.NewId());
    event.set_kind(VehicleEvent::KIND_PLATE_CHANGED);
    *event.mutable_event_time() = work.now_proto();
    event.set_plate(before.plate());
    event.set_reason(request.reason());
    after.set_plate(request.plate());
    after.set_plate_colour(request.plate_colour());
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<Vehicle> VehicleService::Transfer(chassis::Call& call, const TransferVehicleRequest& request) {
  return call.Transact<Vehicle>([&](UnitOfWork& work) -> absl::StatusOr<Vehicle> {
    RETURN_IF_ERROR(RequireCustomer(work, request.customer_id(), "customer_id"));
    ASSIGN_OR_RETURN(const Vehicle before, store_.Lock(work, request.vehicle_id()));
    Vehicle after = before;
    VehicleEvent& event = *after.add_history();
    event.set_vehicle_event_id(work.NewId());
    event.set_kind(VehicleEvent::KIND_OWNER_CHANGED);
    *event.mutable_event_time() = work.now_proto();
    event.set_customer_id(before.customer_id());
    event.set_reason(request.reason());
    after.set_customer_id(request.customer_id());
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<Vehicle> VehicleService::RecordOdometer(chassis::Call& call, const RecordOdometerRequest& request) {
  return call.Transact<Vehicle>([&](UnitOfWork& work) -> absl::StatusOr<Vehicle> {
    ASSIGN_OR_RETURN(const Vehicle before, store_.Lock(work, request.vehicle_id()));
    Vehicle after = before;
    RETURN_IF_ERROR(
        ApplyReading({request.odometer_km(), work.now(), request.correction(), request.reason(), work.NewId()}, after));
    work.Because(request.reason());
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

}  // namespace crm
