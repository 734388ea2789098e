// The SQL of reservations.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/records/table.h"
#include "parts-svc/reservation/reservation_rules.h"

namespace parts {

class ReservationStore {
 public:
  explicit ReservationStore(const chassis::privacy::Cipher& cipher) : table_(cipher) {}

  // Those of a holder that are not given up; locked.
  absl::StatusOr<std::vector<v1::Reservation>> LockOpenOf(chassis::UnitOfWork& work, const std::string& holder_id);
  // Those of a repair order, its add-ons' included, that still hold or wait; locked.
  absl::StatusOr<std::vector<v1::Reservation>> LockActiveOfOrder(chassis::UnitOfWork& work,
                                                                 const std::string& order_id);
  absl::StatusOr<std::vector<v1::Reservation>> OfOrder(chassis::sql::Session& session, const std::string& store_id,
                                                       const std::string& order_id);
  absl::StatusOr<std::vector<v1::Reservation>> LockByIds(chassis::UnitOfWork& work,
                                                         const std::vector<std::string>& reservation_ids);
  // Reservations with a line in the queue for one of these parts; locked.
  absl::StatusOr<std::vector<v1::Reservation>> LockWaitingFor(chassis::UnitOfWork& work,
                                                              const std::vector<std::string>& part_ids);

  struct Due {
    std::string store_id;
    std::string reservation_id;
  };
  // Active ones whose time has passed, of every store, oldest first.
  absl::StatusOr<std::vector<Due>> Expired(chassis::sql::Session& session, absl::Time now, int64_t count_max);

  const chassis::records::Table<v1::Reservation>& table() const { return table_; }

 private:
  chassis::records::Table<v1::Reservation> table_;
};

}  // namespace parts
