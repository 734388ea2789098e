// When a diagnosis may begin and when its report is complete.
#pragma once

#include "absl/status/status.h"
#include "aftersales/reception/v1/diagnosis.pb.h"

namespace reception {

// The customer or a representative agreed, in one of the recorded ways.
absl::Status CheckDiagnosisConsent(const aftersales::reception::v1::StartDiagnosisRequest& request);
// Appends what was found; only while the report is open.
absl::Status AddDiagnosisResults(aftersales::reception::v1::Diagnosis& diagnosis,
                                 const aftersales::reception::v1::RecordDiagnosisResultsRequest& results);
// A finding and an advice are there, and nobody is still asked for help.
absl::Status CompleteDiagnosis(aftersales::reception::v1::Diagnosis& diagnosis);

}  // namespace reception
