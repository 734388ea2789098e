// The policy room: who may approve how much, and the figures planning goes by.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/policy/policy_store.h"

namespace parts {

class PolicyService {
 public:
  explicit PolicyService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::PartsPolicy> Get(chassis::Call& call, const v1::GetPartsPolicyRequest& request);
  absl::StatusOr<v1::PartsPolicy> Update(chassis::Call& call, const v1::UpdatePartsPolicyRequest& request);

  PolicyStore store_;
};

}  // namespace parts
