#include "crm-svc/reminder/reminder_service.h"

#include "aftersales/crm/v1/errors.pb.h"
#include "aftersales/crm/v1/events.pb.h"
#include "chassis/duties/duty_board.h"
#include "crm-svc/reminder/reminder_rules.h"

namespace crm {

using namespace aftersales::crm::v1;  // NOLINT: this file speaks the package's words
using aftersales::common::v1::Duty;
using chassis::UnitOfWork;

namespace {

constexpr char kDuty[] = "maintenance_reminder";

void Owe(UnitOfWork& work, const Reminder& reminder) {
  Duty duty;
  duty.set_kind(kDuty);
  duty.set_handbook("C-09");
  duty.set_subject_kind("reminder");
  duty.set_subject_id(reminder.reminder_id());
  duty.set_assignee_role(aftersales::options::v1::ROLE_CUSTOMER_SERVICE_AGENT);
  duty.set_escalation_role(aftersales::options::v1::ROLE_CUSTOMER_SERVICE_MANAGER);
  *duty.mutable_due_time() = reminder.remind_time();
  work.Owe(std::move(duty));
}

}  // namespace

ReminderService::ReminderService(chassis::Rooms& rooms) : store_(rooms.host.cipher()) {
  rooms.rpcs.Standard<Reminder>(store_.table());
  rooms.rpcs.On(this, &ReminderService::Record);
  rooms.host.duties().EndsBy(kDuty, "RecordReminder");
  rooms.rpcs.On(this, &ReminderService::Pause);
  rooms.rpcs.On(this, &ReminderService::Reschedule);
}

absl::Status ReminderService::PlanMaintenance(UnitOfWork& work, const Vehicle& vehicle) const {
  ASSIGN_OR_RETURN(auto pending, store_.Pending(work.sql(), work.store_id(), vehicle.vehicle_id()));
  for (const Reminder& before : pending) {
    Reminder after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Reminder::STATE_SUPERSEDED));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    RETURN_IF_ERROR(work.WaiveDuties(kDuty, before.reminder_id(), "a newer service moved the next maintenance"));
  }
  ASSIGN_OR_RETURN(auto store, work.host().stores().Get(work.store_id(), work.now() + absl::Seconds(5)));
  Reminder reminder;
  if (!PlanReminder({vehicle.next_maintenance_date(), vehicle.next_maintenance_km(), vehicle.odometer_km(),
                     vehicle.average_metres_per_day()},
                    work.now(), store.settings().maintenance_reminder_days(), store.time_zone(), reminder)) {
    return absl::OkStatus();
  }
  reminder.set_store_id(work.store_id());
  reminder.set_reminder_id(work.NewId());
  reminder.set_kind(Reminder::KIND_MAINTENANCE);
  reminder.set_state(Reminder::STATE_PLANNED);
  reminder.set_customer_id(vehicle.customer_id());
  reminder.set_vehicle_id(vehicle.vehicle_id());
  *reminder.mutable_create_time() = work.now_proto();
  Owe(work, reminder);
  MaintenanceReminderPlanned planned;
  planned.set_reminder_id(reminder.reminder_id());
  planned.set_vehicle_id(vehicle.vehicle_id());
  *planned.mutable_remind_time() = reminder.remind_time();
  work.Publish(planned, {"reminder", reminder.reminder_id(), 1});
  return store_.table().Insert(work, reminder);
}

absl::StatusOr<Reminder> ReminderService::Record(chassis::Call& call, const RecordReminderRequest& request) {
  return call.Transact<Reminder>([&](UnitOfWork& work) -> absl::StatusOr<Reminder> {
    ASSIGN_OR_RETURN(const Reminder before, store_.Lock(work, request.reminder_id()));
    Reminder after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Reminder::STATE_DONE));
    *after.mutable_done_time() = work.now_proto();
    after.set_outcome(request.outcome());
    RETURN_IF_ERROR(work.CompleteDuties(kDuty, after.reminder_id(), request.outcome()));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<Reminder> ReminderService::Pause(chassis::Call& call, const PauseReminderRequest& request) {
  return call.Transact<Reminder>([&](UnitOfWork& work) -> absl::StatusOr<Reminder> {
    ASSIGN_OR_RETURN(const Reminder before, store_.Lock(work, request.reminder_id()));
    Reminder after = before;
    RETURN_IF_ERROR(chassis::MoveTo(after, Reminder::STATE_PAUSED));
    after.set_change_reason(request.reason());
    work.Because(request.reason());
    RETURN_IF_ERROR(work.WaiveDuties(kDuty, after.reminder_id(), request.reason()));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

absl::StatusOr<Reminder> ReminderService::Reschedule(chassis::Call& call, const RescheduleReminderRequest& request) {
  if (chassis::FromProto(request.remind_time()) <= call.Now()) {
    return chassis::Refuse(ERROR_REASON_REMINDER_IN_PAST).At("remind_time", "须晚于现在", "must be later than now");
  }
  return call.Transact<Reminder>([&](UnitOfWork& work) -> absl::StatusOr<Reminder> {
    ASSIGN_OR_RETURN(const Reminder before, store_.Lock(work, request.reminder_id()));
    Reminder after = before;
    RETURN_IF_ERROR(chassis::RequireState(before, {Reminder::STATE_PLANNED, Reminder::STATE_PAUSED}));
    if (before.state() == Reminder::STATE_PAUSED) RETURN_IF_ERROR(chassis::MoveTo(after, Reminder::STATE_PLANNED));
    *after.mutable_remind_time() = request.remind_time();
    after.set_change_reason(request.reason());
    work.Because(request.reason());
    RETURN_IF_ERROR(work.WaiveDuties(kDuty, after.reminder_id(), request.reason()));
    Owe(work, after);
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return after;
  });
}

}  // namespace crm
