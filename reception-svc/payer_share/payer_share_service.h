// RPCs for what warranty, insurance and manufacturer owe.
#pragma once

#include "aftersales/common/v1/audit.pb.h"
#include "aftersales/reception/v1/payer_share.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/payer_share/payer_share_store.h"
#include "reception-svc/payment/payment_store.h"

namespace reception {

class PayerShareService {
 public:
  explicit PayerShareService(chassis::Rooms& rooms);

 private:
  using PayerShare = aftersales::reception::v1::PayerShare;

  absl::StatusOr<PayerShare> CollectShare(chassis::Call& call,
                                          const aftersales::reception::v1::CollectPayerShareRequest& request);
  absl::StatusOr<aftersales::common::v1::LedgerCheck> Verify(chassis::sql::Session& session,
                                                             const std::string& store_id) const;

  PayerShareStore store_;
  PaymentStore payments_;
};

}  // namespace reception
