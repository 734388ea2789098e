#include "reception-svc/diagnosis/diagnosis_service.h"

#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/duties/duty_board.h"
#include "reception-svc/diagnosis/diagnosis_rules.h"
#include "reception-svc/repair_order/order_duties.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace options = aftersales::options::v1;
using chassis::Call;
using chassis::UnitOfWork;

constexpr absl::Duration kSupportAnswers = absl::Hours(24);

aftersales::common::v1::Duty SupportDuty(const v1::Diagnosis& diagnosis, absl::Time now) {
  aftersales::common::v1::Duty duty;
  duty.set_kind(std::string(kTechnicalSupportDuty));
  duty.set_handbook("R-20");
  duty.set_subject_kind("diagnosis");
  duty.set_subject_id(diagnosis.diagnosis_id());
  duty.set_subject_number(diagnosis.number());
  duty.set_assignee_role(options::ROLE_TECHNICAL_DIRECTOR);
  duty.set_escalation_role(options::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(now + kSupportAnswers);
  return duty;
}

template <typename Change>
absl::StatusOr<v1::Diagnosis> ChangeDiagnosis(Call& call, const DiagnosisTable& table, const std::string& id,
                                              Change&& change) {
  return call.Transact<v1::Diagnosis>([&](UnitOfWork& work) -> absl::StatusOr<v1::Diagnosis> {
    ASSIGN_OR_RETURN(const v1::Diagnosis before, table.Lock(work, call.store_id(), id));
    v1::Diagnosis after = before;
    RETURN_IF_ERROR(change(work, after));
    RETURN_IF_ERROR(table.Update(work, before, after));
    return after;
  });
}

}  // namespace

DiagnosisService::DiagnosisService(chassis::Rooms& rooms)
    : diagnoses_(rooms.host.cipher()), visits_(rooms.host.cipher()), board_(rooms.host.cipher()) {
  rooms.rpcs.On(this, &DiagnosisService::Start);
  rooms.rpcs.On(this, &DiagnosisService::RecordResults);
  rooms.rpcs.On(this, &DiagnosisService::Escalate);
  rooms.rpcs.On(this, &DiagnosisService::Answer);
  rooms.host.duties().EndsBy(kTechnicalSupportDuty, "AnswerEscalation");
  rooms.rpcs.On(this, &DiagnosisService::Complete);
  rooms.rpcs.On(this, &DiagnosisService::List);
  rooms.rpcs.Standard<v1::Diagnosis>(diagnoses_);
  rooms.SignedDocument("diagnosis",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(v1::Diagnosis diagnosis, diagnoses_.Get(session, store_id, id));
                         return std::make_unique<v1::Diagnosis>(std::move(diagnosis));
                       });
}

absl::StatusOr<v1::Diagnosis> DiagnosisService::Start(Call& call, const v1::StartDiagnosisRequest& request) {
  RETURN_IF_ERROR(CheckDiagnosisConsent(request));
  ASSIGN_OR_RETURN(const v1::Visit visit, call.Read([&](chassis::sql::Session& session) {
    return visits_.Get(session, call.store_id(), request.visit_id());
  }));
  if (visit.state() == v1::Visit::STATE_CLOSED) {
    return chassis::Refuse(v1::ERROR_REASON_VISIT_CLOSED)
        .With("number", visit.number())
        .At("visit_id", "已结束", "has ended");
  }
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("DR"));
  return call.Transact<v1::Diagnosis>([&](UnitOfWork& work) -> absl::StatusOr<v1::Diagnosis> {
    v1::Diagnosis diagnosis;
    diagnosis.set_store_id(call.store_id());
    diagnosis.set_diagnosis_id(work.NewId());
    diagnosis.set_number(number);
    diagnosis.set_state(v1::Diagnosis::STATE_OPEN);
    diagnosis.set_visit_id(request.visit_id());
    diagnosis.set_complaint(request.complaint());
    ASSIGN_OR_RETURN(*diagnosis.mutable_consent(),
                     work.Sign(diagnosis, {"diagnosis", diagnosis.diagnosis_id(), 1}, request.consent()));
    RETURN_IF_ERROR(diagnoses_.Insert(work, diagnosis));
    RETURN_IF_ERROR(board_.SetStage(work, request.visit_id(), v1::BoardEntry::STAGE_EVALUATION));
    return diagnosis;
  });
}

absl::StatusOr<v1::Diagnosis> DiagnosisService::RecordResults(Call& call,
                                                              const v1::RecordDiagnosisResultsRequest& request) {
  return ChangeDiagnosis(call, diagnoses_, request.diagnosis_id(), [&](UnitOfWork&, v1::Diagnosis& diagnosis) {
    diagnosis.set_diagnosed_by(call.actor().subject);
    return AddDiagnosisResults(diagnosis, request);
  });
}

absl::StatusOr<v1::Diagnosis> DiagnosisService::Escalate(Call& call, const v1::EscalateDiagnosisRequest& request) {
  return ChangeDiagnosis(call, diagnoses_, request.diagnosis_id(),
                         [&](UnitOfWork& work, v1::Diagnosis& diagnosis) -> absl::Status {
                           RETURN_IF_ERROR(chassis::MoveTo(diagnosis, v1::Diagnosis::STATE_ESCALATED));
                           diagnosis.set_escalation_reason(request.reason());
                           work.Because(request.reason());
                           work.Owe(SupportDuty(diagnosis, work.now()));
                           return absl::OkStatus();
                         });
}

absl::StatusOr<v1::Diagnosis> DiagnosisService::Answer(Call& call, const v1::AnswerEscalationRequest& request) {
  return ChangeDiagnosis(call, diagnoses_, request.diagnosis_id(),
                         [&](UnitOfWork& work, v1::Diagnosis& diagnosis) -> absl::Status {
                           RETURN_IF_ERROR(chassis::MoveTo(diagnosis, v1::Diagnosis::STATE_OPEN));
                           diagnosis.set_escalation_answer(request.answer());
                           return work.CompleteDuties(kTechnicalSupportDuty, diagnosis.diagnosis_id(), "answered");
                         });
}

absl::StatusOr<v1::Diagnosis> DiagnosisService::Complete(Call& call, const v1::CompleteDiagnosisRequest& request) {
  return ChangeDiagnosis(call, diagnoses_, request.diagnosis_id(),
                         [&](UnitOfWork& work, v1::Diagnosis& diagnosis) -> absl::Status {
                           RETURN_IF_ERROR(CompleteDiagnosis(diagnosis));
                           *diagnosis.mutable_complete_time() = work.now_proto();
                           return board_.SetStage(work, diagnosis.visit_id(), v1::BoardEntry::STAGE_PROPOSAL_BUILD);
                         });
}

absl::StatusOr<v1::ListDiagnosesResponse> DiagnosisService::List(Call& call, const v1::ListDiagnosesRequest& request) {
  return call.Read([&](chassis::sql::Session& session) -> absl::StatusOr<v1::ListDiagnosesResponse> {
    v1::ListDiagnosesResponse page;
    chassis::records::ListQuery query = chassis::records::QueryFrom(request);
    query.scope = call.store_id();
    RETURN_IF_ERROR(diagnoses_.List(
        session, query, [&] { return page.add_diagnoses(); }, *page.mutable_next_page_token()));
    return page;
  });
}

}  // namespace reception
