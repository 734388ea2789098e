// What reception-svc asks of the workshop for an order (R-26, R-27, R-32, R-40, W-02): jobs, more lines, declines,
// cancellation, progress. The rules are the job's (job/job_rules.h).
#pragma once

#include <map>

#include "absl/status/statusor.h"
#include "chassis/server/call.h"
#include "chassis/server/service.h"
#include "workshop-svc/finding/finding_store.h"
#include "workshop-svc/inspection/inspection_store.h"
#include "workshop-svc/job/job_store.h"
#include "workshop-svc/schedule/schedule_store.h"
#include "workshop-svc/staff/staff_store.h"
#include "workshop-svc/team/team_store.h"
#include "workshop-svc/wash/wash_store.h"

namespace workshop {

// What the room needs of its neighbours.
struct OrderIntakeStores {
  const JobStore& jobs;
  const ScheduleStore& schedule;
  const StaffStore& staff;
  const TeamStore& teams;
  const FindingStore& findings;
  const InspectionStore& inspections;
  const WashStore& washes;
};

class OrderIntakeService {
 public:
  OrderIntakeService(chassis::Rooms& rooms, OrderIntakeStores stores);

  absl::StatusOr<v1::CreateJobsResponse> CreateJobs(chassis::Call& call, const v1::CreateJobsRequest& request);
  absl::StatusOr<v1::CancelJobsResponse> CancelJobs(chassis::Call& call, const v1::CancelJobsRequest& request);
  absl::StatusOr<v1::CreateJobsResponse> AddJobLines(chassis::Call& call, const v1::AddJobLinesRequest& request);
  absl::StatusOr<v1::RecordAddOnDeclineResponse> RecordDecline(chassis::Call& call,
                                                               const v1::RecordAddOnDeclineRequest& request);
  absl::StatusOr<v1::OrderProgress> GetProgress(chassis::Call& call, const v1::GetOrderProgressRequest& request);

 private:
  using Numbers = std::map<common::Skill, std::string>;

  absl::StatusOr<Numbers> NumbersFor(chassis::Call& call,
                                     const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines);
  // The order's file as a release makes it; takes the appointment's bay over.
  absl::StatusOr<OrderFile> NewFile(chassis::UnitOfWork& work, const v1::CreateJobsRequest& request,
                                    const Numbers& numbers);
  absl::Status JoinLines(chassis::UnitOfWork& work, const v1::AddJobLinesRequest& request, const Numbers& numbers,
                         const std::string& date, OrderFile& file);
  // The order's job of this skill that takes these lines, or null: work under check, or a technician without the
  // certificate a line needs, leads to a job of its own.
  absl::StatusOr<v1::Job*> JobThatTakes(chassis::UnitOfWork& work, OrderFile& file, common::Skill skill,
                                        const std::vector<v1::OrderLine>& lines, const std::string& date);
  // Records the customer's answer and settles the finding behind it.
  absl::StatusOr<v1::AddOnDecision> RecordDecision(chassis::UnitOfWork& work, v1::AddOnDecision decision,
                                                   OrderFile& file);
  // Token subject of the leader who has to know of it; empty when no team is concerned yet.
  absl::StatusOr<std::string> LeaderConcerned(chassis::UnitOfWork& work, const OrderFile& file,
                                              const std::string& finding_id);

  OrderIntakeStores stores_;
};

}  // namespace workshop
