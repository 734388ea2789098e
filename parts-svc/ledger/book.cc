// How a room books goods; see book.h.
#include "parts-svc/ledger/book.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "parts-svc/ledger/batches.h"
#include "parts-svc/location/location_rules.h"

namespace parts {
namespace {

// A frozen bin takes and gives nothing but what its own count finds, and goods of another store whose receipt was
// signed before.
absl::Status CheckNotFrozen(const Paper& paper, const Places& places, const std::vector<v1::StockMovement>& movements) {
  if (paper.kind == v1::DOCUMENT_KIND_STOCKTAKE || paper.kind == v1::DOCUMENT_KIND_TRANSFER_IN) return absl::OkStatus();
  for (size_t i = 0; i < movements.size(); ++i) {
    if (movements[i].quantity_milli() == 0) continue;  // a cost alone moves nothing that could be counted
    for (const std::string& id : {movements[i].from_location_id(), movements[i].to_location_id()}) {
      const v1::Location& place = places.at(id);
      if (!place.frozen_by_stocktake_id().empty()) return Frozen(place, absl::StrCat("lines[", i, "]"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Book::Post(chassis::UnitOfWork& work, const Paper& paper, const PartsById& parts, const Places& places,
                        std::vector<v1::StockMovement>& movements, const FieldsByPart& fields,
                        const StockDeltas& more) {
  RETURN_IF_ERROR(CheckNotFrozen(paper, places, movements));
  const std::vector<std::string> tracked = TrackedParts(movements);
  if (!tracked.empty()) {
    // Nobody else receives or draws the same serial number until the commit.
    RETURN_IF_ERROR(ledger_.LockStocks(work, tracked).status());
    ASSIGN_OR_RETURN(const auto batches, ledger_.Batches(work.sql(), work.store_id(), tracked, BatchCodes(movements)));
    RETURN_IF_ERROR(CheckBatches(movements, parts, places, batches));
    RETURN_IF_ERROR(batches_.Note(work, movements, parts, places));
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
