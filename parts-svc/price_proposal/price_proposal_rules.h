// Who may change a price by how much (P-01, G-06). Pure.
#pragma once

#include "absl/status/status.h"
#include "aftersales/parts/v1/price_proposal.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// Whether the change is within the policy's limit. A first price never is.
bool TakesEffectAtOnce(int64_t price_in_force_amount, int64_t unit_price_amount, int32_t limit_basis_points);

// PROPOSER_DECIDES.
absl::Status CheckDecider(const v1::PartPriceProposal& proposal, const std::string& subject);

}  // namespace parts
