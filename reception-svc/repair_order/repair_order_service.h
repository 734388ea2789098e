// The RPCs of the repair order up to its signature: lines, coverage, promise, disclaimers, signature,
// revision. What follows the signature is in release/ and delivery/.
#pragma once

#include "aftersales/reception/v1/repair_order.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/repair_order/line_pricing.h"
#include "reception-svc/repair_order/repair_order_store.h"
#include "reception-svc/visit/visit_store.h"

namespace reception {

class RepairOrderService {
 public:
  explicit RepairOrderService(chassis::Rooms& rooms);

 private:
  using Order = aftersales::reception::v1::RepairOrder;

  absl::StatusOr<Order> Create(chassis::Call& call, const aftersales::reception::v1::CreateRepairOrderRequest& request);
  absl::StatusOr<Order> AddLines(chassis::Call& call, const aftersales::reception::v1::AddOrderLinesRequest& request);
  absl::StatusOr<Order> RemoveOrderLines(chassis::Call& call,
                                         const aftersales::reception::v1::RemoveOrderLinesRequest& request);
  absl::StatusOr<Order> DeclineOrderLines(chassis::Call& call,
                                          const aftersales::reception::v1::DeclineOrderLinesRequest& request);
  absl::StatusOr<Order> DecideCoverage(chassis::Call& call,
                                       const aftersales::reception::v1::DecideCoverageRequest& request);
  absl::StatusOr<Order> ComputePromise(chassis::Call& call,
                                       const aftersales::reception::v1::ComputePromiseRequest& request);
  absl::StatusOr<Order> SetPromisedTime(chassis::Call& call,
                                        const aftersales::reception::v1::SetPromisedTimeRequest& request);
  absl::StatusOr<Order> AcknowledgeDisclaimer(chassis::Call& call,
                                              const aftersales::reception::v1::AcknowledgeDisclaimerRequest& request);
  absl::StatusOr<Order> Sign(chassis::Call& call, const aftersales::reception::v1::SignRepairOrderRequest& request);
  absl::StatusOr<Order> ReviseOrder(chassis::Call& call,
                                    const aftersales::reception::v1::ReviseRepairOrderRequest& request);

  // Prices the wishes and decides the coverage that is plain.
  absl::StatusOr<OrderLines> PricedLines(chassis::Call& call, const LineWishes& wishes, const Order& order);
  absl::StatusOr<aftersales::common::v1::LedgerCheck> VerifySums(chassis::sql::Session& session,
                                                                 const std::string& store_id) const;

  RepairOrderStore store_;
  LinePricing pricing_;
  VisitStore visits_;
  BoardStore board_;
};

}  // namespace reception
