#include "reception-svc/workshop_news/workshop_news.h"

#include "reception-svc/repair_order/order_duties.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace workshop = aftersales::workshop::v1;
namespace common = aftersales::common::v1;
using chassis::UnitOfWork;
using common::Event;

constexpr absl::Duration kCustomerIsAsked = absl::Minutes(30);  // a raised add-on waits no longer
constexpr absl::Duration kDifferenceLookedAt = absl::Minutes(15);
constexpr absl::Duration kVehicleTakenBack = absl::Minutes(30);
constexpr absl::Duration kNumberDeadline = absl::Seconds(5);

}  // namespace

v1::BoardEntry::Stage BoardStageOf(workshop::OrderStageChanged::Stage stage) {
  switch (stage) {
    case workshop::OrderStageChanged::STAGE_WORK_IN_PROGRESS:
      return v1::BoardEntry::STAGE_WORK_IN_PROGRESS;
    case workshop::OrderStageChanged::STAGE_WAITING_FOR_PARTS:
      return v1::BoardEntry::STAGE_PARTS_ORDERED;
    case workshop::OrderStageChanged::STAGE_WAITING_FOR_CONSENT:
      return v1::BoardEntry::STAGE_AWAITING_CUSTOMER_AUTHORIZATION;
    case workshop::OrderStageChanged::STAGE_QUALITY_ASSURANCE:
      return v1::BoardEntry::STAGE_QUALITY_ASSURANCE;
    case workshop::OrderStageChanged::STAGE_WASHING:
      return v1::BoardEntry::STAGE_DETAILING;
    case workshop::OrderStageChanged::STAGE_FINISHED:
      return v1::BoardEntry::STAGE_COMPLETED;
    default:
      return v1::BoardEntry::STAGE_WAITING_FOR_WORKSHOP;
  }
}

v1::AddOn AddOnFrom(const workshop::FindingRaised& finding) {
  v1::AddOn add_on;
  add_on.set_state(v1::AddOn::STATE_RAISED);
  add_on.set_repair_order_id(finding.repair_order_id());
  add_on.set_finding_id(finding.finding_id());
  add_on.set_description(finding.description());
  add_on.set_reason(finding.reason());
  add_on.set_safety_critical(finding.safety_critical());
  add_on.set_system(finding.system());
  add_on.set_extra_minutes(finding.extra_minutes());
  add_on.set_raised_by(finding.raised_by());
  for (const auto& operation : finding.operations()) {
    add_on.add_proposed()->set_operation_code(operation.operation_code());
  }
  for (const auto& part : finding.parts()) {
    v1::PartWish& wish = *add_on.add_proposed()->mutable_part();
    wish.set_supply_source(common::SUPPLY_SOURCE_STORE_ORIGINAL);
    wish.set_part_number(part.part_number());
    wish.set_quantity_milli(part.quantity_milli());
    wish.set_operation_code(part.operation_code());
  }
  return add_on;
}

WorkshopNews::WorkshopNews(chassis::Rooms& rooms)
    : orders_(rooms.host.cipher()), add_ons_(rooms.host.cipher()), board_(rooms.host.cipher()) {
  rooms.intake.On<workshop::OrderStageChanged>(
      [this](UnitOfWork& work, const Event&, const workshop::OrderStageChanged& fact) { return OnStage(work, fact); });
  rooms.intake.On<workshop::FindingRaised>(
      [this](UnitOfWork& work, const Event&, const workshop::FindingRaised& fact) { return OnFinding(work, fact); });
  rooms.intake.On<workshop::FindingWithdrawn>(
      [this](UnitOfWork& work, const Event&, const workshop::FindingWithdrawn& fact) {
        return OnWithdrawn(work, fact);
      });
  rooms.intake.On<workshop::DelayReported>(
      [this](UnitOfWork& work, const Event&, const workshop::DelayReported& fact) { return OnDelay(work, fact); });
  rooms.intake.On<workshop::VehicleDifferenceReported>(
      [this](UnitOfWork& work, const Event&, const workshop::VehicleDifferenceReported& fact) {
        return OnDifference(work, fact);
      });
  rooms.intake.On<workshop::OrderFinished>(
      [this](UnitOfWork& work, const Event&, const workshop::OrderFinished& fact) { return OnFinished(work, fact); });
}

absl::Status WorkshopNews::OnStage(UnitOfWork& work, const workshop::OrderStageChanged& fact) {
  ASSIGN_OR_RETURN(const auto order, orders_.InWork(work, fact.repair_order_id()));
  if (!order.has_value()) return absl::OkStatus();
  return board_.SetStage(work, order->visit_id(), BoardStageOf(fact.stage()));
}

absl::Status WorkshopNews::OnFinding(UnitOfWork& work, const workshop::FindingRaised& fact) {
  ASSIGN_OR_RETURN(const auto order, orders_.InWork(work, fact.repair_order_id()));
  if (!order.has_value()) return absl::OkStatus();
  // From a block held in memory: the intake has one thread per publisher, so it may ask inside its transaction.
  ASSIGN_OR_RETURN(const std::string number,
                   work.host().numbers().Next(work.store_id(), "ADD", work.now() + kNumberDeadline));
  v1::AddOn add_on = AddOnFrom(fact);
  add_on.set_store_id(work.store_id());
  add_on.set_add_on_id(work.NewId());
  add_on.set_number(number);
  RETURN_IF_ERROR(add_ons_.add_ons.Insert(work, add_on));
  common::Duty duty = AdviserDuty(*order, kAddOnAnswerDuty, "R-32", work.now() + kCustomerIsAsked);
  duty.set_subject_kind("add_on");
  duty.set_subject_id(add_on.add_on_id());
  duty.set_subject_number(add_on.number());
  work.Owe(std::move(duty));
  return absl::OkStatus();
}

// What was found proved wrong: nobody needs to be asked. Where the customer's answer came first, it stands.
absl::Status WorkshopNews::OnWithdrawn(UnitOfWork& work, const workshop::FindingWithdrawn& fact) {
  // The order first: it is the lock of all that belongs to it.
  const auto order = orders_.orders.Lock(work, work.store_id(), fact.repair_order_id());
  if (absl::IsNotFound(order.status())) return absl::OkStatus();
  RETURN_IF_ERROR(order.status());
  ASSIGN_OR_RETURN(const auto found, add_ons_.OfFinding(work.sql(), work.store_id(), fact.finding_id()));
  if (!found.has_value()) return absl::OkStatus();
  if (found->state() != v1::AddOn::STATE_RAISED && found->state() != v1::AddOn::STATE_OFFERED) return absl::OkStatus();
  v1::AddOn add_on = *found;
  RETURN_IF_ERROR(chassis::MoveTo(add_on, v1::AddOn::STATE_WITHDRAWN));
  work.Because(fact.reason());
  RETURN_IF_ERROR(add_ons_.add_ons.Update(work, *found, add_on));
  return work.WaiveDuties(kAddOnAnswerDuty, add_on.add_on_id(), "the workshop took its finding back");
}

absl::Status WorkshopNews::OnDelay(UnitOfWork& work, const workshop::DelayReported& fact) {
  ASSIGN_OR_RETURN(const auto order, orders_.InWork(work, fact.repair_order_id()));
  if (!order.has_value()) return absl::OkStatus();
  work.Owe(DelayDuty(*order, work.now()));
  return absl::OkStatus();
}

absl::Status WorkshopNews::OnDifference(UnitOfWork& work, const workshop::VehicleDifferenceReported& fact) {
  ASSIGN_OR_RETURN(const auto order, orders_.InWork(work, fact.repair_order_id()));
  if (!order.has_value()) return absl::OkStatus();
  work.Owe(AdviserDuty(*order, kVehicleDifferenceDuty, "W-04", work.now() + kDifferenceLookedAt));
  return absl::OkStatus();
}

absl::Status WorkshopNews::OnFinished(UnitOfWork& work, const workshop::OrderFinished& fact) {
  ASSIGN_OR_RETURN(const auto order, orders_.InWork(work, fact.repair_order_id()));
  if (!order.has_value()) return absl::OkStatus();
  work.Owe(AdviserDuty(*order, kTakeBackDuty, "R-40", work.now() + kVehicleTakenBack));
  return board_.SetStage(work, order->visit_id(), v1::BoardEntry::STAGE_COMPLETED);
}

}  // namespace reception
