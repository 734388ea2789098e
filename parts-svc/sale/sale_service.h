// The sales room (P-12), first half: quotation, order, hold, end. Goods and money are the delivery desk's
// (sale_delivery_service.h).
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/buyer/buyer_store.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/policy/policy_store.h"
#include "parts-svc/receivable/receivable_store.h"
#include "parts-svc/reservation/holding.h"
#include "parts-svc/sale/sale_store.h"

namespace parts {

class SaleService {
 public:
  explicit SaleService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::Sale> Quote(chassis::Call& call, const v1::QuoteSaleRequest& request);
  absl::StatusOr<v1::Sale> Requote(chassis::Call& call, const v1::RequoteSaleRequest& request);
  absl::StatusOr<v1::Sale> DecideDiscount(chassis::Call& call, const v1::DecideSaleDiscountRequest& request);
  absl::StatusOr<v1::Sale> Confirm(chassis::Call& call, const v1::ConfirmSaleRequest& request);
  absl::StatusOr<v1::Sale> Hold(chassis::Call& call, const v1::HoldSaleRequest& request);
  absl::StatusOr<v1::Sale> Cancel(chassis::Call& call, const v1::CancelSaleRequest& request);
  absl::StatusOr<v1::Sale> Close(chassis::Call& call, const v1::CloseSaleRequest& request);

  // Prices the wanted lines for the sale's buyer today and settles who must agree to its discounts.
  template <typename Request>
  absl::Status PriceToday(chassis::Call& call, chassis::UnitOfWork& work, const Request& request,
                          const aftersales::common::v1::Store& store, v1::Sale& sale);
  // The buyer may still be sold to, and may owe this much more. Locks the buyer when credit is asked for.
  absl::Status CheckBuyerFor(chassis::UnitOfWork& work, const v1::Sale& sale, const std::string& today);
  // Gives up what is held for the sale; the last thing a command does.
  absl::Status LetGo(chassis::UnitOfWork& work, const v1::Sale& sale, std::string_view reason);
  absl::Status ExpireQuotations();
  absl::Status Expire(chassis::UnitOfWork& work, const std::string& sale_id);

  chassis::Host& host_;
  CatalogueStore catalogue_;
  BuyerStore buyers_;
  PolicyStore policies_;
  ReservationStore reservations_;
  ReceivableStore receivables_;
  Holding holding_;
  SaleStore store_;
};

}  // namespace parts
