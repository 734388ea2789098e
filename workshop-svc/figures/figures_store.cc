// See figures_store.h.
#include "workshop-svc/figures/figures_store.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"

namespace workshop {
namespace {

using chassis::sql::Session;
using chassis::sql::Uuid;
using Family = chassis::Census::Family;

// What a window of 30 days holds changes slowly and costs more to read than what is under way.
constexpr absl::Duration kWindowEvery = absl::Minutes(5);

std::vector<Family> OfBays() {
  return {
      {.name = "workshop_bays",
       .help =
           "Bays, by what they do now: closed, occupied by a vehicle in work, under check or paused, or free (W-01).",
       .labels = {{"state", {"free", "occupied", "closed"}}},
       .sql = R"(SELECT store_id, state, COUNT(*) AS value
                 FROM (SELECT bay.store_id, CASE WHEN bay.state = 'CLOSED' THEN 'CLOSED'
                                                 WHEN busy.bay_id IS NULL THEN 'FREE' ELSE 'OCCUPIED' END AS state
                       FROM bay
                         LEFT JOIN (SELECT DISTINCT store_id, bay_id
                                    FROM job
                                    WHERE state IN ('IN_PROGRESS', 'PAUSED', 'WORK_DONE', 'SELF_CHECKED',
                                                    'LEADER_CHECKED', 'REWORK')) busy
                           ON busy.store_id = bay.store_id AND busy.bay_id = bay.bay_id) bays
                 GROUP BY store_id, state)"},
      {.name = "workshop_slot_holds",
       .help = "Slots held on bays that are not over yet (W-01, R-02).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM slot_hold
                 WHERE end_time > :now
                 GROUP BY store_id)"},
  };
}

std::vector<Family> OfJobs() {
  return {
      {.name = "workshop_open_jobs",
       .help = "Jobs not finished, by state (W-02, W-03, W-05).",
       .labels = {{"state",
                   {"created", "accepted", "dispatched", "verified", "in_progress", "paused", "work_done",
                    "self_checked", "leader_checked", "rework"}}},
       .sql = R"(SELECT store_id, state, COUNT(*) AS value
                 FROM job
                 WHERE state IN ('CREATED', 'ACCEPTED', 'DISPATCHED', 'VERIFIED', 'IN_PROGRESS', 'PAUSED',
                                 'WORK_DONE', 'SELF_CHECKED', 'LEADER_CHECKED', 'REWORK')
                 GROUP BY store_id, state)"},
      {.name = "workshop_dispatch_queue",
       .help = "Jobs in the queue: nobody is assigned to them yet (W-03).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM job
                 WHERE state IN ('CREATED', 'ACCEPTED')
                 GROUP BY store_id)"},
      {.name = "workshop_jobs_late",
       .help = "Jobs with work left whose planned end is past: the end of the slot held for them, or the order's "
               "promised time where no slot is (W-02, W-05).",
       .sql = R"(SELECT job.store_id, COUNT(*) AS value
                 FROM job
                   JOIN workshop_order o ON o.store_id = job.store_id AND o.repair_order_id = job.repair_order_id
                 WHERE job.state IN ('CREATED', 'ACCEPTED', 'DISPATCHED', 'VERIFIED', 'IN_PROGRESS', 'PAUSED', 'REWORK')
                   AND COALESCE((SELECT MAX(slot_hold.end_time)
                                 FROM slot_hold
                                 WHERE slot_hold.store_id = job.store_id
                                   AND slot_hold.holder_id = job.repair_order_id AND slot_hold.skill = job.skill),
                                o.promised_time) < :now
                 GROUP BY job.store_id)"},
      {.name = "workshop_jobs_paused",
       .help = "Jobs that pause, by reason (W-05, W-13).",
       .labels = {{"reason",
                   {"waiting_for_parts", "waiting_for_consent", "waiting_for_bay", "break", "end_of_shift", "other_job",
                    "technical_support"}}},
       .sql = R"(SELECT store_id, pause_reason AS reason, COUNT(*) AS value
                 FROM job
                 WHERE state = 'PAUSED'
                 GROUP BY store_id, pause_reason)"},
      {.name = "workshop_verifications_differing",
       .help = "Vehicles verified in the last 30 days that differed from the check-in record (W-04).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM verification
                 WHERE create_time >= :month_ago AND difference_count > 0
                 GROUP BY store_id)",
       .every = kWindowEvery},
      {.name = "workshop_part_requests_open",
       .help = "Parts requested by technicians and not all drawn (W-07).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM part_request
                 WHERE state = 'REQUESTED'
                 GROUP BY store_id)"},
      {.name = "workshop_findings_open",
       .help = "Findings the customer has not decided on (W-08).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM finding
                 WHERE state = 'RAISED'
                 GROUP BY store_id)"},
      {.name = "workshop_delay_reports",
       .help = "Delays reported in the last 30 days (W-08, R-33).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM delay_report
                 WHERE create_time >= :month_ago
                 GROUP BY store_id)",
       .every = kWindowEvery},
      {.name = "workshop_wash_queue",
       .help = "Vehicles that passed the final inspection and wait for their wash or are in it (W-10).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM workshop_order
                 WHERE state = 'OPEN' AND stage = 'WASHING'
                 GROUP BY store_id)"},
  };
}

std::vector<Family> OfQuality() {
  return {
      {.name = "workshop_inspection_pass_ratio",
       .help = "Passed / recorded inspections of the last 30 days, by level (W-09, W-17).",
       .labels = {{"level", {"self", "leader", "final"}}},
       .sql = R"(SELECT store_id, level, CAST(SUM(passed) AS SIGNED) AS numerator, COUNT(*) AS denominator
                 FROM inspection
                 WHERE create_time >= :month_ago
                 GROUP BY store_id, level)"},
      {.name = "workshop_rework_jobs",
       .help = "Jobs finished in the last 30 days that an inspection had sent back (W-09, W-11).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM job
                 WHERE state = 'FINISHED' AND finish_time >= :month_ago AND rework_count > 0
                 GROUP BY store_id)",
       .every = kWindowEvery},
      {.name = "workshop_fix_right_first_time_ratio",
       .help = "Orders without rework that are no comebacks / orders finished in the last 30 days (W-11).",
       .sql = R"(SELECT store_id, CAST(SUM(rework_count = 0 AND work_kind <> 'COMEBACK') AS SIGNED) AS numerator,
                        COUNT(*) AS denominator
                 FROM workshop_order
                 WHERE state = 'FINISHED' AND complete_time >= :month_ago
                 GROUP BY store_id)"},
      {.name = "workshop_on_time_completion_ratio",
       .help = "Orders finished by their promised time / orders finished in the last 30 days (W-17).",
       .sql = R"(SELECT store_id, CAST(SUM(complete_time <= promised_time) AS SIGNED) AS numerator,
                        COUNT(*) AS denominator
                 FROM workshop_order
                 WHERE state = 'FINISHED' AND complete_time >= :month_ago
                 GROUP BY store_id)"},
      {.name = "workshop_orders_finished",
       .help = "Orders finished in the last 30 days; over the bays these are the bay turns (W-17).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM workshop_order
                 WHERE state = 'FINISHED' AND complete_time >= :month_ago
                 GROUP BY store_id)",
       .every = kWindowEvery},
      {.name = "workshop_waiting_for_parts_seconds",
       .help = "Seconds jobs stood still for parts, of pauses begun in the last 30 days (W-17).",
       // Grouped first: MariaDB 10.11.18 takes no subquery on the row inside a sum.
       .sql = R"(SELECT waited.store_id,
                        CAST(SUM(TIMESTAMPDIFF(SECOND, waited.end_time, COALESCE(waited.next_time, :now))) AS SIGNED) AS value
                 FROM (SELECT pause.store_id, pause.clocking_id, pause.end_time, MIN(next.start_time) AS next_time
                       FROM clocking pause
                       LEFT JOIN clocking next
                         ON next.store_id = pause.store_id AND next.job_id = pause.job_id AND next.start_time >= pause.end_time
                       WHERE pause.end_time >= :month_ago AND pause.pause_reason = 'WAITING_FOR_PARTS'
                       GROUP BY pause.store_id, pause.clocking_id, pause.end_time) waited
                 GROUP BY waited.store_id)",
       .every = kWindowEvery},
  };
}

// Seconds that people in the post of a technician attended in the last 30 days, by person. Who is in counts up to now;
// a day nobody clocked out of counts nothing.
constexpr char kAttended[] = R"((SELECT days.store_id, days.staff_member_id, days.seconds
                       FROM (SELECT store_id, staff_member_id,
                                    SUM(attended_seconds + CASE WHEN last_out_time IS NULL AND last_in_time >= :day_ago
                                                                THEN TIMESTAMPDIFF(SECOND, last_in_time, :now)
                                                                ELSE 0 END) AS seconds
                             FROM attendance
                             WHERE work_date >= DATE(:month_ago)
                             GROUP BY store_id, staff_member_id) days
                         JOIN staff_member m ON m.store_id = days.store_id AND m.staff_member_id = days.staff_member_id
                       WHERE m.post = 'TECHNICIAN') attended)";

std::vector<Family> OfPeople() {
  return {
      {.name = "workshop_technicians_clocked_in",
       .help = "People who do repairs and are in (W-01, W-05).",
       .sql = R"(SELECT a.store_id, COUNT(*) AS value
                 FROM attendance a
                   JOIN staff_member m ON m.store_id = a.store_id AND m.staff_member_id = a.staff_member_id
                 WHERE a.work_date >= DATE(:day_ago) AND a.presence = 'PRESENT' AND a.last_in_time >= :day_ago
                   AND a.last_out_time IS NULL AND m.post IN ('TECHNICIAN', 'TEAM_LEADER', 'TECHNICAL_DIRECTOR')
                 GROUP BY a.store_id)"},
      {.name = "workshop_technicians_working",
       .help = "People whose clock runs on a job (W-05).",
       .sql = R"(SELECT store_id, COUNT(*) AS value
                 FROM clocking
                 WHERE end_time IS NULL
                 GROUP BY store_id)"},
      {.name = "workshop_technician_efficiency_ratio",
       .help = "Sold / clocked hours of the jobs finished in the last 30 days; above 1 is faster than the standard "
               "(W-05, W-17).",
       .sql = R"(SELECT store_id, CAST(SUM(standard_minutes) * 60 AS SIGNED) AS numerator,
                        CAST(SUM(clocked_seconds) AS SIGNED) AS denominator
                 FROM job
                 WHERE state = 'FINISHED' AND finish_time >= :month_ago
                 GROUP BY store_id)"},
      {.name = "workshop_technician_productivity_ratio",
       .help = "Clocked / attended hours of the technicians, last 30 days (W-05, W-17).",
       .sql = absl::StrCat(R"(SELECT attended.store_id, CAST(SUM(COALESCE(clocked.seconds, 0)) AS SIGNED) AS numerator,
                        CAST(SUM(attended.seconds) AS SIGNED) AS denominator
                 FROM )",
                           kAttended, R"(
                   LEFT JOIN (SELECT store_id, technician_id,
                                     SUM(TIMESTAMPDIFF(SECOND, start_time, COALESCE(end_time, :now))) AS seconds
                              FROM clocking
                              WHERE end_time >= :month_ago OR end_time IS NULL
                              GROUP BY store_id, technician_id) clocked
                     ON clocked.store_id = attended.store_id AND clocked.technician_id = attended.staff_member_id
                 GROUP BY attended.store_id)")},
      {.name = "workshop_technician_utilisation_ratio",
       .help = "Sold / attended hours of the technicians, last 30 days (W-05, W-17).",
       .sql = absl::StrCat(R"(SELECT attended.store_id, CAST(SUM(COALESCE(sold.seconds, 0)) AS SIGNED) AS numerator,
                        CAST(SUM(attended.seconds) AS SIGNED) AS denominator
                 FROM )",
                           kAttended, R"(
                   LEFT JOIN (SELECT store_id, technician_id, SUM(standard_minutes) * 60 AS seconds
                              FROM job
                              WHERE state = 'FINISHED' AND finish_time >= :month_ago
                              GROUP BY store_id, technician_id) sold
                     ON sold.store_id = attended.store_id AND sold.technician_id = attended.staff_member_id
                 GROUP BY attended.store_id)")},
      {.name = "workshop_certificates_expiring",
       .help = "Certificates of active people that end within 30 days (S-01).",
       .sql = R"(SELECT c.store_id, COUNT(*) AS value
                 FROM staff_certificate c
                   JOIN staff_member m ON m.store_id = c.store_id AND m.staff_member_id = c.staff_member_id
                 WHERE c.expiry_date >= DATE(:now) AND c.expiry_date <= DATE(:now) + INTERVAL 30 DAY
                   AND m.state = 'ACTIVE'
                 GROUP BY c.store_id)",
       .every = kWindowEvery},
      {.name = "workshop_certificates_expired",
       .help = "Certificates of active people that have ended: their work is refused (S-01, W-03).",
       .sql = R"(SELECT c.store_id, COUNT(*) AS value
                 FROM staff_certificate c
                   JOIN staff_member m ON m.store_id = c.store_id AND m.staff_member_id = c.staff_member_id
                 WHERE c.expiry_date < DATE(:now) AND m.state = 'ACTIVE'
                 GROUP BY c.store_id)",
       .every = kWindowEvery},
  };
}

}  // namespace

std::vector<Family> Figures() {
  std::vector<Family> all;
  for (std::vector<Family> some : {OfBays(), OfJobs(), OfQuality(), OfPeople()}) {
    all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return all;
}

absl::StatusOr<std::vector<common::Store>> FiguresStore::Stores(Session& session) const {
  return stores_.Select(session, "ORDER BY store_id");
}

absl::StatusOr<int64_t> FiguresStore::HeldUnits(Session& session, const std::string& store_id, absl::Time from,
                                                absl::Time to) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT COUNT(*) AS held FROM slot_unit WHERE store_id = ? AND unit_time >= ? AND "
                                 "unit_time < ?",
                                 Uuid{store_id}, from, to));
  return rows[0].Int("held");
}

absl::StatusOr<std::vector<BayWork>> FiguresStore::WorkOnBays(Session& session, const std::string& store_id,
                                                              absl::Time from, absl::Time to) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT job.bay_id, clocking.start_time, clocking.end_time FROM clocking JOIN job ON "
                                 "job.store_id = clocking.store_id AND job.job_id = clocking.job_id WHERE "
                                 "clocking.store_id = ? AND clocking.start_time >= ? AND clocking.start_time < ? AND "
                                 "job.bay_id IS NOT NULL",
                                 Uuid{store_id}, from, to));
  std::vector<BayWork> works;
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool running = rows[i].IsNull("end_time");
    works.push_back({rows[i].Id("bay_id"), rows[i].Time("start_time"), running ? to : rows[i].Time("end_time")});
  }
  return works;
}

}  // namespace workshop
