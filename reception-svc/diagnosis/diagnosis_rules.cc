// Decisions about diagnosis reports; see the header.
#include "reception-svc/diagnosis/diagnosis_rules.h"

#include <string>

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace reception {

namespace v1 = aftersales::reception::v1;
using aftersales::common::v1::Signature;
using chassis::Refuse;

absl::Status CheckDiagnosisConsent(const v1::StartDiagnosisRequest& request) {
  const Signature& consent = request.consent();
  const bool by_customer = consent.signer_role() == Signature::SIGNER_ROLE_CUSTOMER ||
                           consent.signer_role() == Signature::SIGNER_ROLE_CUSTOMER_REPRESENTATIVE;
  if (request.has_consent() && by_customer) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_DIAGNOSIS_CONSENT_MISSING)
      .At("consent", "须由客户或其代理人同意", "the customer or a representative agrees");
}

absl::Status AddDiagnosisResults(v1::Diagnosis& diagnosis, const v1::RecordDiagnosisResultsRequest& results) {
  RETURN_IF_ERROR(chassis::RequireState(diagnosis, {v1::Diagnosis::STATE_OPEN, v1::Diagnosis::STATE_ESCALATED}));
  diagnosis.mutable_findings()->MergeFrom(results.findings());
  diagnosis.mutable_trouble_codes()->MergeFrom(results.trouble_codes());
  diagnosis.mutable_test_results()->MergeFrom(results.test_results());
  if (!results.advice().empty()) diagnosis.set_advice(results.advice());
  return absl::OkStatus();
}

absl::Status CompleteDiagnosis(v1::Diagnosis& diagnosis) {
  RETURN_IF_ERROR(chassis::RequireState(diagnosis, {v1::Diagnosis::STATE_OPEN}));
  std::string missing;
  if (diagnosis.findings().empty()) missing += " findings";
  if (diagnosis.advice().empty()) missing += " advice";
  if (!missing.empty()) return Refuse(v1::ERROR_REASON_DIAGNOSIS_INCOMPLETE).With("missing", missing.substr(1));
  return chassis::MoveTo(diagnosis, v1::Diagnosis::STATE_COMPLETED);
}

}  // namespace reception
