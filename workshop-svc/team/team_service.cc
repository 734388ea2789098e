// See team_service.h.
#include "workshop-svc/team/team_service.h"

#include "chassis/status/refusal.h"
#include "chassis/status/status.h"

namespace workshop {

TeamService::TeamService(chassis::Rooms& rooms, const TeamStore& store, const StaffStore& staff) : staff_(staff) {
  rooms.rpcs.Standard<v1::Team>(store.teams(), [this](chassis::UnitOfWork& work, const v1::Team*, v1::Team& after) {
    return CheckEntry(work, after);
  });
}

absl::Status TeamService::CheckEntry(chassis::UnitOfWork& work, const v1::Team& after) {
  if (after.leader_id().empty()) return absl::OkStatus();
  const absl::StatusOr<v1::StaffMember> leader = staff_.members().Get(work.sql(), work.store_id(), after.leader_id());
  if (absl::IsNotFound(leader.status())) {
    return chassis::Refuse(v1::ERROR_REASON_STAFF_REFERENCE_UNKNOWN)
        .With("id", after.leader_id())
        .At("team.leader_id", "不存在", "does not exist");
  }
  RETURN_IF_ERROR(leader.status());
  return CheckLeader(*leader);
}

}  // namespace workshop
