// Old parts; see old_part_rules.h.
#include "parts-svc/old_part/old_part_rules.h"

#include "aftersales/parts/v1/warranty_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"

namespace parts {
namespace {

using OldPart = v1::OldPart;

absl::Status Bound(const OldPart& old_part) {
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_OLD_PART_BOUND)
      .With("tag", old_part.tag_code())
      .At("old_part_id", "须保留或寄厂家", "is kept or sent to the manufacturer");
}

absl::Time RetainedUntil(const OldPart& old_part, int retention_days) {
  return chassis::FromProto(old_part.store_time()) + absl::Hours(24) * retention_days;
}

}  // namespace

OldPart::Cause CauseOf(const v1::Part& part, bool under_requisition, OldPartAsked asked) {
  if (under_requisition) return OldPart::CAUSE_WARRANTY;
  if (part.safety_critical()) return OldPart::CAUSE_SAFETY_CRITICAL;
  if (part.high_value()) return OldPart::CAUSE_HIGH_VALUE;
  return asked == OldPartAsked::kByWhoIssues ? OldPart::CAUSE_ASKED : OldPart::CAUSE_UNSPECIFIED;
}

OldPart Expected(const v1::Issue& note, const v1::IssueLine& line, OldPart::Cause cause,
                 const std::string& requisition_id, absl::Time due_time) {
  OldPart old_part;
  old_part.set_store_id(note.store_id());
  old_part.set_state(OldPart::STATE_EXPECTED);
  old_part.set_cause(cause);
  old_part.set_issue_id(note.issue_id());
  old_part.set_issue_number(note.number());
  old_part.set_issue_line_id(line.issue_line_id());
  old_part.set_order_id(note.order_id());
  old_part.set_warranty_requisition_id(requisition_id);
  old_part.set_part_id(line.part_id());
  old_part.set_part_number(line.part_number());
  old_part.set_name_zh(line.name_zh());
  old_part.set_name_en(line.name_en());
  old_part.set_quantity_milli(line.quantity_milli());
  old_part.set_technician(note.technician());
  *old_part.mutable_due_time() = chassis::ToProto(due_time);
  return old_part;
}

absl::Status ComeBackUnused(int64_t quantity_milli, OldPart& old_part) {
  if (old_part.state() != OldPart::STATE_EXPECTED) return absl::OkStatus();
  old_part.set_unused_milli(old_part.unused_milli() + quantity_milli);
  if (CountOf(old_part) > 0) return absl::OkStatus();
  return chassis::MoveTo(old_part, OldPart::STATE_UNUSED);
}

absl::Status CheckOldPartBin(const v1::Location& location) {
  if (location.kind() == v1::Location::KIND_OLD_PARTS && !location.closed()) return absl::OkStatus();
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_NOT_AN_OLD_PART_BIN)
      .With("location", location.code())
      .At("location_id", "须为旧件库位", "must be an open bin for old parts");
}

absl::Status CheckException(const OldPart& old_part) {
  return old_part.open_claim_id().empty() ? absl::OkStatus() : Bound(old_part);
}

bool IsInStore(const OldPart& old_part) {
  return old_part.state() == OldPart::STATE_STORED || old_part.state() == OldPart::STATE_SHOWN;
}

absl::Status CheckHandOver(const OldPart& old_part) {
  const bool wanted = old_part.cause() == OldPart::CAUSE_WARRANTY || !old_part.open_claim_id().empty();
  return wanted ? Bound(old_part) : absl::OkStatus();
}

absl::Status CheckSend(const OldPart& old_part, const Binding& binding) {
  if (!binding.postage_missing) return absl::OkStatus();
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_POSTAGE_NOT_APPROVED)
      .With("tag", old_part.tag_code())
      .At("old_part_id", "邮费未批准", "waits for its postage to be approved");
}

absl::Status CheckScrap(const OldPart& old_part, const Binding& binding, int retention_days, absl::Time now) {
  if (binding.requisition_open || !old_part.open_claim_id().empty()) return Bound(old_part);
  const absl::Time until = RetainedUntil(old_part, retention_days);
  if (now >= until) return absl::OkStatus();
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_OLD_PART_RETENTION)
      .With("tag", old_part.tag_code())
      .With("until", chassis::CivilDate(until, "UTC"))
      .At("old_part_id", "仍在保管期内", "is within its retention");
}

absl::Status CheckDecision(const OldPart& old_part, const Binding& binding, v1::OldPartDecision decision,
                           int retention_days, absl::Time now) {
  switch (decision) {
    case v1::OLD_PART_DECISION_SCRAP:
      return CheckScrap(old_part, binding, retention_days, now);
    case v1::OLD_PART_DECISION_SEND:
      return CheckSend(old_part, binding);
    default:
      return absl::OkStatus();
  }
}

v1::OldPartRunLine Propose(const OldPart& old_part, const Binding& binding, int retention_days, absl::Time now) {
  v1::OldPartRunLine line;
  line.set_old_part_id(old_part.old_part_id());
  line.set_tag_code(old_part.tag_code());
  line.set_part_number(old_part.part_number());
  line.set_quantity_milli(CountOf(old_part));
  if (old_part.cause() == OldPart::CAUSE_WARRANTY && !binding.postage_missing) {
    line.set_decision(v1::OLD_PART_DECISION_SEND);
  } else if (CheckScrap(old_part, binding, retention_days, now).ok()) {
    line.set_decision(v1::OLD_PART_DECISION_SCRAP);
  } else {
    line.set_decision(v1::OLD_PART_DECISION_KEEP);
  }
  return line;
}

int64_t CountOf(const OldPart& old_part) { return old_part.quantity_milli() - old_part.unused_milli(); }

}  // namespace parts
