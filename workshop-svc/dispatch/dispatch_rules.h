// The order of the dispatch queue and the ranking of technicians, each with its reasons (W-03). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/workshop/v1/dispatch.pb.h"
#include "workshop-svc/job/job_rules.h"
#include "workshop-svc/staff/staff_rules.h"

namespace workshop {

enum class Language { kChinese, kEnglish };
Language LanguageOf(const std::string& tag);

v1::QueueEntry EntryOf(const v1::Job& job, const v1::WorkshopOrder& order, absl::Time now, Language language);
// Most urgent first; equal ones by promised time, then number.
void SortQueue(std::vector<v1::QueueEntry>& entries);
// Changes when any entry does.
std::string RevisionOf(const std::vector<v1::QueueEntry>& entries);
// What came or changed, and what went, between two looks at the queue.
v1::WatchDispatchQueueResponse QueueChanges(const std::vector<v1::QueueEntry>& before,
                                            const std::vector<v1::QueueEntry>& after);

// What is known of a technician when a job is dispatched.
struct CandidateFacts {
  v1::StaffMember member;
  std::optional<v1::Attendance> today;
  bool on_shift = true;
  int64_t queued_minutes = 0;
  bool works_on_order = false;  // has another job of this order
  bool planned = false;         // the appointment's slot was planned for him
  bool knows_vehicle = false;   // worked on it before
};
// Best first; those who cannot be assigned last, with their obstacles.
std::vector<v1::Candidate> RankCandidates(const v1::Job& job, const std::vector<CandidateFacts>& facts,
                                          const std::string& date, Language language);

// OVERRIDE_REASON_REQUIRED when a better candidate was proposed and no reason is given.
absl::Status CheckOverride(const std::vector<v1::Candidate>& candidates, const std::string& staff_member_id,
                           const std::string& reason);
// Puts the job into the technician's hands; `verified` names the check that his team has made of the vehicle, if any.
absl::Status Assign(OrderFile& file, v1::Job& job, const v1::StaffMember& member, const std::string& verification_id,
                    const std::string& assigned_by, absl::Time now);

}  // namespace workshop
