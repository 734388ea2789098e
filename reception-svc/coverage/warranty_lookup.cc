#include "reception-svc/coverage/warranty_lookup.h"

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
  ASSIGN_OR_RETURN(const crm::CheckInSummary summary, AskSummary(call, vehicle_id));
  return WarrantyFacts{.start_date = summary.warranty_start_date(),
                       .end_date = summary.warranty_end_date(),
                       .end_km = summary.warranty_end_km(),
                       .odometer_km = odometer_km,
                       .today = chassis::CivilDate(call.Now(), store.time_zone())};
}

}  // namespace reception
