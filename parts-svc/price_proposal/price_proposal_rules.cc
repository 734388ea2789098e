// The rules of price proposals; see price_proposal_rules.h.
#include "parts-svc/price_proposal/price_proposal_rules.h"

#include <cstdlib>

#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/amounts.h"

namespace parts {

bool TakesEffectAtOnce(int64_t price_in_force_amount, int64_t unit_price_amount, int32_t limit_basis_points) {
  if (price_in_force_amount <= 0 || limit_basis_points <= 0) return false;
  return std::abs(unit_price_amount - price_in_force_amount) <=
         chassis::Portion(price_in_force_amount, limit_basis_points);
}

absl::Status CheckDecider(const v1::PartPriceProposal& proposal, const std::string& subject) {
  if (proposal.proposed_by() != subject) return absl::OkStatus();
  return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_PROPOSER_DECIDES);
}

}  // namespace parts
