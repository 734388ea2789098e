// Releasing, cancelling and stopping: what two other services do is all there or not at all.
#include "gmock/gmock.h"
#include "reception-svc/repairs_for_test.h"

namespace reception {
namespace {

using chassis::IsRefusal;
using testing::ElementsAre;
using testing::IsEmpty;

class ReleaseRoom : public testing::Test {
 protected:
  absl::StatusOr<v1::RepairOrder> Cancel(const v1::RepairOrder& order) {
    v1::CancelRepairOrderRequest request;
    request.set_repair_order_id(order.repair_order_id());
    request.set_reason("the customer needs the vehicle");
    return desk.Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  }
  RepairDesk desk;
};

// Handbook, G-05.
TEST_F(ReleaseRoom, ReservesPartsCreatesJobsAndOwesTheProgressChecks) {
  const v1::RepairOrder order = desk.Released();
  EXPECT_EQ(order.state(), v1::RepairOrder::STATE_RELEASED);
  EXPECT_TRUE(order.process_id().empty());
  EXPECT_THAT(desk.reservation_holders, ElementsAre(order.repair_order_id()));
  EXPECT_THAT(desk.workshop_lines, ElementsAre(order.lines(0).line_id()));
  EXPECT_EQ(desk.OpenDuties("progress_check"), 2);
  EXPECT_EQ(desk.OpenDuties("pick_up_notice"), 1);
  EXPECT_EQ(desk.Count("outbox WHERE type = 'RepairOrderReleased'"), 1);
  EXPECT_EQ(desk.Count("board_entry WHERE stage = 'WAITING_FOR_WORKSHOP'"), 1);
}

// Handbook: R-26.
TEST_F(ReleaseRoom, ReservesNothingWhenOneLineIsShort) {
  const v1::RepairOrder order = desk.Signed();
  desk.reservation_refusal = chassis::Refuse(parts::ERROR_REASON_INSUFFICIENT_STOCK).With("part", "OIL-5W30");
  EXPECT_TRUE(IsRefusal(desk.Release(order).status(), parts::ERROR_REASON_INSUFFICIENT_STOCK));
  const v1::RepairOrder after = desk.OrderNow(order.repair_order_id());
  EXPECT_EQ(after.state(), v1::RepairOrder::STATE_SIGNED);
  EXPECT_FALSE(after.process_refusal().empty());
  EXPECT_THAT(desk.workshop_lines, IsEmpty());
  EXPECT_EQ(desk.OpenDuties("progress_check"), 0);
  // When the part has come, the same order is released.
  desk.reservation_refusal = absl::OkStatus();
  const auto released = desk.Release(after);
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_TRUE(released->process_refusal().empty());
}

// Handbook: R-26.
TEST_F(ReleaseRoom, GivesThePartsBackWhenTheWorkshopRefuses) {
  const v1::RepairOrder order = desk.Signed();
  desk.create_jobs_refusal = chassis::Refuse(workshop::ERROR_REASON_SLOT_TAKEN);
  EXPECT_FALSE(desk.Release(order).ok());
  EXPECT_THAT(desk.reservation_holders, IsEmpty());
  EXPECT_EQ(desk.OrderNow(order.repair_order_id()).state(), v1::RepairOrder::STATE_SIGNED);
}

// Handbook.
TEST_F(ReleaseRoom, HoldsTheAppointmentsPartsAgainWhenItIsUndone) {
  const v1::Appointment appointment = desk.AnAppointment();
  const v1::RepairOrder order = desk.Signed();
  ASSERT_EQ(order.appointment_id(), appointment.appointment_id());
  desk.create_jobs_refusal = chassis::Refuse(workshop::ERROR_REASON_SLOT_TAKEN);
  EXPECT_FALSE(desk.Release(order).ok());
  EXPECT_THAT(desk.reservation_holders, ElementsAre(appointment.holding_id()));
  const parts::CreateReservationRequest& again = desk.reservations.back();
  EXPECT_EQ(again.holder_kind(), parts::Reservation::HOLDER_KIND_APPOINTMENT);
  EXPECT_EQ(again.shortage_policy(), parts::SHORTAGE_POLICY_QUEUE);
  EXPECT_EQ(again.replaces_holder_id(), order.repair_order_id()) << "moved back, never free for others";
  ASSERT_EQ(again.lines_size(), 1);
  EXPECT_EQ(again.lines(0).needed_time().seconds(), desk.reservations.front().lines(0).needed_time().seconds());
  // And the next release takes them over again.
  desk.create_jobs_refusal = absl::OkStatus();
  ASSERT_TRUE(desk.Release(desk.OrderNow(order.repair_order_id())).ok());
  EXPECT_THAT(desk.reservation_holders, ElementsAre(order.repair_order_id()));
}

// Handbook.
TEST_F(ReleaseRoom, LeavesThePartsFreeWhenTheyCannotBeHeldAgain) {
  desk.AnAppointment();
  const v1::RepairOrder order = desk.Signed();
  desk.create_jobs_refusal = chassis::Refuse(workshop::ERROR_REASON_SLOT_TAKEN);
  desk.hold_again_refusal = chassis::Refuse(parts::ERROR_REASON_INSUFFICIENT_STOCK).With("part", "OIL-5W30");
  EXPECT_TRUE(IsRefusal(desk.Release(order).status(), workshop::ERROR_REASON_SLOT_TAKEN));
  EXPECT_THAT(desk.reservation_holders, IsEmpty());
  EXPECT_EQ(desk.OrderNow(order.repair_order_id()).state(), v1::RepairOrder::STATE_SIGNED);
}

// Handbook: R-31.
TEST_F(ReleaseRoom, OwesAProgressCheckEveryHalfHourWhereTheStoreWantsIt) {
  desk.Execute("UPDATE store SET settings = '{\"progress_check_minutes\":30}'");
  desk.stores->Forget(desk.store_id);
  const v1::RepairOrder order = desk.Released();
  const absl::Duration planned = chassis::FromProto(order.agreed_time()) - chassis::FromProto(order.release_time());
  const int64_t every_half_hour = (planned - absl::Nanoseconds(1)) / absl::Minutes(30);
  EXPECT_GT(every_half_hour, 2);
  EXPECT_EQ(desk.OpenDuties("progress_check"), 2 + every_half_hour);
}

// Handbook: R-26.
TEST_F(ReleaseRoom, FinishesLaterWhenAPeerWasAway) {
  const v1::RepairOrder order = desk.Signed();
  desk.create_jobs_refusal = absl::UnavailableError("down");
  EXPECT_TRUE(absl::IsUnavailable(desk.Release(order).status()));
  EXPECT_EQ(desk.OrderNow(order.repair_order_id()).state(), v1::RepairOrder::STATE_RELEASING);
  desk.create_jobs_refusal = absl::OkStatus();
  desk.clock.Advance(absl::Minutes(2));
  ASSERT_TRUE(desk.processes.TurnOnce().ok());
  EXPECT_EQ(desk.OrderNow(order.repair_order_id()).state(), v1::RepairOrder::STATE_RELEASED);
  EXPECT_EQ(desk.workshop_lines.size(), 1u);
}

TEST_F(ReleaseRoom, OnlyASignedOrderIsReleased) {
  const v1::RepairOrder order = desk.Prepared(desk.ADraftOrder());
  EXPECT_TRUE(IsRefusal(desk.Release(order).status(), common::ERROR_REASON_WRONG_STATE));
  EXPECT_EQ(desk.Count("process WHERE kind = 'release_repair_order'"), 0);
}

TEST_F(ReleaseRoom, TheSameRequestReleasesOnce) {
  v1::ReleaseRepairOrderRequest request;
  request.set_repair_order_id(desk.Signed().repair_order_id());
  request.set_request_id(desk.ids.NewId());
  desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request);
  EXPECT_FALSE(desk.Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, request).ok());  // the pipeline answers repeats
  EXPECT_EQ(desk.workshop_lines.size(), 1u);
  EXPECT_EQ(desk.Count("outbox WHERE type = 'RepairOrderReleased'"), 1);
}

// Handbook: R-27.
TEST_F(ReleaseRoom, CancellationBeforeWorkReleasesEverything) {
  const v1::RepairOrder order = desk.Released();
  const auto cancelled = Cancel(order);
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->state(), v1::RepairOrder::STATE_CANCELLED);
  EXPECT_THAT(desk.reservation_holders, IsEmpty());
  EXPECT_THAT(desk.workshop_lines, IsEmpty());
  EXPECT_EQ(desk.OpenDuties("progress_check"), 0);
  EXPECT_EQ(desk.OpenDuties("pick_up_notice"), 0);
  EXPECT_EQ(desk.Count("outbox WHERE type = 'RepairOrderCancelled'"), 1);
  // The visit may have another order.
  EXPECT_EQ(desk.Count("visit WHERE repair_order_id IS NULL"), 1);
}

// Handbook: R-27.
TEST_F(ReleaseRoom, CancellationAfterWorkHasBegunIsTheWorkshopsToRefuse) {
  const v1::RepairOrder order = desk.Released();
  desk.cancel_jobs_refusal = chassis::Refuse(workshop::ERROR_REASON_SLOT_TAKEN);
  EXPECT_FALSE(Cancel(order).ok());
  const v1::RepairOrder after = desk.OrderNow(order.repair_order_id());
  EXPECT_EQ(after.state(), v1::RepairOrder::STATE_RELEASED);
  EXPECT_FALSE(after.process_refusal().empty());
  EXPECT_EQ(desk.reservation_holders.size(), 1u);
}

TEST_F(ReleaseRoom, AnUnsignedOrderIsCancelledWithoutAskingAnybody) {
  const auto cancelled = Cancel(desk.ADraftOrder());
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->state(), v1::RepairOrder::STATE_CANCELLED);
  EXPECT_EQ(desk.Count("process"), 0);
}

TEST_F(ReleaseRoom, StoppingBillsWhatWasDoneAndGivesPartsBack) {
  const v1::RepairOrder order = desk.Released();
  v1::StopRepairOrderRequest stop;
  stop.set_repair_order_id(order.repair_order_id());
  stop.set_reason("sold to a dealer");
  EXPECT_TRUE(IsRefusal(desk.Do<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, stop).status(),
                        v1::ERROR_REASON_NOTHING_DONE_YET));
  desk.progress = AllDone({order.lines(0).line_id()});
  const auto stopped = desk.Must<v1::RepairOrder>(options::ROLE_SERVICE_ADVISER, stop);
  EXPECT_EQ(stopped.state(), v1::RepairOrder::STATE_RELEASED);
  EXPECT_TRUE(stopped.process_id().empty());
  EXPECT_THAT(desk.reservation_holders, IsEmpty());
}

}  // namespace
}  // namespace reception
