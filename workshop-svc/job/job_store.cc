// See job_store.h.
#include "workshop-svc/job/job_store.h"

#include <deque>
#include <set>

#include "absl/strings/str_cat.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "google/protobuf/util/message_differencer.h"

namespace workshop {
namespace {

using chassis::sql::Session;
using chassis::sql::Uuid;
using google::protobuf::util::MessageDifferencer;

// Longest queue that is shown; a store with more has other troubles.
constexpr int kQueueMax = 500;

// Differences named in a verification; the rest are counted.
constexpr int kDifferencesMax = 100;

absl::StatusOr<std::map<std::string, int64_t>> SumsById(Session& session, std::string_view sql,
                                                        const std::vector<chassis::sql::Value>& values) {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows, session.QueryValues(sql, values));
  std::map<std::string, int64_t> sums;
  for (size_t i = 0; i < rows.size(); ++i) sums[rows[i].Id("id")] = rows[i].IntOr("total", 0);
  return sums;
}

void AddDifferences(common::LedgerCheck& check, const chassis::sql::Rows& rows, const std::string& what) {
  for (size_t i = 0; i < rows.size(); ++i) {
    check.set_difference_count(check.difference_count() + 1);
    if (check.differences_size() < kDifferencesMax) {
      check.add_differences(absl::StrCat(rows[i].Id("id"), ": ", what));
    }
  }
}

}  // namespace

JobStore::JobStore(chassis::Rooms& rooms) : orders_(rooms.host.cipher()), jobs_(rooms.host.cipher()) {
  rooms.Verify("jobs", [this](Session& session, const std::string& store_id) { return Verify(session, store_id); });
}

absl::StatusOr<OrderFile> JobStore::WithJobs(Session& session, v1::WorkshopOrder order) const {
  OrderFile file;
  ASSIGN_OR_RETURN(file.jobs, jobs_.Select(session, "WHERE store_id = ? AND repair_order_id = ? ORDER BY job_id",
                                           Uuid{order.store_id()}, Uuid{order.repair_order_id()}));
  file.order = std::move(order);
  return file;
}

absl::StatusOr<OrderFile> JobStore::Load(Session& session, const std::string& store_id,
                                         const std::string& repair_order_id) const {
  ASSIGN_OR_RETURN(v1::WorkshopOrder order, orders_.Get(session, store_id, repair_order_id));
  return WithJobs(session, std::move(order));
}

absl::StatusOr<OrderFile> JobStore::LockOrder(chassis::UnitOfWork& work, const std::string& repair_order_id) const {
  ASSIGN_OR_RETURN(v1::WorkshopOrder order, orders_.Lock(work, work.store_id(), repair_order_id));
  return WithJobs(work.sql(), std::move(order));
}

absl::StatusOr<OrderFile> JobStore::LockOrderOfJob(chassis::UnitOfWork& work, const std::string& job_id) const {
  ASSIGN_OR_RETURN(std::vector<v1::WorkshopOrder> found,
                   orders_.Select(work.sql(),
                                  "WHERE store_id = ? AND repair_order_id = (SELECT job.repair_order_id FROM job "
                                  "WHERE job.store_id = ? AND job.job_id = ?) FOR UPDATE",
                                  Uuid{work.store_id()}, Uuid{work.store_id()}, Uuid{job_id}));
  if (found.empty()) return chassis::NotFound("job", job_id);
  return WithJobs(work.sql(), std::move(found.front()));
}

absl::Status JobStore::Insert(chassis::UnitOfWork& work, OrderFile& file) const {
  RETURN_IF_ERROR(orders_.Insert(work, file.order));
  return jobs_.InsertAll(work, file.jobs);
}

absl::Status JobStore::Update(chassis::UnitOfWork& work, const OrderFile& before, OrderFile& after) const {
  std::vector<v1::Job> added;
  for (v1::Job& job : after.jobs) {
    const v1::Job* known = FindJob(before, job.job_id());
    if (known == nullptr) {
      added.push_back(job);
    } else if (!MessageDifferencer::Equals(*known, job)) {
      RETURN_IF_ERROR(jobs_.Update(work, *known, job));
    }
  }
  if (!added.empty()) {
    RETURN_IF_ERROR(jobs_.InsertAll(work, added));
    for (const v1::Job& job : added) JobIn(after, job.job_id()) = job;
  }
  if (MessageDifferencer::Equals(before.order, after.order)) return absl::OkStatus();
  return orders_.Update(work, before.order, after.order);
}

absl::StatusOr<JobStore::Queue> JobStore::Unassigned(Session& session, const std::string& store_id) const {
  Queue queue;
  ASSIGN_OR_RETURN(
      queue.jobs,
      jobs_.Select(session, "WHERE store_id = ? AND state IN ('CREATED', 'ACCEPTED') ORDER BY job_id LIMIT ?",
                   Uuid{store_id}, kQueueMax));
  if (queue.jobs.empty()) return queue;
  std::set<std::string> order_ids;
  std::vector<chassis::sql::Value> values = {chassis::sql::ToValue(Uuid{store_id})};
  for (const v1::Job& job : queue.jobs) {
    if (!order_ids.insert(job.repair_order_id()).second) continue;
    values.push_back(chassis::sql::ToValue(Uuid{job.repair_order_id()}));
  }
  std::deque<v1::WorkshopOrder> orders;
  RETURN_IF_ERROR(orders_.mapper().Select(
      session,
      absl::StrCat("WHERE store_id = ? AND repair_order_id IN (", chassis::sql::Placeholders(order_ids.size()), ")"),
      values, [&]() -> google::protobuf::Message* { return &orders.emplace_back(); }));
  for (v1::WorkshopOrder& order : orders) queue.orders[order.repair_order_id()] = std::move(order);
  return queue;
}

absl::StatusOr<std::map<common::Skill, int64_t>> JobStore::QueuedMinutesBySkill(Session& session,
                                                                                const std::string& store_id) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT skill, CAST(SUM(GREATEST(standard_minutes - clocked_seconds DIV 60, 0)) AS "
                                 "SIGNED) AS total FROM job WHERE store_id = ? AND state IN ('CREATED', 'ACCEPTED', "
                                 "'DISPATCHED', 'VERIFIED', 'IN_PROGRESS', 'PAUSED', 'REWORK') GROUP BY skill",
                                 Uuid{store_id}));
  std::map<common::Skill, int64_t> minutes;
  for (size_t i = 0; i < rows.size(); ++i) {
    common::Skill skill = common::SKILL_UNSPECIFIED;
    if (common::Skill_Parse("SKILL_" + rows[i].Text("skill"), &skill)) minutes[skill] = rows[i].IntOr("total", 0);
  }
  return minutes;
}

absl::StatusOr<std::map<std::string, int64_t>> JobStore::QueuedMinutesByTechnician(Session& session,
                                                                                   const std::string& store_id) const {
  return SumsById(session,
                  "SELECT technician_id AS id, CAST(SUM(GREATEST(standard_minutes - clocked_seconds DIV 60, 0)) AS "
                  "SIGNED) AS total FROM job WHERE store_id = ? AND state IN ('DISPATCHED', 'VERIFIED', "
                  "'IN_PROGRESS', 'PAUSED', 'REWORK') GROUP BY technician_id",
                  {chassis::sql::ToValue(Uuid{store_id})});
}

absl::StatusOr<int64_t> JobStore::UnfinishedJobsOf(Session& session, const std::string& store_id,
                                                   const std::string& technician_id) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT COUNT(*) AS total FROM job WHERE store_id = ? AND technician_id = ? AND state "
                                 "IN ('DISPATCHED', 'VERIFIED', 'IN_PROGRESS', 'PAUSED', 'WORK_DONE', 'REWORK')",
                                 Uuid{store_id}, Uuid{technician_id}));
  return rows[0].Int("total");
}

absl::StatusOr<std::vector<std::string>> JobStore::TechniciansOfVehicle(Session& session, const std::string& store_id,
                                                                        const std::string& vin) const {
  ASSIGN_OR_RETURN(const chassis::sql::Rows rows,
                   session.Query("SELECT DISTINCT job.technician_id AS id FROM workshop_order JOIN job ON job.store_id "
                                 "= workshop_order.store_id AND job.repair_order_id = workshop_order.repair_order_id "
                                 "WHERE workshop_order.store_id = ? AND workshop_order.vin = ? AND job.technician_id "
                                 "IS NOT NULL LIMIT 50",
                                 Uuid{store_id}, vin));
  std::vector<std::string> ids;
  for (size_t i = 0; i < rows.size(); ++i) ids.push_back(rows[i].Id("id"));
  return ids;
}

absl::StatusOr<std::map<std::string, int64_t>> JobStore::FinishedMinutes(Session& session, const std::string& store_id,
                                                                         absl::Time from, absl::Time to) const {
  return SumsById(session,
                  "SELECT technician_id AS id, CAST(SUM(standard_minutes) AS SIGNED) AS total FROM job WHERE store_id "
                  "= ? AND finish_time >= ? AND finish_time < ? GROUP BY technician_id",
                  {chassis::sql::ToValue(Uuid{store_id}), chassis::sql::ToValue(from), chassis::sql::ToValue(to)});
}

absl::StatusOr<common::LedgerCheck> JobStore::Verify(Session& session, const std::string& store_id) const {
  common::LedgerCheck check;
  check.set_name("jobs");
  ASSIGN_OR_RETURN(const chassis::sql::Rows count,
                   session.Query("SELECT COUNT(*) AS total FROM job WHERE store_id = ?", Uuid{store_id}));
  check.set_checked_count(count[0].Int("total"));
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows doubled,
      session.Query("SELECT job_line.line_id AS id FROM job JOIN job_line ON job_line.store_id = job.store_id AND "
                    "job_line.job_id = job.job_id WHERE job.store_id = ? AND job.state <> 'CANCELLED' GROUP BY "
                    "job_line.line_id HAVING COUNT(*) > 1",
                    Uuid{store_id}));
  AddDifferences(check, doubled, "this line is in more than one job");
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows undone,
      session.Query("SELECT DISTINCT job.job_id AS id FROM job LEFT JOIN job_line ON job_line.store_id = job.store_id "
                    "AND job_line.job_id = job.job_id WHERE job.store_id = ? AND job.state IN ('WORK_DONE', "
                    "'SELF_CHECKED', 'LEADER_CHECKED', 'FINISHED') AND (job_line.line_id IS NULL OR job_line.done = 0)",
                    Uuid{store_id}));
  AddDifferences(check, undone, "the job is past its work, but a line of it is not done");
  ASSIGN_OR_RETURN(
      const chassis::sql::Rows unfinished,
      session.Query("SELECT DISTINCT job.job_id AS id FROM workshop_order JOIN job ON job.store_id = "
                    "workshop_order.store_id AND job.repair_order_id = workshop_order.repair_order_id WHERE "
                    "workshop_order.store_id = ? AND ((workshop_order.state = 'FINISHED' AND job.state NOT IN "
                    "('FINISHED', 'CANCELLED')) OR (workshop_order.state = 'CANCELLED' AND job.state <> 'CANCELLED'))",
                    Uuid{store_id}));
  AddDifferences(check, unfinished, "the order is closed, this job of it is not");
  return check;
}

}  // namespace workshop
