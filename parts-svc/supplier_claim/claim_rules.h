// Secondary claims (P-16): what may be claimed, what an answer and a recovery make of a claim. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "aftersales/parts/v1/old_part.pb.h"
#include "aftersales/parts/v1/supplier_claim.pb.h"
#include "parts-svc/catalogue/catalogue_rules.h"

namespace parts {

using OldPartsById = std::map<std::string, v1::OldPart>;

// Sets the lines of a new claim and adds them up. CLAIM_LINE_WRONG, PART_UNKNOWN, OLD_PART_NOT_AT_HAND,
// OLD_PART_CLAIMED.
absl::Status DraftLines(const v1::CreateSupplierClaimRequest& request, const PartsById& parts,
                        const OldPartsById& old_parts, const std::function<std::string()>& new_id,
                        v1::SupplierClaim& claim);

// What the supplier accepts of each line; the state follows. ANSWER_INCOMPLETE, ACCEPTED_ABOVE_CLAIM, WRONG_STATE.
absl::Status Answer(const v1::AnswerSupplierClaimRequest& request, v1::SupplierClaim& claim);

// Adds a recovery; everything accepted recovered: RECOVERED. RECOVERED_ABOVE_ACCEPTED, WRONG_STATE.
absl::Status Recover(const v1::SupplierClaimRecovery& recovery, v1::SupplierClaim& claim);

}  // namespace parts
