#include "parts-svc/forms/form_words.h"

#include "absl/strings/str_cat.h"

namespace parts {

using chassis::print::Cell;
using chassis::print::Form;
using chassis::print::Words;

Cell PartCell(const Form& form, const std::string& number, const std::string& name_zh, const std::string& name_en) {
  return {number, form.In({name_zh, name_en})};
}

Cell BinCell(const FormFacts& facts, const std::string& location_id, const std::string& batch_code) {
  const auto place = facts.places.find(location_id);
  return {place == facts.places.end() ? "" : place->second.code(), batch_code};
}

std::string Position(int index) { return absl::StrCat(index + 1); }

std::string UnitOf(const Form& form, const FormFacts& facts, const std::string& part_id) {
  const auto part = facts.parts.find(part_id);
  if (part == facts.parts.end()) return "";
  switch (part->second.unit()) {
    case v1::Part::UNIT_PIECE:
      return form.In({"件", "piece"});
    case v1::Part::UNIT_SET:
      return form.In({"套", "set"});
    case v1::Part::UNIT_PAIR:
      return form.In({"对", "pair"});
    case v1::Part::UNIT_LITRE:
      return form.In({"升", "litre"});
    case v1::Part::UNIT_METRE:
      return form.In({"米", "metre"});
    case v1::Part::UNIT_KILOGRAM:
      return form.In({"千克", "kg"});
    default:
      return "";
  }
}

}  // namespace parts
