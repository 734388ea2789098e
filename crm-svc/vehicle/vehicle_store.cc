#include "crm-svc/vehicle/vehicle_store.h"

namespace crm {

using aftersales::crm::v1::Vehicle;
using chassis::sql::Session;
using chassis::sql::Uuid;

namespace {

absl::StatusOr<Vehicle> OnlyOne(absl::StatusOr<std::vector<Vehicle>> found, const std::string& wanted) {
  if (!found.ok()) return std::move(found).status();
  if (found->empty()) return chassis::NotFound("vehicle", wanted);
  return std::move(found->front());
}

}  // namespace

absl::StatusOr<Vehicle> VehicleStore::Get(Session& session, const std::string& store_id,
                                          const std::string& vehicle_id) const {
  return vehicles_.Get(session, store_id, vehicle_id);
}

absl::StatusOr<Vehicle> VehicleStore::Lock(chassis::UnitOfWork& work, const std::string& vehicle_id) const {
  return vehicles_.Lock(work, work.store_id(), vehicle_id);
}

absl::StatusOr<Vehicle> VehicleStore::ByPlate(Session& session, const std::string& store_id,
                                              const std::string& plate) const {
  return OnlyOne(vehicles_.Select(session, "WHERE store_id = ? AND plate = ? ORDER BY update_time DESC LIMIT 1",
                                  Uuid{store_id}, plate),
                 plate);
}

absl::StatusOr<Vehicle> VehicleStore::ByVin(Session& session, const std::string& store_id,
                                            const std::string& vin) const {
  return OnlyOne(vehicles_.Select(session, "WHERE store_id = ? AND vin = ?", Uuid{store_id}, vin), vin);
}

}  // namespace crm
