// Warranty parts (P-14): what a requisition must be, who decides on it, what may be issued for it, and what must be
// there before it is written off. Pure.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "aftersales/options/v1/options.pb.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/old_part.pb.h"
#include "aftersales/parts/v1/policy.pb.h"
#include "aftersales/parts/v1/warranty_requisition.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"

namespace parts {

// Replaces the requisition's lines by these. PART_UNKNOWN, QUANTITY_STEP, REQUISITION_LINE_TWICE.
absl::Status SetLines(const google::protobuf::RepeatedPtrField<v1::WantedWarrantyPart>& wanted, const PartsById& parts,
                      const std::function<std::string()>& new_id, v1::WarrantyRequisition& requisition);

// REQUISITION_SELF_DECIDED, WRONG_STATE.
absl::Status Decide(const v1::DecideRequisitionRequest& request, const std::string& decider,
                    v1::WarrantyRequisition& requisition);
// REQUISITION_PARTLY_ISSUED, WRONG_STATE.
absl::Status Cancel(v1::WarrantyRequisition& requisition);

// The line of the requisition that this line of an order is asked for with; null when there is none.
v1::WarrantyRequisitionLine* LineFor(v1::WarrantyRequisition& requisition, const std::string& holder_line_id);

// Counts issued lines on the order's requisitions; one served whole is ISSUED. REQUISITION_NOT_APPROVED,
// REQUISITION_EXCEEDED.
absl::Status Serve(const std::vector<v1::IssueLine>& lines, const std::string& issue_id,
                   std::vector<v1::WarrantyRequisition>& requisitions);
// Counts what came back unused; a requisition served no more is APPROVED again.
absl::Status Unserve(const std::vector<v1::IssueLine>& lines, std::vector<v1::WarrantyRequisition>& requisitions);

// OLD_PART_MISSING naming the parts, REPORT_SIGNER_NOT_TECHNICIAN, WRONG_STATE. `old_parts` are all of the requisition.
absl::Status CheckWriteOff(const v1::WarrantyRequisition& requisition, const std::vector<v1::OldPart>& old_parts,
                           const aftersales::common::v1::Signature& signature);

// POSTAGE_NOT_ASKED, REQUISITION_SELF_DECIDED, POSTAGE_ABOVE_LIMIT.
absl::Status DecidePostage(const v1::PartsPolicy& policy, const std::set<aftersales::options::v1::Role>& roles,
                           const std::string& decider, v1::DecidePostageRequest::Decision decision,
                           v1::WarrantyRequisition& requisition);

}  // namespace parts
