#include "reception-svc/parts_news/parts_news.h"

#include <algorithm>

#include "chassis/duties/duty_board.h"
#include "chassis/host/host.h"
#include "chassis/time/dates.h"
#include "reception-svc/appointment/appointment_duties.h"
#include "reception-svc/appointment/appointment_rules.h"
#include "reception-svc/repair_order/order_duties.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace parts = aftersales::parts::v1;
using aftersales::common::v1::Event;
using chassis::UnitOfWork;

constexpr absl::Duration kStoreDeadline = absl::Seconds(5);
constexpr absl::Duration kToldBeforeStart = absl::Minutes(15);

}  // namespace

bool ComesTooLate(const parts::SpecialOrderChanged& fact, absl::Time needed, std::string_view time_zone) {
  if (fact.state() == "WAITING") return true;
  return fact.state() == "ORDERED" && fact.expected_date() > chassis::CivilDate(needed, time_zone);
}

PartsNews::PartsNews(chassis::Rooms& rooms) : orders_(rooms.host.cipher()), appointments_(rooms.host.cipher()) {
  rooms.intake.On<parts::SpecialOrderChanged>(
      [this](UnitOfWork& work, const Event&, const Fact& fact) { return OnSpecialOrder(work, fact); });
}

absl::Status PartsNews::OnSpecialOrder(UnitOfWork& work, const Fact& fact) {
  ASSIGN_OR_RETURN(const auto store, work.host().stores().Get(work.store_id(), work.now() + kStoreDeadline));
  // An order that took an appointment's part over ends what was owed before the visit.
  RETURN_IF_ERROR(TellOfAppointment(work, fact, store.time_zone()));
  return fact.order_id().empty() ? absl::OkStatus() : TellOfOrder(work, fact, store.time_zone());
}

absl::Status PartsNews::TellOfOrder(UnitOfWork& work, const Fact& fact, std::string_view time_zone) {
  ASSIGN_OR_RETURN(const auto order, orders_.InWork(work, fact.order_id()));
  if (!order.has_value()) return absl::OkStatus();
  if (!ComesTooLate(fact, chassis::FromProto(order->agreed_time()), time_zone)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool owed, IsOwed(work, kDelayNoticeDuty, order->repair_order_id()));
  if (!owed) work.Owe(DelayDuty(*order, work.now()));
  return absl::OkStatus();
}

absl::Status PartsNews::TellOfAppointment(UnitOfWork& work, const Fact& fact, std::string_view time_zone) {
  const std::string& special_order_id = fact.special_order_id();
  ASSIGN_OR_RETURN(const auto appointment, appointments_.ToCome(work.sql(), work.store_id(), fact.holder_id()));
  const absl::Time start =
      appointment.has_value() ? chassis::FromProto(appointment->start_time()) : absl::InfiniteFuture();
  if (!appointment.has_value() || !ComesTooLate(fact, start, time_zone)) {
    return work.WaiveDuties(kAppointmentPartsDuty, special_order_id, "nothing is late any more");
  }
  ASSIGN_OR_RETURN(const bool owed, IsOwed(work, kAppointmentPartsDuty, special_order_id));
  if (owed) return absl::OkStatus();
  const absl::Time told_by = std::min(EndOfDay(work.now(), time_zone), start - kToldBeforeStart);
  auto duty = AppointmentDuty(*appointment, kAppointmentPartsDuty, "R-33", std::max(told_by, work.now()));
  duty.set_subject_kind("special_order");
  duty.set_subject_id(special_order_id);
  work.Owe(std::move(duty));
  return absl::OkStatus();
}

absl::StatusOr<bool> PartsNews::IsOwed(UnitOfWork& work, std::string_view kind, const std::string& subject_id) const {
  ASSIGN_OR_RETURN(const auto open, work.host().duties().table().Select(
                                        work.sql(),
                                        "WHERE store_id = ? AND subject_id = ? AND kind = ? AND state = "
                                        "'OPEN' LIMIT 1",
                                        chassis::sql::Uuid{work.store_id()}, chassis::sql::Uuid{subject_id}, kind));
  return !open.empty();
}

}  // namespace reception
