#include "crm-svc/check_in/check_in_service.h"

#include <set>

#include "absl/strings/str_join.h"
#include "aftersales/crm/v1/errors.pb.h"

namespace crm {

using namespace aftersales::crm::v1;  // NOLINT: this file speaks the package's words
using aftersales::common::v1::VehicleSystem_Name;

namespace {

constexpr int kRecentServices = 10;

void ShowVehicle(const Vehicle& vehicle, CheckInSummary& summary) {
  summary.set_vehicle_id(vehicle.vehicle_id());
  summary.set_vin(vehicle.vin());
  summary.set_plate(vehicle.plate());
  summary.set_model_code(vehicle.model_code());
  summary.set_model_name(vehicle.model_name());
  summary.set_last_odometer_km(vehicle.odometer_km());
  summary.set_warranty_start_date(vehicle.warranty_start_date());
  summary.set_warranty_end_date(vehicle.warranty_end_date());
  summary.set_warranty_end_km(vehicle.warranty_end_km());
  summary.set_next_maintenance_date(vehicle.next_maintenance_date());
  summary.set_next_maintenance_km(vehicle.next_maintenance_km());
}

void ShowCustomer(const Customer& customer, CheckInSummary& summary) {
  summary.set_customer_id(customer.customer_id());
  summary.set_customer_name(customer.name());
  summary.set_customer_phone(customer.phone());
  summary.set_preferred_contact_time(customer.preferences().contact_time());
  *summary.mutable_preferences() = customer.preferences().interests();
}

void ShowService(const ServiceRecord& record, CheckInSummary& summary) {
  CheckInSummary::Service& service = *summary.add_recent_services();
  service.set_repair_order_number(record.repair_order_number());
  *service.mutable_delivery_time() = record.delivery_time();
  service.set_odometer_km(record.odometer_km());
  service.set_total_amount(record.total_amount());
  service.set_store_id(record.store_id());
  service.set_summary(absl::StrJoin(record.works(), "; ", [](std::string* out, const ServiceRecord::Work& work) {
    out->append(work.description());
  }));
  std::set<std::string> systems;
  for (const ServiceRecord::Work& work : record.works()) systems.insert(VehicleSystem_Name(work.system()).substr(15));
  for (const std::string& system : systems) service.add_systems(system);
}

}  // namespace

CheckInService::CheckInService(chassis::Rooms& rooms, const CustomerStore& customers, const VehicleStore& vehicles,
                               const HistoryStore& history)
    : customers_(customers), vehicles_(vehicles), history_(history) {
  rooms.rpcs.On(this, &CheckInService::GetSummary);
}

absl::StatusOr<Vehicle> CheckInService::FindVehicle(chassis::sql::Session& session,
                                                    const GetCheckInSummaryRequest& request) const {
  if (!request.vehicle_id().empty()) return vehicles_.Get(session, request.store_id(), request.vehicle_id());
  if (!request.vin().empty()) return vehicles_.ByVin(session, request.store_id(), request.vin());
  return vehicles_.ByPlate(session, request.store_id(), request.plate());
}

absl::StatusOr<CheckInSummary> CheckInService::GetSummary(chassis::Call& call,
                                                          const GetCheckInSummaryRequest& request) {
  const int given = !request.vehicle_id().empty() + !request.plate().empty() + !request.vin().empty();
  if (given != 1) {
    return chassis::Refuse(ERROR_REASON_SEARCH_EMPTY)
        .At("vehicle_id", "vehicle_id、plate、vin 三者取一", "exactly one of vehicle_id, plate, vin");
  }
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<CheckInSummary> {
    CheckInSummary summary;
    ASSIGN_OR_RETURN(const Vehicle vehicle, FindVehicle(session, request));
    ShowVehicle(vehicle, summary);
    ASSIGN_OR_RETURN(const Customer customer, customers_.Get(session, request.store_id(), vehicle.customer_id()));
    ShowCustomer(customer, summary);
    ASSIGN_OR_RETURN(auto recommendations,
                     history_.OpenRecommendations(session, request.store_id(), vehicle.vehicle_id()));
    for (const Recommendation& open : recommendations) {
      CheckInSummary::Recommendation& shown = *summary.add_recommendations();
      shown.set_recommendation_id(open.recommendation_id());
      shown.set_description(open.description());
      shown.set_safety_critical(open.safety_critical());
      *shown.mutable_decline_time() = open.decline_time();
    }
    ASSIGN_OR_RETURN(auto services, history_.Recent(session, request.store_id(), vehicle.vin(), kRecentServices));
    for (const ServiceRecord& record : services) ShowService(record, summary);
    return summary;
  });
}

}  // namespace crm
