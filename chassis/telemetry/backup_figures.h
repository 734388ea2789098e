// The last backup of this schema, as whoever made it noted in table `backup`: backup_last_success_timestamp_seconds and
// backup_last_bytes.
#pragma once

#include "absl/status/status.h"
#include "prometheus/gauge.h"

namespace chassis {

class Host;

class BackupFigures {
 public:
  explicit BackupFigures(Host& host);
  // Both are 0 while no backup was ever noted.
  absl::Status Measure();

 private:
  Host& host_;
  prometheus::Gauge& time_;
  prometheus::Gauge& bytes_;
};

}  // namespace chassis
