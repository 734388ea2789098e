// What a part that comes too late makes reception owe: a word to the customer before the old time passes.
#include "reception-svc/parts_news/parts_news.h"

#include "reception-svc/repairs_for_test.h"

namespace reception {
namespace {

parts::SpecialOrderChanged Ordered(const std::string& expected_date) {
  parts::SpecialOrderChanged fact;
  fact.set_state("ORDERED");
  fact.set_expected_date(expected_date);
  return fact;
}

// Handbook: R-33
TEST(ALatePart, IsOneThatComesOnALaterDayOfTheStoreThanItIsNeeded) {
  // The morning of the 21st in Shanghai is still the 20th in UTC.
  const absl::Time needed = absl::FromUnixSeconds(1795222800) - absl::Hours(2);
  EXPECT_TRUE(ComesTooLate(Ordered("2026-11-22"), needed, "Asia/Shanghai"));
  EXPECT_FALSE(ComesTooLate(Ordered("2026-11-21"), needed, "Asia/Shanghai"));
  EXPECT_TRUE(ComesTooLate(Ordered("2026-11-21"), needed, "UTC"));
}

// Handbook: R-33
TEST(ALatePart, IsOneThatLostItsOrderAndNoneThatArrived) {
  const absl::Time needed = absl::FromUnixSeconds(1795222800);
  parts::SpecialOrderChanged fact;
  fact.set_expected_date_before("2026-11-20");
  fact.set_state("WAITING");
  EXPECT_TRUE(ComesTooLate(fact, needed, "Asia/Shanghai"));
  fact.set_expected_date("2026-12-24");
  for (const char* state : {"ARRIVED", "UNCLAIMED", "CANCELLED"}) {
    fact.set_state(state);
    EXPECT_FALSE(ComesTooLate(fact, needed, "Asia/Shanghai")) << state;
  }
}

class PartsRoom : public testing::Test {
 protected:
  absl::Status HearOf(const v1::RepairOrder& order, parts::SpecialOrderChanged fact) {
    fact.set_special_order_id(desk.ids.NewId());
    fact.set_holder_id(order.repair_order_id());
    fact.set_order_id(order.repair_order_id());
    return desk.Hear(fact);
  }
  // News of one and the same part.
  absl::Status HearOf(const v1::Appointment& appointment, parts::SpecialOrderChanged fact) {
    fact.set_special_order_id(part_);
    fact.set_holder_id(appointment.holding_id());
    return desk.Hear(fact);
  }
  void TellTheCustomer(const v1::RepairOrder& order, absl::Time new_time) {
    v1::RecordPickUpNoticeRequest notice;
    notice.set_repair_order_id(order.repair_order_id());
    notice.set_channel(v1::NOTICE_CHANNEL_PHONE);
    *notice.mutable_new_time() = chassis::ToProto(new_time);
    notice.set_reason("the part comes later");
    desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, notice);
  }
  v1::Appointment Rescheduled(const v1::Appointment& appointment, absl::Time start) {
    v1::RescheduleAppointmentRequest request;
    request.set_appointment_id(appointment.appointment_id());
    request.set_reason("the part comes later");
    *request.mutable_start_time() = chassis::ToProto(start);
    return desk.Must<v1::Appointment>(options::ROLE_SERVICE_ADVISER, request);
  }

  RepairDesk desk;
  const std::string part_ = desk.ids.NewId();
};

// Handbook: R-33, G-05
TEST_F(PartsRoom, OwesTheCustomerTheNewTimeOnceHoweverManyPartsAreLate) {
  const v1::RepairOrder order = desk.Released();
  ASSERT_TRUE(HearOf(order, Ordered("2026-11-24")).ok());
  ASSERT_TRUE(HearOf(order, Ordered("2026-11-25")).ok());
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 1);
  EXPECT_EQ(desk.Count(absl::StrCat("duty WHERE kind = 'delay_notice' AND assignee = '", order.adviser(), "'")), 1);
  TellTheCustomer(order, desk.clock.Now() + absl::Hours(24 * 5));
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 0);
  // What fits the new time is no news.
  ASSERT_TRUE(HearOf(order, Ordered("2026-11-25")).ok());
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 0);
  ASSERT_TRUE(HearOf(order, Ordered("2026-11-28")).ok());
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 1);
}

// Handbook: R-33
TEST_F(PartsRoom, OwesNothingForAPartInTimeOrAVehicleThatIsNotInWork) {
  const v1::RepairOrder signed_order = desk.Signed();
  ASSERT_TRUE(HearOf(signed_order, Ordered("2026-12-24")).ok());
  ASSERT_TRUE(desk.Release(signed_order).ok());
  const v1::RepairOrder order = desk.OrderNow(signed_order.repair_order_id());
  const std::string promised = chassis::CivilDate(chassis::FromProto(order.agreed_time()), "Asia/Shanghai");
  ASSERT_TRUE(HearOf(order, Ordered(promised)).ok());
  parts::SpecialOrderChanged arrived;
  arrived.set_state("ARRIVED");
  ASSERT_TRUE(HearOf(order, arrived).ok());
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 0);
}

// Handbook: R-33
TEST_F(PartsRoom, OwesTheCustomerAWordWhenThePartLostItsOrder) {
  const v1::RepairOrder order = desk.Released();
  parts::SpecialOrderChanged fact;
  fact.set_state("WAITING");
  fact.set_expected_date_before("2026-11-21");
  ASSERT_TRUE(HearOf(order, fact).ok());
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 1);
}

// Handbook
TEST_F(PartsRoom, OwesAWordBeforeTheAppointmentUntilItsDayAndThePartsFit) {
  const v1::Appointment appointment = desk.AnAppointment();
  ASSERT_TRUE(HearOf(appointment, Ordered("2026-11-21")).ok());
  EXPECT_EQ(desk.OpenDuties("appointment_parts_late"), 0);
  ASSERT_TRUE(HearOf(appointment, Ordered("2026-11-24")).ok());
  ASSERT_TRUE(HearOf(appointment, Ordered("2026-11-26")).ok());
  EXPECT_EQ(desk.OpenDuties("appointment_parts_late"), 1);
  const absl::Time start = chassis::FromProto(appointment.start_time());
  EXPECT_EQ(desk.Count(absl::StrCat("duty WHERE kind = 'appointment_parts_late' AND subject_number = '",
                                    appointment.number(), "' AND due_time < '",
                                    absl::FormatTime("%Y-%m-%d %H:%M:%S", start, absl::UTCTimeZone()), "'")),
            1);
  desk.neighbours.bays = 2;  // the new slot is taken before the old one is given up
  const v1::Appointment moved = Rescheduled(appointment, desk.clock.Now() + absl::Hours(24 * 4));
  ASSERT_NE(moved.holding_id(), appointment.holding_id());
  // parts-svc tells that the part goes with what the appointment holds now: the 25th is too early still.
  ASSERT_TRUE(HearOf(moved, Ordered("2026-11-26")).ok());
  EXPECT_EQ(desk.OpenDuties("appointment_parts_late"), 1);
  ASSERT_TRUE(HearOf(moved, Ordered("2026-11-25")).ok());
  EXPECT_EQ(desk.OpenDuties("appointment_parts_late"), 0);
}

// Handbook: R-33
TEST_F(PartsRoom, OwesNoWordAboutAnAppointmentThatIsOverOrGivenUp) {
  const v1::Appointment appointment = desk.AnAppointment();
  ASSERT_TRUE(HearOf(appointment, Ordered("2026-11-24")).ok());
  ASSERT_EQ(desk.OpenDuties("appointment_parts_late"), 1);
  // The vehicle came as it was; its order takes the part over, and with it what is owed.
  const v1::RepairOrder order = desk.Released();
  parts::SpecialOrderChanged taken_over = Ordered("2026-11-24");
  taken_over.set_special_order_id(part_);
  taken_over.set_holder_id(order.repair_order_id());
  taken_over.set_order_id(order.repair_order_id());
  ASSERT_TRUE(desk.Hear(taken_over).ok());
  EXPECT_EQ(desk.OpenDuties("appointment_parts_late"), 0);
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 1);
  ASSERT_TRUE(HearOf(appointment, Ordered("2026-12-24")).ok());
  EXPECT_EQ(desk.OpenDuties("appointment_parts_late"), 0);
}

TEST_F(PartsRoom, IsNotStoppedByWhatConcernsNobodyHere) {
  parts::SpecialOrderChanged of_a_sale = Ordered("2026-12-24");
  of_a_sale.set_holder_id(desk.ids.NewId());
  EXPECT_TRUE(desk.Hear(of_a_sale).ok());
  parts::SpecialOrderChanged of_nothing = Ordered("2026-12-24");
  of_nothing.set_order_id(desk.ids.NewId());
  EXPECT_TRUE(desk.Hear(of_nothing).ok());
  EXPECT_EQ(desk.OpenDuties("appointment_parts_late"), 0);
  EXPECT_EQ(desk.OpenDuties("delay_notice"), 0);
}

}  // namespace
}  // namespace reception
