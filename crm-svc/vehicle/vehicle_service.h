// RPCs of the vehicle archive (C-02).
#pragma once

#include "chassis/server/service.h"
#include "crm-svc/customer/customer_store.h"
#include "crm-svc/vehicle/vehicle_store.h"

namespace crm {

class VehicleService {
 public:
  VehicleService(chassis::Rooms& rooms, const CustomerStore& customers);

  absl::StatusOr<aftersales::crm::v1::Vehicle> ChangePlate(chassis::Call& call,
                                                           const aftersales::crm::v1::ChangePlateRequest& request);
  absl::StatusOr<aftersales::crm::v1::Vehicle> Transfer(chassis::Call& call,
                                                        const aftersales::crm::v1::TransferVehicleRequest& request);
  absl::StatusOr<aftersales::crm::v1::Vehicle> RecordOdometer(
      chassis::Call& call, const aftersales::crm::v1::RecordOdometerRequest& request);

  const VehicleStore& store() const { return store_; }

 private:
  absl::Status Check(chassis::UnitOfWork& work, const aftersales::crm::v1::Vehicle* before,
                     aftersales::crm::v1::Vehicle& after) const;
  absl::Status RequireCustomer(chassis::UnitOfWork& work, const std::string& customer_id, std::string_view field) const;

  const CustomerStore& customers_;
  VehicleStore store_;
};

}  // namespace crm
