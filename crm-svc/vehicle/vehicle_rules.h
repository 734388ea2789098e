// Rules of the vehicle archive (C-02, G-12): VINs, mileage that only grows, driving rate.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/crm/v1/vehicle.pb.h"

namespace crm {

// VIN_CHECK_DIGIT unless the digit holds, or does not bind and a reason is given.
absl::Status CheckVin(const aftersales::crm::v1::Vehicle& vehicle);

struct OdometerReading {
  int32_t odometer_km = 0;
  absl::Time read_time;
  // KIND_UNSPECIFIED for an ordinary reading; ODOMETER_REPLACED or ODOMETER_CORRECTED let it go down.
  aftersales::crm::v1::VehicleEvent::Kind correction = aftersales::crm::v1::VehicleEvent::KIND_UNSPECIFIED;
  std::string reason;
  std::string event_id;
};

// Adds the reading to the vehicle and renews its driving rate. ODOMETER_WENT_BACK for a lower reading without a
// documented correction; REASON_REQUIRED for a correction without reason. A reading equal to the last adds nothing.
absl::Status ApplyReading(const OdometerReading& reading, aftersales::crm::v1::Vehicle& vehicle);

// Metres per day over the ordinary readings since the odometer was last replaced or corrected; 0 when they span less
// than a day.
int32_t MetresPerDay(const aftersales::crm::v1::Vehicle& vehicle);

}  // namespace crm
