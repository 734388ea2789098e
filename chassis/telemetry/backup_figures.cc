#include "chassis/telemetry/backup_figures.h"

#include "chassis/host/host.h"
#include "chassis/status/status.h"

namespace chassis {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(10);

}  // namespace

BackupFigures::BackupFigures(Host& host)
    : host_(host),
      time_(host.metrics().Gauge("backup_last_success_timestamp_seconds",
                                 "When the last backup of this schema was complete; 0: there is none.")),
      bytes_(host.metrics().Gauge("backup_last_bytes", "Size of the last backup, of all schemas together.")) {}

absl::Status BackupFigures::Measure() {
  const absl::Time now = host_.clock().Now();
  return host_.pool().Read(now + kDeadline, [&](sql::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(
        const sql::Rows rows,
        session.Query("SELECT end_time, bytes FROM backup WHERE end_time <= ? ORDER BY end_time DESC LIMIT 1", now));
    if (rows.empty()) return absl::OkStatus();
    time_.Set(absl::ToDoubleSeconds(rows[0].Time("end_time") - absl::UnixEpoch()));
    bytes_.Set(static_cast<double>(rows[0].Int("bytes")));
    return absl::OkStatus();
  });
}

}  // namespace chassis
