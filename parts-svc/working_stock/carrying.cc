// Goods that stay the store's and go into other hands; see carrying.h.
#include "parts-svc/working_stock/carrying.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/errors.pb.h"
#include "chassis/status/state.h"
#include "parts-svc/location/location_rules.h"

namespace parts {
namespace {

using chassis::UnitOfWork;

std::vector<std::string> IdsOf(const PartsById& parts) {
  std::vector<std::string> ids;
  for (const auto& [part_id, part] : parts) ids.push_back(part_id);
  return ids;
}

v1::StockMovement MovementOf(const v1::IssueLine& line, const std::string& from, const std::string& to) {
  v1::StockMovement movement;
  movement.set_part_id(line.part_id());
  movement.set_from_location_id(from);
  movement.set_to_location_id(to);
  movement.set_quantity_milli(line.quantity_milli());
  movement.set_cost_amount(line.cost_amount());
  movement.set_batch_code(line.batch_code());
  movement.set_document_line_id(line.issue_line_id());
  return movement;
}

FieldsByPart Fields(const Carrying::Goods& goods) {
  FieldsByPart fields;
  for (const v1::IssueLine& line : goods.lines) fields.emplace(line.part_id(), "lines");
  return fields;
}

// Both sides are the store's: the cost is for show, the value stays.
void ShowCost(Carrying::Goods& goods) {
  for (v1::IssueLine& line : goods.lines) {
    line.set_cost_amount(CostOf(goods.stocks.at(line.part_id()), line.quantity_milli()));
  }
}

absl::Status CheckShelf(const v1::Location& place, const std::string& field) {
  RETURN_IF_ERROR(CheckBin(place, field));
  if (place.kind() == v1::Location::KIND_STOCK || place.kind() == v1::Location::KIND_QUARANTINE) {
    return absl::OkStatus();
  }
  return chassis::Refuse(v1::ERROR_REASON_LOCATION_KIND)
      .With("kind", chassis::StateName(v1::Location::Kind_descriptor(), place.kind()))
      .At(field, "须为正常库位或隔离库位", "must be a bin for stock or for quarantine");
}

}  // namespace

absl::StatusOr<Carrying::Goods> Carrying::Find(UnitOfWork& work, const CarriedLines& lines, const std::string& hands) {
  Goods goods;
  goods.hands = hands;
  std::vector<std::string> part_ids, missing, fields, location_ids = {hands};
  for (const v1::CarriedGoods& line : lines) {
    part_ids.push_back(line.part_id());
    if (!line.location_id().empty()) location_ids.push_back(line.location_id());
  }
  ASSIGN_OR_RETURN(goods.parts, catalogue_.ByIds(work.sql(), work.store_id(), part_ids));
  ASSIGN_OR_RETURN(goods.places, locations_.ByIds(work.sql(), work.store_id(), location_ids));
  for (int i = 0; i < lines.size(); ++i) {
    const std::string at = absl::StrCat("lines[", i, "]");
    const auto found = goods.parts.find(lines[i].part_id());
    if (found == goods.parts.end()) {
      missing.push_back(lines[i].part_id());
      fields.push_back(at + ".part_id");
      continue;
    }
    const v1::Part& part = found->second;
    RETURN_IF_ERROR(CheckQuantity(part, lines[i].quantity_milli(), at + ".quantity_milli"));
    if (!lines[i].location_id().empty() && goods.places.count(lines[i].location_id()) == 0) {
      return chassis::NotFound("location", lines[i].location_id())
          .At(at + ".location_id", "没有此库位", "does not exist");
    }
    v1::IssueLine& line = goods.lines.emplace_back();
    line.set_issue_line_id(work.NewId());
    line.set_part_id(part.part_id());
    line.set_part_number(part.part_number());
    line.set_name_zh(part.name_zh());
    line.set_name_en(part.name_en());
    line.set_quantity_milli(lines[i].quantity_milli());
    line.set_location_id(lines[i].location_id());
    line.set_batch_code(lines[i].batch_code());
  }
  if (!missing.empty()) return UnknownParts(missing, fields);
  return goods;
}

absl::StatusOr<Carrying::Goods> Carrying::FromShelves(UnitOfWork& work, const CarriedLines& lines,
                                                      const std::string& hands) {
  ASSIGN_OR_RETURN(Goods goods, Find(work, lines, hands));
  for (size_t i = 0; i < goods.lines.size(); ++i) {
    const v1::IssueLine& line = goods.lines[i];
    const v1::Part& part = goods.parts.at(line.part_id());
    // Which batch goes out first is chosen with the bins, unless one is asked for.
    if (part.tracking() == v1::Part::TRACKING_BATCH && line.batch_code().empty()) continue;
    RETURN_IF_ERROR(CheckBatch(part, line.quantity_milli(), line.batch_code(), absl::StrCat("lines[", i, "]")));
  }
  Places shelves;
  ASSIGN_OR_RETURN(goods.lines, picking_.Place(work, goods.lines, IdsOf(goods.parts), shelves));
  goods.places.insert(shelves.begin(), shelves.end());
  for (const v1::IssueLine& line : goods.lines) {
    RETURN_IF_ERROR(CheckShelf(goods.places.at(line.location_id()), "lines"));
  }
  ASSIGN_OR_RETURN(goods.stocks, ledger_.LockStocks(work, IdsOf(goods.parts)));
  ShowCost(goods);
  return goods;
}

absl::StatusOr<Carrying::Goods> Carrying::FromHands(UnitOfWork& work, const CarriedLines& lines,
                                                    const std::string& hands) {
  ASSIGN_OR_RETURN(Goods goods, Find(work, lines, hands));
  for (size_t i = 0; i < goods.lines.size(); ++i) {
    const v1::IssueLine& line = goods.lines[i];
    const std::string at = absl::StrCat("lines[", i, "]");
    RETURN_IF_ERROR(CheckBatch(goods.parts.at(line.part_id()), line.quantity_milli(), line.batch_code(), at));
    if (line.location_id().empty()) continue;
    RETURN_IF_ERROR(CheckShelf(goods.places.at(line.location_id()), at + ".location_id"));
  }
  RETURN_IF_ERROR(ledger_.LockBalances(work, IdsOf(goods.parts)).status());
  ASSIGN_OR_RETURN(goods.stocks, ledger_.LockStocks(work, IdsOf(goods.parts)));
  ShowCost(goods);
  return goods;
}

absl::Status Carrying::Out(UnitOfWork& work, const Paper& paper, const Goods& goods) {
  std::vector<v1::StockMovement> movements;
  for (const v1::IssueLine& line : goods.lines) movements.push_back(MovementOf(line, line.location_id(), goods.hands));
  return book_.Post(work, paper, goods.parts, goods.places, movements, Fields(goods));
}

absl::Status Carrying::Back(UnitOfWork& work, const Paper& paper, const Goods& goods) {
  std::vector<v1::StockMovement> movements;
  for (size_t i = 0; i < goods.lines.size(); ++i) {
    const v1::IssueLine& line = goods.lines[i];
    if (line.location_id().empty()) {
      return chassis::InvalidField(absl::StrCat("lines[", i, "].location_id"), "必填", "is required");
    }
    movements.push_back(MovementOf(line, goods.hands, line.location_id()));
  }
  return book_.Post(work, paper, goods.parts, goods.places, movements, Fields(goods));
}

absl::Status Carrying::Away(UnitOfWork& work, const Paper& paper, const std::string& account_id, const Goods& goods) {
  std::vector<v1::StockMovement> movements;
  for (const v1::IssueLine& line : goods.lines) movements.push_back(MovementOf(line, goods.hands, account_id));
  return book_.Post(work, paper, goods.parts, goods.places, movements, Fields(goods));
}

}  // namespace parts
