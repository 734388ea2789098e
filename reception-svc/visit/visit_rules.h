// Decisions about visits and check-in: order of greeting, what a walk-around and a belongings list must
// hold, what is missing before a repair order. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/crm/v1/check_in.pb.h"
#include "aftersales/reception/v1/appointment.pb.h"
#include "aftersales/reception/v1/visit.pb.h"

namespace reception {

// An appointment arrives as this visit: customer, vehicle, adviser and purpose come over without typing.
// Refuses another vehicle's appointment.
absl::Status Arrive(aftersales::reception::v1::Appointment& appointment, aftersales::reception::v1::Visit& visit,
                    absl::Time now);

// Measures the greeting and makes `adviser` the visit's. `earlier_waiting_plate` is who came first and still waits;
// empty: nobody. Greeting out of order takes a reason.
absl::Status Greet(aftersales::reception::v1::Visit& visit, const std::string& adviser,
                   const std::string& earlier_waiting_plate, const std::string& out_of_order_reason,
                   const aftersales::common::v1::StoreSettings& settings, absl::Time now);

// Links the archives CRM answered for. Refuses another customer's vehicle, and a plate that differs from the one seen
// unless there is a reason; then the archive's plate counts.
absl::Status Link(aftersales::reception::v1::Visit& visit, const aftersales::crm::v1::CheckInSummary& summary,
                  const std::string& customer_id, const std::string& plate_reason);

// Covers of the three-piece set fitted, odometer not below the last one without a reason.
absl::Status CheckWalkAround(const aftersales::reception::v1::RecordWalkAroundRequest& request, int last_odometer_km);

// Advice on valuables given, a seal where something lies in the box, the customer's signature.
absl::Status CheckBelongings(const aftersales::reception::v1::RecordBelongingsRequest& request);

// Check-in may be recorded and changed until the visit has a repair order.
absl::Status CheckStillOpen(const aftersales::reception::v1::Visit& visit);

// What is still missing before a repair order: "customer", "walk_around", "belongings", "custody".
std::vector<std::string> MissingFromCheckIn(const aftersales::reception::v1::Visit& visit, bool walk_around,
                                            bool belongings, bool custody);
// Refuses naming what is missing; for the repair order.
absl::Status CheckCheckedIn(const aftersales::reception::v1::Visit& visit, bool walk_around, bool belongings,
                            bool custody);

// Ending a visit by hand: without a repair order, with an outcome that is not the delivery's.
absl::Status CheckClosing(const aftersales::reception::v1::Visit& visit,
                          aftersales::reception::v1::Visit::Outcome outcome);

}  // namespace reception
