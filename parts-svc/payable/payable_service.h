// The payable room (P-09): what suppliers are owed, who may have it paid, what was paid and what is overdue.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/payable/payable_store.h"
#include "parts-svc/policy/policy_store.h"

namespace parts {

class PayableService {
 public:
  explicit PayableService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::Payable> GetPayable(chassis::Call& call, const v1::GetPayableRequest& request);
  absl::StatusOr<v1::ListPayablesResponse> ListPayables(chassis::Call& call, const v1::ListPayablesRequest& request);
  absl::StatusOr<v1::PayablesAgeing> GetAgeing(chassis::Call& call, const v1::GetPayablesAgeingRequest& request);
  absl::StatusOr<v1::SupplierPayment> ProposePayment(chassis::Call& call,
                                                     const v1::ProposeSupplierPaymentRequest& request);
  absl::StatusOr<v1::SupplierPayment> ApprovePayment(chassis::Call& call,
                                                     const v1::ApproveSupplierPaymentRequest& request);
  absl::StatusOr<v1::SupplierPayment> RejectPayment(chassis::Call& call,
                                                    const v1::RejectSupplierPaymentRequest& request);
  absl::StatusOr<v1::SupplierPayment> RecordPayment(chassis::Call& call,
                                                    const v1::RecordSupplierPaymentRequest& request);
  absl::StatusOr<v1::SupplierCredit> ApplyCredit(chassis::Call& call, const v1::ApplySupplierCreditRequest& request);

  // Changes the payables of a payment's lines by `change`; entries and duties follow.
  using Change = std::function<absl::Status(int64_t amount, v1::Payable& payable)>;
  absl::Status ChangePayables(chassis::UnitOfWork& work, const v1::SupplierPayment& payment, const Change& change);
  // A settled payable owes nobody a payment.
  absl::Status Save(chassis::UnitOfWork& work, const v1::Payable& before, v1::Payable& after);

  PayableStore store_;
  PolicyStore policy_;
};

}  // namespace parts
