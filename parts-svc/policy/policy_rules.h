// The policy's defaults (the handbook's and the trade's figures), and what a policy must be to make sense.
#pragma once

#include "absl/status/status.h"
#include "aftersales/parts/v1/policy.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// Fills what the store leaves open.
v1::PartsPolicy WithDefaults(v1::PartsPolicy policy);

// Limits rise from post to post, weights make 100. `policy` has every figure filled.
absl::Status CheckPolicy(const v1::PartsPolicy& policy);

}  // namespace parts
