// Who may approve what (G-06): up to the purchasing limit of his post, and never what he drew up himself.
#pragma once

#include <set>
#include <string>

#include "absl/status/status.h"
#include "aftersales/options/v1/options.pb.h"
#include "aftersales/parts/v1/policy.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// OVER_APPROVAL_LIMIT unless one of the posts reaches `amount`: the clerk's, the parts manager's, the service manager's
// purchasing limit of the policy; the group's has none.
absl::Status CheckApprovalLimit(const v1::PartsPolicy& policy, const std::set<aftersales::options::v1::Role>& posts,
                                int64_t amount);
// OWN_APPROVAL.
absl::Status CheckFourEyes(const std::string& approver, const std::string& author);

}  // namespace parts
