// How old parts are booked; see old_part_shelf.h.
#include "parts-svc/old_part/old_part_shelf.h"

#include <set>

#include "aftersales/parts/v1/warranty_events.pb.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/version.h"

namespace parts {
namespace {

// An old part is worth nothing and carries no batch: its serial number is not the new one's.
v1::StockMovement MovementOf(const v1::OldPart& old_part, const std::string& from, const std::string& to) {
  v1::StockMovement movement;
  movement.set_part_id(old_part.part_id());
  movement.set_from_location_id(from);
  movement.set_to_location_id(to);
  movement.set_quantity_milli(CountOf(old_part));
  movement.set_document_line_id(old_part.old_part_id());
  return movement;
}

}  // namespace

Paper PaperOf(const v1::OldPart& old_part) {
  return {v1::DOCUMENT_KIND_OLD_PART, old_part.old_part_id(), old_part.tag_code(), ""};
}

OldPartShelf::OldPartShelf(chassis::Rooms& rooms)
    : catalogue_(rooms.host.cipher()),
      locations_(rooms.host.cipher()),
      book_(rooms.host.cipher()),
      stored_(rooms.host.metrics().Counter("parts_old_parts_total", "Old parts that came and went (P-15)",
                                           {{"step", "stored"}})),
      disposed_(rooms.host.metrics().Counter("parts_old_parts_total", "Old parts that came and went (P-15)",
                                             {{"step", "disposed"}})) {}

absl::Status OldPartShelf::Post(chassis::UnitOfWork& work, const Paper& paper,
                                std::vector<v1::StockMovement>& movements, const Places& places) {
  std::set<std::string> part_ids;
  for (const v1::StockMovement& movement : movements) part_ids.insert(movement.part_id());
  ASSIGN_OR_RETURN(const PartsById parts,
                   catalogue_.ByIds(work.sql(), work.store_id(), {part_ids.begin(), part_ids.end()}));
  return book_.Post(work, paper, parts, places, movements);
}

absl::Status OldPartShelf::PutAway(chassis::UnitOfWork& work, const v1::OldPart& old_part) {
  ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), {old_part.location_id()}));
  const auto place = places.find(old_part.location_id());
  if (place == places.end()) return chassis::NotFound("location", old_part.location_id());
  RETURN_IF_ERROR(CheckOldPartBin(place->second));
  std::vector<v1::StockMovement> movements = {
      MovementOf(old_part, AccountId(work.store_id(), v1::Location::KIND_WORKSHOP), old_part.location_id())};
  RETURN_IF_ERROR(Post(work, PaperOf(old_part), movements, places));
  stored_.Increment();
  return absl::OkStatus();
}

absl::Status OldPartShelf::Dispose(chassis::UnitOfWork& work, const Paper& paper,
                                   const std::vector<v1::OldPart>& old_parts) {
  if (old_parts.empty()) return absl::OkStatus();
  std::vector<std::string> location_ids;
  std::vector<v1::StockMovement> movements;
  for (const v1::OldPart& old_part : old_parts) {
    location_ids.push_back(old_part.location_id());
    movements.push_back(
        MovementOf(old_part, old_part.location_id(), AccountId(work.store_id(), v1::Location::KIND_DISPOSAL)));
    v1::OldPartDisposed fact;
    fact.set_old_part_id(old_part.old_part_id());
    fact.set_tag_code(old_part.tag_code());
    fact.set_order_id(old_part.order_id());
    fact.set_outcome(std::string(chassis::StateName(v1::OldPart::State_descriptor(), old_part.state())));
    work.Publish(fact, {"old_part", old_part.old_part_id(), VersionOf(old_part)});
  }
  ASSIGN_OR_RETURN(const Places places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
  RETURN_IF_ERROR(Post(work, paper, movements, places));
  disposed_.Increment(static_cast<double>(old_parts.size()));
  return absl::OkStatus();
}

}  // namespace parts
