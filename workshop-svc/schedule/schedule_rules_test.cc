#include "workshop-svc/schedule/schedule_rules.h"

#include <gtest/gtest.h>

#include "chassis/status/refusal.h"
#include "workshop-svc/examples_for_test.h"

namespace workshop {
namespace {

using chassis::FromProto;
using chassis::IsRefusal;

Roster OneBayOneTechnician() {
  Roster roster;
  roster.hours = EightToSix();
  roster.bays = {ABay("1", {common::SKILL_MECHANICAL})};
  roster.technicians = {ATechnician("a", common::SKILL_MECHANICAL)};
  return roster;
}

void TakeSpan(Roster& roster, const std::string& id, absl::Time start, int minutes) {
  for (const absl::Time unit : UnitsOf(start, start + absl::Minutes(minutes))) {
    roster.taken.emplace(id, absl::ToUnixSeconds(unit));
  }
}

TEST(HoursOf, AreTheStoresOwnInItsTimeZone) {
  common::Store store;
  store.set_time_zone("Asia/Shanghai");
  store.mutable_settings()->set_opening_time("08:30");
  store.mutable_settings()->set_closing_time("17:15");
  const OpeningHours hours = HoursOf(store);
  EXPECT_EQ(hours.open.start, 510);
  EXPECT_EQ(hours.open.end, 1035);
  EXPECT_EQ(TimeOn(hours, absl::CivilDay(2026, 11, 23), 510), MondayAt(8, 30));
}

TEST(CheckSpan, StaysOnQuartersInsideOpeningHoursAndInTheFuture) {
  const OpeningHours hours = EightToSix();
  EXPECT_TRUE(CheckSpan(hours, MondayAt(8), 600, MondayAt(7)).ok());
  EXPECT_TRUE(IsRefusal(CheckSpan(hours, MondayAt(8, 10), 60, MondayAt(7)), v1::ERROR_REASON_SLOT_NOT_ON_QUARTER));
  EXPECT_TRUE(IsRefusal(CheckSpan(hours, MondayAt(9), 50, MondayAt(7)), v1::ERROR_REASON_SLOT_NOT_ON_QUARTER));
  EXPECT_TRUE(IsRefusal(CheckSpan(hours, MondayAt(7, 45), 60, MondayAt(7)), v1::ERROR_REASON_OUTSIDE_OPENING_HOURS));
  EXPECT_TRUE(IsRefusal(CheckSpan(hours, MondayAt(17, 15), 60, MondayAt(7)), v1::ERROR_REASON_OUTSIDE_OPENING_HOURS));
  EXPECT_TRUE(IsRefusal(CheckSpan(hours, MondayAt(9), 60, MondayAt(9, 15)), v1::ERROR_REASON_SLOT_IN_PAST));
  EXPECT_TRUE(CheckSpan(hours, MondayAt(9), 60, MondayAt(9, 14)).ok()) << "the quarter under way still counts";
}

TEST(FreeSlots, LeaveOutWhatABayOrATechnicianIsTakenFor) {
  Roster roster = OneBayOneTechnician();
  TakeSpan(roster, "1", MondayAt(8), 60);
  TakeSpan(roster, "a", MondayAt(10), 60);
  const auto slots = FreeSlots(roster, common::SKILL_MECHANICAL, 60, MondayAt(8), MondayAt(12), 100);
  ASSERT_FALSE(slots.empty());
  EXPECT_EQ(FromProto(slots[0].start_time()), MondayAt(9));
  EXPECT_EQ(FromProto(slots[1].start_time()), MondayAt(11)) << "9:15 to 10:45 would meet the technician's other work";
}

TEST(FreeSlots, EndBeforeClosingAndBeginAgainTheNextMorning) {
  const Roster roster = OneBayOneTechnician();
  const auto slots =
      FreeSlots(roster, common::SKILL_MECHANICAL, 120, MondayAt(15, 45), MondayAt(8) + absl::Hours(25), 100);
  ASSERT_GE(slots.size(), 3u);
  EXPECT_EQ(FromProto(slots[0].start_time()), MondayAt(15, 45));
  EXPECT_EQ(FromProto(slots[1].start_time()), MondayAt(16));
  EXPECT_EQ(FromProto(slots[2].start_time()), MondayAt(8) + absl::Hours(24));
}

TEST(FreeSlots, NeedAServingBayAndSomebodyPresent) {
  Roster roster = OneBayOneTechnician();
  EXPECT_TRUE(FreeSlots(roster, common::SKILL_PAINT, 60, MondayAt(8), MondayAt(18), 100).empty());
  roster.absences.insert({"a", "2026-11-23"});
  EXPECT_TRUE(FreeSlots(roster, common::SKILL_MECHANICAL, 60, MondayAt(8), MondayAt(18), 100).empty());
}

TEST(FreeBays, GiveTheMostSpecialisedFirst) {
  Roster roster = OneBayOneTechnician();
  roster.bays = {ABay("all", {common::SKILL_MECHANICAL, common::SKILL_TYRE}), ABay("only", {common::SKILL_MECHANICAL})};
  EXPECT_EQ(FreeBays(roster, common::SKILL_MECHANICAL, MondayAt(9), 60).front()->bay_id(), "only");
}

TEST(AddOpenMinutes, CountsOpeningHoursOnly) {
  const OpeningHours hours = EightToSix();
  EXPECT_EQ(AddOpenMinutes(hours, MondayAt(9), 60), MondayAt(10));
  EXPECT_EQ(AddOpenMinutes(hours, MondayAt(6), 60), MondayAt(9));
  EXPECT_EQ(AddOpenMinutes(hours, MondayAt(17), 60), MondayAt(18));
  EXPECT_EQ(AddOpenMinutes(hours, MondayAt(17), 90), MondayAt(8, 30) + absl::Hours(24));
  EXPECT_EQ(AddOpenMinutes(hours, MondayAt(20), 600 + 30), MondayAt(8, 30) + absl::Hours(48));
}

v1::ForecastCompletionRequest TwoHoursMechanical() {
  v1::ForecastCompletionRequest request;
  auto& work = *request.add_works();
  work.set_skill(common::SKILL_MECHANICAL);
  work.set_standard_minutes(120);
  return request;
}

TEST(Forecast, AddsTheQueueSharedByHandsToTheWork) {
  const auto forecast =
      Forecast(EightToSix(), TwoHoursMechanical(), {{common::SKILL_MECHANICAL, {180, 3}}}, MondayAt(9));
  ASSERT_TRUE(forecast.ok());
  EXPECT_EQ(forecast->queued_minutes(), 60);
  EXPECT_EQ(forecast->work_minutes(), 120);
  EXPECT_EQ(FromProto(forecast->feasible_time()), MondayAt(12));
}

TEST(Forecast, WaitsForTheLastPart) {
  v1::ForecastCompletionRequest request = TwoHoursMechanical();
  *request.mutable_parts_ready_time() = chassis::ToProto(MondayAt(17));
  const auto forecast = Forecast(EightToSix(), request, {{common::SKILL_MECHANICAL, {0, 1}}}, MondayAt(9));
  ASSERT_TRUE(forecast.ok());
  EXPECT_EQ(FromProto(forecast->feasible_time()), MondayAt(9) + absl::Hours(24));
}

TEST(Forecast, RefusesWorkNobodyHasTheSkillFor) {
  EXPECT_TRUE(IsRefusal(Forecast(EightToSix(), TwoHoursMechanical(), {}, MondayAt(9)).status(),
                        v1::ERROR_REASON_NO_SKILL_ON_SHIFT));
}

TEST(CapacityOf, IsTheScarcerOfHandsAndBaysLessWhatIsHeld) {
  Roster roster = OneBayOneTechnician();
  roster.technicians.push_back(ATechnician("b", common::SKILL_MECHANICAL));
  const v1::DayCapacity capacity = CapacityOf(roster, absl::CivilDay(2026, 11, 23), common::SKILL_MECHANICAL, 4, 90);
  EXPECT_EQ(capacity.technician_minutes(), 1200);
  EXPECT_EQ(capacity.bay_minutes(), 600);
  EXPECT_EQ(capacity.held_minutes(), 60);
  EXPECT_EQ(capacity.free_minutes(), 540);
  EXPECT_EQ(capacity.queued_minutes(), 90);
}

}  // namespace
}  // namespace workshop
