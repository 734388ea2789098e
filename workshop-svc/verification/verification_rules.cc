// See verification_rules.h.
#include "workshop-svc/verification/verification_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace workshop {

using chassis::Refuse;

absl::Status CheckFacts(const v1::WorkshopOrder& order,
                        const google::protobuf::RepeatedPtrField<v1::CheckedFact>& facts) {
  for (const std::string& fact : order.check_in_facts()) {
    const bool answered =
        std::any_of(facts.begin(), facts.end(), [&](const v1::CheckedFact& given) { return given.fact() == fact; });
    if (answered) continue;
    return Refuse(v1::ERROR_REASON_FACT_UNCHECKED)
        .With("fact", fact)
        .At("facts", "有未核对的内容", "leaves a fact of the check-in record unchecked");
  }
  for (int i = 0; i < facts.size(); ++i) {
    if (facts[i].agrees() || !facts[i].difference().empty()) continue;
    return Refuse(v1::ERROR_REASON_DIFFERENCE_UNDESCRIBED)
        .With("fact", facts[i].fact())
        .At(absl::StrCat("facts[", i, "].difference"), "须写明", "has to be described");
  }
  return absl::OkStatus();
}

v1::Verification VerificationFrom(const v1::VerifyVehicleRequest& request, const v1::Job& job,
                                  const std::string& verification_id, const std::string& subject) {
  v1::Verification verification;
  verification.set_store_id(job.store_id());
  verification.set_verification_id(verification_id);
  verification.set_repair_order_id(job.repair_order_id());
  verification.set_job_id(job.job_id());
  verification.set_team_id(job.team_id());
  *verification.mutable_facts() = request.facts();
  verification.set_verified_by(subject);
  for (const v1::CheckedFact& fact : request.facts()) {
    if (!fact.agrees()) verification.set_difference_count(verification.difference_count() + 1);
  }
  return verification;
}

absl::Status ApplyVerification(OrderFile& file, const v1::Verification& verification) {
  for (v1::Job* job : LiveJobs(file)) {
    if (job->state() != v1::Job::STATE_DISPATCHED || job->team_id() != verification.team_id()) continue;
    RETURN_IF_ERROR(chassis::MoveTo(*job, v1::Job::STATE_VERIFIED));
    job->set_verification_id(verification.verification_id());
  }
  return absl::OkStatus();
}

}  // namespace workshop
