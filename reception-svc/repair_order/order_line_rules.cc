// Pricing of lines; see the header.
#include "reception-svc/repair_order/order_line_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
using aftersales::parts::v1::PartOffer;
using chassis::Refuse;

constexpr int64_t kMinutesPerHour = 60;

absl::Status CheckPartWish(const v1::PartWish& part, const std::string& field) {
  if (part.supply_source() == common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED) {
    if (!part.description().empty()) return absl::OkStatus();
    return Refuse(v1::ERROR_REASON_PART_DESCRIPTION_MISSING)
        .At(field + ".description", "请写明自带件名称", "say what the customer brings");
  }
  if (!part.part_number().empty()) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_PART_NUMBER_MISSING).At(field + ".part_number", "缺少零件号", "missing");
}

void SetAmounts(v1::RepairOrderLine& line, int64_t net_amount) {
  line.set_net_amount(net_amount);
  line.set_tax_amount(chassis::Portion(net_amount, line.tax_basis_points()));
  line.set_gross_amount(net_amount + line.tax_amount());
}

// Everything a labour line takes from the price list.
absl::Status PriceLabour(v1::RepairOrderLine& line, const PriceSources& sources, const std::string& field) {
  const auto operation = sources.book.Operation(line.operation_code());
  if (!operation.ok()) {
    return Refuse(v1::ERROR_REASON_OPERATION_UNKNOWN)
        .With("code", line.operation_code())
        .At(field, "价目表中没有", "not in the price list");
  }
  const v1::LabourOperation& listed = *operation;
  const auto hourly_amount = sources.book.HourlyAmount(listed.skill());
  if (!hourly_amount.ok()) {
    return Refuse(v1::ERROR_REASON_RATE_MISSING)
        .With("skill", common::Skill_Name(listed.skill()))
        .At(field, "没有工时单价", "has no labour rate");
  }
  line.set_description(listed.display_name());
  line.set_system(listed.system());
  line.set_skill(listed.skill());
  line.set_certificate_code(listed.certificate_code());
  line.set_safety_critical(listed.safety_critical());
  line.set_standard_minutes(listed.standard_minutes());
  line.set_quantity_milli(chassis::MulDiv(listed.standard_minutes(), chassis::kMilli, kMinutesPerHour));
  line.set_unit("hour");
  line.set_unit_amount(*hourly_amount);
  line.set_tax_basis_points(sources.labour_tax_basis_points);
  SetAmounts(line, LabourAmount(*hourly_amount, listed.standard_minutes()));
  return absl::OkStatus();
}

absl::Status CheckOffer(const v1::RepairOrderLine& line, const PartOffer& offer, const PriceSources& sources,
                        const std::string& field) {
  const bool wants_original = line.supply_source() == common::SUPPLY_SOURCE_STORE_ORIGINAL;
  if (offer.original() != wants_original) {
    return Refuse(v1::ERROR_REASON_SUPPLY_SOURCE_MISMATCH)
        .With("part", offer.part_number())
        .With("kind", offer.original() ? "original" : "aftermarket")
        .At(field + ".supply_source", "与配件不符", "does not match the part");
  }
  if (offer.step_milli() > 0 && line.quantity_milli() % offer.step_milli() != 0) {
    return Refuse(v1::ERROR_REASON_QUANTITY_STEP)
        .With("part", offer.part_number())
        .With("step", offer.step_milli())
        .At(field + ".quantity_milli", "数量不合规", "not a multiple of the step");
  }
  if (!sources.model_code.empty() && !offer.fits()) {
    return Refuse(v1::ERROR_REASON_PART_DOES_NOT_FIT)
        .With("part", offer.part_number())
        .With("model", sources.model_code)
        .At(field + ".part_number", "不适用于此车型", "does not fit this model");
  }
  return absl::OkStatus();
}

// Everything a part line takes from parts-svc. A customer's own part has no price and no stock.
absl::Status PricePart(v1::RepairOrderLine& line, const PriceSources& sources, const std::string& field) {
  if (!IsStorePart(line)) {
    line.set_tax_basis_points(sources.labour_tax_basis_points);
    SetAmounts(line, 0);
    return absl::OkStatus();
  }
  const auto found = sources.offers.find(line.part_number());
  if (found == sources.offers.end()) {
    // parts-svc refuses unknown numbers itself; one that it left out is treated the same.
    return Refuse(v1::ERROR_REASON_PART_NUMBER_MISSING).At(field + ".part_number", "没有此零件", "no such part");
  }
  const PartOffer& offer = found->second;
  RETURN_IF_ERROR(CheckOffer(line, offer, sources, field));
  line.set_part_id(offer.part_id());
  line.set_part_number(offer.part_number());
  line.set_description(offer.display_name());
  line.set_safety_critical(offer.safety_critical());
  line.set_unit(offer.unit());
  line.set_unit_amount(offer.unit_price_amount());
  line.set_tax_basis_points(offer.tax_basis_points());
  SetAmounts(line, chassis::Extend(offer.unit_price_amount(), line.quantity_milli()));
  // A part belongs to the system of the work it is for, when that is known.
  if (const auto operation = sources.book.Operation(line.operation_code()); operation.ok()) {
    line.set_system(operation->system());
  }
  return absl::OkStatus();
}

absl::Status PriceLine(v1::RepairOrderLine& line, const PriceSources& sources, const std::string& field) {
  return line.kind() == v1::LINE_KIND_LABOUR ? PriceLabour(line, sources, field) : PricePart(line, sources, field);
}

v1::RepairOrderLine LabourLine(const std::string& operation_code, const std::string& package_code) {
  v1::RepairOrderLine line;
  line.set_kind(v1::LINE_KIND_LABOUR);
  line.set_operation_code(operation_code);
  line.set_package_code(package_code);
  return line;
}

v1::RepairOrderLine PartLine(const v1::PartWish& wish) {
  v1::RepairOrderLine line;
  line.set_kind(v1::LINE_KIND_PART);
  line.set_part_number(wish.part_number());
  line.set_operation_code(wish.operation_code());
  line.set_supply_source(wish.supply_source());
  line.set_quantity_milli(wish.quantity_milli());
  line.set_description(wish.description());
  if (!IsStorePart(line)) line.set_unit("piece");
  return line;
}

// A package's parts are the store's; which kind, the part itself says.
v1::RepairOrderLine PackagePartLine(const v1::ServicePackage& package, const v1::ServicePackage::Part& part,
                                    const PriceSources& sources) {
  v1::RepairOrderLine line;
  line.set_kind(v1::LINE_KIND_PART);
  line.set_package_code(package.code());
  line.set_part_number(part.part_number());
  line.set_quantity_milli(part.quantity_milli());
  const bool names_work = !part.operation_code().empty() || package.operation_codes().empty();
  line.set_operation_code(names_work ? part.operation_code() : package.operation_codes(0));
  const auto offer = sources.offers.find(part.part_number());
  const bool original = offer == sources.offers.end() || offer->second.original();
  line.set_supply_source(original ? common::SUPPLY_SOURCE_STORE_ORIGINAL : common::SUPPLY_SOURCE_STORE_AFTERMARKET);
  return line;
}

// The wish's lines, not yet priced.
absl::StatusOr<OrderLines> Expand(const v1::LineWish& wish, const PriceSources& sources, const std::string& field) {
  OrderLines lines;
  if (!wish.operation_code().empty()) {
    *lines.Add() = LabourLine(wish.operation_code(), "");
  } else if (wish.has_part()) {
    *lines.Add() = PartLine(wish.part());
  } else {
    const auto package = sources.book.Package(wish.package_code());
    if (!package.ok()) {
      return Refuse(v1::ERROR_REASON_PACKAGE_UNKNOWN)
          .With("code", wish.package_code())
          .At(field + ".package_code", "价目表中没有", "not in the price list");
    }
    for (const std::string& code : package->operation_codes()) *lines.Add() = LabourLine(code, wish.package_code());
    for (const auto& part : package->parts()) *lines.Add() = PackagePartLine(*package, part, sources);
  }
  for (v1::RepairOrderLine& line : lines) line.set_pay_type(wish.pay_type());
  return lines;
}

}  // namespace

absl::Status CheckWishes(const LineWishes& wishes) {
  for (int i = 0; i < wishes.size(); ++i) {
    const v1::LineWish& wish = wishes[i];
    const std::string field = absl::StrCat("lines[", i, "]");
    const int kinds = !wish.package_code().empty() + !wish.operation_code().empty() + wish.has_part();
    if (kinds != 1) {
      return Refuse(v1::ERROR_REASON_LINE_WISH_AMBIGUOUS).At(field, "须且只能填写一种", "exactly one kind is needed");
    }
    if (wish.has_part()) RETURN_IF_ERROR(CheckPartWish(wish.part(), field + ".part"));
  }
  return absl::OkStatus();
}

ListedCodes CodesOf(const LineWishes& wishes) {
  std::set<std::string> operations, packages;
  for (const v1::LineWish& wish : wishes) {
    if (!wish.operation_code().empty()) operations.insert(wish.operation_code());
    if (!wish.part().operation_code().empty()) operations.insert(wish.part().operation_code());
    if (!wish.package_code().empty()) packages.insert(wish.package_code());
  }
  return {{operations.begin(), operations.end()}, {packages.begin(), packages.end()}};
}

ListedCodes CodesOf(const OrderLines& lines) {
  std::set<std::string> operations;
  for (const v1::RepairOrderLine& line : lines) {
    if (!line.operation_code().empty() && !IsDeclined(line)) operations.insert(line.operation_code());
  }
  return {{operations.begin(), operations.end()}, {}};
}

std::vector<std::string> PartNumbersOf(const LineWishes& wishes, const PriceBook& book) {
  std::set<std::string> numbers;
  for (const v1::LineWish& wish : wishes) {
    if (wish.has_part() && wish.part().supply_source() != common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED) {
      numbers.insert(wish.part().part_number());
    }
    if (wish.package_code().empty()) continue;
    const auto package = book.Package(wish.package_code());
    if (!package.ok()) continue;  // refused when it is priced
    for (const auto& part : package->parts()) numbers.insert(part.part_number());
  }
  return {numbers.begin(), numbers.end()};
}

std::vector<std::string> PartNumbersOf(const OrderLines& lines) {
  std::set<std::string> numbers;
  for (const v1::RepairOrderLine& line : lines) {
    if (IsStorePart(line) && !IsDeclined(line)) numbers.insert(line.part_number());
  }
  return {numbers.begin(), numbers.end()};
}

absl::StatusOr<OrderLines> PriceLines(const LineWishes& wishes, const PriceSources& sources,
                                      const std::function<std::string()>& new_id) {
  RETURN_IF_ERROR(CheckWishes(wishes));
  OrderLines priced;
  for (int i = 0; i < wishes.size(); ++i) {
    const std::string field = absl::StrCat("lines[", i, "]");
    ASSIGN_OR_RETURN(OrderLines lines, Expand(wishes[i], sources, field));
    for (v1::RepairOrderLine& line : lines) {
      RETURN_IF_ERROR(PriceLine(line, sources, wishes[i].has_part() ? field + ".part" : field));
      line.set_line_id(new_id());
      line.set_authorization(v1::AUTHORIZATION_PROPOSED);
      *priced.Add() = std::move(line);
    }
  }
  return priced;
}

absl::Status Reprice(OrderLines& lines, const PriceSources& sources) {
  for (int i = 0; i < lines.size(); ++i) {
    v1::RepairOrderLine& line = lines[i];
    if (IsDeclined(line)) continue;
    const int64_t before = line.gross_amount();
    RETURN_IF_ERROR(PriceLine(line, sources, absl::StrCat("lines[", i, "]")));
    if (line.gross_amount() != before) line.set_authorization(v1::AUTHORIZATION_PROPOSED);
  }
  return absl::OkStatus();
}

Totals TotalOf(const OrderLines& lines) {
  Totals totals;
  for (const v1::RepairOrderLine& line : lines) {
    if (IsDeclined(line)) continue;
    (line.kind() == v1::LINE_KIND_LABOUR ? totals.labour_amount : totals.parts_amount) += line.net_amount();
    totals.tax_amount += line.tax_amount();
    totals.total_amount += line.gross_amount();
    if (line.pay_type() == common::PAY_TYPE_CUSTOMER_PAY) totals.customer_amount += line.gross_amount();
  }
  return totals;
}

bool IsDeclined(const v1::RepairOrderLine& line) { return line.authorization() == v1::AUTHORIZATION_DECLINED; }

bool IsStorePart(const v1::RepairOrderLine& line) {
  return line.kind() == v1::LINE_KIND_PART && line.supply_source() != common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED;
}

bool CarriesNoGuarantee(const v1::RepairOrderLine& line) {
  if (line.kind() != v1::LINE_KIND_PART || IsDeclined(line)) return false;
  return line.supply_source() == common::SUPPLY_SOURCE_CUSTOMER_SUPPLIED ||
         (line.supply_source() == common::SUPPLY_SOURCE_STORE_AFTERMARKET && line.safety_critical());
}

std::string LineName(const v1::RepairOrderLine& line) {
  const std::string& code = line.kind() == v1::LINE_KIND_LABOUR ? line.operation_code() : line.part_number();
  return code.empty() ? line.description() : code;
}

}  // namespace reception
