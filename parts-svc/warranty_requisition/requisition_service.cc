// The warranty requisition room; see requisition_service.h.
#include "parts-svc/warranty_requisition/requisition_service.h"

#include "aftersales/parts/v1/warranty_errors.pb.h"
#include "aftersales/parts/v1/warranty_events.pb.h"
#include "parts-svc/version.h"
#include "parts-svc/warranty_requisition/requisition_duties.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using Requisition = v1::WarrantyRequisition;

// The unique key over the lines' open holder says it.
absl::Status LineTwice(const absl::Status& status) {
  if (!absl::IsAlreadyExists(status)) return status;
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_REQUISITION_LINE_TWICE)
      .At("lines", "工单行已有申请", "name a line that has a requisition already");
}

}  // namespace

WarrantyRequisitionService::WarrantyRequisitionService(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()),
      old_parts_(rooms.host.cipher()),
      policies_(rooms.host.cipher()),
      store_(rooms.host.cipher()),
      requested_(rooms.host.metrics().Counter("parts_warranty_requisitions_total", "Warranty requisitions (P-14)",
                                              {{"step", "requested"}})),
      written_off_(rooms.host.metrics().Counter("parts_warranty_requisitions_total", "Warranty requisitions (P-14)",
                                                {{"step", "written_off"}})) {
  rooms.rpcs.On(this, &WarrantyRequisitionService::Request);
  rooms.rpcs.On(this, &WarrantyRequisitionService::Resubmit);
  rooms.rpcs.On(this, &WarrantyRequisitionService::Decide);
  rooms.rpcs.On(this, &WarrantyRequisitionService::Cancel);
  rooms.rpcs.On(this, &WarrantyRequisitionService::WriteOff);
  rooms.rpcs.On(this, &WarrantyRequisitionService::RequestPostage);
  rooms.rpcs.On(this, &WarrantyRequisitionService::DecidePostage);
  rooms.rpcs.Standard<Requisition>(store_.table());
  rooms.SignedDocument("warranty_requisition",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(Requisition requisition, store_.table().Get(session, store_id, id));
                         return std::make_unique<Requisition>(std::move(requisition));
                       });
}

template <typename Asked>
absl::Status WarrantyRequisitionService::FillLines(UnitOfWork& work, const Asked& request, Requisition& requisition) {
  std::vector<std::string> part_ids;
  for (const auto& line : request.lines()) part_ids.push_back(line.part_id());
  ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  requisition.set_fault(request.fault());
  return SetLines(
      request.lines(), parts, [&] { return work.NewId(); }, requisition);
}

absl::Status WarrantyRequisitionService::OweAnswer(UnitOfWork& work, const Requisition& requisition) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  aftersales::common::v1::Duty duty;
  duty.set_kind(kRequisitionOpenDuty);
  duty.set_handbook("P-14");
  duty.set_subject_kind("warranty_requisition");
  duty.set_subject_id(requisition.warranty_requisition_id());
  duty.set_subject_number(requisition.number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  duty.set_escalation_role(aftersales::options::v1::ROLE_SERVICE_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(work.now() + absl::Hours(24) * policy.requisition_days());
  work.Owe(std::move(duty));
  return absl::OkStatus();
}

absl::StatusOr<Requisition> WarrantyRequisitionService::On(chassis::Call& call, const std::string& requisition_id,
                                                           std::string_view reason, const Change& change) {
  return call.Transact<Requisition>([&](UnitOfWork& work) -> absl::StatusOr<Requisition> {
    work.Because(reason);
    ASSIGN_OR_RETURN(const Requisition before, store_.table().Lock(work, work.store_id(), requisition_id));
    Requisition after = before;
    RETURN_IF_ERROR(change(work, after));
    RETURN_IF_ERROR(LineTwice(store_.table().Update(work, before, after)));
    return after;
  });
}

absl::StatusOr<Requisition> WarrantyRequisitionService::Request(chassis::Call& call,
                                                                const v1::RequestWarrantyPartsRequest& request) {
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("WRQ"));
  absl::StatusOr<Requisition> requested =
      call.Transact<Requisition>([&](UnitOfWork& work) -> absl::StatusOr<Requisition> {
        Requisition requisition;
        requisition.set_store_id(work.store_id());
        requisition.set_warranty_requisition_id(work.NewId());
        requisition.set_number(number);
        requisition.set_state(Requisition::STATE_REQUESTED);
        requisition.set_order_id(request.order_id());
        requisition.set_order_number(request.order_number());
        requisition.set_applicant(work.actor().subject);
        RETURN_IF_ERROR(FillLines(work, request, requisition));
        RETURN_IF_ERROR(LineTwice(store_.table().Insert(work, requisition)));
        RETURN_IF_ERROR(OweAnswer(work, requisition));
        return requisition;
      });
  if (requested.ok()) requested_.Increment();
  return requested;
}

absl::StatusOr<Requisition> WarrantyRequisitionService::Resubmit(chassis::Call& call,
                                                                 const v1::ResubmitRequisitionRequest& request) {
  return On(call, request.warranty_requisition_id(), "",
            [&](UnitOfWork& work, Requisition& requisition) -> absl::Status {
              RETURN_IF_ERROR(chassis::RequireState(requisition, {Requisition::STATE_SENT_BACK}));
              RETURN_IF_ERROR(chassis::MoveTo(requisition, Requisition::STATE_REQUESTED));
              requisition.set_applicant(work.actor().subject);
              RETURN_IF_ERROR(FillLines(work, request, requisition));
              return OweAnswer(work, requisition);
            });
}

absl::StatusOr<Requisition> WarrantyRequisitionService::Decide(chassis::Call& call,
                                                               const v1::DecideRequisitionRequest& request) {
  return On(call, request.warranty_requisition_id(), request.reason(),
            [&](UnitOfWork& work, Requisition& requisition) -> absl::Status {
              RETURN_IF_ERROR(parts::Decide(request, work.actor().subject, requisition));
              *requisition.mutable_decide_time() = work.now_proto();
              return work.CompleteDuties(kRequisitionOpenDuty, requisition.warranty_requisition_id(),
                                         chassis::StateName(Requisition::State_descriptor(), requisition.state()));
            });
}

absl::StatusOr<Requisition> WarrantyRequisitionService::Cancel(chassis::Call& call,
                                                               const v1::CancelRequisitionRequest& request) {
  return On(call, request.warranty_requisition_id(), request.reason(),
            [&](UnitOfWork& work, Requisition& requisition) -> absl::Status {
              RETURN_IF_ERROR(parts::Cancel(requisition));
              return work.WaiveDuties(kRequisitionOpenDuty, requisition.warranty_requisition_id(), request.reason());
            });
}

absl::StatusOr<Requisition> WarrantyRequisitionService::WriteOff(chassis::Call& call,
                                                                 const v1::WriteOffRequisitionRequest& request) {
  absl::StatusOr<Requisition> written_off =
      On(call, request.warranty_requisition_id(), "", [&](UnitOfWork& work, Requisition& requisition) -> absl::Status {
        ASSIGN_OR_RETURN(const auto old_parts,
                         old_parts_.OfRequisition(work.sql(), work.store_id(), requisition.warranty_requisition_id()));
        RETURN_IF_ERROR(CheckWriteOff(requisition, old_parts, request.service_report_signature()));
        requisition.set_service_report_number(request.service_report_number());
        const chassis::DocumentRef ref{"warranty_requisition", requisition.warranty_requisition_id(),
                                       VersionOf(requisition) + 1};
        ASSIGN_OR_RETURN(*requisition.mutable_service_report_signature(),
                         work.Sign(requisition, ref, request.service_report_signature()));
        RETURN_IF_ERROR(chassis::MoveTo(requisition, Requisition::STATE_WRITTEN_OFF));
        *requisition.mutable_write_off_time() = work.now_proto();
        v1::WarrantyRequisitionWrittenOff fact;
        fact.set_warranty_requisition_id(requisition.warranty_requisition_id());
        fact.set_requisition_number(requisition.number());
        fact.set_order_id(requisition.order_id());
        work.Publish(fact, ref);
        return absl::OkStatus();
      });
  if (written_off.ok()) written_off_.Increment();
  return written_off;
}

absl::StatusOr<Requisition> WarrantyRequisitionService::RequestPostage(chassis::Call& call,
                                                                       const v1::RequestPostageRequest& request) {
  return On(call, request.warranty_requisition_id(), request.purpose(),
            [&](UnitOfWork& work, Requisition& requisition) -> absl::Status {
              RETURN_IF_ERROR(
                  chassis::RequireState(requisition, {Requisition::STATE_ISSUED, Requisition::STATE_WRITTEN_OFF}));
              requisition.set_postage_state(Requisition::POSTAGE_STATE_WAITING);
              requisition.set_postage_amount(request.postage_amount());
              requisition.set_postage_purpose(request.purpose());
              requisition.set_postage_asker(work.actor().subject);
              requisition.clear_postage_decider();
              return absl::OkStatus();
            });
}

absl::StatusOr<Requisition> WarrantyRequisitionService::DecidePostage(chassis::Call& call,
                                                                      const v1::DecidePostageRequest& request) {
  return On(call, request.warranty_requisition_id(), request.reason(),
            [&](UnitOfWork& work, Requisition& requisition) -> absl::Status {
              ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
              return parts::DecidePostage(policy, call.identity().roles, work.actor().subject, request.decision(),
                                          requisition);
            });
}

}  // namespace parts
