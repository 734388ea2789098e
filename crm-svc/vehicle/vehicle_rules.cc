#include "crm-svc/vehicle/vehicle_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aftersales/crm/v1/errors.pb.h"
#include "chassis/server/formats.h"
#include "chassis/status/refusal.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"

namespace crm {

using aftersales::crm::v1::ERROR_REASON_ODOMETER_WENT_BACK;
using aftersales::crm::v1::ERROR_REASON_VIN_CHECK_DIGIT;
using aftersales::crm::v1::Vehicle;
using aftersales::crm::v1::VehicleEvent;

namespace {

bool IsCorrection(VehicleEvent::Kind kind) {
  return kind == VehicleEvent::KIND_ODOMETER_REPLACED || kind == VehicleEvent::KIND_ODOMETER_CORRECTED;
}

}  // namespace

absl::Status CheckVin(const Vehicle& vehicle) {
  if (chassis::formats::VinCheckDigitHolds(vehicle.vin())) return absl::OkStatus();
  if (!chassis::formats::VinCheckDigitBinds(vehicle.vin()) && !vehicle.vin_override_reason().empty()) {
    return absl::OkStatus();
  }
  const std::string expected(1, chassis::formats::VinCheckDigit(vehicle.vin()));
  return chassis::Refuse(ERROR_REASON_VIN_CHECK_DIGIT)
      .With("vin", vehicle.vin())
      .With("expected", expected)
      .At("vehicle.vin", "第 9 位应为 " + expected, "position 9 should be " + expected);
}

absl::Status ApplyReading(const OdometerReading& reading, Vehicle& vehicle) {
  const bool correction = IsCorrection(reading.correction);
  if (correction && reading.reason.empty()) return chassis::ReasonRequired("reason");
  if (!correction && reading.odometer_km < vehicle.odometer_km()) {
    return chassis::Refuse(ERROR_REASON_ODOMETER_WENT_BACK)
        .With("km", reading.odometer_km)
        .With("last", vehicle.odometer_km())
        .At("odometer_km", "不得低于上次读数", "must not be below the last reading");
  }
  if (!correction && vehicle.has_odometer_time() && reading.odometer_km == vehicle.odometer_km()) {
    return absl::OkStatus();
  }
  VehicleEvent& event = *vehicle.add_history();
  event.set_vehicle_event_id(reading.event_id);
  event.set_kind(correction ? reading.correction : VehicleEvent::KIND_ODOMETER_READ);
  *event.mutable_event_time() = chassis::ToProto(reading.read_time);
  event.set_odometer_km(reading.odometer_km);
  event.set_reason(reading.reason);
  vehicle.set_odometer_km(reading.odometer_km);
  *vehicle.mutable_odometer_time() = event.event_time();
  vehicle.set_average_metres_per_day(MetresPerDay(vehicle));
  return absl::OkStatus();
}

int32_t MetresPerDay(const Vehicle& vehicle) {
  const VehicleEvent* first = nullptr;
  const VehicleEvent* last = nullptr;
  for (const VehicleEvent& event : vehicle.history()) {
    if (IsCorrection(event.kind())) first = last = &event;  // a new count begins
    if (event.kind() != VehicleEvent::KIND_ODOMETER_READ) continue;
    if (first == nullptr) first = &event;
    last = &event;
  }
  if (first == nullptr || last == first) return 0;
  const int64_t days =
      absl::ToInt64Hours(chassis::FromProto(last->event_time()) - chassis::FromProto(first->event_time())) / 24;
  if (days < 1) return 0;
  const int64_t metres = int64_t{last->odometer_km() - first->odometer_km()} * 1000;
  return static_cast<int32_t>(std::min<int64_t>(chassis::MulDiv(metres, 1, days), 3'000'000));
}

}  // namespace crm
