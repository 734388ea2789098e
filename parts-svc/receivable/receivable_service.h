// The receivable room (P-12): what buyers owe, what they pay, what is given up, and how old the debts are.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/receivable/till.h"

namespace parts {

class ReceivableService {
 public:
  explicit ReceivableService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::Receivable> Collect(chassis::Call& call, const v1::CollectReceivableRequest& request);
  absl::StatusOr<v1::CollectFromBuyerResponse> CollectFromBuyer(chassis::Call& call,
                                                                const v1::CollectFromBuyerRequest& request);
  absl::StatusOr<v1::Receivable> WriteOff(chassis::Call& call, const v1::WriteOffReceivableRequest& request);
  absl::StatusOr<v1::ReceivablesAgeing> Ageing(chassis::Call& call, const v1::GetReceivablesAgeingRequest& request);

  ReceivableStore store_;
  Till till_;
};

}  // namespace parts
