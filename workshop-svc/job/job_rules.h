// A repair order in the workshop: its jobs, how their states make the order's stage, and when it is finished (W-02,
// W-05, W-09). The states themselves move by the table in job.proto. Pure: every function changes the file it is
// given and nothing else.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "aftersales/workshop/v1/errors.pb.h"
#include "aftersales/workshop/v1/job.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"

namespace workshop {

namespace v1 = aftersales::workshop::v1;
namespace common = aftersales::common::v1;

// The order with all its jobs, cancelled ones included: what one command locks, changes and saves.
struct OrderFile {
  v1::WorkshopOrder order;
  std::vector<v1::Job> jobs;
};

// Jobs that count: all but the cancelled ones.
std::vector<v1::Job*> LiveJobs(OrderFile& file);
std::vector<const v1::Job*> LiveJobs(const OrderFile& file);
// Must be of this file: the caller found the file by the job.
v1::Job& JobIn(OrderFile& file, const std::string& job_id);
const v1::Job* FindJob(const OrderFile& file, const std::string& job_id);

// ORDER_NOT_OPEN unless the order is being worked on.
absl::Status RequireOpen(const v1::WorkshopOrder& order);
// NOT_YOUR_JOB unless `subject` is the assigned technician (W-05).
absl::Status RequireAssignedTo(const v1::Job& job, const std::string& subject);

v1::WorkshopOrder OrderFrom(const v1::CreateJobsRequest& request);
// Lines by skill, in the order given.
std::map<common::Skill, std::vector<v1::OrderLine>> BySkill(
    const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines);
v1::Job NewJob(const v1::WorkshopOrder& order, common::Skill skill, const std::string& job_id,
               const std::string& number, const std::vector<v1::OrderLine>& lines);
void AddLines(v1::Job& job, const std::vector<v1::OrderLine>& lines);
// INVALID_FIELD when a line id comes twice.
absl::Status CheckLines(const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines);
// True when the live jobs hold exactly these lines.
bool HoldsExactly(const OrderFile& file, const google::protobuf::RepeatedPtrField<v1::OrderLine>& lines);
// The live job that has the line, or null.
const v1::Job* JobOfLine(const OrderFile& file, const std::string& line_id);
v1::CreateJobsResponse Refs(const OrderFile& file);

// A job that may still take lines: not yet through its work.
bool TakesLines(const v1::Job& job);
// A cancelled order released anew: what the new release says, with the old row's version and cancelled jobs.
OrderFile Renewed(const OrderFile& cancelled, OrderFile released);
// Add-on work arrived after the final inspection: it has to be passed, and the vehicle washed, again.
absl::Status Reopen(v1::WorkshopOrder& order);

absl::Status Accept(OrderFile& file, const std::string& subject, absl::Time now);
// WORK_HAS_BEGUN once a job was started.
absl::Status CancelAll(OrderFile& file);

// LINE_UNKNOWN names the first id the job does not have; `field` is the request's list.
absl::Status MarkDone(v1::Job& job, const google::protobuf::RepeatedPtrField<std::string>& line_ids,
                      std::string_view field, absl::Time now);
bool AllLinesDone(const v1::Job& job);

// What the order's jobs say about the vehicle's place.
v1::OrderStageChanged::Stage StageOf(const OrderFile& file);
// Brings stage and state of the order up to what its jobs, inspection and wash say. Returns true when this finishes it.
bool Settle(OrderFile& file, absl::Time now);

v1::OrderProgress ProgressOf(const OrderFile& file);

}  // namespace workshop
