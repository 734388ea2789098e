// What others than the customer owe for an order: which shares a settlement opens, and what collecting one does.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/reception/v1/payer_share.pb.h"
#include "aftersales/reception/v1/payment.pb.h"
#include "aftersales/reception/v1/settlement.pb.h"

namespace reception {

// One per payer that owes anything, without ids.
std::vector<aftersales::reception::v1::PayerShare> SharesOf(const aftersales::reception::v1::Settlement& settlement);

// Money of `payment` comes in for the share: the entry that books it.
// Refused: SHARE_ABOVE_OPEN, SHARE_METHOD_WRONG, SHARE_REFERENCE_MISSING.
absl::StatusOr<aftersales::reception::v1::LedgerEntry> Collect(aftersales::reception::v1::PayerShare& share,
                                                               const aftersales::reception::v1::Payment& payment);

}  // namespace reception
