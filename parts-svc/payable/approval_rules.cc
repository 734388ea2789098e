// Who may approve what; see approval_rules.h.
#include "parts-svc/payable/approval_rules.h"

#include <algorithm>

#include "aftersales/parts/v1/receiving_errors.pb.h"
#include "chassis/status/refusal.h"

namespace parts {

namespace options = aftersales::options::v1;

absl::Status CheckApprovalLimit(const v1::PartsPolicy& policy, const std::set<options::Role>& posts, int64_t amount) {
  if (posts.count(options::ROLE_GROUP_MANAGER) > 0) return absl::OkStatus();
  int64_t limit = 0;
  const auto reach = [&](options::Role post, int64_t amount_max) {
    if (posts.count(post) > 0) limit = std::max(limit, amount_max);
  };
  reach(options::ROLE_PARTS_CLERK, policy.clerk_order_limit_amount());
  reach(options::ROLE_PARTS_MANAGER, policy.manager_order_limit_amount());
  reach(options::ROLE_SERVICE_MANAGER, policy.service_manager_order_limit_amount());
  if (amount <= limit) return absl::OkStatus();
  return chassis::Refuse(v1::RECEIVING_ERROR_REASON_OVER_APPROVAL_LIMIT).With("amount", amount).With("limit", limit);
}

absl::Status CheckFourEyes(const std::string& approver, const std::string& author) {
  if (approver != author) return absl::OkStatus();
  return chassis::Refuse(v1::RECEIVING_ERROR_REASON_OWN_APPROVAL);
}

}  // namespace parts
