// See clock_rules.h.
#include "workshop-svc/clock/clock_rules.h"

#include <algorithm>

#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "chassis/time/clock.h"

namespace workshop {

absl::Time ToMicroseconds(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

absl::Status BeginWork(OrderFile& file, v1::Job& job, absl::Time now) {
  RETURN_IF_ERROR(RequireOpen(file.order));
  RETURN_IF_ERROR(chassis::MoveTo(job, v1::Job::STATE_IN_PROGRESS));
  job.set_pause_reason(v1::PAUSE_REASON_UNSPECIFIED);
  if (!job.has_begin_time()) *job.mutable_begin_time() = chassis::ToProto(now);
  if (!file.order.has_begin_time()) *file.order.mutable_begin_time() = chassis::ToProto(now);
  return absl::OkStatus();
}

v1::Clocking NewClocking(const v1::Job& job, const std::string& clocking_id, absl::Time now, absl::Time last_end) {
  v1::Clocking clocking;
  clocking.set_store_id(job.store_id());
  clocking.set_clocking_id(clocking_id);
  clocking.set_job_id(job.job_id());
  clocking.set_repair_order_id(job.repair_order_id());
  clocking.set_technician_id(job.technician_id());
  *clocking.mutable_start_time() = chassis::ToProto(ToMicroseconds(std::max(now, last_end)));
  clocking.set_open(true);
  return clocking;
}

void CloseClocking(v1::Clocking& clocking, v1::Job& job, absl::Time now) {
  const absl::Time start = chassis::FromProto(clocking.start_time());
  const absl::Time end = std::max(ToMicroseconds(now), start);
  *clocking.mutable_end_time() = chassis::ToProto(end);
  clocking.clear_open();
  job.set_clocked_seconds(job.clocked_seconds() + absl::ToInt64Seconds(end - start));
}

absl::Status Pause(v1::Job& job, v1::PauseReason reason) {
  RETURN_IF_ERROR(chassis::RequireState(job, {v1::Job::STATE_IN_PROGRESS}));
  RETURN_IF_ERROR(chassis::MoveTo(job, v1::Job::STATE_PAUSED));
  job.set_pause_reason(reason);
  return absl::OkStatus();
}

absl::StatusOr<v1::PauseReason> StopWork(v1::Job& job) {
  RETURN_IF_ERROR(chassis::RequireState(job, {v1::Job::STATE_IN_PROGRESS}));
  if (AllLinesDone(job)) {
    RETURN_IF_ERROR(chassis::MoveTo(job, v1::Job::STATE_WORK_DONE));
    return v1::PAUSE_REASON_UNSPECIFIED;
  }
  RETURN_IF_ERROR(Pause(job, v1::PAUSE_REASON_END_OF_SHIFT));
  return v1::PAUSE_REASON_END_OF_SHIFT;
}

v1::TechnicianTimes TimesOf(const std::string& technician_id, int64_t attended_seconds, int64_t clocked_seconds,
                            int64_t standard_minutes) {
  const auto ratio = [](int64_t part, int64_t whole) {
    return whole <= 0 ? 0 : static_cast<int32_t>(chassis::MulDiv(part, chassis::kBasisPoints, whole));
  };
  v1::TechnicianTimes times;
  times.set_technician_id(technician_id);
  times.set_attended_minutes(attended_seconds / 60);
  times.set_clocked_minutes(clocked_seconds / 60);
  times.set_standard_minutes(standard_minutes);
  times.set_productivity_basis_points(ratio(clocked_seconds, attended_seconds));
  times.set_efficiency_basis_points(ratio(standard_minutes * 60, clocked_seconds));
  times.set_utilisation_basis_points(ratio(standard_minutes * 60, attended_seconds));
  return times;
}

}  // namespace workshop
