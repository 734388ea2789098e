// SQL of part requests (W-07).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/workshop/v1/repair_plan.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"

namespace workshop {

namespace v1 = aftersales::workshop::v1;

class RepairPlanStore {
 public:
  explicit RepairPlanStore(chassis::Rooms& rooms) : requests_(rooms.host.cipher()) {}

  // The order's open requests, oldest first, locked.
  absl::StatusOr<std::vector<v1::PartRequest>> LockOpen(chassis::UnitOfWork& work,
                                                        const std::string& repair_order_id) const {
    return requests_.Select(work.sql(),
                            "WHERE store_id = ? AND repair_order_id = ? AND state = 'REQUESTED' ORDER BY "
                            "part_request_id FOR UPDATE",
                            chassis::sql::Uuid{work.store_id()}, chassis::sql::Uuid{repair_order_id});
  }
  const chassis::records::Table<v1::PartRequest>& requests() const { return requests_; }

 private:
  chassis::records::Table<v1::PartRequest> requests_;
};

}  // namespace workshop
