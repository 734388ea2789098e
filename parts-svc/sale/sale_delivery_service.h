// The delivery desk (P-12): goods leave for a sale and come back, and what is owed follows in the same transaction.
#pragma once

#include "chassis/server/service.h"
#include "parts-svc/buyer/buyer_store.h"
#include "parts-svc/issue/picking.h"
#include "parts-svc/ledger/book.h"
#include "parts-svc/receivable/till.h"
#include "parts-svc/sale/sale_store.h"

namespace parts {

class SaleDeliveryService {
 public:
  explicit SaleDeliveryService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::SaleDelivery> Deliver(chassis::Call& call, const v1::DeliverSaleRequest& request);
  absl::StatusOr<v1::SaleDelivery> Track(chassis::Call& call, const v1::TrackSaleDeliveryRequest& request);
  absl::StatusOr<v1::SaleDelivery> Return(chassis::Call& call, const v1::ReturnSaleGoodsRequest& request);

  // Draws what is held for these lines and takes it from its bins, at moving average.
  struct Picked {
    std::vector<v1::IssueLine> lines;
    PartsById parts;
    Places places;
  };
  absl::StatusOr<Picked> Pick(chassis::UnitOfWork& work, const v1::DeliverSaleRequest& request, const v1::Sale& sale);
  // Where what comes back is put; LOCATION_KIND and the like.
  absl::StatusOr<Places> PlacesFor(chassis::UnitOfWork& work, const std::vector<v1::SaleDeliveryLine>& lines);
  // The receivable of a delivery, paid as the request says.
  absl::Status Charge(chassis::UnitOfWork& work, const v1::DeliverSaleRequest& request, const v1::Sale& sale,
                      const std::string& time_zone, const std::string& receivable_number,
                      const std::string& collection_number, const v1::SaleDelivery& note);
  // Makes returned goods good on the receivable of their delivery.
  absl::Status MakeGoodOn(chassis::UnitOfWork& work, const v1::ReturnSaleGoodsRequest& request,
                          const std::string& receivable_id, const std::string& collection_number,
                          const v1::SaleDelivery& note);
  // Signs, stores and tells of a note, and books its goods: the last thing a command does.
  absl::Status Conclude(chassis::UnitOfWork& work, const aftersales::common::v1::Signature& signature,
                        const PartsById& parts, const Places& places, v1::SaleDelivery& note);

  CatalogueStore catalogue_;
  BuyerStore buyers_;
  LocationStore locations_;
  ReservationStore reservations_;
  ReceivableStore receivables_;
  LedgerStore ledger_;
  SaleStore store_;
  Picking picking_;
  Till till_;
  Book book_;
  prometheus::Counter& lines_delivered_;
  prometheus::Counter& lines_returned_;
};

}  // namespace parts
