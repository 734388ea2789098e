// The three-level inspection (W-09): what has to be looked at, who may look, and what a result does to the jobs. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/workshop/v1/inspection.pb.h"
#include "workshop-svc/job/job_rules.h"
#include "workshop-svc/team/team_rules.h"

namespace workshop {

// The suite's own checklist, for stores that have none of their own for this kind of work and level.
v1::Checklist DefaultChecklist(common::WorkKind kind, v1::InspectionLevel level);

// CHECKLIST_INCOMPLETE names every code that is missing, unknown or given twice; FAULT_MISSING when an item failed and
// no fault is described.
absl::Status CheckItems(const v1::Checklist& checklist, const v1::Inspection& inspection);
// No item failed and no fault was found.
bool IsPassed(const v1::Inspection& inspection);
// Faults get their job (JOB_NOT_ON_ORDER when it is not clear), their lines are known (LINE_UNKNOWN), and somebody is
// answerable.
absl::Status CompleteFaults(const OrderFile& file, v1::Inspection& inspection);

// Who inspects, as token subject and, where known, as staff member.
struct Inspector {
  std::string subject;
  std::string staff_member_id;
};
// Everybody who clocked on, as (job id, staff member id).
using Workers = std::vector<std::pair<std::string, std::string>>;
bool WorkedOn(const Inspector& inspector, const std::vector<const v1::Job*>& jobs, const Workers& workers);
// Level 2: the team's leader or the stand-in, never on own work. Where the leader did the work and nobody stands in,
// the technical director checks.
absl::Status RequireMayLeaderCheck(const Inspector& inspector, bool is_director, const Leadership& leadership,
                                   const v1::Job& job, const Workers& workers);
// Level 3: nobody who worked on the vehicle or did the leader's check of it.
absl::Status RequireMayFinalInspect(const Inspector& inspector, const OrderFile& file, const Workers& workers,
                                    const std::vector<v1::Inspection>& leader_checks);
// CHECKS_MISSING, CONSENT_PENDING, ALREADY_INSPECTED, ORDER_NOT_OPEN.
absl::Status RequireReadyForFinal(const OrderFile& file);

// What the result means for the job (levels 1 and 2) or the order (level 3): on to the next level, or back as rework.
absl::Status ApplySelfCheck(OrderFile& file, v1::Job& job, const v1::Inspection& inspection);
absl::Status ApplyLeaderCheck(OrderFile& file, v1::Job& job, const v1::Inspection& inspection);
absl::Status ApplyFinalInspection(OrderFile& file, const v1::Inspection& inspection, absl::Time now);

v1::InspectionRecorded EventOf(const v1::Inspection& inspection);
v1::InspectionReport ReportOf(const OrderFile& file, std::vector<v1::Inspection> inspections,
                              const std::vector<v1::Inspection>& leader_checks);

}  // namespace workshop
