// The reservation room; see reservation_service.h.
#include "parts-svc/reservation/reservation_service.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "aftersales/parts/v1/events.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "parts-svc/reservation/reservation_checks.h"

namespace parts {
namespace {

namespace reception = aftersales::reception::v1;
using chassis::UnitOfWork;

constexpr int64_t kExpiredPerRound = 200;
constexpr char kExpiredDuty[] = "reservation_expired";  // P-04

int64_t VersionOf(const v1::Reservation& reservation) {
  int64_t version = 0;
  return absl::SimpleAtoi(reservation.etag(), &version) ? version : 0;
}

std::vector<std::string> PartIdsOf(const StockDeltas& deltas) {
  std::vector<std::string> part_ids;
  for (const auto& [part_id, delta] : deltas) part_ids.push_back(part_id);
  return part_ids;
}

}  // namespace

ReservationService::ReservationService(chassis::Rooms& rooms)
    : host_(rooms.host),
      store_(rooms.host.cipher()),
      holding_(rooms.host.cipher()),
      ledger_(rooms.host.cipher()),
      queue_(rooms.host.cipher()),
      lost_sales_(rooms.host.cipher()),
      special_orders_(rooms.host.cipher()),
      lines_held_(rooms.host.metrics().Counter("parts_reservation_lines_total", "Reservation lines (P-04)",
                                               {{"outcome", "held"}})),
      lines_queued_(rooms.host.metrics().Counter("parts_reservation_lines_total", "Reservation lines (P-04)",
                                                 {{"outcome", "queued"}})),
      expired_(rooms.host.metrics().Counter("parts_reservations_expired_total", "Reservations ended by time (P-04)")) {
  rooms.rpcs.On(this, &ReservationService::Create);
  rooms.rpcs.On(this, &ReservationService::Cancel);
  rooms.rpcs.Standard<v1::Reservation>(store_.table());
  rooms.Verify("reservations", VerifyReservations);
  rooms.Periodically("expire_reservations", absl::Minutes(1), [this] { return ExpireDue(); });
  // Reception cancels what it reserved by itself; these catch what a crash or a mistake left behind.
  rooms.intake.On<reception::RepairOrderCancelled>(
      [this](UnitOfWork& work, const auto&, const reception::RepairOrderCancelled& fact) -> absl::Status {
        ASSIGN_OR_RETURN(const auto reservations, store_.LockActiveOfOrder(work, fact.repair_order_id()));
        return holding_.EndAll(work, reservations, fact.reason());
      });
  rooms.intake.On<reception::AppointmentClosed>(
      [this](UnitOfWork& work, const auto&, const reception::AppointmentClosed& fact) -> absl::Status {
        // A moved appointment keeps its parts.
        if (fact.outcome() != "CANCELLED" && fact.outcome() != "NO_SHOW") return absl::OkStatus();
        ASSIGN_OR_RETURN(const auto reservations, store_.LockOpenOf(work, fact.appointment_id()));
        return holding_.EndAll(work, reservations, fact.reason());
      });
}

absl::StatusOr<v1::Reservation> ReservationService::Create(chassis::Call& call,
                                                           const v1::CreateReservationRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  absl::StatusOr<v1::Reservation> reservation = call.Transact<v1::Reservation>(
      [&](UnitOfWork& work) { return holding_.Reserve(work, request, store.settings().reservation_days()); });
  if (!reservation.ok()) return reservation;
  for (const auto& line : reservation->lines()) (line.short_milli() == 0 ? lines_held_ : lines_queued_).Increment();
  return reservation;
}

absl::StatusOr<v1::CancelReservationResponse> ReservationService::Cancel(chassis::Call& call,
                                                                         const v1::CancelReservationRequest& request) {
  return call.Transact<v1::CancelReservationResponse>(
      [&](UnitOfWork& work) -> absl::StatusOr<v1::CancelReservationResponse> {
        ASSIGN_OR_RETURN(const auto reservations, store_.LockOpenOf(work, request.holder_id()));
        RETURN_IF_ERROR(holding_.EndAll(work, reservations, request.reason()));
        return v1::CancelReservationResponse();
      });
}

absl::Status ReservationService::ExpireDue() {
  std::vector<ReservationStore::Due> due;
  RETURN_IF_ERROR(
      host_.pool().Read(host_.clock().Now() + absl::Seconds(10), [&](chassis::sql::Session& session) -> absl::Status {
        ASSIGN_OR_RETURN(due, store_.Expired(session, host_.clock().Now(), kExpiredPerRound));
        return absl::OkStatus();
      }));
  for (const ReservationStore::Due& one : due) {
    RETURN_IF_ERROR(host_.CommitInBackground(one.store_id, "ExpireReservation",
                                             [&](UnitOfWork& work) { return Expire(work, one.reservation_id); }));
    expired_.Increment();
  }
  return absl::OkStatus();
}

absl::Status ReservationService::Expire(UnitOfWork& work, const std::string& reservation_id) {
  ASSIGN_OR_RETURN(const v1::Reservation before, store_.table().Lock(work, work.store_id(), reservation_id));
  // Another replica or a late issue was faster.
  if (before.state() != v1::Reservation::STATE_ACTIVE || chassis::FromProto(before.expire_time()) > work.now()) {
    return absl::OkStatus();
  }
  work.Because("the reservation's time has passed");
  RETURN_IF_ERROR(lost_sales_.GiveUp(work, before, "the reservation's time has passed"));
  RETURN_IF_ERROR(special_orders_.Leave(work, {reservation_id}, nullptr, "the reservation's time has passed"));
  ASSIGN_OR_RETURN(const StockDeltas freed, holding_.End(work, before, v1::Reservation::STATE_EXPIRED));
  v1::ReservationExpired fact;
  fact.set_reservation_id(reservation_id);
  fact.set_holder_id(before.holder_id());
  *fact.mutable_expire_time() = before.expire_time();
  work.Publish(fact, {"reservation", reservation_id, VersionOf(before) + 1});

  aftersales::common::v1::Duty duty;
  duty.set_kind(kExpiredDuty);
  duty.set_handbook("P-04");
  duty.set_subject_kind("reservation");
  duty.set_subject_id(reservation_id);
  duty.set_subject_number(before.holder_number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_CLERK);
  duty.set_escalation_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(work.now() + absl::Hours(24));
  work.Owe(std::move(duty));

  RETURN_IF_ERROR(ledger_.Apply(work, freed, {}));
  return queue_.Serve(work, PartIdsOf(freed));
}

}  // namespace parts
