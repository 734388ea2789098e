// What a buyer of parts must be; see buyer_rules.h.
#include "parts-svc/buyer/buyer_rules.h"

#include "aftersales/parts/v1/sales_errors.pb.h"
#include "chassis/status/refusal.h"

namespace parts {

absl::Status CheckBuyer(const v1::Buyer& buyer) {
  if (buyer.kind() == v1::Buyer::KIND_WHOLESALE && buyer.unified_social_credit_code().empty()) {
    return chassis::Refuse(v1::SALES_ERROR_REASON_WHOLESALE_NEEDS_CREDIT_CODE)
        .At("buyer.unified_social_credit_code", "批发客户必填", "is required of a wholesale buyer");
  }
  if (buyer.kind() == v1::Buyer::KIND_WALK_IN && buyer.price_level() != v1::PRICE_LEVEL_RETAIL) {
    return chassis::Refuse(v1::SALES_ERROR_REASON_WALK_IN_PAYS_RETAIL)
        .At("buyer.price_level", "须为零售", "must be RETAIL");
  }
  return absl::OkStatus();
}

absl::Status CheckNotBlocked(const v1::Buyer& buyer) {
  if (!buyer.blocked()) return absl::OkStatus();
  return chassis::Refuse(v1::SALES_ERROR_REASON_BUYER_BLOCKED)
      .With("buyer", buyer.code())
      .With("why", buyer.block_reason())
      .At("buyer_id", "已停止供货", "is blocked");
}

}  // namespace parts
