// How a room books goods; see book.h.
#include "parts-svc/ledger/book.h"

#include <set>

#include "parts-svc/ledger/batches.h"

namespace parts {

absl::Status Book::Post(chassis::UnitOfWork& work, const Paper& paper, const PartsById& parts, const Places& places,
                        std::vector<v1::StockMovement>& movements, const FieldsByPart& fields,
                        const StockDeltas& more) {
  const std::vector<std::string> tracked = TrackedParts(movements);
  if (!tracked.empty()) {
    // Nobody else receives or draws the same serial number until the commit.
    RETURN_IF_ERROR(ledger_.LockStocks(work, tracked).status());
    ASSIGN_OR_RETURN(const auto batches, ledger_.Batches(work.sql(), work.store_id(), tracked, BatchCodes(movements)));
    RETURN_IF_ERROR(CheckBatches(movements, parts, places, batches));
  }
  std::set<std::string> part_ids;
  for (v1::StockMovement& movement : movements) {
    movement.set_store_id(work.store_id());
    if (movement.stock_movement_id().empty()) movement.set_stock_movement_id(work.NewId());
    movement.set_part_number(parts.at(movement.part_id()).part_number());
    movement.set_document_kind(paper.kind);
    movement.set_document_id(paper.id);
    movement.set_document_number(paper.number);
    if (movement.reason().empty()) movement.set_reason(paper.reason);
    part_ids.insert(movement.part_id());
  }
  RETURN_IF_ERROR(ledger_.Post(work, movements, places, fields, more));
  return queue_.Serve(work, {part_ids.begin(), part_ids.end()});
}

}  // namespace parts
