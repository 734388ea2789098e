// See clock_store.h.
#include "workshop-svc/clock/clock_store.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"

namespace workshop {
namespace {

using chassis::sql::Session;
using chassis::sql::Uuid;

constexpr int kDifferencesMax = 100;

}  // namespace

ClockStore::ClockStore(chassis::Rooms& rooms, const JobStore& jobs) : clockings_(rooms.host.cipher()), jobs_(jobs) {
  rooms.Verify("clock", [this](Session& session, const std::string& store_id) { return Verify(session, store_id); });
}

absl::StatusOr<std::optional<v1::Clocking>> ClockStore::Running(Session& session, const std::string& store_id,
                                                                const std::string& technician_id) const {
  ASSIGN_OR_RETURN(std::vector<v1::Clocking> found,
                   clockings_.Select(session, "WHERE store_id = ? AND technician_id = ? AND `open` = 1", Uuid{store_id},
                                     Uuid{technician_id}));
  if (found.empty()) return std::optional<v1::Clocking>();
  return std::optional<v1::Clocking>(std::move(found.front()));
}

absl::Status ClockStore::RequireOffClock(Session& session, const std::string& store_id,
                                         const std::string& technician_id, std::string_view field) const {
  ASSIGN_OR_RETURN(const std::optional<v1::Clocking> running, Running(session, store_id, technician_id));
  if (!running.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::Job job, jobs_.jobs().Get(session, store_id, running->job_id()));
  return chassis::Refuse(v1::ERROR_REASON_ALREADY_CLOCKED_ON)
      .With("number", job.number())
      .At(field, "正在另一派工单上计时", "the clock runs on another job");
}

absl::StatusOr<absl::Time> ClockStore::LastEnd(Session& session, const std::string& store_id,
                                               const std::string& technician_id) const {
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows rows,
      session.Query("SELECT MAX(end_time) AS last_end FROM clocking WHERE store_id = ? AND technician_id = ?",
                    Uuid{store_id}, Uuid{technician_id}));
  return rows[0].Time("last_end");
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ClockStore::WorkersOf(
    Session& session, const std::string& store_id, const std::string& repair_order_id) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT DISTINCT job_id, technician_id FROM clocking WHERE store_id = ? AND "
                                 "repair_order_id = ?",
                                 Uuid{store_id}, Uuid{repair_order_id}));
  std::vector<std::pair<std::string, std::string>> workers;
  for (size_t i = 0; i < rows.size(); ++i) workers.emplace_back(rows[i].Id("job_id"), rows[i].Id("technician_id"));
  return workers;
}

absl::StatusOr<std::map<std::string, int64_t>> ClockStore::ClockedSeconds(Session& session, const std::string& store_id,
                                                                          absl::Time from, absl::Time to) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT technician_id AS id, CAST(SUM(TIMESTAMPDIFF(SECOND, start_time, end_time)) AS "
                                 "SIGNED) AS total FROM clocking WHERE store_id = ? AND start_time >= ? AND "
                                 "start_time < ? AND end_time IS NOT NULL GROUP BY technician_id",
                                 Uuid{store_id}, from, to));
  std::map<std::string, int64_t> seconds;
  for (size_t i = 0; i < rows.size(); ++i) seconds[rows[i].Id("id")] = rows[i].IntOr("total", 0);
  return seconds;
}

absl::StatusOr<common::LedgerCheck> ClockStore::Verify(Session& session, const std::string& store_id) const {
  common::LedgerCheck check;
  check.set_name("clock");
  const auto differ = [&](const chassis::sql::Rows& rows, const std::string& what) {
    for (size_t i = 0; i < rows.size(); ++i) {
      check.set_difference_count(check.difference_count() + 1);
      if (check.differences_size() < kDifferencesMax) check.add_differences(absl::StrCat(rows[i].Id("id"), ": ", what));
    }
  };
  ASSIGN_OR_RETURN(const chassis::sql::Rows count,
                   session.Query("SELECT COUNT(*) AS total FROM clocking WHERE store_id = ?", Uuid{store_id}));
  check.set_checked_count(count[0].Int("total"));
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows overlapping,
      // The first interval that ends after this one begins is this one itself, unless they overlap.
      session.Query(
          "SELECT later.clocking_id AS id FROM clocking AS later WHERE later.store_id = ? AND (later.end_time "
          "IS NULL OR later.end_time > later.start_time) AND later.clocking_id <> (SELECT earlier.clocking_id "
          "FROM clocking AS earlier WHERE earlier.store_id = later.store_id AND earlier.technician_id = "
          "later.technician_id AND earlier.end_time > later.start_time ORDER BY earlier.end_time LIMIT 1)",
          Uuid{store_id}));
  differ(overlapping, "the interval overlaps another of the technician");
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows running,
      session.Query("SELECT clocking.clocking_id AS id FROM clocking JOIN job ON job.store_id = clocking.store_id AND "
                    "job.job_id = clocking.job_id WHERE clocking.store_id = ? AND ((clocking.end_time IS NULL) <> "
                    "(clocking.`open` IS NOT NULL) OR (clocking.end_time IS NULL AND job.state <> 'IN_PROGRESS'))",
                    Uuid{store_id}));
  differ(running, "the interval runs on a job that is not in work");
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows wrong_sum,
      session.Query("SELECT job.job_id AS id FROM job LEFT JOIN clocking ON clocking.store_id = job.store_id AND "
                    "clocking.job_id = job.job_id WHERE job.store_id = ? GROUP BY job.job_id, job.clocked_seconds "
                    "HAVING COALESCE(SUM(TIMESTAMPDIFF(SECOND, clocking.start_time, clocking.end_time)), 0) <> "
                    "job.clocked_seconds",
                    Uuid{store_id}));
  differ(wrong_sum, "the job's clocked time is not the sum of its intervals");
  return check;
}

}  // namespace workshop
