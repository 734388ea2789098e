// One conditional update takes or renews a lease; the row is made by whoever comes first.
#include "chassis/host/leases.h"

#include "chassis/status/status.h"

namespace chassis {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(5);

std::string RandomHolder() {
  SystemClock clock;
  return RandomIds(clock).NewId();
}

}  // namespace

Leases::Leases(sql::Pool& pool, Clock& clock) : pool_(pool), clock_(clock), holder_(RandomHolder()) {}

absl::StatusOr<bool> Leases::Take(std::string_view name, absl::Duration duration) {
  const absl::Time now = clock_.Now();
  bool taken = false;
  RETURN_IF_ERROR(pool_.Read(now + kDeadline, [&](sql::Session& session) -> absl::Status {
    // An hour ahead can only come from a clock that was wrong.
    ASSIGN_OR_RETURN(
        int64_t changed,
        session.Execute("UPDATE job_lease SET holder = ?, until_time = ? WHERE name = ? AND (holder = ? OR "
                        "until_time <= ? OR until_time > ?)",
                        sql::Uuid{holder_}, now + duration, name, sql::Uuid{holder_}, now,
                        now + duration + absl::Hours(1)));
    taken = changed > 0;
    if (taken) return absl::OkStatus();
    ASSIGN_OR_RETURN(sql::Rows rows, session.Query("SELECT holder, until_time FROM job_lease WHERE name = ?", name));
    if (!rows.empty()) {
      // Renewed within the same microsecond the update changes nothing.
      taken = rows[0].Id("holder") == holder_ && rows[0].Time("until_time") > now;
      return absl::OkStatus();
    }
    absl::StatusOr<int64_t> made = session.Execute("INSERT INTO job_lease (name, holder, until_time) VALUES (?, ?, ?)",
                                                   name, sql::Uuid{holder_}, now + duration);
    taken = made.ok();
    return absl::IsAlreadyExists(made.status()) ? absl::OkStatus() : made.status();
  }));
  return taken;
}

absl::Status Leases::ReleaseAll() {
  const absl::Time now = clock_.Now();
  return pool_.Read(now + kDeadline, [&](sql::Session& session) {
    return session.Execute("UPDATE job_lease SET until_time = ? WHERE holder = ?", now, sql::Uuid{holder_}).status();
  });
}

}  // namespace chassis
