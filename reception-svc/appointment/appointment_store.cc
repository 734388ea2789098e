#include "reception-svc/appointment/appointment_store.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
namespace sql = chassis::sql;

namespace {

v1::Appointment::State StateNamed(const std::string& name) {
  v1::Appointment::State state = v1::Appointment::STATE_UNSPECIFIED;
  v1::Appointment::State_Parse(absl::StrCat("STATE_", name), &state);
  return state;
}

v1::Appointment::Source SourceNamed(const std::string& name) {
  v1::Appointment::Source source = v1::Appointment::SOURCE_UNSPECIFIED;
  v1::Appointment::Source_Parse(absl::StrCat("SOURCE_", name), &source);
  return source;
}

}  // namespace

absl::StatusOr<v1::Appointment> AppointmentStore::OpenForPlate(sql::Session& session, const std::string& store_id,
                                                               const std::string& plate, absl::Time from, absl::Time to,
                                                               absl::Time now) const {
  ASSIGN_OR_RETURN(std::vector<v1::Appointment> found,
                   appointments.Select(session,
                                       "WHERE store_id = ? AND plate = ? AND start_time >= ? AND start_time < ? "
                                       "AND state IN ('INITIATED', 'WAIT_LISTED', 'CONFIRMED') "
                                       "ORDER BY ABS(TIMESTAMPDIFF(SECOND, start_time, ?)) LIMIT 1",
                                       sql::Uuid{store_id}, plate, from, to, now));
  return found.empty() ? v1::Appointment() : found.front();
}

absl::StatusOr<std::optional<v1::Appointment>> AppointmentStore::ToCome(sql::Session& session,
                                                                        const std::string& store_id,
                                                                        const std::string& holding_id) const {
  ASSIGN_OR_RETURN(std::vector<v1::Appointment> found,
                   appointments.Select(session,
                                       "WHERE store_id = ? AND holding_id = ? AND state IN ('INITIATED', 'CONFIRMED') "
                                       "LIMIT 1",
                                       sql::Uuid{store_id}, sql::Uuid{holding_id}));
  if (found.empty()) return std::optional<v1::Appointment>();
  return std::optional<v1::Appointment>(std::move(found.front()));
}

absl::StatusOr<std::vector<v1::AppointmentDeposit>> AppointmentStore::Held(sql::Session& session,
                                                                           const std::string& store_id,
                                                                           const std::string& appointment_id) const {
  if (appointment_id.empty()) return std::vector<v1::AppointmentDeposit>();
  return deposits.Select(session,
                         "WHERE store_id = ? AND appointment_id = ? AND state = 'HELD' AND refund_due = 0 "
                         "ORDER BY appointment_deposit_id",
                         sql::Uuid{store_id}, sql::Uuid{appointment_id});
}

absl::StatusOr<int64_t> AppointmentStore::HeldAmount(sql::Session& session, const std::string& store_id,
                                                     const std::string& appointment_id) const {
  ASSIGN_OR_RETURN(std::vector<v1::AppointmentDeposit> held, Held(session, store_id, appointment_id));
  int64_t amount = 0;
  for (const v1::AppointmentDeposit& deposit : held) amount += deposit.amount();
  return amount;
}

absl::StatusOr<int64_t> AppointmentStore::CreditDeposits(chassis::UnitOfWork& work, const std::string& appointment_id,
                                                         const std::string& settlement_id) const {
  if (appointment_id.empty()) return 0;
  // The appointment first, as everybody locks it who moves a deposit.
  ASSIGN_OR_RETURN(v1::Appointment before, appointments.Lock(work, work.store_id(), appointment_id));
  ASSIGN_OR_RETURN(std::vector<v1::AppointmentDeposit> held, Held(work.sql(), work.store_id(), appointment_id));
  if (held.empty()) return 0;
  int64_t amount = 0;
  for (const v1::AppointmentDeposit& taken : held) {
    v1::AppointmentDeposit deposit = taken;
    RETURN_IF_ERROR(chassis::MoveTo(deposit, v1::AppointmentDeposit::STATE_CREDITED));
    deposit.set_settlement_id(settlement_id);
    *deposit.mutable_close_time() = work.now_proto();
    RETURN_IF_ERROR(deposits.Update(work, taken, deposit));
    amount += deposit.amount();
  }
  v1::Appointment appointment = before;
  appointment.set_deposit_held_amount(before.deposit_held_amount() - amount);
  RETURN_IF_ERROR(appointments.Update(work, before, appointment));
  return amount;
}

absl::StatusOr<std::vector<AppointmentStore::Count>> AppointmentStore::CountByState(sql::Session& session,
                                                                                    const std::string& store_id,
                                                                                    absl::Time from,
                                                                                    absl::Time to) const {
  ASSIGN_OR_RETURN(sql::Rows rows,
                   session.Query("SELECT state, source, COUNT(*) AS appointments, "
                                 "CAST(SUM(confirm_time IS NOT NULL) AS SIGNED) AS confirmed, "
                                 "CAST(SUM(confirm_time IS NOT NULL AND arrive_time IS NOT NULL) AS SIGNED) AS arrived "
                                 "FROM appointment WHERE store_id = ? AND start_time >= ? AND start_time < ? "
                                 "GROUP BY state, source",
                                 sql::Uuid{store_id}, from, to));
  std::vector<Count> counts;
  for (size_t i = 0; i < rows.size(); ++i) {
    counts.push_back({StateNamed(rows[i].Text("state")), SourceNamed(rows[i].Text("source")),
                      rows[i].Int("appointments"), rows[i].Int("confirmed"), rows[i].Int("arrived")});
  }
  return counts;
}

}  // namespace reception
