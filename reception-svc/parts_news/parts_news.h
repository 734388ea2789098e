// What parts-svc tells reception: a part that somebody waits for comes later than the vehicle is promised, or
// nobody brings it any more. The adviser is told at once, as a duty to tell the customer. Nothing is asked of anybody
// here: events only.
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "aftersales/parts/v1/procurement_events.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/appointment/appointment_store.h"
#include "reception-svc/repair_order/repair_order_store.h"

namespace reception {

// Whether the part cannot be there when it is needed: it is expected on a later day of the store, or it lost the order
// it was on. One that comes on the day itself may still be in time; where it is not, the workshop says so.
bool ComesTooLate(const aftersales::parts::v1::SpecialOrderChanged& fact, absl::Time needed,
                  std::string_view time_zone);

class PartsNews {
 public:
  explicit PartsNews(chassis::Rooms& rooms);

 private:
  using Fact = aftersales::parts::v1::SpecialOrderChanged;

  absl::Status OnSpecialOrder(chassis::UnitOfWork& work, const Fact& fact);
  // The vehicle is here: its delay is to be told, with a new time; telling it ends the duty. Several parts of one order
  // are one talk with the customer.
  absl::Status TellOfOrder(chassis::UnitOfWork& work, const Fact& fact, std::string_view time_zone);
  // It is still to come, and the customer may choose another day. The duty is about the part: when that comes in time
  // after all, the appointment is moved or given up, or the vehicle is here, there is nothing left to tell.
  absl::Status TellOfAppointment(chassis::UnitOfWork& work, const Fact& fact, std::string_view time_zone);
  absl::StatusOr<bool> IsOwed(chassis::UnitOfWork& work, std::string_view kind, const std::string& subject_id) const;

  RepairOrderStore orders_;
  AppointmentStore appointments_;
};

}  // namespace reception
