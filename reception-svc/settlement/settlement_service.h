// The RPCs of settlements and discounts (G-06).
#pragma once

#include "aftersales/reception/v1/settlement.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/add_on/add_on_store.h"
#include "reception-svc/appointment/appointment_store.h"
#include "reception-svc/board/board_store.h"
#include "reception-svc/payer_share/payer_share_store.h"
#include "reception-svc/payment/payment_store.h"
#include "reception-svc/repair_order/repair_order_store.h"
#include "reception-svc/settlement/settlement_rules.h"
#include "reception-svc/settlement/settlement_store.h"

namespace reception {

class SettlementService {
 public:
  explicit SettlementService(chassis::Rooms& rooms);

 private:
  using Settlement = aftersales::reception::v1::Settlement;

  absl::StatusOr<Settlement> Prepare(chassis::Call& call,
                                     const aftersales::reception::v1::PrepareSettlementRequest& request);
  absl::StatusOr<Settlement> ApplyDiscount(chassis::Call& call,
                                           const aftersales::reception::v1::ApplyDiscountRequest& request);
  absl::StatusOr<Settlement> ApproveDiscount(chassis::Call& call,
                                             const aftersales::reception::v1::ApproveDiscountRequest& request);
  absl::StatusOr<Settlement> RejectDiscount(chassis::Call& call,
                                            const aftersales::reception::v1::RejectDiscountRequest& request);
  absl::StatusOr<Settlement> Issue(chassis::Call& call,
                                   const aftersales::reception::v1::IssueSettlementRequest& request);

  // From the workshop, from parts-svc, and from here.
  absl::StatusOr<SettlementFacts> AskFacts(chassis::Call& call, const std::string& order_id);
  // What a transaction sees may be newer than what was asked for before it.
  absl::Status RefreshOwnFacts(chassis::UnitOfWork& work, SettlementFacts& facts) const;
  template <typename Change>
  absl::StatusOr<Settlement> ChangeSettlement(chassis::Call& call, const std::string& settlement_id, Change&& change);
  absl::StatusOr<aftersales::common::v1::LedgerCheck> VerifySums(chassis::sql::Session& session,
                                                                 const std::string& store_id) const;

  SettlementStore store_;
  RepairOrderStore orders_;
  AddOnStore add_ons_;
  AppointmentStore appointments_;
  PaymentStore payments_;
  PayerShareStore payer_shares_;
  BoardStore board_;
};

}  // namespace reception
