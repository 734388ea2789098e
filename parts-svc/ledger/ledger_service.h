// The ledger room (P-03): goods come in, move between bins, are corrected; and what there is.
#pragma once

#include <functional>

#include "chassis/server/service.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/ledger/book.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/location/location_store.h"
#include "parts-svc/purchase_order/purchase_order_store.h"

namespace parts {

class LedgerService {
 public:
  explicit LedgerService(chassis::Rooms& rooms);

 private:
  absl::StatusOr<v1::StockDocument> Receive(chassis::Call& call, const v1::ReceiveStockRequest& request);
  absl::StatusOr<v1::StockDocument> Move(chassis::Call& call, const v1::MoveStockRequest& request);
  absl::StatusOr<v1::StockDocument> Adjust(chassis::Call& call, const v1::AdjustStockRequest& request);
  absl::StatusOr<v1::PartStock> GetStock(chassis::Call& call, const v1::GetPartStockRequest& request);
  absl::StatusOr<v1::ListPartStocksResponse> ListStocks(chassis::Call& call, const v1::ListPartStocksRequest& request);
  absl::StatusOr<v1::StockDocument> GetDocument(chassis::Call& call, const v1::GetStockDocumentRequest& request);

  // The parts and places the lines of a request name.
  struct Named {
    PartsById parts;
    Places places;
  };
  template <typename Lines>
  absl::StatusOr<Named> Find(chassis::UnitOfWork& work, const Lines& lines,
                             const std::vector<std::string>& location_fields);
  // Writes document and movements.
  absl::StatusOr<v1::StockDocument> Post(chassis::UnitOfWork& work, v1::StockDocument document, const Named& named,
                                         std::vector<v1::StockMovement> movements, const FieldsByPart& fields);

  LedgerStore store_;
  CatalogueStore catalogue_;
  LocationStore locations_;
  Book book_;
  PurchaseOrderStore purchase_orders_;
};

}  // namespace parts
