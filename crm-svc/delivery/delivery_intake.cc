#include "crm-svc/delivery/delivery_intake.h"

#include "absl/strings/str_cat.h"
#include "chassis/telemetry/log.h"
#include "crm-svc/customer/customer_rules.h"
#include "crm-svc/vehicle/vehicle_rules.h"

namespace crm {

using namespace aftersales::crm::v1;  // NOLINT: this file speaks the package's words
using aftersales::common::v1::Duty;
using aftersales::common::v1::Event;
using aftersales::reception::v1::VehicleDelivered;
using aftersales::reception::v1::VisitOpened;
using chassis::UnitOfWork;

namespace {

// A fact of the trade is not refused because the odometer was misread at reception: the reading is left out and said.
void AddReading(UnitOfWork& work, int32_t odometer_km, absl::Time read_time, Vehicle& vehicle) {
  const absl::Status applied =
      ApplyReading({odometer_km, read_time, VehicleEvent::KIND_UNSPECIFIED, "", work.NewId()}, vehicle);
  if (!applied.ok()) {
    chassis::log::Warning("odometer reading left out",
                          {{"vehicle_id", vehicle.vehicle_id()}, {"why", std::string(applied.message())}});
  }
}

ServiceRecord RecordOf(const VehicleDelivered& delivered, const Vehicle& vehicle, const Customer& customer) {
  ServiceRecord record;
  record.set_store_id(vehicle.store_id());
  record.set_service_record_id(delivered.repair_order_id());
  record.set_vehicle_id(delivered.vehicle_id());
  record.set_customer_id(delivered.customer_id());
  record.set_vin(vehicle.vin());
  record.set_repair_order_number(delivered.repair_order_number());
  *record.mutable_delivery_time() = delivered.delivery_time();
  record.set_odometer_km(delivered.odometer_km());
  record.set_work_kind(delivered.work_kind());
  record.set_adviser(delivered.adviser());
  for (const auto& work : delivered.works()) {
    ServiceRecord::Work& done = *record.add_works();
    done.set_operation_code(work.operation_code());
    done.set_description(work.description());
    done.set_system(work.system());
    done.set_standard_minutes(work.standard_minutes());
  }
  for (const auto& part : delivered.parts()) {
    ServiceRecord::Part& fitted = *record.add_parts();
    fitted.set_part_number(part.part_number());
    fitted.set_display_name(part.display_name());
    fitted.set_quantity_milli(part.quantity_milli());
  }
  record.set_labour_amount(delivered.labour_amount());
  record.set_parts_amount(delivered.parts_amount());
  record.set_total_amount(delivered.total_amount());
  record.set_currency_code(delivered.currency_code());
  record.set_satisfaction_score(delivered.satisfaction_score());
  record.set_shared_with_group(customer.consents().group_sharing());
  return record;
}

std::vector<Recommendation> RecommendationsOf(UnitOfWork& work, const VehicleDelivered& delivered) {
  std::vector<Recommendation> recommendations;
  for (const auto& declined : delivered.declined()) {
    Recommendation& recommendation = recommendations.emplace_back();
    recommendation.set_store_id(work.store_id());
    recommendation.set_recommendation_id(work.NewId());
    recommendation.set_vehicle_id(delivered.vehicle_id());
    recommendation.set_customer_id(delivered.customer_id());
    recommendation.set_description(declined.description());
    recommendation.set_safety_critical(declined.safety_critical());
    recommendation.set_system(declined.system());
    recommendation.set_offered_amount(declined.offered_amount());
    recommendation.set_repair_order_number(delivered.repair_order_number());
    *recommendation.mutable_decline_time() = delivered.delivery_time();
    recommendation.set_state(Recommendation::STATE_OPEN);
  }
  return recommendations;
}

}  // namespace

DeliveryIntake::DeliveryIntake(chassis::Rooms& rooms, const CustomerStore& customers, const VehicleStore& vehicles,
                               const HistoryStore& history, const FollowUpService& follow_ups,
                               const ReminderService& reminders)
    : customers_(customers), vehicles_(vehicles), history_(history), follow_ups_(follow_ups), reminders_(reminders) {
  rooms.intake.On<VisitOpened>(
      [this](UnitOfWork& work, const Event&, const VisitOpened& opened) { return OnVisitOpened(work, opened); });
  rooms.intake.On<VehicleDelivered>([this](UnitOfWork& work, const Event&, const VehicleDelivered& delivered) {
    return OnDelivered(work, delivered);
  });
}

absl::Status DeliveryIntake::Note(UnitOfWork& work, Interaction interaction) const {
  interaction.set_store_id(work.store_id());
  interaction.set_interaction_id(work.NewId());
  interaction.set_actor(work.actor().subject);
  return history_.interactions().Insert(work, interaction);
}

// The archive of a customer who is in the house is completed the same day (C-01).
absl::Status DeliveryIntake::OweArchive(UnitOfWork& work, const VisitOpened& opened) const {
  if (!opened.customer_id().empty()) {
    auto customer = customers_.Get(work.sql(), work.store_id(), opened.customer_id());
    if (!customer.ok()) return absl::IsNotFound(customer.status()) ? absl::OkStatus() : customer.status();
    if (MissingFields(*customer).empty()) return absl::OkStatus();
  }
  Duty duty;
  duty.set_kind("customer_archive");
  duty.set_handbook("C-01");
  duty.set_subject_kind(opened.customer_id().empty() ? "visit" : "customer");
  duty.set_subject_id(opened.customer_id().empty() ? opened.visit_id() : opened.customer_id());
  duty.set_subject_number(opened.number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_CUSTOMER_SERVICE_AGENT);
  duty.set_escalation_role(aftersales::options::v1::ROLE_CUSTOMER_SERVICE_MANAGER);
  ASSIGN_OR_RETURN(auto store, work.host().stores().Get(work.store_id(), work.now() + absl::Seconds(5)));
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(store.time_zone(), &zone)) zone = absl::UTCTimeZone();
  const absl::CivilDay today = absl::ToCivilDay(work.now(), zone);
  *duty.mutable_due_time() = chassis::ToProto(absl::FromCivil(today + 1, zone));
  work.Owe(std::move(duty));
  return absl::OkStatus();
}

absl::Status DeliveryIntake::OnVisitOpened(UnitOfWork& work, const VisitOpened& opened) const {
  RETURN_IF_ERROR(OweArchive(work, opened));
  if (opened.vehicle_id().empty() || opened.customer_id().empty()) return absl::OkStatus();
  auto before = vehicles_.Lock(work, opened.vehicle_id());
  if (!before.ok()) return absl::IsNotFound(before.status()) ? absl::OkStatus() : before.status();
  if (opened.odometer_km() > 0) {
    Vehicle after = *before;
    AddReading(work, opened.odometer_km(), work.now(), after);
    RETURN_IF_ERROR(vehicles_.table().Update(work, *before, after));
  }
  Interaction visit;
  visit.set_customer_id(opened.customer_id());
  visit.set_vehicle_id(opened.vehicle_id());
  visit.set_kind(Interaction::KIND_VISIT);
  *visit.mutable_interaction_time() = work.now_proto();
  visit.set_summary(absl::StrCat("进店 ", opened.number()));
  visit.set_document_number(opened.number());
  return Note(work, std::move(visit));
}

absl::Status DeliveryIntake::OnDelivered(UnitOfWork& work, const VehicleDelivered& delivered) const {
  auto before = vehicles_.Lock(work, delivered.vehicle_id());
  if (absl::IsNotFound(before.status())) {
    chassis::log::Error("a delivered vehicle has no archive",
                        {{"vehicle_id", delivered.vehicle_id()}, {"repair_order", delivered.repair_order_number()}});
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(before.status());
  ASSIGN_OR_RETURN(const Customer customer, customers_.Get(work.sql(), work.store_id(), delivered.customer_id()));

  Vehicle vehicle = *before;
  AddReading(work, delivered.odometer_km(), chassis::FromProto(delivered.delivery_time()), vehicle);
  vehicle.set_next_maintenance_date(delivered.next_maintenance_date());
  vehicle.set_next_maintenance_km(delivered.next_maintenance_km());
  RETURN_IF_ERROR(vehicles_.table().Update(work, *before, vehicle));

  ServiceRecord record = RecordOf(delivered, vehicle, customer);
  RETURN_IF_ERROR(history_.service_records().Insert(work, record));
  std::vector<Recommendation> recommendations = RecommendationsOf(work, delivered);
  if (!recommendations.empty()) RETURN_IF_ERROR(history_.recommendations().InsertAll(work, recommendations));

  Interaction delivery;
  delivery.set_customer_id(delivered.customer_id());
  delivery.set_vehicle_id(delivered.vehicle_id());
  delivery.set_kind(Interaction::KIND_DELIVERY);
  *delivery.mutable_interaction_time() = delivered.delivery_time();
  delivery.set_summary(absl::StrCat("交车 ", delivered.repair_order_number()));
  delivery.set_document_number(delivered.repair_order_number());
  RETURN_IF_ERROR(Note(work, std::move(delivery)));

  VehicleDelivered fact = delivered;
  if (fact.preferred_contact_time().empty()) {
    fact.set_preferred_contact_time(customer.preferences().contact_time());
  }
  RETURN_IF_ERROR(follow_ups_.Plan(work, fact, customer.agent()));
  return reminders_.PlanMaintenance(work, vehicle);
}

}  // namespace crm
