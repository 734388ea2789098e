// The receiving room (P-09): deliveries are counted, inspected and put away against their orders; what differs is
// settled with the supplier.
#pragma once

#include <optional>

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/ledger/book.h"
#include "parts-svc/location/location_store.h"
#include "parts-svc/payable/payable_book.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/purchase_order/purchase_desk.h"
#include "parts-svc/receiving/receiving_rules.h"
#include "parts-svc/receiving/receiving_store.h"
#include "parts-svc/supplier_return/supplier_return_store.h"

namespace parts {

class ReceivingService {
 public:
  explicit ReceivingService(chassis::Rooms& rooms);

 private:
  using Receipt = v1::GoodsReceipt;

  absl::StatusOr<Receipt> StartReceipt(chassis::Call& call, const v1::StartGoodsReceiptRequest& request);
  absl::StatusOr<Receipt> CountReceipt(chassis::Call& call, const v1::CountGoodsReceiptRequest& request);
  absl::StatusOr<Receipt> InspectReceipt(chassis::Call& call, const v1::InspectGoodsReceiptRequest& request);
  absl::StatusOr<Receipt> PostReceipt(chassis::Call& call, const v1::PostGoodsReceiptRequest& request);
  absl::StatusOr<Receipt> CancelReceipt(chassis::Call& call, const v1::CancelGoodsReceiptRequest& request);
  absl::StatusOr<Receipt> SettleDifference(chassis::Call& call, const v1::SettleReceiptDifferenceRequest& request);

  // The order a receipt is against, if any.
  absl::StatusOr<std::optional<v1::PurchaseOrder>> OrderOf(chassis::UnitOfWork& work, const Receipt& receipt);
  absl::StatusOr<std::vector<v1::GoodsReceiptLine>> Counted(chassis::UnitOfWork& work, const CountedLines& counted,
                                                            const v1::PurchaseOrder* order);
  absl::StatusOr<Places> PlacesOf(chassis::UnitOfWork& work, const Receipt& receipt);
  // Differences open: owes their settlement. None: the receipt is closed.
  absl::Status OweSettlement(chassis::UnitOfWork& work, Receipt& receipt);

  // What a settlement does beyond being noted; `number` is of the paper it makes.
  struct Settling {
    const v1::SettleReceiptDifferenceRequest& request;
    const std::string& number;
    const Receipt& before;
    Receipt& after;
    v1::GoodsReceiptLine& line;
    v1::GoodsReceiptDifference& difference;
  };
  absl::Status Accept(chassis::UnitOfWork& work, Settling& settling);
  absl::Status SendBack(chassis::UnitOfWork& work, Settling& settling);
  absl::Status TakeCredit(chassis::UnitOfWork& work, Settling& settling);
  // The supplier will not send what was missing or refused, and nothing follows for it.
  absl::Status GiveUpOnOrder(chassis::UnitOfWork& work, const Settling& settling);

  CatalogueStore catalogue_;
  LocationStore locations_;
  LedgerStore ledger_;
  Book book_;
  PolicyStore policy_;
  PurchaseDesk desk_;
  ReceivingStore store_;
  SupplierReturnStore returns_;
  PayableBook payables_;
  prometheus::Counter& lines_accepted_;
  prometheus::Counter& lines_differing_;
};

}  // namespace parts
