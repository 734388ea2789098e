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

}  // namespace parts
