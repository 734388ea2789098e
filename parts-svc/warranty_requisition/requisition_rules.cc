// Warranty parts; see requisition_rules.h.
#include "parts-svc/warranty_requisition/requisition_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/parts/v1/warranty_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace parts {
namespace {

namespace options = aftersales::options::v1;
using Requisition = v1::WarrantyRequisition;
using Signature = aftersales::common::v1::Signature;

absl::Status SelfDecided() {
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_REQUISITION_SELF_DECIDED)
      .At("warranty_requisition_id", "须由他人审批", "was asked for by the same person");
}

// Its lines may be asked for again.
void Release(Requisition& requisition) {
  for (auto& line : *requisition.mutable_lines()) line.clear_open_holder_line_id();
}

bool IsServed(const Requisition& requisition) {
  return std::all_of(requisition.lines().begin(), requisition.lines().end(),
                     [](const auto& line) { return line.issued_milli() == line.quantity_milli(); });
}

absl::Status ServeLine(const v1::IssueLine& issued, Requisition& requisition, v1::WarrantyRequisitionLine& line) {
  if (requisition.state() == Requisition::STATE_REQUESTED || requisition.state() == Requisition::STATE_SENT_BACK) {
    return chassis::Refuse(v1::WARRANTY_ERROR_REASON_REQUISITION_NOT_APPROVED)
        .With("number", requisition.number())
        .At("lines", "三包件申请未批准", "name a part whose requisition is not approved");
  }
  const int64_t left = line.quantity_milli() - line.issued_milli();
  if (issued.quantity_milli() > left) {
    return chassis::Refuse(v1::WARRANTY_ERROR_REASON_REQUISITION_EXCEEDED)
        .With("number", requisition.number())
        .With("left", left)
        .With("wanted", issued.quantity_milli())
        .At("lines", "超过三包件申请数量", "ask for more than the requisition grants");
  }
  line.set_issued_milli(line.issued_milli() + issued.quantity_milli());
  return absl::OkStatus();
}

}  // namespace

absl::Status SetLines(const google::protobuf::RepeatedPtrField<v1::WantedWarrantyPart>& wanted, const PartsById& parts,
                      const std::function<std::string()>& new_id, Requisition& requisition) {
  requisition.clear_lines();
  std::vector<std::string> missing, fields;
  std::set<std::string> seen;
  for (int i = 0; i < wanted.size(); ++i) {
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto part = parts.find(wanted[i].part_id());
    if (part == parts.end()) {
      missing.push_back(wanted[i].part_id());
      fields.push_back(at + ".part_id");
      continue;
    }
    RETURN_IF_ERROR(CheckQuantity(part->second, wanted[i].quantity_milli(), at + ".quantity_milli"));
    if (!seen.insert(wanted[i].holder_line_id()).second) {
      return chassis::Refuse(v1::WARRANTY_ERROR_REASON_REQUISITION_LINE_TWICE)
          .At(at + ".holder_line_id", "与前面的行重复", "repeats an earlier line");
    }
    v1::WarrantyRequisitionLine& line = *requisition.add_lines();
    line.set_warranty_requisition_line_id(new_id());
    line.set_holder_line_id(wanted[i].holder_line_id());
    line.set_open_holder_line_id(wanted[i].holder_line_id());
    line.set_part_id(part->first);
    line.set_part_number(part->second.part_number());
    line.set_quantity_milli(wanted[i].quantity_milli());
  }
  return missing.empty() ? absl::OkStatus() : UnknownParts(missing, fields);
}

absl::Status Decide(const v1::DecideRequisitionRequest& request, const std::string& decider, Requisition& requisition) {
  if (requisition.applicant() == decider) return SelfDecided();
  // The table also leads from ISSUED back to APPROVED, for what comes back unused; nobody decides that.
  RETURN_IF_ERROR(chassis::RequireState(requisition, {Requisition::STATE_REQUESTED}));
  switch (request.decision()) {
    case v1::DecideRequisitionRequest::DECISION_APPROVE:
      RETURN_IF_ERROR(chassis::MoveTo(requisition, Requisition::STATE_APPROVED));
      break;
    case v1::DecideRequisitionRequest::DECISION_SEND_BACK:
      RETURN_IF_ERROR(chassis::MoveTo(requisition, Requisition::STATE_SENT_BACK));
      break;
    default:
      RETURN_IF_ERROR(chassis::MoveTo(requisition, Requisition::STATE_REFUSED));
      Release(requisition);
  }
  requisition.set_decider(decider);
  requisition.set_decision_reason(request.reason());
  return absl::OkStatus();
}

absl::Status Cancel(Requisition& requisition) {
  RETURN_IF_ERROR(chassis::MoveTo(requisition, Requisition::STATE_CANCELLED));
  for (const auto& line : requisition.lines()) {
    if (line.issued_milli() == 0) continue;
    return chassis::Refuse(v1::WARRANTY_ERROR_REASON_REQUISITION_PARTLY_ISSUED)
        .With("number", requisition.number())
        .At("warranty_requisition_id", "已有配件出库", "has parts out");
  }
  Release(requisition);
  return absl::OkStatus();
}

v1::WarrantyRequisitionLine* LineFor(Requisition& requisition, const std::string& holder_line_id) {
  for (auto& line : *requisition.mutable_lines()) {
    if (line.open_holder_line_id() == holder_line_id) return &line;
  }
  return nullptr;
}

absl::Status Serve(const std::vector<v1::IssueLine>& lines, const std::string& issue_id,
                   std::vector<Requisition>& requisitions) {
  for (Requisition& requisition : requisitions) {
    bool served = false;
    for (const v1::IssueLine& issued : lines) {
      v1::WarrantyRequisitionLine* line = LineFor(requisition, issued.holder_line_id());
      if (line == nullptr) continue;
      RETURN_IF_ERROR(ServeLine(issued, requisition, *line));
      served = true;
    }
    if (!served) continue;
    requisition.add_issue_ids(issue_id);
    if (IsServed(requisition)) RETURN_IF_ERROR(chassis::MoveTo(requisition, Requisition::STATE_ISSUED));
  }
  return absl::OkStatus();
}

absl::Status Unserve(const std::vector<v1::IssueLine>& lines, std::vector<Requisition>& requisitions) {
  for (Requisition& requisition : requisitions) {
    // What is written off stays written off: the part that comes back then is the store's gain.
    if (requisition.state() == Requisition::STATE_WRITTEN_OFF) continue;
    for (const v1::IssueLine& returned : lines) {
      v1::WarrantyRequisitionLine* line = LineFor(requisition, returned.holder_line_id());
      if (line == nullptr) continue;
      line->set_issued_milli(std::max<int64_t>(0, line->issued_milli() - returned.quantity_milli()));
    }
    if (requisition.state() == Requisition::STATE_ISSUED && !IsServed(requisition)) {
      RETURN_IF_ERROR(chassis::MoveTo(requisition, Requisition::STATE_APPROVED));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckWriteOff(const Requisition& requisition, const std::vector<v1::OldPart>& old_parts,
                           const Signature& signature) {
  RETURN_IF_ERROR(chassis::RequireState(requisition, {Requisition::STATE_ISSUED}));
  std::vector<std::string> missing;
  int64_t accounted_milli = 0, issued_milli = 0;
  for (const v1::OldPart& old_part : old_parts) {
    if (old_part.state() == v1::OldPart::STATE_EXPECTED) {
      missing.push_back(old_part.part_number());
    } else {
      accounted_milli += old_part.quantity_milli() - old_part.unused_milli();
    }
  }
  // As many old parts as new ones: one nobody ever expected is missing, too.
  for (const auto& line : requisition.lines()) issued_milli += line.issued_milli();
  if (missing.empty() && accounted_milli < issued_milli) missing.push_back(requisition.number());
  if (!missing.empty()) {
    return chassis::Refuse(v1::WARRANTY_ERROR_REASON_OLD_PART_MISSING)
        .With("parts", absl::StrJoin(missing, ", "))
        .At("warranty_requisition_id", "旧件未交回", "still lacks an old part");
  }
  if (signature.signer_role() == Signature::SIGNER_ROLE_TECHNICIAN ||
      signature.signer_role() == Signature::SIGNER_ROLE_TEAM_LEADER ||
      signature.signer_role() == Signature::SIGNER_ROLE_MANAGER) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_REPORT_SIGNER_NOT_TECHNICIAN)
      .At("service_report_signature.signer_role", "须为技师、班组长或主管",
          "must be technician, team leader or manager");
}

absl::Status DecidePostage(const v1::PartsPolicy& policy, const std::set<options::Role>& roles,
                           const std::string& decider, v1::DecidePostageRequest::Decision decision,
                           Requisition& requisition) {
  if (requisition.postage_state() != Requisition::POSTAGE_STATE_WAITING) {
    return chassis::Refuse(v1::WARRANTY_ERROR_REASON_POSTAGE_NOT_ASKED)
        .At("warranty_requisition_id", "没有待批邮费", "has no postage that waits");
  }
  if (requisition.postage_asker() == decider) return SelfDecided();
  const bool above_managers =
      roles.count(options::ROLE_SERVICE_MANAGER) > 0 || roles.count(options::ROLE_GROUP_MANAGER) > 0;
  if (!above_managers && requisition.postage_amount() > policy.manager_postage_limit_amount()) {
    return chassis::Refuse(v1::WARRANTY_ERROR_REASON_POSTAGE_ABOVE_LIMIT)
        .With("amount", requisition.postage_amount())
        .With("limit", policy.manager_postage_limit_amount())
        .At("warranty_requisition_id", "邮费超过权限", "asks for more postage than the caller may approve");
  }
  requisition.set_postage_decider(decider);
  requisition.set_postage_state(decision == v1::DecidePostageRequest::DECISION_APPROVE
                                    ? Requisition::POSTAGE_STATE_APPROVED
                                    : Requisition::POSTAGE_STATE_REFUSED);
  return absl::OkStatus();
}

}  // namespace parts
