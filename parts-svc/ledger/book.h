// How a room books goods: its paper and its movements in, and everything that follows from them is done in the same
// transaction. A movement's parties and cost are the room's decision; whether the goods are there is decided here.
#pragma once

#include <string>
#include <vector>

#include "parts-svc/batch/batch_store.h"
#include "parts-svc/catalogue/catalogue_store.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/reservation/queue.h"

namespace parts {

// The document that movements belong to.
struct Paper {
  v1::DocumentKind kind = v1::DOCUMENT_KIND_UNSPECIFIED;
  std::string id;
  std::string number;
  std::string reason;
};

class Book {
 public:
  explicit Book(const chassis::privacy::Cipher& cipher) : ledger_(cipher), queue_(cipher), batches_(cipher) {}

  // Completes `movements` with the paper and, where they have none, an id and the store; refuses batches that are not
  // where they should be (BATCH_NOT_IN_STOCK, SERIAL_IN_STOCK), empty bins (BIN_SHORT) and parts held by others
  // (INSUFFICIENT_STOCK, at `fields`); serves the queue with what became available. `parts` and `places` hold every
  // part and location the movements name. `more` is what else happens to the parts at the same moment: goods that were
  // held also end their being held. Rooms lock their own rows, reservations, balances and stocks, in this order,
  // before.
  absl::Status Post(chassis::UnitOfWork& work, const Paper& paper, const PartsById& parts, const Places& places,
                    std::vector<v1::StockMovement>& movements, const FieldsByPart& fields = {},
                    const StockDeltas& more = {});

 private:
  LedgerStore ledger_;
  Queue queue_;
  BatchStore batches_;
};

}  // namespace parts
