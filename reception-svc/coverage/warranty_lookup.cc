#include "reception-svc/coverage/warranty_lookup.h"

#include "aftersales/crm/v1/vehicle.pb.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace reception {

namespace crm = aftersales::crm::v1;

absl::StatusOr<crm::CheckInSummary> AskSummary(chassis::Call& call, const std::string& vehicle_id) {
  crm::GetCheckInSummaryRequest query;
  query.set_store_id(call.store_id());
  query.set_vehicle_id(vehicle_id);
  return call.Ask<crm::CheckInSummary>(query);
}

absl::StatusOr<WarrantyFacts> AskWarranty(chassis::Call& call, const std::string& vehicle_id, int32_t odometer_km) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  crm::GetVehicleRequest query;
  query.set_store_id(call.store_id());
  query.set_vehicle_id(vehicle_id);
  ASSIGN_OR_RETURN(const crm::Vehicle vehicle, call.Ask<crm::Vehicle>(query));
  return WarrantyFacts{.start_date = vehicle.warranty_start_date(),
                       .end_date = vehicle.warranty_end_date(),
                       .end_km = vehicle.warranty_end_km(),
                       .odometer_km = odometer_km,
                       .today = chassis::CivilDate(call.Now(), store.time_zone())};
}

}  // namespace reception
