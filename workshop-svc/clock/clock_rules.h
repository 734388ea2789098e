// Clock intervals and what they do to a job (W-05). Pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/workshop/v1/clock.pb.h"
#include "workshop-svc/job/job_rules.h"

namespace workshop {

// Times are kept to the microsecond, as the database does.
absl::Time ToMicroseconds(absl::Time time);

// The job goes into work; the interval starts now, never before the technician's last one ended (commands may carry
// times that cross).
absl::Status BeginWork(OrderFile& file, v1::Job& job, absl::Time now);
v1::Clocking NewClocking(const v1::Job& job, const std::string& clocking_id, absl::Time now, absl::Time last_end);
// Closes the interval and books its time on the job.
void CloseClocking(v1::Clocking& clocking, v1::Job& job, absl::Time now);

absl::Status Pause(v1::Job& job, v1::PauseReason reason);
// Clocked off: awaiting the self-check when every line is done, else paused till the next shift. Returns the pause
// reason, UNSPECIFIED when the work is done.
absl::StatusOr<v1::PauseReason> StopWork(v1::Job& job);

// Ratios in basis points with the handbook's formulas; 0 where there is nothing to divide by.
v1::TechnicianTimes TimesOf(const std::string& technician_id, int64_t attended_seconds, int64_t clocked_seconds,
                            int64_t standard_minutes);

}  // namespace workshop
