// How other rooms owe and claim money (P-09): a bill that stands opens a payable, a credit note a credit; entry, duty
// and balance in the same transaction.
#pragma once

#include "aftersales/parts/v1/supplier_invoice.pb.h"
#include "parts-svc/payable/payable_store.h"

namespace parts {

class PayableBook {
 public:
  explicit PayableBook(const chassis::privacy::Cipher& cipher) : store_(cipher) {}

  // Opens what `invoice` says is owed; the payment is owed by `due_time`.
  absl::StatusOr<v1::Payable> Open(chassis::UnitOfWork& work, const v1::SupplierInvoice& invoice, absl::Time due_time);

  // A credit (number, supplier, note, source, net and tax amount are filled) the supplier gave.
  absl::StatusOr<v1::SupplierCredit> Grant(chassis::UnitOfWork& work, v1::SupplierCredit credit);

 private:
  PayableStore store_;
};

}  // namespace parts
