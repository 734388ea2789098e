// The bill from facts: labour done, parts issued net of returns, approved add-ons, discounts within limits
// (G-06). Each line stands beside its estimate and says why it differs.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/common/v1/store.pb.h"
#include "aftersales/options/v1/options.pb.h"
#include "aftersales/parts/v1/order_parts.pb.h"
#include "aftersales/reception/v1/add_on.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"
#include "aftersales/reception/v1/settlement.pb.h"
#include "aftersales/workshop/v1/order_intake.pb.h"

namespace reception {

struct SettlementFacts {
  aftersales::reception::v1::RepairOrder order;
  std::vector<aftersales::reception::v1::AddOn> add_ons;  // all of the order
  aftersales::workshop::v1::OrderProgress progress;
  aftersales::parts::v1::OrderParts parts;
  int64_t deposit_amount = 0;  // held for the order's appointment
};

// Lines, sums and shares, without ids and discounts. Refused: COVERAGE_OPEN, SETTLEMENT_ABOVE_ESTIMATE.
absl::StatusOr<aftersales::reception::v1::Settlement> DraftSettlement(const SettlementFacts& facts);

// The same facts would make the same draft; else SETTLEMENT_OUTDATED.
absl::Status CheckUpToDate(const aftersales::reception::v1::Settlement& settlement, const SettlementFacts& facts);

// How much of the customer's net amount a caller may take off, in basis points; the highest of the roles counts.
int32_t DiscountLimit(const std::set<aftersales::options::v1::Role>& roles,
                      const aftersales::common::v1::StoreSettings& settings);

// A discount as asked for: its amount computed from what it is taken off. Refused: DISCOUNT_EMPTY.
absl::StatusOr<aftersales::reception::v1::Discount> MakeDiscount(
    const aftersales::reception::v1::Settlement& settlement,
    const aftersales::reception::v1::ApplyDiscountRequest& request);

// Whether labour and parts each stay within `limit` with `discount` on top of what is applied; DISCOUNT_ABOVE_LIMIT
// names both and who may approve it.
absl::Status CheckDiscountLimit(const aftersales::reception::v1::Settlement& settlement,
                                const aftersales::reception::v1::Discount& discount, int32_t limit_basis_points,
                                const aftersales::common::v1::StoreSettings& settings);

// Spreads the applied discounts over the lines and sums up again. Call after every change of the discounts.
void Recompute(aftersales::reception::v1::Settlement& settlement);

absl::StatusOr<aftersales::reception::v1::Discount*> WaitingDiscount(aftersales::reception::v1::Settlement& settlement,
                                                                     const std::string& discount_id);
absl::Status CheckIssuable(const aftersales::reception::v1::Settlement& settlement);

// Sums that an issued settlement must satisfy, for verify: empty when they hold.
std::string SumsDiffer(const aftersales::reception::v1::Settlement& settlement);

}  // namespace reception
