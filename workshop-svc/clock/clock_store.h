// SQL of clock intervals (W-05). The unique key (technician, open) is what keeps anybody from being on two clocks.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/common/v1/audit.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"
#include "workshop-svc/clock/clock_rules.h"
#include "workshop-svc/job/job_store.h"

namespace workshop {

class ClockStore {
 public:
  ClockStore(chassis::Rooms& rooms, const JobStore& jobs);

  absl::StatusOr<std::optional<v1::Clocking>> Running(chassis::sql::Session& session, const std::string& store_id,
                                                      const std::string& technician_id) const;
  // ALREADY_CLOCKED_ON naming the job; `field` is what the caller asked with.
  absl::Status RequireOffClock(chassis::sql::Session& session, const std::string& store_id,
                               const std::string& technician_id, std::string_view field) const;
  // absl::InfinitePast() when there was none.
  absl::StatusOr<absl::Time> LastEnd(chassis::sql::Session& session, const std::string& store_id,
                                     const std::string& technician_id) const;
  // Everybody who ever worked on one of the order's jobs, as (job id, staff member id).
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> WorkersOf(chassis::sql::Session& session,
                                                                             const std::string& store_id,
                                                                             const std::string& repair_order_id) const;
  absl::StatusOr<std::map<std::string, int64_t>> ClockedSeconds(chassis::sql::Session& session,
                                                                const std::string& store_id, absl::Time from,
                                                                absl::Time to) const;
  // Intervals of one technician never overlap, sum up to their jobs' time, and none runs on a job that is not in work.
  absl::StatusOr<common::LedgerCheck> Verify(chassis::sql::Session& session, const std::string& store_id) const;

  const chassis::records::Table<v1::Clocking>& clockings() const { return clockings_; }

 private:
  chassis::records::Table<v1::Clocking> clockings_;
  const JobStore& jobs_;
};

}  // namespace workshop
