// The SQL of reservations; see reservation_store.h.
#include "parts-svc/reservation/reservation_store.h"

#include "absl/strings/str_cat.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {
namespace {

using chassis::sql::Placeholders;
using chassis::sql::Rows;
using chassis::sql::Uuid;

}  // namespace

absl::StatusOr<std::vector<v1::Reservation>> ReservationStore::LockOpenOf(chassis::UnitOfWork& work,
                                                                          const std::string& holder_id) {
  return table_.Select(work.sql(), "WHERE store_id = ? AND open_holder_id = ? FOR UPDATE", Uuid{work.store_id()},
                       Uuid{holder_id});
}

absl::StatusOr<std::vector<v1::Reservation>> ReservationStore::LockActiveOfOrder(chassis::UnitOfWork& work,
                                                                                 const std::string& order_id) {
  return table_.Select(work.sql(),
                       "WHERE store_id = ? AND order_id = ? AND state = 'ACTIVE' ORDER BY reservation_id FOR UPDATE",
                       Uuid{work.store_id()}, Uuid{order_id});
}

absl::StatusOr<std::vector<v1::Reservation>> ReservationStore::OfOrder(chassis::sql::Session& session,
                                                                       const std::string& store_id,
                                                                       const std::string& order_id) {
  return table_.Select(session, "WHERE store_id = ? AND order_id = ? ORDER BY reservation_id", Uuid{store_id},
                       Uuid{order_id});
}

absl::StatusOr<std::vector<v1::Reservation>> ReservationStore::LockByIds(
    chassis::UnitOfWork& work, const std::vector<std::string>& reservation_ids) {
  std::vector<v1::Reservation> reservations;
  if (reservation_ids.empty()) return reservations;
  reservations.reserve(reservation_ids.size());  // the mapper keeps pointers to them until it has read the children
  RETURN_IF_ERROR(
      table_.mapper().Select(work.sql(),
                             absl::StrCat("WHERE store_id = ? AND reservation_id IN (",
                                          Placeholders(reservation_ids.size()), ") ORDER BY reservation_id FOR UPDATE"),
                             WithIds(work.store_id(), reservation_ids),
                             [&]() -> google::protobuf::Message* { return &reservations.emplace_back(); }));
  return reservations;
}

absl::StatusOr<std::vector<v1::Reservation>> ReservationStore::LockWaitingFor(
    chassis::UnitOfWork& work, const std::vector<std::string>& part_ids) {
  if (part_ids.empty()) return std::vector<v1::Reservation>();
  ASSIGN_OR_RETURN(const Rows rows,
                   work.sql().QueryValues(absl::StrCat("SELECT DISTINCT reservation_id FROM reservation_line WHERE "
                                                       "store_id = ? AND part_id IN (",
                                                       Placeholders(part_ids.size()), ") AND short_milli > 0"),
                                          WithIds(work.store_id(), part_ids)));
  std::vector<std::string> ids;
  for (size_t i = 0; i < rows.size(); ++i) ids.push_back(rows[i].Id("reservation_id"));
  return LockByIds(work, ids);
}

absl::StatusOr<std::vector<ReservationStore::Due>> ReservationStore::Expired(chassis::sql::Session& session,
                                                                             absl::Time now, int64_t count_max) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT store_id, reservation_id FROM reservation WHERE state = 'ACTIVE' AND "
                                 "expire_time <= ? ORDER BY expire_time LIMIT ?",
                                 now, count_max));
  std::vector<Due> due;
  for (size_t i = 0; i < rows.size(); ++i) due.push_back({rows[i].Id("store_id"), rows[i].Id("reservation_id")});
  return due;
}

}  // namespace parts
