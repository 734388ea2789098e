// The rules of kits; see kit_rules.h.
#include "parts-svc/kit/kit_rules.h"

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/catalogue_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"

namespace parts {

absl::Status CheckKit(const v1::PartKit& kit, const PartsById& parts, const std::set<std::string>& kit_part_ids) {
  const auto named = parts.find(kit.part_id());
  if (named == parts.end()) return UnknownParts({kit.part_id()}, {"part_kit.part_id"});
  std::set<std::string> seen;
  for (int i = 0; i < kit.components_size(); ++i) {
    const v1::PartKitComponent& component = kit.components(i);
    const std::string at = absl::StrCat("part_kit.components[", i, "]");
    const auto part = parts.find(component.part_id());
    if (part == parts.end()) return UnknownParts({component.part_id()}, {at + ".part_id"});
    if (component.part_id() == kit.part_id()) {
      return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_KIT_HOLDS_ITSELF)
          .With("part", named->second.part_number())
          .At(at + ".part_id", "套件自身", "is the kit itself");
    }
    if (kit_part_ids.count(component.part_id()) > 0) {
      return chassis::Refuse(v1::CATALOGUE_ERROR_REASON_KIT_HOLDS_KIT)
          .With("part", part->second.part_number())
          .At(at + ".part_id", "是套件", "is a kit");
    }
    if (!seen.insert(component.part_id()).second) {
      return chassis::InvalidField(at + ".part_id", "配件重复", "stands there twice");
    }
    RETURN_IF_ERROR(CheckQuantity(part->second, component.quantity_milli(), at + ".quantity_milli"));
  }
  return absl::OkStatus();
}

void PriceKit(int64_t kit_price_amount, int64_t quantity_milli, v1::ExplodedKit& exploded) {
  std::vector<int64_t> amounts;
  int64_t sum = 0;
  for (const auto& line : exploded.lines()) {
    amounts.push_back(chassis::Extend(line.offer().unit_price_amount(), line.quantity_milli()));
    sum += amounts.back();
  }
  if (kit_price_amount > 0 && sum > 0)
    amounts = chassis::Split(chassis::Extend(kit_price_amount, quantity_milli), amounts);
  exploded.set_amount(0);
  for (int i = 0; i < exploded.lines_size(); ++i) {
    exploded.mutable_lines(i)->set_line_amount(amounts[i]);
    exploded.set_amount(exploded.amount() + amounts[i]);
  }
}

}  // namespace parts
