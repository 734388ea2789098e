// The SQL of transfers; see transfer_store.h.
#include "parts-svc/transfer/transfer_store.h"

namespace parts {

using chassis::sql::Rows;
using chassis::sql::Uuid;

absl::StatusOr<std::vector<v1::Transfer>> TransferStore::LockOfReservation(chassis::UnitOfWork& work,
                                                                           const std::string& reservation_id) {
  return table_.Select(work.sql(), "WHERE store_id = ? AND reservation_id = ? ORDER BY transfer_id FOR UPDATE",
                       Uuid{work.store_id()}, Uuid{reservation_id});
}

absl::StatusOr<std::string> TransferStore::TransitBin(chassis::sql::Session& session, const std::string& store_id) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT location_id FROM location WHERE store_id = ? AND kind = 'IN_TRANSIT' AND closed = "
                    "0 ORDER BY code LIMIT 1",
                    Uuid{store_id}));
  return rows.empty() ? std::string() : rows[0].Id("location_id");
}

}  // namespace parts
