// SQL of the vehicle archive.
#pragma once

#include <string>

#include "aftersales/crm/v1/vehicle.pb.h"
#include "chassis/records/table.h"

namespace crm {

class VehicleStore {
 public:
  explicit VehicleStore(const chassis::privacy::Cipher& cipher) : vehicles_(cipher) {}

  const chassis::records::Table<aftersales::crm::v1::Vehicle>& table() const { return vehicles_; }
  absl::StatusOr<aftersales::crm::v1::Vehicle> Get(chassis::sql::Session& session, const std::string& store_id,
                                                   const std::string& vehicle_id) const;
  absl::StatusOr<aftersales::crm::v1::Vehicle> Lock(chassis::UnitOfWork& work, const std::string& vehicle_id) const;
  // NOT_FOUND when the store has none.
  absl::StatusOr<aftersales::crm::v1::Vehicle> ByPlate(chassis::sql::Session& session, const std::string& store_id,
                                                       const std::string& plate) const;
  absl::StatusOr<aftersales::crm::v1::Vehicle> ByVin(chassis::sql::Session& session, const std::string& store_id,
                                                     const std::string& vin) const;

 private:
  chassis::records::Table<aftersales::crm::v1::Vehicle> vehicles_;
};

}  // namespace crm
