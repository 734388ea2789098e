// The SQL of special orders, and what becomes of them when a reservation ends.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/records/table.h"
#include "parts-svc/special_order/special_order_rules.h"

namespace parts {

class SpecialOrderStore {
 public:
  explicit SpecialOrderStore(const chassis::privacy::Cipher& cipher) : table_(cipher), reservations_(cipher) {}

  // What a holder waits for: his own active reservation, and those of the repair order he is.
  absl::StatusOr<std::vector<v1::Reservation>> ReservationsOf(chassis::sql::Session& session,
                                                              const std::string& store_id,
                                                              const std::string& holder_id);
  absl::StatusOr<std::vector<v1::Reservation>> LockReservationsOf(chassis::UnitOfWork& work,
                                                                  const std::string& holder_id);

  // Those a purchase order serves that did not come or end; locked.
  absl::StatusOr<std::vector<v1::SpecialOrder>> LockServedBy(chassis::UnitOfWork& work,
                                                             const std::string& purchase_order_id);
  absl::StatusOr<std::vector<v1::SpecialOrder>> ServedBy(chassis::sql::Session& session, const std::string& store_id,
                                                         const std::string& purchase_order_id);
  // In key order.
  absl::StatusOr<std::vector<v1::SpecialOrder>> LockByIds(chassis::UnitOfWork& work,
                                                          const std::vector<std::string>& special_order_ids);
  // Of these reservations, the lines that are on order.
  absl::StatusOr<std::set<std::string>> LinesOnOrder(chassis::sql::Session& session, const std::string& store_id,
                                                     const std::vector<std::string>& reservation_ids);

  // Tells whoever it is for, or was for, that it is on order, comes another day, goes with another document, lost its
  // order, is here or is nobody's any more.
  static void Tell(chassis::UnitOfWork& work, const v1::SpecialOrder& before, const v1::SpecialOrder& after);

  // The reservations ended: nobody waits any more. Those with a line of the same part in `successor` go with it.
  absl::Status Leave(chassis::UnitOfWork& work, const std::vector<std::string>& reservation_ids,
                     const v1::Reservation* successor, std::string_view reason);

  const chassis::records::Table<v1::SpecialOrder>& table() const { return table_; }

 private:
  absl::StatusOr<std::vector<v1::Reservation>> SelectReservationsOf(chassis::sql::Session& session,
                                                                    const std::string& store_id,
                                                                    const std::string& holder_id,
                                                                    std::string_view lock);

  chassis::records::Table<v1::SpecialOrder> table_;
  chassis::records::Table<v1::Reservation> reservations_;
};

}  // namespace parts
