// SQL of orders and jobs. An order's row is the lock of everything that happens to it: every command on a job takes
// it first, so an order's jobs change one command at a time and no command needs another lock on them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/common/v1/audit.pb.h"
#include "chassis/records/table.h"
#include "chassis/server/service.h"
#include "workshop-svc/job/job_rules.h"

namespace workshop {

class JobStore {
 public:
  explicit JobStore(chassis::Rooms& rooms);

  // NOT_FOUND when the order never reached the workshop.
  absl::StatusOr<OrderFile> Load(chassis::sql::Session& session, const std::string& store_id,
                                 const std::string& repair_order_id) const;
  absl::StatusOr<OrderFile> LockOrder(chassis::UnitOfWork& work, const std::string& repair_order_id) const;
  absl::StatusOr<OrderFile> LockOrderOfJob(chassis::UnitOfWork& work, const std::string& job_id) const;

  absl::Status Insert(chassis::UnitOfWork& work, OrderFile& file) const;
  // Writes the jobs that changed or are new, then the order.
  absl::Status Update(chassis::UnitOfWork& work, const OrderFile& before, OrderFile& after) const;

  // Jobs nobody is assigned to yet, with their orders by id.
  struct Queue {
    std::vector<v1::Job> jobs;
    std::map<std::string, v1::WorkshopOrder> orders;
  };
  absl::StatusOr<Queue> Unassigned(chassis::sql::Session& session, const std::string& store_id) const;
  // Standard minutes not yet worked, of jobs not through their work.
  absl::StatusOr<std::map<common::Skill, int64_t>> QueuedMinutesBySkill(chassis::sql::Session& session,
                                                                        const std::string& store_id) const;
  absl::StatusOr<std::map<std::string, int64_t>> QueuedMinutesByTechnician(chassis::sql::Session& session,
                                                                           const std::string& store_id) const;
  absl::StatusOr<int64_t> UnfinishedJobsOf(chassis::sql::Session& session, const std::string& store_id,
                                           const std::string& technician_id) const;
  // Technicians who worked on this vehicle before.
  absl::StatusOr<std::vector<std::string>> TechniciansOfVehicle(chassis::sql::Session& session,
                                                                const std::string& store_id,
                                                                const std::string& vin) const;
  // Standard minutes of the jobs finished in a span, per technician.
  absl::StatusOr<std::map<std::string, int64_t>> FinishedMinutes(chassis::sql::Session& session,
                                                                 const std::string& store_id, absl::Time from,
                                                                 absl::Time to) const;
  // Every line in one live job, no work past its lines, finished orders with finished jobs.
  absl::StatusOr<common::LedgerCheck> Verify(chassis::sql::Session& session, const std::string& store_id) const;

  const chassis::records::Table<v1::WorkshopOrder>& orders() const { return orders_; }
  const chassis::records::Table<v1::Job>& jobs() const { return jobs_; }

 private:
  absl::StatusOr<OrderFile> WithJobs(chassis::sql::Session& session, v1::WorkshopOrder order) const;

  chassis::records::Table<v1::WorkshopOrder> orders_;
  chassis::records::Table<v1::Job> jobs_;
};

}  // namespace workshop
