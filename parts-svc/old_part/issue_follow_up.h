// What an issue or return note means for warranty requisitions and old parts (P-14, P-15), done in the same
// transaction: called by the issue room.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/old_part/old_part_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/warranty_requisition/requisition_store.h"

namespace parts {

// Why a drawn line owes an old part, by reservation line.
struct OldPartOwed {
  v1::OldPart::Cause cause = v1::OldPart::CAUSE_UNSPECIFIED;
  std::string requisition_id;
};
using OldPartsOwed = std::map<std::string, OldPartOwed>;

class IssueFollowUp {
 public:
  explicit IssueFollowUp(const chassis::privacy::Cipher& cipher)
      : requisitions_(cipher), old_parts_(cipher), policies_(cipher) {}

  // Before the bins are locked. Lines of a warranty requisition go out only when it is approved
  // (REQUISITION_NOT_APPROVED, REQUISITION_EXCEEDED); answers which lines owe an old part.
  absl::StatusOr<OldPartsOwed> Grant(chassis::UnitOfWork& work, const v1::IssuePartsRequest& request,
                                     const PartsById& parts, const v1::Issue& note,
                                     const std::vector<v1::IssueLine>& drawn);
  // Marks the lines that owe an old part; each is expected by the policy's hours.
  absl::Status Expect(chassis::UnitOfWork& work, const OldPartsOwed& owed, const v1::Issue& note,
                      std::vector<v1::IssueLine>& lines);
  // What comes back unused needs no old part and frees its requisition.
  absl::Status Returned(chassis::UnitOfWork& work, const v1::Issue& note, const std::vector<v1::IssueLine>& lines);

 private:
  RequisitionStore requisitions_;
  OldPartStore old_parts_;
  PolicyStore policies_;
};

}  // namespace parts
