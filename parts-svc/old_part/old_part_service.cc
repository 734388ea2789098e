// The old part room; see old_part_service.h.
#include "parts-svc/old_part/old_part_service.h"

#include "aftersales/parts/v1/warranty_errors.pb.h"
#include "parts-svc/old_part/old_part_checks.h"
#include "parts-svc/old_part/old_part_duties.h"
#include "parts-svc/version.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using OldPart = v1::OldPart;
using Signature = aftersales::common::v1::Signature;

absl::Status CheckCustomerSigned(const Signature& signature) {
  if (signature.signer_role() == Signature::SIGNER_ROLE_CUSTOMER ||
      signature.signer_role() == Signature::SIGNER_ROLE_CUSTOMER_REPRESENTATIVE) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_SIGNER_NOT_CUSTOMER)
      .At("customer_signature.signer_role", "须为客户或其代表", "must be the customer or a representative");
}

}  // namespace

OldPartService::OldPartService(chassis::Rooms& rooms) : store_(rooms.host.cipher()), shelf_(rooms) {
  rooms.rpcs.On(this, &OldPartService::Tag);
  rooms.rpcs.On(this, &OldPartService::Store);
  rooms.rpcs.On(this, &OldPartService::Show);
  rooms.rpcs.On(this, &OldPartService::HandOver);
  rooms.rpcs.On(this, &OldPartService::Send);
  rooms.rpcs.On(this, &OldPartService::Except);
  rooms.rpcs.Standard<OldPart>(store_.table());
  rooms.Verify("old_parts", VerifyOldParts);
  rooms.SignedDocument("old_part",
                       [this](chassis::sql::Session& session, const std::string& store_id,
                              const std::string& id) -> absl::StatusOr<std::unique_ptr<google::protobuf::Message>> {
                         ASSIGN_OR_RETURN(OldPart old_part, store_.table().Get(session, store_id, id));
                         return std::make_unique<OldPart>(std::move(old_part));
                       });
}

absl::StatusOr<OldPart> OldPartService::On(chassis::Call& call, const std::string& old_part_id, const Change& change) {
  return call.Transact<OldPart>([&](UnitOfWork& work) -> absl::StatusOr<OldPart> {
    ASSIGN_OR_RETURN(const OldPart before, store_.table().Lock(work, work.store_id(), old_part_id));
    OldPart after = before;
    RETURN_IF_ERROR(change(work, before, after));
    return after;
  });
}

absl::StatusOr<OldPart> OldPartService::Tag(chassis::Call& call, const v1::TagOldPartRequest& request) {
  ASSIGN_OR_RETURN(const std::string tag_code, call.NextNumber("OLD"));
  return On(call, request.old_part_id(), [&](UnitOfWork& work, const OldPart& before, OldPart& after) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(after, OldPart::STATE_TAGGED));
    after.set_tag_code(tag_code);
    after.set_finding(request.finding());
    after.set_tagger(work.actor().subject);
    *after.mutable_tag_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return work.CompleteDuties(kOldPartNotReturnedDuty, after.old_part_id(), tag_code);
  });
}

absl::StatusOr<OldPart> OldPartService::Store(chassis::Call& call, const v1::StoreOldPartRequest& request) {
  return On(call, request.old_part_id(), [&](UnitOfWork& work, const OldPart& before, OldPart& after) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(after, OldPart::STATE_STORED));
    after.set_location_id(request.location_id());
    *after.mutable_store_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return shelf_.PutAway(work, after);
  });
}

absl::StatusOr<OldPart> OldPartService::Show(chassis::Call& call, const v1::ShowOldPartRequest& request) {
  return On(call, request.old_part_id(), [&](UnitOfWork& work, const OldPart& before, OldPart& after) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(after, OldPart::STATE_SHOWN));
    *after.mutable_show_time() = work.now_proto();
    return store_.table().Update(work, before, after);
  });
}

absl::StatusOr<OldPart> OldPartService::HandOver(chassis::Call& call, const v1::HandOverOldPartRequest& request) {
  RETURN_IF_ERROR(CheckCustomerSigned(request.customer_signature()));
  return On(call, request.old_part_id(), [&](UnitOfWork& work, const OldPart& before, OldPart& after) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(after, OldPart::STATE_HANDED_OVER));
    RETURN_IF_ERROR(CheckHandOver(after));
    *after.mutable_disposal_time() = work.now_proto();
    ASSIGN_OR_RETURN(
        *after.mutable_customer_signature(),
        work.Sign(after, {"old_part", after.old_part_id(), VersionOf(before) + 1}, request.customer_signature()));
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return shelf_.Dispose(work, PaperOf(after), {after});
  });
}

absl::StatusOr<OldPart> OldPartService::Send(chassis::Call& call, const v1::SendOldPartRequest& request) {
  return On(call, request.old_part_id(), [&](UnitOfWork& work, const OldPart& before, OldPart& after) -> absl::Status {
    RETURN_IF_ERROR(chassis::MoveTo(after, OldPart::STATE_SENT));
    ASSIGN_OR_RETURN(Bindings bindings, store_.BindingsOf(work.sql(), work.store_id(), {after.old_part_id()}));
    RETURN_IF_ERROR(CheckSend(after, bindings[after.old_part_id()]));
    after.set_carrier(request.carrier());
    after.set_tracking_number(request.tracking_number());
    *after.mutable_disposal_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    return shelf_.Dispose(work, PaperOf(after), {after});
  });
}

absl::StatusOr<OldPart> OldPartService::Except(chassis::Call& call, const v1::ApproveOldPartExceptionRequest& request) {
  return On(call, request.old_part_id(), [&](UnitOfWork& work, const OldPart& before, OldPart& after) -> absl::Status {
    work.Because(request.reason());
    RETURN_IF_ERROR(chassis::MoveTo(after, OldPart::STATE_EXCEPTED));
    RETURN_IF_ERROR(CheckException(before));
    after.set_exception_reason(request.reason());
    after.set_exception_approver(work.actor().subject);
    const bool lost = IsInStore(before);
    if (lost) *after.mutable_disposal_time() = work.now_proto();
    RETURN_IF_ERROR(store_.table().Update(work, before, after));
    RETURN_IF_ERROR(work.WaiveDuties(kOldPartNotReturnedDuty, after.old_part_id(), request.reason()));
    if (!lost) return absl::OkStatus();
    Paper paper = PaperOf(after);
    paper.reason = request.reason();
    return shelf_.Dispose(work, paper, {after});
  });
}

}  // namespace parts
