// SQL of bays (W-01).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/workshop/v1/bay.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"

namespace workshop {

namespace v1 = aftersales::workshop::v1;

class BayStore {
 public:
  explicit BayStore(chassis::Rooms& rooms) : bays_(rooms.host.cipher()) {}

  absl::StatusOr<std::vector<v1::Bay>> Open(chassis::sql::Session& session, const std::string& store_id) const {
    return bays_.Select(session, "WHERE store_id = ? AND state = 'OPEN'", chassis::sql::Uuid{store_id});
  }
  const chassis::records::Table<v1::Bay>& bays() const { return bays_; }

 private:
  chassis::records::Table<v1::Bay> bays_;
};

}  // namespace workshop
