// Findings and what becomes of them (W-08, R-32). Pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/workshop/v1/finding.pb.h"
#include "workshop-svc/job/job_rules.h"

namespace workshop {

// Time the team leader has to take note of a customer's decline.
inline constexpr absl::Duration kAcknowledgeWithin = absl::Minutes(30);
inline constexpr char kAcknowledgeDuty[] = "acknowledge_decision";

// PROPOSAL_MISSING: the adviser needs something to offer.
absl::Status CheckProposal(const v1::RaiseFindingRequest& request);
v1::Finding FindingFrom(const v1::RaiseFindingRequest& request, const v1::Job& job, const std::string& finding_id,
                        const std::string& subject);
v1::FindingRaised EventOf(const v1::Finding& finding);

// The customer's answer reaches the finding; one already withdrawn stays so. Returns true when the finding was open
// until now.
bool Decide(v1::Finding& finding, bool approved, const std::string& add_on_id, absl::Time when);

// EXPECTED_TIME_PAST.
absl::Status CheckExpectedTime(absl::Time expected, absl::Time now);
// ALREADY_ACKNOWLEDGED.
absl::Status Acknowledge(v1::AddOnDecision& decision, const std::string& receiver, absl::Time now);

// Owed by the leader of the team concerned; by any team leader when nobody is named.
common::Duty AcknowledgementDuty(const v1::AddOnDecision& decision, const v1::WorkshopOrder& order,
                                 const std::string& leader, absl::Time now);

}  // namespace workshop
