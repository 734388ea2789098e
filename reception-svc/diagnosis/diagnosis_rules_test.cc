#include "reception-svc/diagnosis/diagnosis_rules.h"

#include "aftersales/common/v1/errors.pb.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "gtest/gtest.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
using aftersales::common::v1::Signature;
using chassis::IsRefusal;

v1::Diagnosis AnOpenReport() {
  v1::Diagnosis diagnosis;
  diagnosis.set_state(v1::Diagnosis::STATE_OPEN);
  return diagnosis;
}

v1::RecordDiagnosisResultsRequest Results() {
  v1::RecordDiagnosisResultsRequest results;
  results.add_findings()->set_description("misfire on cylinder 2");
  results.add_trouble_codes()->set_code("P0302");
  results.set_advice("replace ignition coil");
  return results;
}

TEST(StartDiagnosis, NeedsTheCustomersConsent) {
  v1::StartDiagnosisRequest request;
  EXPECT_TRUE(IsRefusal(CheckDiagnosisConsent(request), v1::ERROR_REASON_DIAGNOSIS_CONSENT_MISSING));
  request.mutable_consent()->set_signer_role(Signature::SIGNER_ROLE_SERVICE_ADVISER);
  EXPECT_TRUE(IsRefusal(CheckDiagnosisConsent(request), v1::ERROR_REASON_DIAGNOSIS_CONSENT_MISSING));
  request.mutable_consent()->set_signer_role(Signature::SIGNER_ROLE_CUSTOMER_REPRESENTATIVE);
  EXPECT_TRUE(CheckDiagnosisConsent(request).ok());
}

TEST(CompleteDiagnosis, NeedsAFindingAndAnAdvice) {
  v1::Diagnosis diagnosis = AnOpenReport();
  EXPECT_TRUE(IsRefusal(CompleteDiagnosis(diagnosis), v1::ERROR_REASON_DIAGNOSIS_INCOMPLETE));
  ASSERT_TRUE(AddDiagnosisResults(diagnosis, Results()).ok());
  ASSERT_TRUE(CompleteDiagnosis(diagnosis).ok());
  EXPECT_EQ(diagnosis.state(), v1::Diagnosis::STATE_COMPLETED);
}

TEST(CompleteDiagnosis, WaitsForTechnicalSupport) {
  v1::Diagnosis diagnosis = AnOpenReport();
  ASSERT_TRUE(AddDiagnosisResults(diagnosis, Results()).ok());
  diagnosis.set_state(v1::Diagnosis::STATE_ESCALATED);
  EXPECT_TRUE(IsRefusal(CompleteDiagnosis(diagnosis), aftersales::common::v1::ERROR_REASON_WRONG_STATE));
}

TEST(RecordDiagnosisResults, KeepsWhatWasFoundBefore) {
  v1::Diagnosis diagnosis = AnOpenReport();
  ASSERT_TRUE(AddDiagnosisResults(diagnosis, Results()).ok());
  v1::RecordDiagnosisResultsRequest more;
  more.add_trouble_codes()->set_code("P0300");
  ASSERT_TRUE(AddDiagnosisResults(diagnosis, more).ok());
  EXPECT_EQ(diagnosis.trouble_codes_size(), 2);
  EXPECT_EQ(diagnosis.advice(), "replace ignition coil");
}

TEST(RecordDiagnosisResults, IsRefusedOnACompletedReport) {
  v1::Diagnosis diagnosis = AnOpenReport();
  diagnosis.set_state(v1::Diagnosis::STATE_COMPLETED);
  EXPECT_FALSE(AddDiagnosisResults(diagnosis, Results()).ok());
}

}  // namespace
}  // namespace reception
