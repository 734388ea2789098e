// What a buyer of parts must be (P-12), and whether something may be sold to one.
#pragma once

#include "absl/status/status.h"
#include "aftersales/parts/v1/buyer.pb.h"

namespace parts {

namespace v1 = aftersales::parts::v1;

// WHOLESALE_NEEDS_CREDIT_CODE, WALK_IN_PAYS_RETAIL.
absl::Status CheckBuyer(const v1::Buyer& buyer);

// BUYER_BLOCKED.
absl::Status CheckNotBlocked(const v1::Buyer& buyer);

}  // namespace parts
