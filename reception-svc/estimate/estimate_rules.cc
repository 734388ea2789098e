// Estimates; see the header.
#include "reception-svc/estimate/estimate_rules.h"

#include "absl/strings/str_cat.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/clock.h"
#include "reception-svc/repair_order/order_line_rules.h"
#include "reception-svc/repair_order/repair_order_rules.h"

namespace reception {
namespace {

namespace v1 = aftersales::reception::v1;
using aftersales::parts::v1::PartOffer;

v1::EstimateLine EstimateLineOf(const v1::RepairOrderLine& line, const std::map<std::string, PartOffer>& offers) {
  v1::EstimateLine shown;
  shown.set_line_id(line.line_id());
  shown.set_kind(line.kind());
  shown.set_code(line.kind() == v1::LINE_KIND_LABOUR ? line.operation_code() : line.part_number());
  shown.set_description(line.description());
  shown.set_package_code(line.package_code());
  shown.set_supply_source(line.supply_source());
  shown.set_quantity_milli(line.quantity_milli());
  shown.set_unit(line.unit());
  shown.set_unit_amount(line.unit_amount());
  shown.set_net_amount(line.net_amount());
  shown.set_tax_amount(line.tax_amount());
  shown.set_gross_amount(line.gross_amount());
  shown.set_pay_type(line.pay_type());
  shown.set_coverage(line.coverage());
  shown.set_no_guarantee(CarriesNoGuarantee(line));
  const auto offer = offers.find(line.part_number());
  if (!IsStorePart(line) || offer == offers.end()) return shown;
  shown.set_available_milli(offer->second.available_milli());
  shown.set_on_hand_milli(offer->second.on_hand_milli());
  shown.set_reserved_milli(offer->second.reserved_milli());
  if (offer->second.has_expect_time()) *shown.mutable_expect_time() = offer->second.expect_time();
  return shown;
}

}  // namespace

v1::Estimate MakeEstimate(const v1::RepairOrder& order, const std::map<std::string, PartOffer>& offers,
                          const aftersales::common::v1::Store& store, absl::Time now) {
  v1::Estimate estimate;
  estimate.set_store_id(order.store_id());
  estimate.set_repair_order_id(order.repair_order_id());
  estimate.set_estimate_number(order.estimate_count() + 1);
  estimate.set_number(absl::StrCat(order.number(), "/E", estimate.estimate_number()));
  estimate.set_method(v1::ESTIMATE_METHOD_BY_ITEM);
  for (const v1::RepairOrderLine& line : order.lines()) {
    if (!IsDeclined(line)) *estimate.add_estimate_lines() = EstimateLineOf(line, offers);
  }
  const Totals totals = TotalOf(order.lines());
  estimate.set_labour_amount(totals.labour_amount);
  estimate.set_parts_amount(totals.parts_amount);
  estimate.set_tax_amount(totals.tax_amount);
  estimate.set_total_amount(totals.total_amount);
  estimate.set_customer_amount(totals.customer_amount);
  estimate.set_currency_code(order.currency_code());
  estimate.set_valid_until_date(
      chassis::CivilDate(now + absl::Hours(24) * store.settings().estimate_validity_days(), store.time_zone()));
  for (const v1::Clause clause : ClausesOf(order)) estimate.add_clauses(clause);
  return estimate;
}

absl::Status AdoptEstimate(v1::RepairOrder& order, const v1::Estimate& estimate) {
  if (order.state() != v1::RepairOrder::STATE_ESTIMATED) {
    RETURN_IF_ERROR(chassis::MoveTo(order, v1::RepairOrder::STATE_ESTIMATED));
  }
  order.set_estimate_id(estimate.estimate_id());
  order.set_estimate_count(estimate.estimate_number());
  order.set_estimate_valid_until_date(estimate.valid_until_date());
  *order.mutable_clauses() = estimate.clauses();
  order.clear_acknowledgements();
  SetTotals(order);
  return absl::OkStatus();
}

}  // namespace reception
