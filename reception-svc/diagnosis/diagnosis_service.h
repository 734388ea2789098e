// The RPCs of diagnosis reports.
#pragma once

#include "aftersales/reception/v1/diagnosis.pb.h"
#include "aftersales/reception/v1/visit.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/diagnosis/diagnosis_store.h"

namespace reception {

class DiagnosisService {
 public:
  explicit DiagnosisService(chassis::Rooms& rooms);

 private:
  using Diagnosis = aftersales::reception::v1::Diagnosis;

  absl::StatusOr<Diagnosis> Start(chassis::Call& call, const aftersales::reception::v1::StartDiagnosisRequest& request);
  absl::StatusOr<Diagnosis> RecordResults(chassis::Call& call,
                                          const aftersales::reception::v1::RecordDiagnosisResultsRequest& request);
  absl::StatusOr<Diagnosis> Escalate(chassis::Call& call,
                                     const aftersales::reception::v1::EscalateDiagnosisRequest& request);
  absl::StatusOr<Diagnosis> Answer(chassis::Call& call,
                                   const aftersales::reception::v1::AnswerEscalationRequest& request);
  absl::StatusOr<Diagnosis> Complete(chassis::Call& call,
                                     const aftersales::reception::v1::CompleteDiagnosisRequest& request);
  // Standard, but for the plural.
  absl::StatusOr<aftersales::reception::v1::ListDiagnosesResponse> List(
      chassis::Call& call, const aftersales::reception::v1::ListDiagnosesRequest& request);

  DiagnosisTable diagnoses_;
  chassis::records::Table<aftersales::reception::v1::Visit> visits_;
  BoardStore board_;
};

}  // namespace reception
