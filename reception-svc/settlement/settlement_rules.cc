// The arithmetic and the limits of a settlement; see the header. All rounding is chassis/time/amounts.
#include "reception-svc/settlement/settlement_rules.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/reception/v1/errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "reception-svc/add_on/add_on_rules.h"
#include "reception-svc/coverage/coverage_rules.h"
#include "reception-svc/repair_order/order_line_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
namespace common = aftersales::common::v1;
namespace options = aftersales::options::v1;
using chassis::Refuse;
using Line = v1::SettlementLine;

struct LineFacts {
  std::map<std::string, bool> done;          // by line id
  std::map<std::string, int64_t> issued;     // thousandths, net of returns
  std::map<std::string, std::string> drawn;  // part number, for naming
};

LineFacts FactsOf(const SettlementFacts& facts) {
  LineFacts by_line;
  for (const auto& line : facts.progress.lines()) by_line.done[line.line_id()] = line.done();
  for (const auto& line : facts.parts.lines()) {
    by_line.issued[line.holder_line_id()] += line.issued_milli();
    by_line.drawn[line.holder_line_id()] = line.part_number();
  }
  return by_line;
}

int64_t Found(const std::map<std::string, int64_t>& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? 0 : found->second;
}

absl::Status AboveEstimate(const std::string& line) {
  return Refuse(v1::ERROR_REASON_SETTLEMENT_ABOVE_ESTIMATE)
      .With("line", line)
      .At("repair_order_id", "超过签字估价", "is above its signed estimate");
}

void SetLineAmounts(Line& line) {
  line.set_net_amount(line.list_amount() - line.discount_amount());
  line.set_tax_amount(chassis::Portion(line.net_amount(), line.tax_basis_points()));
  line.set_gross_amount(line.net_amount() + line.tax_amount());
}

Line LineFrom(const v1::RepairOrderLine& line) {
  Line bill;
  bill.set_line_id(line.line_id());
  bill.set_kind(line.kind());
  bill.set_code(line.kind() == v1::LINE_KIND_LABOUR ? line.operation_code() : line.part_number());
  bill.set_description(line.description());
  bill.set_system(line.system());
  bill.set_supply_source(line.supply_source());
  bill.set_pay_type(PayerOf(line));
  bill.set_standard_minutes(line.standard_minutes());
  bill.set_estimated_quantity_milli(line.quantity_milli());
  bill.set_unit(line.unit());
  bill.set_unit_amount(line.unit_amount());
  bill.set_estimated_gross_amount(line.gross_amount());
  bill.set_tax_basis_points(line.tax_basis_points());
  return bill;
}

// What of the line was really done or drawn, at the price that was agreed.
absl::StatusOr<Line> BillLine(const v1::RepairOrderLine& line, const LineFacts& facts, const std::string& add_on_id) {
  Line bill = LineFrom(line);
  bill.set_add_on_id(add_on_id);
  if (line.kind() == v1::LINE_KIND_LABOUR) {
    const auto done = facts.done.find(line.line_id());
    const bool was_done = done != facts.done.end() && done->second;
    bill.set_quantity_milli(was_done ? line.quantity_milli() : 0);
    bill.set_list_amount(was_done ? line.net_amount() : 0);
    bill.set_explanation(was_done ? Line::EXPLANATION_AS_ESTIMATED : Line::EXPLANATION_NOT_DONE);
  } else if (!IsStorePart(line)) {
    bill.set_quantity_milli(line.quantity_milli());
    bill.set_explanation(Line::EXPLANATION_CUSTOMER_SUPPLIED);
  } else {
    const int64_t issued = Found(facts.issued, line.line_id());
    if (issued > line.quantity_milli()) return AboveEstimate(LineName(line));
    bill.set_quantity_milli(issued);
    bill.set_list_amount(chassis::Extend(line.unit_amount(), issued));
    bill.set_explanation(issued == line.quantity_milli() ? Line::EXPLANATION_AS_ESTIMATED
                         : issued == 0                   ? Line::EXPLANATION_NOT_DONE
                                                         : Line::EXPLANATION_LESS_USED);
  }
  if (bill.explanation() == Line::EXPLANATION_AS_ESTIMATED) {
    if (!add_on_id.empty()) bill.set_explanation(Line::EXPLANATION_ADD_ON);
    if (bill.pay_type() != common::PAY_TYPE_CUSTOMER_PAY) bill.set_explanation(Line::EXPLANATION_COVERED);
  }
  SetLineAmounts(bill);
  return bill;
}

absl::Status CheckCoverageDecided(const v1::RepairOrder& order) {
  std::vector<std::string> open;
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (!IsDeclined(line) && IsCoverageOpen(line)) open.push_back(LineName(line));
  }
  if (open.empty()) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_COVERAGE_OPEN)
      .With("lines", absl::StrJoin(open, ", "))
      .At("repair_order_id", "承担方未定", "has lines whose payer is not decided");
}

// A part drawn for the order that neither it nor an approved add-on holds.
absl::Status CheckNothingElseDrawn(const v1::Settlement& settlement, const LineFacts& facts) {
  for (const auto& [line_id, issued] : facts.issued) {
    if (issued == 0) continue;
    const bool billed = std::any_of(settlement.lines().begin(), settlement.lines().end(),
                                    [&](const Line& line) { return line.line_id() == line_id; });
    if (!billed) return AboveEstimate(facts.drawn.at(line_id));
  }
  return absl::OkStatus();
}

void AddDeclined(v1::Settlement& settlement, const SettlementFacts& facts) {
  for (const v1::AddOn& add_on : facts.add_ons) {
    if (add_on.state() != v1::AddOn::STATE_DECLINED) continue;
    v1::DeclinedWork& declined = *settlement.add_declined_works();
    declined.set_add_on_id(add_on.add_on_id());
    declined.set_description(add_on.description());
    declined.set_safety_critical(add_on.safety_critical());
    declined.set_refusal_declared(add_on.refusal_declared());
    declined.set_system(add_on.system());
    declined.set_offered_amount(add_on.total_amount());
  }
  for (const v1::RepairOrderLine& line : facts.order.lines()) {
    if (!IsDeclined(line)) continue;
    v1::DeclinedWork& declined = *settlement.add_declined_works();
    declined.set_line_id(line.line_id());
    declined.set_description(line.description());
    declined.set_safety_critical(line.safety_critical());
    declined.set_refusal_declared(line.safety_critical());
    declined.set_system(line.system());
    declined.set_offered_amount(line.gross_amount());
  }
}

bool IsTarget(const Line& line, v1::DiscountTarget target) {
  if (line.pay_type() != common::PAY_TYPE_CUSTOMER_PAY) return false;
  switch (target) {
    case v1::DISCOUNT_TARGET_LABOUR:
      return line.kind() == v1::LINE_KIND_LABOUR;
    case v1::DISCOUNT_TARGET_PARTS:
      return line.kind() == v1::LINE_KIND_PART;
    default:
      return true;
  }
}

int64_t ListAmount(const v1::Settlement& settlement, v1::DiscountTarget target) {
  int64_t amount = 0;
  for (const Line& line : settlement.lines()) {
    if (IsTarget(line, target)) amount += line.list_amount();
  }
  return amount;
}

// The rate a discount comes to, rounded up so that no limit is passed by a fraction.
int64_t RateOf(const v1::Discount& discount, const v1::Settlement& settlement) {
  if (discount.basis_points() > 0) return discount.basis_points();
  const int64_t base = ListAmount(settlement, discount.target());
  if (base == 0) return 0;
  return (discount.amount() * chassis::kBasisPoints + base - 1) / base;
}

bool Touches(v1::DiscountTarget discount, v1::DiscountTarget group) {
  return discount == v1::DISCOUNT_TARGET_ALL || discount == group;
}

std::string Percent(int64_t basis_points) {
  return absl::StrCat(basis_points / 100, ".", basis_points % 100 / 10, basis_points % 10, "%");
}

std::string ApproverOf(int64_t basis_points, const common::StoreSettings& settings) {
  return basis_points <= settings.service_manager_discount_basis_points() ? "服务经理 (service manager)"
                                                                          : "集团管理 (group manager)";
}

}  // namespace

absl::StatusOr<v1::Settlement> DraftSettlement(const SettlementFacts& facts) {
  RETURN_IF_ERROR(chassis::RequireState(facts.order, {v1::RepairOrder::STATE_COMPLETED}));
  RETURN_IF_ERROR(CheckCoverageDecided(facts.order));
  const LineFacts by_line = FactsOf(facts);
  v1::Settlement settlement;
  settlement.set_store_id(facts.order.store_id());
  settlement.set_state(v1::Settlement::STATE_DRAFT);
  settlement.set_repair_order_id(facts.order.repair_order_id());
  settlement.set_customer_id(facts.order.customer_id());
  settlement.set_currency_code(facts.order.currency_code());
  settlement.set_estimated_amount(facts.order.total_amount());
  settlement.set_parts_cost_amount(facts.parts.cost_amount());
  settlement.set_deposit_amount(facts.deposit_amount);
  for (const v1::RepairOrderLine& line : facts.order.lines()) {
    if (IsDeclined(line)) continue;
    ASSIGN_OR_RETURN(*settlement.add_lines(), BillLine(line, by_line, ""));
  }
  int64_t add_on_amount = 0;
  for (const v1::AddOn& add_on : facts.add_ons) {
    if (add_on.state() != v1::AddOn::STATE_APPROVED) continue;
    add_on_amount += add_on.total_amount();
    for (const v1::AddOnLine& line : add_on.lines()) {
      ASSIGN_OR_RETURN(*settlement.add_lines(), BillLine(OrderLineOf(line), by_line, add_on.add_on_id()));
    }
  }
  settlement.set_add_on_amount(add_on_amount);
  RETURN_IF_ERROR(CheckNothingElseDrawn(settlement, by_line));
  AddDeclined(settlement, facts);
  Recompute(settlement);
  if (settlement.total_amount() > settlement.estimated_amount() + add_on_amount) return AboveEstimate("合计 total");
  return settlement;
}

absl::Status CheckUpToDate(const v1::Settlement& settlement, const SettlementFacts& facts) {
  ASSIGN_OR_RETURN(v1::Settlement fresh, DraftSettlement(facts));
  *fresh.mutable_discounts() = settlement.discounts();
  Recompute(fresh);
  bool same = fresh.total_amount() == settlement.total_amount() && fresh.due_amount() == settlement.due_amount() &&
              fresh.parts_cost_amount() == settlement.parts_cost_amount() &&
              fresh.lines_size() == settlement.lines_size();
  for (int i = 0; same && i < fresh.lines_size(); ++i) {
    same = fresh.lines(i).line_id() == settlement.lines(i).line_id() &&
           fresh.lines(i).quantity_milli() == settlement.lines(i).quantity_milli() &&
           fresh.lines(i).pay_type() == settlement.lines(i).pay_type();
  }
  if (same) return absl::OkStatus();
  return Refuse(v1::ERROR_REASON_SETTLEMENT_OUTDATED).At("settlement_id", "事实已变", "the facts have changed");
}

int32_t DiscountLimit(const std::set<options::Role>& roles, const common::StoreSettings& settings) {
  int32_t limit = 0;
  if (roles.count(options::ROLE_SERVICE_ADVISER) > 0) {
    limit = std::max(limit, settings.adviser_discount_basis_points());
  }
  if (roles.count(options::ROLE_SERVICE_MANAGER) > 0) {
    limit = std::max(limit, settings.service_manager_discount_basis_points());
  }
  if (roles.count(options::ROLE_GROUP_MANAGER) > 0) limit = static_cast<int32_t>(chassis::kBasisPoints);
  return limit;
}

absl::StatusOr<v1::Discount> MakeDiscount(const v1::Settlement& settlement, const v1::ApplyDiscountRequest& request) {
  const int64_t base = ListAmount(settlement, request.target());
  const bool one_of_two = (request.basis_points() > 0) != (request.amount() > 0);
  if (!one_of_two || base == 0) {
    return Refuse(v1::ERROR_REASON_DISCOUNT_EMPTY)
        .At("basis_points", "须填写比例或金额之一", "give either a rate or an amount");
  }
  v1::Discount discount;
  discount.set_target(request.target());
  discount.set_basis_points(request.basis_points());
  discount.set_amount(request.basis_points() > 0 ? chassis::Portion(base, request.basis_points()) : request.amount());
  discount.set_reason(request.reason());
  return discount;
}

absl::Status CheckDiscountLimit(const v1::Settlement& settlement, const v1::Discount& discount,
                                int32_t limit_basis_points, const common::StoreSettings& settings) {
  for (const v1::DiscountTarget group : {v1::DISCOUNT_TARGET_LABOUR, v1::DISCOUNT_TARGET_PARTS}) {
    if (!Touches(discount.target(), group)) continue;
    int64_t rate = RateOf(discount, settlement);
    for (const v1::Discount& other : settlement.discounts()) {
      const bool counts = other.status() == v1::DISCOUNT_STATUS_APPLIED && Touches(other.target(), group) &&
                          other.discount_id() != discount.discount_id();
      if (counts) rate += RateOf(other, settlement);
    }
    // More than everything is beyond anybody's limit.
    if (rate <= std::min<int64_t>(limit_basis_points, chassis::kBasisPoints)) continue;
    return Refuse(v1::ERROR_REASON_DISCOUNT_ABOVE_LIMIT)
        .With("asked", Percent(rate))
        .With("limit", Percent(limit_basis_points))
        .With("approver", ApproverOf(rate, settings))
        .At(discount.basis_points() > 0 ? "basis_points" : "amount", "超过权限", "is above the limit");
  }
  return absl::OkStatus();
}

void Recompute(v1::Settlement& settlement) {
  for (Line& line : *settlement.mutable_lines()) {
    if (line.explanation() == Line::EXPLANATION_DISCOUNTED) {
      line.set_explanation(line.add_on_id().empty() ? Line::EXPLANATION_AS_ESTIMATED : Line::EXPLANATION_ADD_ON);
    }
    line.set_discount_amount(0);
  }
  for (const v1::Discount& discount : settlement.discounts()) {
    if (discount.status() != v1::DISCOUNT_STATUS_APPLIED) continue;
    std::vector<int64_t> weights;
    for (const Line& line : settlement.lines()) {
      weights.push_back(IsTarget(line, discount.target()) ? line.list_amount() : 0);
    }
    const std::vector<int64_t> parts = chassis::Split(discount.amount(), weights);
    for (int i = 0; i < settlement.lines_size(); ++i) {
      Line& line = *settlement.mutable_lines(i);
      line.set_discount_amount(std::min(line.list_amount(), line.discount_amount() + parts[i]));
    }
  }
  int64_t labour = 0, parts = 0, discount = 0, tax = 0;
  std::map<common::PayType, int64_t> shares;
  for (Line& line : *settlement.mutable_lines()) {
    SetLineAmounts(line);
    const bool as_agreed =
        line.explanation() == Line::EXPLANATION_AS_ESTIMATED || line.explanation() == Line::EXPLANATION_ADD_ON;
    if (line.discount_amount() > 0 && as_agreed) line.set_explanation(Line::EXPLANATION_DISCOUNTED);
    (line.kind() == v1::LINE_KIND_LABOUR ? labour : parts) += line.net_amount();
    discount += line.discount_amount();
    tax += line.tax_amount();
    shares[line.pay_type()] += line.gross_amount();
  }
  settlement.set_labour_amount(labour);
  settlement.set_parts_amount(parts);
  settlement.set_discount_amount(discount);
  settlement.set_tax_amount(tax);
  settlement.set_total_amount(labour + parts + tax);
  settlement.set_customer_amount(shares[common::PAY_TYPE_CUSTOMER_PAY]);
  settlement.set_warranty_amount(shares[common::PAY_TYPE_WARRANTY]);
  settlement.set_insurance_amount(shares[common::PAY_TYPE_INSURANCE]);
  settlement.set_manufacturer_amount(shares[common::PAY_TYPE_MANUFACTURER]);
  settlement.set_internal_amount(shares[common::PAY_TYPE_INTERNAL]);
  settlement.set_due_amount(settlement.customer_amount() - settlement.deposit_amount());
}

absl::StatusOr<v1::Discount*> WaitingDiscount(v1::Settlement& settlement, const std::string& discount_id) {
  RETURN_IF_ERROR(chassis::RequireState(settlement, {v1::Settlement::STATE_DRAFT}));
  for (v1::Discount& discount : *settlement.mutable_discounts()) {
    const bool found = discount.discount_id() == discount_id && discount.status() == v1::DISCOUNT_STATUS_WAITING;
    if (found) return &discount;
  }
  return Refuse(v1::ERROR_REASON_DISCOUNT_UNKNOWN).At("discount_id", "没有待批准的优惠", "no such discount waits");
}

absl::Status CheckIssuable(const v1::Settlement& settlement) {
  RETURN_IF_ERROR(chassis::RequireState(settlement, {v1::Settlement::STATE_DRAFT}));
  for (const v1::Discount& discount : settlement.discounts()) {
    if (discount.status() != v1::DISCOUNT_STATUS_WAITING) continue;
    return Refuse(v1::ERROR_REASON_DISCOUNT_PENDING).At("settlement_id", "有优惠待批准", "a discount waits");
  }
  return absl::OkStatus();
}

std::string SumsDiffer(const v1::Settlement& settlement) {
  v1::Settlement again = settlement;
  Recompute(again);
  if (again.total_amount() != settlement.total_amount() || again.tax_amount() != settlement.tax_amount() ||
      again.customer_amount() != settlement.customer_amount() || again.due_amount() != settlement.due_amount()) {
    return absl::StrCat("settlement ", settlement.number(), " says ", settlement.total_amount(), ", its lines come to ",
                        again.total_amount());
  }
  const int64_t shares = settlement.customer_amount() + settlement.warranty_amount() + settlement.insurance_amount() +
                         settlement.manufacturer_amount() + settlement.internal_amount();
  if (shares == settlement.total_amount()) return "";
  return absl::StrCat("settlement ", settlement.number(), ": the shares come to ", shares, " of ",
                      settlement.total_amount());
}

}  // namespace reception
