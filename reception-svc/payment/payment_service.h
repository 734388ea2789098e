// The RPCs of money.
#pragma once

#include "aftersales/reception/v1/payment.pb.h"
#include "chassis/server/service.h"
#include "reception-svc/gate_pass/gate_pass_store.h"
#include "reception-svc/payment/payment_store.h"

namespace reception {

class PaymentService {
 public:
  explicit PaymentService(chassis::Rooms& rooms);

 private:
  using Payment = aftersales::reception::v1::Payment;
  using Receivable = aftersales::reception::v1::Receivable;

  absl::StatusOr<Payment> Record(chassis::Call& call, const aftersales::reception::v1::RecordPaymentRequest& request);
  absl::StatusOr<Payment> RefundOne(chassis::Call& call,
                                    const aftersales::reception::v1::RefundPaymentRequest& request);
  absl::StatusOr<Payment> RefundDepositExcess(chassis::Call& call,
                                              const aftersales::reception::v1::RefundExcessDepositRequest& request);
  absl::StatusOr<aftersales::reception::v1::CashClose> Close(
      chassis::Call& call, const aftersales::reception::v1::CloseCashierDayRequest& request);

  // A payment record of the caller, today.
  absl::StatusOr<Payment> NewPayment(chassis::Call& call, Payment::Kind kind);
  absl::Status CheckDayOpen(chassis::UnitOfWork& work, const Payment& payment) const;
  // Credit account, receivable, ledger and payment, in the order of their locks.
  absl::Status Save(chassis::UnitOfWork& work, const Receivable& before, Receivable& receivable, Payment& payment,
                    LedgerEntries& entries) const;
  absl::StatusOr<aftersales::common::v1::LedgerCheck> VerifyPayments(chassis::sql::Session& session,
                                                                     const std::string& store_id) const;

  PaymentStore store_;
  GatePassTable gate_passes_;
};

}  // namespace reception
