// The SQL of special orders; see special_order_store.h.
#include "parts-svc/special_order/special_order_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/procurement_events.pb.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/purchase_order/procurement_duties.h"
#include "parts-svc/version.h"

namespace parts {

using chassis::sql::Placeholders;
using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<std::vector<v1::Reservation>> SpecialOrderStore::SelectReservationsOf(chassis::sql::Session& session,
                                                                                     const std::string& store_id,
                                                                                     const std::string& holder_id,
                                                                                     std::string_view lock) {
  // Two statements, an index each.
  ASSIGN_OR_RETURN(auto found,
                   reservations_.Select(session,
                                        absl::StrCat("WHERE store_id = ? AND open_holder_id = ? AND state = "
                                                     "'ACTIVE' ORDER BY reservation_id",
                                                     std::string(lock)),
                                        Uuid{store_id}, Uuid{holder_id}));
  ASSIGN_OR_RETURN(auto of_order,
                   reservations_.Select(session,
                                        absl::StrCat("WHERE store_id = ? AND order_id = ? AND state = 'ACTIVE' "
                                                     "ORDER BY reservation_id",
                                                     std::string(lock)),
                                        Uuid{store_id}, Uuid{holder_id}));
  for (v1::Reservation& reservation : of_order) {
    if (reservation.holder_id() != holder_id) found.push_back(std::move(reservation));
  }
  return found;
}

absl::StatusOr<std::vector<v1::Reservation>> SpecialOrderStore::ReservationsOf(chassis::sql::Session& session,
                                                                               const std::string& store_id,
                                                                               const std::string& holder_id) {
  return SelectReservationsOf(session, store_id, holder_id, "");
}

absl::StatusOr<std::vector<v1::Reservation>> SpecialOrderStore::LockReservationsOf(chassis::UnitOfWork& work,
                                                                                   const std::string& holder_id) {
  return SelectReservationsOf(work.sql(), work.store_id(), holder_id, " FOR UPDATE");
}

absl::StatusOr<std::vector<v1::SpecialOrder>> SpecialOrderStore::LockServedBy(chassis::UnitOfWork& work,
                                                                              const std::string& purchase_order_id) {
  return table_.Select(work.sql(),
                       "WHERE store_id = ? AND purchase_order_id = ? AND state IN ('ORDERED', 'UNCLAIMED') ORDER BY "
                       "special_order_id FOR UPDATE",
                       Uuid{work.store_id()}, Uuid{purchase_order_id});
}

absl::StatusOr<std::vector<v1::SpecialOrder>> SpecialOrderStore::ServedBy(chassis::sql::Session& session,
                                                                          const std::string& store_id,
                                                                          const std::string& purchase_order_id) {
  return table_.Select(session, "WHERE store_id = ? AND purchase_order_id = ?", Uuid{store_id},
                       Uuid{purchase_order_id});
}

absl::StatusOr<std::vector<v1::SpecialOrder>> SpecialOrderStore::LockByIds(
    chassis::UnitOfWork& work, const std::vector<std::string>& special_order_ids) {
  std::vector<v1::SpecialOrder> specials;
  if (special_order_ids.empty()) return specials;
  specials.reserve(special_order_ids.size());
  RETURN_IF_ERROR(table_.mapper().Select(
      work.sql(),
      absl::StrCat("WHERE store_id = ? AND special_order_id IN (", Placeholders(special_order_ids.size()),
                   ") ORDER BY special_order_id FOR UPDATE"),
      WithIds(work.store_id(), special_order_ids),
      [&]() -> google::protobuf::Message* { return &specials.emplace_back(); }));
  return specials;
}

absl::StatusOr<std::set<std::string>> SpecialOrderStore::LinesOnOrder(chassis::sql::Session& session,
                                                                      const std::string& store_id,
                                                                      const std::vector<std::string>& reservation_ids) {
  std::set<std::string> lines;
  if (reservation_ids.empty()) return lines;
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(
                       absl::StrCat("SELECT open_reservation_line_id FROM special_order WHERE store_id "
                                    "= ? AND reservation_id IN (",
                                    Placeholders(reservation_ids.size()), ") AND open_reservation_line_id IS NOT NULL"),
                       WithIds(store_id, reservation_ids)));
  for (size_t i = 0; i < rows.size(); ++i) lines.insert(rows[i].Id("open_reservation_line_id"));
  return lines;
}

void SpecialOrderStore::Tell(chassis::UnitOfWork& work, const v1::SpecialOrder& before, const v1::SpecialOrder& after) {
  v1::SpecialOrderChanged fact;
  fact.set_special_order_id(after.special_order_id());
  fact.set_holder_id(after.holder_id());
  fact.set_order_id(after.order_id());
  fact.set_part_id(after.part_id());
  fact.set_state(std::string(chassis::StateName(v1::SpecialOrder::State_descriptor(), after.state())));
  fact.set_expected_date(after.expected_date());
  fact.set_expected_date_before(before.expected_date());
  work.Publish(fact, {"special_order", after.special_order_id(), VersionOf(after)});
}

absl::Status SpecialOrderStore::Leave(chassis::UnitOfWork& work, const std::vector<std::string>& reservation_ids,
                                      const v1::Reservation* successor, std::string_view reason) {
  if (reservation_ids.empty()) return absl::OkStatus();
  std::vector<std::unique_ptr<v1::SpecialOrder>> specials;
  RETURN_IF_ERROR(table_.mapper().Select(
      work.sql(),
      absl::StrCat("WHERE store_id = ? AND reservation_id IN (", Placeholders(reservation_ids.size()),
                   ") AND state IN ('WAITING', 'ORDERED') ORDER BY special_order_id FOR UPDATE"),
      WithIds(work.store_id(), reservation_ids), [&]() -> google::protobuf::Message* {
        specials.push_back(std::make_unique<v1::SpecialOrder>());
        return specials.back().get();
      }));
  std::set<std::string> taken;
  for (const auto& before : specials) {
    v1::SpecialOrder after = *before;
    const v1::ReservationLine* heir = nullptr;
    if (successor != nullptr) {
      const auto line = std::find_if(successor->lines().begin(), successor->lines().end(), [&](const auto& one) {
        const bool same_part = one.part_id() == after.part_id() || one.asked_part_id() == after.part_id();
        return same_part && one.short_milli() > 0 && taken.count(one.reservation_line_id()) == 0;
      });
      if (line != successor->lines().end()) heir = &*line;
    }
    if (heir != nullptr) {
      taken.insert(heir->reservation_line_id());
      MoveToLine(*successor, *heir, after);
    } else {
      RETURN_IF_ERROR(Release(reason, after));
      RETURN_IF_ERROR(work.WaiveDuties(kSpecialOrderDuty, after.special_order_id(), reason));
    }
    RETURN_IF_ERROR(table_.Update(work, *before, after));
    Tell(work, *before, after);
  }
  return absl::OkStatus();
}

}  // namespace parts
