// Secondary claims; see claim_rules.h.
#include "parts-svc/supplier_claim/claim_rules.h"

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/warranty_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"

namespace parts {
namespace {

using Claim = v1::SupplierClaim;
using OldPart = v1::OldPart;

absl::Status NotAtHand(const std::string& old_part, const std::string& field) {
  return chassis::Refuse(v1::WARRANTY_ERROR_REASON_OLD_PART_NOT_AT_HAND)
      .With("old_part", old_part)
      .At(field, "未入库或已处置", "is not in store nor sent");
}

absl::Status FromOldPart(const OldPartsById& old_parts, const std::string& old_part_id, const std::string& at,
                         v1::SupplierClaimLine& line) {
  const auto found = old_parts.find(old_part_id);
  if (found == old_parts.end()) return NotAtHand(old_part_id, at + ".old_part_id");
  const OldPart& old_part = found->second;
  const bool proves = old_part.state() == OldPart::STATE_STORED || old_part.state() == OldPart::STATE_SHOWN ||
                      old_part.state() == OldPart::STATE_SENT;
  if (!proves) return NotAtHand(old_part.part_number(), at + ".old_part_id");
  if (!old_part.open_claim_id().empty()) {
    return chassis::Refuse(v1::WARRANTY_ERROR_REASON_OLD_PART_CLAIMED)
        .With("tag", old_part.tag_code())
        .At(at + ".old_part_id", "已在另一索赔中", "stands in another claim");
  }
  line.set_old_part_id(old_part_id);
  line.set_part_id(old_part.part_id());
  line.set_part_number(old_part.part_number());
  line.set_quantity_milli(old_part.quantity_milli() - old_part.unused_milli());
  return absl::OkStatus();
}

absl::Status FromPart(const PartsById& parts, const v1::CreateSupplierClaimRequest::Line& wanted, const std::string& at,
                      v1::SupplierClaimLine& line) {
  const auto part = parts.find(wanted.part_id());
  if (part == parts.end()) return UnknownParts({wanted.part_id()}, {at + ".part_id"});
  RETURN_IF_ERROR(CheckQuantity(part->second, wanted.quantity_milli(), at + ".quantity_milli"));
  line.set_part_id(wanted.part_id());
  line.set_part_number(part->second.part_number());
  line.set_quantity_milli(wanted.quantity_milli());
  return absl::OkStatus();
}

}  // namespace

absl::Status DraftLines(const v1::CreateSupplierClaimRequest& request, const PartsById& parts,
                        const OldPartsById& old_parts, const std::function<std::string()>& new_id, Claim& claim) {
  OldPartsById left = old_parts;
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& wanted = request.lines(i);
    const std::string at = absl::StrCat("lines[", i, "]");
    const bool by_old_part = !wanted.old_part_id().empty();
    const bool by_part = !wanted.part_id().empty() && wanted.quantity_milli() > 0;
    if (by_old_part == by_part || (by_old_part && (!wanted.part_id().empty() || wanted.quantity_milli() > 0))) {
      return chassis::Refuse(v1::WARRANTY_ERROR_REASON_CLAIM_LINE_WRONG)
          .At(at, "须为旧件或配件之一", "names neither or both");
    }
    v1::SupplierClaimLine& line = *claim.add_lines();
    line.set_supplier_claim_line_id(new_id());
    line.set_claimed_amount(wanted.claimed_amount());
    if (by_old_part) {
      RETURN_IF_ERROR(FromOldPart(left, wanted.old_part_id(), at, line));
      // A second line with the same old part finds it claimed.
      left[wanted.old_part_id()].set_open_claim_id(claim.supplier_claim_id());
    } else {
      RETURN_IF_ERROR(FromPart(parts, wanted, at, line));
    }
    claim.set_claimed_amount(claim.claimed_amount() + line.claimed_amount());
  }
  return absl::OkStatus();
}

absl::Status Answer(const v1::AnswerSupplierClaimRequest& request, Claim& claim) {
  RETURN_IF_ERROR(chassis::RequireState(claim, {Claim::STATE_SUBMITTED}));
  std::map<std::string, int64_t> accepted;
  for (const auto& line : request.lines()) accepted[line.supplier_claim_line_id()] = line.accepted_amount();
  const auto incomplete = [] {
    return chassis::Refuse(v1::WARRANTY_ERROR_REASON_ANSWER_INCOMPLETE)
        .At("lines", "每行一个答复", "answer every line once");
  };
  if (accepted.size() != static_cast<size_t>(claim.lines_size()) || request.lines_size() != claim.lines_size()) {
    return incomplete();
  }
  int64_t sum = 0;
  for (auto& line : *claim.mutable_lines()) {
    const auto answer = accepted.find(line.supplier_claim_line_id());
    if (answer == accepted.end()) return incomplete();
    if (answer->second > line.claimed_amount()) {
      return chassis::Refuse(v1::WARRANTY_ERROR_REASON_ACCEPTED_ABOVE_CLAIM)
          .With("accepted", answer->second)
          .With("claimed", line.claimed_amount())
          .At("lines", "超过索赔金额", "accept more than was claimed");
    }
    line.set_accepted_amount(answer->second);
    sum += answer->second;
  }
  claim.set_accepted_amount(sum);
  claim.set_answer_reference(request.answer_reference());
  claim.set_answer_text(request.answer_text());
  if (sum == 0) return chassis::MoveTo(claim, Claim::STATE_REJECTED);
  return chassis::MoveTo(claim, sum == claim.claimed_amount() ? Claim::STATE_ACCEPTED : Claim::STATE_PARTLY_ACCEPTED);
}

absl::Status Recover(const v1::SupplierClaimRecovery& recovery, Claim& claim) {
  RETURN_IF_ERROR(chassis::RequireState(claim, {Claim::STATE_ACCEPTED, Claim::STATE_PARTLY_ACCEPTED}));
  const int64_t left = claim.accepted_amount() - claim.recovered_amount();
  if (recovery.amount() > left) {
    return chassis::Refuse(v1::WARRANTY_ERROR_REASON_RECOVERED_ABOVE_ACCEPTED)
        .With("amount", recovery.amount())
        .With("left", left)
        .At("amount", "超过未追回金额", "is more than is left");
  }
  *claim.add_recoveries() = recovery;
  claim.set_recovered_amount(claim.recovered_amount() + recovery.amount());
  if (claim.recovered_amount() < claim.accepted_amount()) return absl::OkStatus();
  return chassis::MoveTo(claim, Claim::STATE_RECOVERED);
}

}  // namespace parts
