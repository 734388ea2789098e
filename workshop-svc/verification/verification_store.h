// SQL of vehicle verifications (W-04).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "aftersales/workshop/v1/verification.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"

namespace workshop {

namespace v1 = aftersales::workshop::v1;

class VerificationStore {
 public:
  explicit VerificationStore(chassis::Rooms& rooms) : verifications_(rooms.host.cipher()) {}

  // Id of the check this team made of the order's vehicle; empty when it made none.
  absl::StatusOr<std::string> OfTeam(chassis::sql::Session& session, const std::string& store_id,
                                     const std::string& repair_order_id, const std::string& team_id) const;

  const chassis::records::Table<v1::Verification>& verifications() const { return verifications_; }

 private:
  chassis::records::Table<v1::Verification> verifications_;
};

}  // namespace workshop
