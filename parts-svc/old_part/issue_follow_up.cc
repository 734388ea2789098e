// What an issue means for warranty requisitions and old parts; see issue_follow_up.h.
#include "parts-svc/old_part/issue_follow_up.h"

#include <algorithm>
#include <map>

#include "parts-svc/old_part/old_part_duties.h"

namespace parts {
namespace {

OldPartAsked AskedFor(const v1::IssuePartsRequest& request, const v1::IssueLine& line) {
  const bool asked = std::any_of(request.lines().begin(), request.lines().end(), [&](const auto& wanted) {
    return wanted.old_part_expected() && wanted.holder_line_id() == line.holder_line_id();
  });
  return asked ? OldPartAsked::kByWhoIssues : OldPartAsked::kNo;
}

}  // namespace

absl::StatusOr<OldPartsOwed> IssueFollowUp::Grant(chassis::UnitOfWork& work, const v1::IssuePartsRequest& request,
                                                  const PartsById& parts, const v1::Issue& note,
                                                  const std::vector<v1::IssueLine>& drawn) {
  ASSIGN_OR_RETURN(const auto before, requisitions_.LockOfOrder(work, note.order_id()));
  std::vector<v1::WarrantyRequisition> after = before;
  RETURN_IF_ERROR(Serve(drawn, note.issue_id(), after));
  for (size_t i = 0; i < after.size(); ++i) {
    if (after[i].issue_ids_size() == before[i].issue_ids_size()) continue;
    RETURN_IF_ERROR(requisitions_.table().Update(work, before[i], after[i]));
  }
  OldPartsOwed owed;
  for (const v1::IssueLine& line : drawn) {
    OldPartOwed one;
    for (v1::WarrantyRequisition& requisition : after) {
      if (LineFor(requisition, line.holder_line_id()) == nullptr) continue;
      one.requisition_id = requisition.warranty_requisition_id();
    }
    one.cause = CauseOf(parts.at(line.part_id()), !one.requisition_id.empty(), AskedFor(request, line));
    if (one.cause != v1::OldPart::CAUSE_UNSPECIFIED) owed[line.reservation_line_id()] = std::move(one);
  }
  return owed;
}

absl::Status IssueFollowUp::Expect(chassis::UnitOfWork& work, const OldPartsOwed& owed, const v1::Issue& note,
                                   std::vector<v1::IssueLine>& lines) {
  if (owed.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::PartsPolicy policy, policies_.Get(work.sql(), work.store_id()));
  const absl::Time due = work.now() + absl::Hours(policy.old_part_return_hours());
  std::vector<v1::OldPart> expected;
  for (v1::IssueLine& line : lines) {
    const auto found = owed.find(line.reservation_line_id());
    if (found == owed.end()) continue;
    line.set_old_part_owed(true);
    v1::OldPart& old_part =
        expected.emplace_back(Expected(note, line, found->second.cause, found->second.requisition_id, due));
    old_part.set_old_part_id(work.NewId());
    aftersales::common::v1::Duty duty;
    duty.set_kind(kOldPartNotReturnedDuty);
    duty.set_handbook("P-15");
    duty.set_subject_kind("old_part");
    duty.set_subject_id(old_part.old_part_id());
    duty.set_subject_number(old_part.issue_number());
    duty.set_assignee(old_part.technician());
    duty.set_assignee_role(aftersales::options::v1::ROLE_TECHNICIAN);
    duty.set_escalation_role(aftersales::options::v1::ROLE_PARTS_MANAGER);
    *duty.mutable_due_time() = old_part.due_time();
    work.Owe(std::move(duty));
  }
  return old_parts_.table().InsertAll(work, expected);
}

absl::Status IssueFollowUp::Returned(chassis::UnitOfWork& work, const v1::Issue& note,
                                     const std::vector<v1::IssueLine>& lines) {
  ASSIGN_OR_RETURN(const auto requisitions_before, requisitions_.LockOfOrder(work, note.order_id()));
  std::vector<v1::WarrantyRequisition> requisitions = requisitions_before;
  RETURN_IF_ERROR(Unserve(lines, requisitions));
  for (size_t i = 0; i < requisitions.size(); ++i) {
    const bool touched = std::any_of(lines.begin(), lines.end(), [&](const v1::IssueLine& line) {
      return LineFor(requisitions[i], line.holder_line_id()) != nullptr;
    });
    if (touched) RETURN_IF_ERROR(requisitions_.table().Update(work, requisitions_before[i], requisitions[i]));
  }
  std::map<std::string, int64_t> unused;
  std::vector<std::string> source_ids;
  for (const v1::IssueLine& line : lines) {
    if (!line.old_part_owed()) continue;
    unused[line.source_issue_line_id()] += line.quantity_milli();
    source_ids.push_back(line.source_issue_line_id());
  }
  ASSIGN_OR_RETURN(const auto before, old_parts_.LockByIssueLines(work, source_ids));
  for (const v1::OldPart& old_part : before) {
    v1::OldPart after = old_part;
    RETURN_IF_ERROR(ComeBackUnused(unused[old_part.issue_line_id()], after));
    if (after.unused_milli() == old_part.unused_milli()) continue;
    RETURN_IF_ERROR(old_parts_.table().Update(work, old_part, after));
    if (after.state() != v1::OldPart::STATE_UNUSED) continue;
    RETURN_IF_ERROR(work.WaiveDuties(kOldPartNotReturnedDuty, after.old_part_id(), "the new part came back unused"));
  }
  return absl::OkStatus();
}

}  // namespace parts
