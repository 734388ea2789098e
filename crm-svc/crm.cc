#include "crm-svc/crm.h"

#include "crm-svc/check_in/check_in_service.h"
#include "crm-svc/customer/customer_service.h"
#include "crm-svc/delivery/delivery_intake.h"
#include "crm-svc/figures/figures_service.h"
#include "crm-svc/follow_up/follow_up_service.h"
#include "crm-svc/history/history_service.h"
#include "crm-svc/reminder/reminder_service.h"
#include "crm-svc/vehicle/vehicle_service.h"

namespace crm {

chassis::ServiceDefinition Definition() {
  return {"crm-svc", "aftersales.crm.v1", [](chassis::Rooms& rooms) {
            const CustomerStore& customers = rooms.Add<CustomerService>().store();
            const VehicleStore& vehicles = rooms.Add<VehicleService>(customers).store();
            const HistoryStore& history = rooms.Add<HistoryService>().store();
            const FollowUpService& follow_ups = rooms.Add<FollowUpService>();
            const ReminderService& reminders = rooms.Add<ReminderService>();
            rooms.Add<CheckInService>(customers, vehicles, history);
            rooms.Add<DeliveryIntake>(customers, vehicles, history, follow_ups, reminders);
            rooms.Add<FiguresService>();
          }};
}

}  // namespace crm
