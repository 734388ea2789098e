// Clocking on and off (W-05): only the assigned technician, one job at a time.
#pragma once

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/clock/clock_store.h"
#include "workshop-svc/staff/staff_store.h"

namespace workshop {

class ClockService {
 public:
  ClockService(chassis::Rooms& rooms, const ClockStore& store, const JobStore& jobs, const StaffStore& staff);

  absl::StatusOr<v1::Job> ClockOn(chassis::Call& call, const v1::ClockOnRequest& request);
  absl::StatusOr<v1::Job> PauseJob(chassis::Call& call, const v1::PauseJobRequest& request);
  absl::StatusOr<v1::Job> ResumeJob(chassis::Call& call, const v1::ResumeJobRequest& request);
  absl::StatusOr<v1::Job> ClockOff(chassis::Call& call, const v1::ClockOffRequest& request);
  absl::StatusOr<v1::ListTechnicianTimesResponse> ListTimes(chassis::Call& call,
                                                            const v1::ListTechnicianTimesRequest& request);

 private:
  // Clock-on and resume are the same but for the states they start from.
  absl::StatusOr<v1::Job> Start(chassis::Call& call, const std::string& job_id,
                                std::initializer_list<int> allowed_states);
  // Closes the running interval on `job`.
  absl::Status Stop(chassis::UnitOfWork& work, v1::Job& job, v1::PauseReason reason, const std::string& remark);

  const ClockStore& store_;
  const JobStore& jobs_;
  const StaffStore& staff_;
};

}  // namespace workshop
