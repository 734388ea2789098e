// Goods that stay the store's and go into other hands, a technician's (P-05) or a service station's (P-02), and come
// back. Which note says so is the room's; here is what the shelves and the ledger see of it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/issue.pb.h"
#include "aftersales/parts/v1/working_stock.pb.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/issue/picking.h"
#include "parts-svc/ledger/book.h"
#include "parts-svc/location/location_store.h"

namespace parts {

using CarriedLines = google::protobuf::RepeatedPtrField<v1::CarriedGoods>;

class Carrying {
 public:
  explicit Carrying(const chassis::privacy::Cipher& cipher)
      : catalogue_(cipher), locations_(cipher), ledger_(cipher), picking_(cipher), book_(cipher) {}

  // The goods of a note as they lie: parts with names, shelf and batch, a line for each; `places` knows the shelves and
  // `hands`. Balances and stock are locked: nothing but Out, Back or Away follows.
  struct Goods {
    std::vector<v1::IssueLine> lines;
    PartsById parts;
    Places places;
    StocksByPart stocks;
    std::string hands;
  };
  // From the shelves: bins are chosen. PART_UNKNOWN, QUANTITY_STEP, BIN_SHORT, BATCH_...
  absl::StatusOr<Goods> FromShelves(chassis::UnitOfWork& work, const CarriedLines& lines, const std::string& hands);
  // From the hands, and to a shelf where the line names one. Besides: LOCATION_KIND, LOCATION_CLOSED, BIN_FROZEN.
  absl::StatusOr<Goods> FromHands(chassis::UnitOfWork& work, const CarriedLines& lines, const std::string& hands);

  absl::Status Out(chassis::UnitOfWork& work, const Paper& paper, const Goods& goods);
  absl::Status Back(chassis::UnitOfWork& work, const Paper& paper, const Goods& goods);
  // From the hands to an outside account, each line at its cost.
  absl::Status Away(chassis::UnitOfWork& work, const Paper& paper, const std::string& account_id, const Goods& goods);

 private:
  absl::StatusOr<Goods> Find(chassis::UnitOfWork& work, const CarriedLines& lines, const std::string& hands);

  CatalogueStore catalogue_;
  LocationStore locations_;
  LedgerStore ledger_;
  Picking picking_;
  Book book_;
};

}  // namespace parts
