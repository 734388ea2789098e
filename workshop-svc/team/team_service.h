// Teams of the workshop (W-01).
#pragma once

#include "absl/status/status.h"
#include "chassis/server/service.h"
#include "workshop-svc/team/team_store.h"

namespace workshop {

class TeamService {
 public:
  TeamService(chassis::Rooms& rooms, const TeamStore& store, const StaffStore& staff);

 private:
  absl::Status CheckEntry(chassis::UnitOfWork& work, const v1::Team& after);

  const StaffStore& staff_;
};

}  // namespace workshop
