// The staff file and attendance (S-01, W-01).
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/clock/clock_store.h"
#include "workshop-svc/job/job_store.h"
#include "workshop-svc/staff/staff_store.h"
#include "workshop-svc/team/team_store.h"

namespace workshop {

class StaffService {
 public:
  StaffService(chassis::Rooms& rooms, const StaffStore& store, const TeamStore& teams, const JobStore& jobs,
               const ClockStore& clocks);

  absl::StatusOr<v1::StaffMember> RecordCertificate(chassis::Call& call, const v1::RecordCertificateRequest& request);
  absl::StatusOr<v1::StaffMember> Deactivate(chassis::Call& call, const v1::DeactivateStaffMemberRequest& request);
  absl::StatusOr<v1::StaffMember> Reactivate(chassis::Call& call, const v1::ReactivateStaffMemberRequest& request);
  absl::StatusOr<v1::Attendance> ClockIn(chassis::Call& call, const v1::ClockInRequest& request);
  absl::StatusOr<v1::Attendance> ClockOut(chassis::Call& call, const v1::ClockOutRequest& request);
  absl::StatusOr<v1::RecordAbsenceResponse> RecordAbsence(chassis::Call& call, const v1::RecordAbsenceRequest& request);

 private:
  // Before a file entry is written: its references exist and its content is sound.
  absl::Status CheckEntry(chassis::UnitOfWork& work, const v1::StaffMember* before, v1::StaffMember& after);

  const StaffStore& store_;
  const TeamStore& teams_;
  const JobStore& jobs_;
  const ClockStore& clocks_;
};

}  // namespace workshop
