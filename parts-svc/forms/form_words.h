// What the forms of the parts store have in common: what they need besides their document, and how parts, units and
// bins are written.
#pragma once

#include <string>

#include "chassis/documents/print/form.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_rules.h"

namespace parts {

// The parts and bins a document names.
struct FormFacts {
  PartsById parts;
  Places places;
};

// Number, and the name below it.
chassis::print::Cell PartCell(const chassis::print::Form& form, const std::string& number, const std::string& name_zh,
                              const std::string& name_en);
// The bin's code, and the batch or serial number below it.
chassis::print::Cell BinCell(const FormFacts& facts, const std::string& location_id, const std::string& batch_code);
// 件, piece; empty for a part the facts do not hold.
std::string UnitOf(const chassis::print::Form& form, const FormFacts& facts, const std::string& part_id);
// "1" for the first row of a table.
std::string Position(int index);

// The table of a note about goods that went or go somewhere: which, from which bin, how many, and what `amount_of` a
// line says of them. Lines have part, place, batch and quantity.
template <typename Lines, typename AmountOf>
chassis::print::Table GoodsTable(const chassis::print::Form& form, const FormFacts& facts, const Lines& lines,
                                 const chassis::print::Words& amount_label, AmountOf&& amount_of) {
  using chassis::print::Shape;
  chassis::print::Table table{.columns = {{{"序号", "No."}, Shape::kWord, 6},
                                          {{"配件", "Part"}, Shape::kText, 40},
                                          {{"库位 / 批次", "Bin / batch"}, Shape::kText, 18},
                                          {{"数量", "Quantity"}, Shape::kNumber, 12},
                                          {{"单位", "Unit"}, Shape::kWord, 8},
                                          {amount_label, Shape::kNumber, 16}}};
  for (const auto& line : lines) {
    table.rows.push_back({{Position(static_cast<int>(table.rows.size()))},
                          PartCell(form, line.part_number(), line.name_zh(), line.name_en()),
                          BinCell(facts, line.location_id(), line.batch_code()),
                          {form.Quantity(line.quantity_milli())},
                          {UnitOf(form, facts, line.part_id())},
                          {form.Amount(amount_of(line))}});
  }
  return table;
}

}  // namespace parts
