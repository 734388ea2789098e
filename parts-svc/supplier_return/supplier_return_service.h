// The supplier return room (P-09): goods go back to their supplier, approved, signed, and settled to the cent.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/ledger/book.h"
#include "parts-svc/location/location_store.h"
#include "parts-svc/payable/payable_book.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/receiving/receiving_store.h"
#include "parts-svc/supplier/supplier_store.h"
#include "parts-svc/supplier_return/supplier_return_rules.h"
#include "parts-svc/supplier_return/supplier_return_store.h"

namespace parts {

class SupplierReturnService {
 public:
  explicit SupplierReturnService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::SupplierReturn> DraftReturn(chassis::Call& call, const v1::DraftSupplierReturnRequest& request);
  absl::StatusOr<v1::SupplierReturn> ApproveReturn(chassis::Call& call,
                                                   const v1::ApproveSupplierReturnRequest& request);
  absl::StatusOr<v1::SupplierReturn> ShipReturn(chassis::Call& call, const v1::ShipSupplierReturnRequest& request);
  absl::StatusOr<v1::SupplierReturn> CreditReturn(chassis::Call& call, const v1::CreditSupplierReturnRequest& request);
  absl::StatusOr<v1::SupplierReturn> CancelReturn(chassis::Call& call, const v1::CancelSupplierReturnRequest& request);

  absl::StatusOr<Places> PlacesOf(chassis::UnitOfWork& work, const v1::SupplierReturn& supplier_return);
  // The receipts get back what a return of their goods claimed; a difference that it settled is open again.
  absl::Status GiveBack(chassis::UnitOfWork& work, const v1::SupplierReturn& supplier_return);

  CatalogueStore catalogue_;
  LocationStore locations_;
  LedgerStore ledger_;
  Book book_;
  PolicyStore policy_;
  SupplierStore suppliers_;
  ReceivingStore receipts_;
  SupplierReturnStore store_;
  PayableBook payables_;
  prometheus::Counter& returned_;
};

}  // namespace parts
