// Looking the vehicle over against the check-in record (W-04). Pure.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "aftersales/workshop/v1/verification.pb.h"
#include "workshop-svc/job/job_rules.h"

namespace workshop {

// FACT_UNCHECKED names the first check-in fact without an answer; DIFFERENCE_UNDESCRIBED the first "differs" without
// words.
absl::Status CheckFacts(const v1::WorkshopOrder& order,
                        const google::protobuf::RepeatedPtrField<v1::CheckedFact>& facts);
v1::Verification VerificationFrom(const v1::VerifyVehicleRequest& request, const v1::Job& job,
                                  const std::string& verification_id, const std::string& subject);
// All dispatched jobs of the order with the same team are verified by it.
absl::Status ApplyVerification(OrderFile& file, const v1::Verification& verification);

}  // namespace workshop
