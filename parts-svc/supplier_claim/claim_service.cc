// The supplier claim room; see claim_service.h.
#include "parts-svc/supplier_claim/claim_service.h"

#include "aftersales/parts/v1/warranty_errors.pb.h"
#include "aftersales/parts/v1/warranty_events.pb.h"
#include "parts-svc/supplier_claim/claim_checks.h"
#include "parts-svc/supplier_claim/claim_duties.h"
#include "parts-svc/version.h"

namespace parts {

using chassis::UnitOfWork;
using Claim = v1::SupplierClaim;

SupplierClaimService::SupplierClaimService(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()),
      suppliers_(rooms.host.cipher()),
      old_parts_(rooms.host.cipher()),
      policies_(rooms.host.cipher()),
      table_(rooms.host.cipher()),
      recovered_(rooms.host.metrics().Counter("parts_supplier_claims_recovered_amount_total",
                                              "What suppliers made good for claims (P-16)")) {
  rooms.rpcs.On(this, &SupplierClaimService::Create);
  rooms.rpcs.On(this, &SupplierClaimService::Submit);
  rooms.rpcs.On(this, &SupplierClaimService::Answer);
  rooms.rpcs.On(this, &SupplierClaimService::Recover);
  rooms.rpcs.On(this, &SupplierClaimService::Close);
  rooms.rpcs.On(this, &SupplierClaimService::Cancel);
  rooms.rpcs.Standard<Claim>(table_);
  rooms.Verify("supplier_claims", VerifySupplierClaims);
}

absl::Status SupplierClaimService::Bind(UnitOfWork& work, const Claim& claim, const std::string& open_claim_id) {
  std::vector<std::string> ids;
  for (const auto& line : claim.lines()) {
    if (!line.old_part_id().empty()) ids.push_back(line.old_part_id());
  }
  ASSIGN_OR_RETURN(const auto old_parts, old_parts_.LockByIds(work, ids));
  for (const v1::OldPart& before : old_parts) {
    v1::OldPart after = before;
    after.set_open_claim_id(open_claim_id);
    RETURN_IF_ERROR(old_parts_.table().Update(work, before, after));
  }
  return absl::OkStatus();
}

absl::StatusOr<Claim> SupplierClaimService::Create(chassis::Call& call, const v1::CreateSupplierClaimRequest& request) {
  ASSIGN_OR_RETURN(const auto store, call.Store());
  ASSIGN_OR_RETURN(const std::string number, call.NextNumber("SCL"));
  return call.Transact<Claim>([&](UnitOfWork& work) -> absl::StatusOr<Claim> {
    RETURN_IF_ERROR(suppliers_.suppliers().Get(work.sql(), work.store_id(), request.supplier_id()).status());
    std::vector<std::string> part_ids, old_part_ids;
    for (const auto& line : request.lines()) {
      if (!line.part_id().empty()) part_ids.push_back(line.part_id());
      if (!line.old_part_id().empty()) old_part_ids.push_back(line.old_part_id());
    }
    ASSIGN_OR_RETURN(const PartsById parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
    ASSIGN_OR_RETURN(const auto found, old_parts_.LockByIds(work, old_part_ids));
    OldPartsById old_parts;
    for (const v1::OldPart& old_part : found) old_parts[old_part.old_part_id()] = old_part;
    Claim claim;
    claim.set_store_id(work.store_id());
    claim.set_supplier_claim_id(work.NewId());
    claim.set_number(number);
    claim.set_state(Claim::STATE_DRAFT);
    claim.set_supplier_id(request.supplier_id());
    claim.set_cause(request.cause());
    claim.set_currency_code(store.currency_code());
    RETURN_IF_ERROR(DraftLines(
        request, parts, old_parts, [&] { return work.NewId(); }, claim));
    RETURN_IF_ERROR(table_.Insert(work, claim));
    RETURN_IF_ERROR(Bind(work, claim, claim.supplier_claim_id()));
    return claim;
  });
}

absl::StatusOr<Claim> SupplierClaimService::On(chassis::Call& call, const std::string& claim_id,
                                               std::string_view reason, const Change& change) {
  return call.Transact<Claim>([&](UnitOfWork& work) -> absl::StatusOr<Claim> {
    work.Because(reason);
    ASSIGN_OR_RETURN(const Claim before, table_.Lock(work, work.store_id(), claim_id));
    Claim after = before;
    RETURN_IF_ERROR(change(work, after));
    RETURN_IF_ERROR(table_.Update(work, before, after));
    return after;
  });
}

absl::Status SupplierClaimService::OweAnswer(UnitOfWork& work, const Claim& claim) {
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  aftersales::common::v1::Duty duty;
  duty.set_kind(kSupplierClaimAnswerDuty);
  duty.set_handbook("P-16");
  duty.set_subject_kind("supplier_claim");
  duty.set_subject_id(claim.supplier_claim_id());
  duty.set_subject_number(claim.number());
  duty.set_assignee_role(aftersales::options::v1::ROLE_PARTS_CLERK);
  duty.set_escalation_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
  *duty.mutable_due_time() = chassis::ToProto(work.now() + absl::Hours(24) * policy.claim_answer_days());
  work.Owe(std::move(duty));
  return absl::OkStatus();
}

absl::StatusOr<Claim> SupplierClaimService::Submit(chassis::Call& call, const v1::SubmitSupplierClaimRequest& request) {
  return On(call, request.supplier_claim_id(), "", [&](UnitOfWork& work, Claim& claim) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(claim, Claim::STATE_SUBMITTED));
    *claim.mutable_submit_time() = work.now_proto();
    return OweAnswer(work, claim);
  });
}

absl::StatusOr<Claim> SupplierClaimService::Answer(chassis::Call& call, const v1::AnswerSupplierClaimRequest& request) {
  return On(call, request.supplier_claim_id(), "", [&](UnitOfWork& work, Claim& claim) -> absl::Status {
    RETURN_IF_ERROR(parts::Answer(request, claim));
    *claim.mutable_answer_time() = work.now_proto();
    return work.CompleteDuties(kSupplierClaimAnswerDuty, claim.supplier_claim_id(),
                               chassis::StateName(Claim::State_descriptor(), claim.state()));
  });
}

absl::StatusOr<Claim> SupplierClaimService::Recover(chassis::Call& call,
                                                    const v1::RecordClaimRecoveryRequest& request) {
  absl::StatusOr<Claim> claim =
      On(call, request.supplier_claim_id(), "", [&](UnitOfWork& work, Claim& changed) -> absl::Status {
        v1::SupplierClaimRecovery recovery;
        recovery.set_supplier_claim_recovery_id(work.NewId());
        recovery.set_kind(request.kind());
        recovery.set_amount(request.amount());
        recovery.set_reference(request.reference());
        recovery.set_recorder(work.actor().subject);
        *recovery.mutable_record_time() = work.now_proto();
        return parts::Recover(recovery, changed);
      });
  if (claim.ok()) recovered_.Increment(static_cast<double>(request.amount()));
  return claim;
}

absl::StatusOr<Claim> SupplierClaimService::Close(chassis::Call& call, const v1::CloseSupplierClaimRequest& request) {
  return On(call, request.supplier_claim_id(), request.reason(), [&](UnitOfWork& work, Claim& claim) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(claim, Claim::STATE_CLOSED));
    if (claim.recovered_amount() < claim.accepted_amount() && request.reason().empty()) {
      return chassis::ReasonRequired("reason");
    }
    claim.set_end_reason(request.reason());
    v1::SupplierClaimClosed fact;
    fact.set_supplier_claim_id(claim.supplier_claim_id());
    fact.set_claim_number(claim.number());
    fact.set_supplier_id(claim.supplier_id());
    fact.set_claimed_amount(claim.claimed_amount());
    fact.set_accepted_amount(claim.accepted_amount());
    fact.set_recovered_amount(claim.recovered_amount());
    work.Publish(fact, {"supplier_claim", claim.supplier_claim_id(), VersionOf(claim) + 1});
    return Bind(work, claim, "");
  });
}

absl::StatusOr<Claim> SupplierClaimService::Cancel(chassis::Call& call, const v1::CancelSupplierClaimRequest& request) {
  return On(call, request.supplier_claim_id(), request.reason(), [&](UnitOfWork& work, Claim& claim) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(claim, Claim::STATE_CANCELLED));
    claim.set_end_reason(request.reason());
    return Bind(work, claim, "");
  });
}

}  // namespace parts
