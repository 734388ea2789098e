// The queue of documents that wait for parts; see queue.h.
#include "parts-svc/reservation/queue.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "aftersales/parts/v1/events.pb.h"

namespace parts {

absl::Status Queue::Serve(chassis::UnitOfWork& work, const std::vector<std::string>& part_ids) {
  ASSIGN_OR_RETURN(const auto available, ledger_.AvailableForQueue(work, part_ids));
  if (available.empty()) return absl::OkStatus();
  std::vector<std::string> wanted;
  for (const auto& [part_id, quantity] : available) wanted.push_back(part_id);
  ASSIGN_OR_RETURN(const std::vector<v1::Reservation> before, reservations_.LockWaitingFor(work, wanted));
  std::vector<v1::Reservation> after = before;
  const Served served = ServeQueue(after, available);
  for (size_t i = 0; i < after.size(); ++i) {
    const std::string& id = after[i].reservation_id();
    if (!std::binary_search(served.changed_ids.begin(), served.changed_ids.end(), id)) continue;
    RETURN_IF_ERROR(reservations_.table().Update(work, before[i], after[i]));
    if (!std::binary_search(served.filled_ids.begin(), served.filled_ids.end(), id)) continue;
    v1::ReservationFilled filled;
    filled.set_reservation_id(id);
    filled.set_holder_id(after[i].holder_id());
    filled.set_order_id(after[i].order_id());
    int64_t version = 0;
    if (!absl::SimpleAtoi(after[i].etag(), &version)) return absl::InternalError("a reservation without a version");
    work.Publish(filled, {"reservation", id, version});
  }
  return ledger_.Apply(work, served.stocks, {});
}

}  // namespace parts
