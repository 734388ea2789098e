// Add-ons: when one may be offered, what counts as consent, what a decline means.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/reception/v1/add_on.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "reception-svc/repair_order/order_line_rules.h"

namespace reception {

// Add-on lines carry the same fields under the same numbers as order lines.
aftersales::reception::v1::AddOnLine AddOnLineOf(const aftersales::reception::v1::RepairOrderLine& line);
aftersales::reception::v1::RepairOrderLine OrderLineOf(const aftersales::reception::v1::AddOnLine& line);

// Prices it: OFFERED with these lines, one more quote. What the customer said to an earlier quote is gone.
absl::Status Offer(aftersales::reception::v1::AddOn& add_on, const OrderLines& lines);

// The customer's answer may be recorded. `others` are the order's other add-ons.
absl::Status CheckDecision(const aftersales::reception::v1::AddOn& add_on,
                           const aftersales::reception::v1::RepairOrder& order,
                           const std::vector<aftersales::reception::v1::AddOn>& others,
                           const aftersales::reception::v1::RecordAddOnDecisionRequest& request, absl::Time now);
// Writes the answer down: BOOKING or DECLINED. `consent` is complete (by UnitOfWork::Sign).
absl::Status ApplyDecision(aftersales::reception::v1::AddOn& add_on,
                           const aftersales::reception::v1::RecordAddOnDecisionRequest& request,
                           const aftersales::common::v1::Signature& consent);

}  // namespace reception
