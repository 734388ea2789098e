// The supplier invoice room (P-09): bills are matched with orders and receipts before anything is owed for them.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/ledger/book.h"
#include "parts-svc/location/location_store.h"
#include "parts-svc/payable/payable_book.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/receiving/receiving_store.h"
#include "parts-svc/supplier/supplier_store.h"
#include "parts-svc/supplier_invoice/supplier_invoice_rules.h"
#include "parts-svc/supplier_invoice/supplier_invoice_store.h"

namespace parts {

class SupplierInvoiceService {
 public:
  explicit SupplierInvoiceService(chassis::Rooms& rooms);

 private:
  using Invoice = v1::SupplierInvoice;
  using Receipts = std::map<std::string, v1::GoodsReceipt>;

  absl::StatusOr<Invoice> RegisterInvoice(chassis::Call& call, const v1::RegisterSupplierInvoiceRequest& request);
  absl::StatusOr<Invoice> MatchInvoice(chassis::Call& call, const v1::MatchSupplierInvoiceRequest& request);
  absl::StatusOr<Invoice> ApproveInvoice(chassis::Call& call, const v1::ApproveSupplierInvoiceRequest& request);
  absl::StatusOr<Invoice> RejectInvoice(chassis::Call& call, const v1::RejectSupplierInvoiceRequest& request);

  // The bill stands: receipts, payable, its own row (by `write`), then the cost of the goods.
  absl::Status LetStand(chassis::UnitOfWork& work, const Receipts& receipts, const std::string& time_zone,
                        Invoice& invoice, const std::function<absl::Status()>& write);
  prometheus::Counter& Outcome(Invoice::State state) { return *outcomes_.at(state); }

  CatalogueStore catalogue_;
  LocationStore locations_;
  LedgerStore ledger_;
  Book book_;
  PolicyStore policy_;
  SupplierStore suppliers_;
  ReceivingStore receipts_;
  SupplierInvoiceStore store_;
  PayableBook payables_;
  std::map<Invoice::State, prometheus::Counter*> outcomes_;
};

}  // namespace parts
