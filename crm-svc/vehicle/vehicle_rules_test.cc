#include "crm-svc/vehicle/vehicle_rules.h"

#include <gtest/gtest.h>

#include "aftersales/crm/v1/errors.pb.h"
#include "chassis/status/refusal.h"

namespace crm {
namespace {

using namespace aftersales::crm::v1;  // NOLINT

Vehicle AVehicle(const std::string& vin) {
  Vehicle vehicle;
  vehicle.set_vin(vin);
  return vehicle;
}

absl::Time Day(int day) { return absl::FromCivil(absl::CivilDay(2026, 1, 1) + day, absl::UTCTimeZone()); }

OdometerReading Reading(int32_t km, int day) {
  OdometerReading reading;
  reading.odometer_km = km;
  reading.read_time = Day(day);
  reading.event_id = "00000000-0000-7000-8000-000000000001";
  return reading;
}

TEST(Vin, OfAVehicleMadeInChinaNeedsItsCheckDigitWhateverTheReason) {
  EXPECT_TRUE(CheckVin(AVehicle("LSVAL41Z882104202")).ok());
  Vehicle wrong = AVehicle("LSVAL41Z782104202");
  wrong.set_vin_override_reason("as printed on the licence");
  EXPECT_TRUE(chassis::IsRefusal(CheckVin(wrong), ERROR_REASON_VIN_CHECK_DIGIT));
}

TEST(Vin, OfAEuropeanMakeMayFailTheCheckWithAReason) {
  Vehicle european = AVehicle("WVWZZZ1JZXW000001");
  EXPECT_TRUE(chassis::IsRefusal(CheckVin(european), ERROR_REASON_VIN_CHECK_DIGIT));
  european.set_vin_override_reason("European make without check digit");
  EXPECT_TRUE(CheckVin(european).ok());
}

TEST(Odometer, NeverGoesBackWithoutADocumentedCorrection) {
  Vehicle vehicle;
  ASSERT_TRUE(ApplyReading(Reading(10'000, 0), vehicle).ok());
  EXPECT_TRUE(chassis::IsRefusal(ApplyReading(Reading(9'999, 1), vehicle), ERROR_REASON_ODOMETER_WENT_BACK));
  EXPECT_EQ(vehicle.odometer_km(), 10'000);

  OdometerReading replaced = Reading(5, 2);
  replaced.correction = VehicleEvent::KIND_ODOMETER_REPLACED;
  EXPECT_FALSE(ApplyReading(replaced, vehicle).ok()) << "a correction needs its reason";
  replaced.reason = "instrument cluster replaced";
  EXPECT_TRUE(ApplyReading(replaced, vehicle).ok());
  EXPECT_EQ(vehicle.odometer_km(), 5);
}

TEST(Odometer, TheSameReadingTwiceIsKeptOnce) {
  Vehicle vehicle;
  ASSERT_TRUE(ApplyReading(Reading(10'000, 0), vehicle).ok());
  ASSERT_TRUE(ApplyReading(Reading(10'000, 3), vehicle).ok());
  EXPECT_EQ(vehicle.history_size(), 1);
}

TEST(DrivingRate, ComesFromTheReadingsSinceTheLastCorrection) {
  Vehicle vehicle;
  ASSERT_TRUE(ApplyReading(Reading(10'000, 0), vehicle).ok());
  EXPECT_EQ(vehicle.average_metres_per_day(), 0) << "one reading tells no rate";
  ASSERT_TRUE(ApplyReading(Reading(10'500, 10), vehicle).ok());
  EXPECT_EQ(vehicle.average_metres_per_day(), 50'000);

  OdometerReading replaced = Reading(0, 20);
  replaced.correction = VehicleEvent::KIND_ODOMETER_REPLACED;
  replaced.reason = "instrument cluster replaced";
  ASSERT_TRUE(ApplyReading(replaced, vehicle).ok());
  ASSERT_TRUE(ApplyReading(Reading(300, 30), vehicle).ok());
  EXPECT_EQ(vehicle.average_metres_per_day(), 30'000);
}

}  // namespace
}  // namespace crm
