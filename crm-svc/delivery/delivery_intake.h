// What customer relations does with reception's facts: a visit begins (mileage, timeline), a vehicle is delivered
// (history, recommendations, next maintenance, two follow-ups). One transaction per fact.
#pragma once

#include "aftersales/reception/v1/events.pb.h"
#include "chassis/server/service.h"
#include "crm-svc/customer/customer_store.h"
#include "crm-svc/follow_up/follow_up_service.h"
#include "crm-svc/history/history_store.h"
#include "crm-svc/reminder/reminder_service.h"
#include "crm-svc/vehicle/vehicle_store.h"

namespace crm {

class DeliveryIntake {
 public:
  DeliveryIntake(chassis::Rooms& rooms, const CustomerStore& customers, const VehicleStore& vehicles,
                 const HistoryStore& history, const FollowUpService& follow_ups, const ReminderService& reminders);

 private:
  absl::Status OnVisitOpened(chassis::UnitOfWork& work, const aftersales::reception::v1::VisitOpened& opened) const;
  absl::Status OnDelivered(chassis::UnitOfWork& work,
                           const aftersales::reception::v1::VehicleDelivered& delivered) const;
  absl::Status OweArchive(chassis::UnitOfWork& work, const aftersales::reception::v1::VisitOpened& opened) const;
  absl::Status Note(chassis::UnitOfWork& work, aftersales::crm::v1::Interaction interaction) const;

  const CustomerStore& customers_;
  const VehicleStore& vehicles_;
  const HistoryStore& history_;
  const FollowUpService& follow_ups_;
  const ReminderService& reminders_;
};

}  // namespace crm
