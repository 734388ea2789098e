// How old parts are booked: into their bin without value, and out of it for good. Shared by the old part room and the
// monthly run.
#pragma once

#include <string>
#include <vector>

#include "chassis/server/service.h"
#include "parts-svc/ledger/book.h"
#include "parts-svc/location/location_store.h"
#include "parts-svc/old_part/old_part_store.h"

namespace parts {

class OldPartShelf {
 public:
  explicit OldPartShelf(chassis::Rooms& rooms);

  // From the workshop into a bin for old parts. NOT_AN_OLD_PART_BIN.
  absl::Status PutAway(chassis::UnitOfWork& work, const v1::OldPart& old_part);
  // Out of their bins; each is told to the world. `paper` is the document it happens by.
  absl::Status Dispose(chassis::UnitOfWork& work, const Paper& paper, const std::vector<v1::OldPart>& old_parts);

 private:
  absl::Status Post(chassis::UnitOfWork& work, const Paper& paper, std::vector<v1::StockMovement>& movements,
                    const Places& places);

  CatalogueStore catalogue_;
  LocationStore locations_;
  Book book_;
  prometheus::Counter& stored_;
  prometheus::Counter& disposed_;
};

// The paper of what happens to one old part alone.
Paper PaperOf(const v1::OldPart& old_part);

}  // namespace parts
