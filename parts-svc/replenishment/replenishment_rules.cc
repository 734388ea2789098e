// What to order and why; see replenishment_rules.h.
#include "parts-svc/replenishment/replenishment_rules.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/parts/v1/planning_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/status/state.h"
#include "chassis/status/status.h"
#include "chassis/time/amounts.h"
#include "parts-svc/demand/part_facts.h"

namespace parts {
namespace {

constexpr int64_t kMicro = 1'000'000;
constexpr int64_t kMicroPerMilli = kMicro / chassis::kMilli;

// The multiple in which the part can be ordered: the pack, and never between two steps of the part.
int64_t PackOf(const PartFacts& part) {
  int64_t pack = part.offer.has_value() ? part.offer->pack_quantity_milli : 0;
  if (pack == 0) pack = part.pack_quantity_milli;
  if (pack == 0) pack = part.step_milli;
  return std::lcm(pack, part.step_milli);
}

v1::PartsPolicy WeightsOf(const v1::ReplenishmentRun& run) {
  v1::PartsPolicy policy;
  policy.set_demand_weight_3_months(run.demand_weight_3_months());
  policy.set_demand_weight_6_months(run.demand_weight_6_months());
  policy.set_demand_weight_12_months(run.demand_weight_12_months());
  return policy;
}

std::string Pieces(int64_t milli) { return Decimal(milli, chassis::kMilli); }
std::string Factor(int64_t basis_points) { return Decimal(basis_points, chassis::kBasisPoints); }

}  // namespace

void TakeFigures(const v1::PartsPolicy& policy, v1::ReplenishmentRun& run) {
  run.set_safety_factor_basis_points(policy.safety_factor_basis_points());
  run.set_safety_days(policy.safety_days());
  run.set_cycle_days(policy.cycle_days());
  run.set_lead_time_days(policy.lead_time_days());
  run.set_demand_weight_3_months(policy.demand_weight_3_months());
  run.set_demand_weight_6_months(policy.demand_weight_6_months());
  run.set_demand_weight_12_months(policy.demand_weight_12_months());
}

StockLevels LevelsOf(const PartFacts& part, const v1::ReplenishmentRun& run, absl::CivilDay today) {
  StockLevels levels;
  levels.three = WindowOf(part.history, 3, today);
  levels.six = WindowOf(part.history, 6, today);
  levels.twelve = WindowOf(part.history, 12, today);
  levels.lead_time_days = run.lead_time_days();
  if (part.offer.has_value()) levels.lead_time_days = part.offer->lead_time_days.value_or(run.lead_time_days());
  levels.average_daily_micro = AverageDailyMicro(levels.three, levels.six, levels.twelve, WeightsOf(run));
  // What is ordered today serves the cycle that begins when it comes: the season of that cycle's middle.
  const absl::CivilDay used = today + levels.lead_time_days + run.cycle_days() / 2;
  levels.season_basis_points =
      SeasonBasisPoints(part.history, today, MonthsBetween(absl::CivilMonth(today), absl::CivilMonth(used)));
  levels.daily_micro = chassis::Portion(levels.average_daily_micro, levels.season_basis_points);
  levels.safety_stock_milli = chassis::MulDiv(levels.daily_micro * run.safety_days(), run.safety_factor_basis_points(),
                                              chassis::kBasisPoints * kMicroPerMilli);
  levels.reorder_point_milli =
      chassis::MulDiv(levels.daily_micro, run.cycle_days() + levels.lead_time_days, kMicroPerMilli) +
      levels.safety_stock_milli;
  levels.urgent_point_milli =
      levels.safety_stock_milli + chassis::MulDiv(levels.daily_micro, levels.lead_time_days, 2 * kMicroPerMilli);
  levels.need_milli = levels.reorder_point_milli + part.backorder_milli - part.available_milli -
                      part.predecessor_available_milli - part.on_order_milli;
  return levels;
}

std::optional<v1::ReplenishmentProposal> Propose(const PartFacts& part, const v1::ReplenishmentRun& run,
                                                 absl::CivilDay today) {
  if (part.superseded) return std::nullopt;
  const StockLevels levels = LevelsOf(part, run, today);
  if (levels.need_milli <= 0) return std::nullopt;
  v1::ReplenishmentProposal proposal;
  proposal.set_store_id(run.store_id());
  proposal.set_replenishment_run_id(run.replenishment_run_id());
  proposal.set_part_id(part.part_id);
  proposal.set_part_number(part.part_number);
  proposal.set_name_zh(part.name_zh);
  proposal.set_name_en(part.name_en);
  proposal.set_state(v1::ReplenishmentProposal::STATE_PROPOSED);
  proposal.set_demand_3_months_milli(levels.three.demand_milli);
  proposal.set_days_3_months(levels.three.days);
  proposal.set_demand_6_months_milli(levels.six.demand_milli);
  proposal.set_days_6_months(levels.six.days);
  proposal.set_demand_12_months_milli(levels.twelve.demand_milli);
  proposal.set_days_12_months(levels.twelve.days);
  proposal.set_average_daily_micro(levels.average_daily_micro);
  proposal.set_season_basis_points(levels.season_basis_points);
  proposal.set_daily_micro(levels.daily_micro);
  proposal.set_lead_time_days(levels.lead_time_days);
  proposal.set_safety_stock_milli(levels.safety_stock_milli);
  proposal.set_reorder_point_milli(levels.reorder_point_milli);
  proposal.set_backorder_milli(part.backorder_milli);
  proposal.set_available_milli(part.available_milli);
  proposal.set_predecessor_available_milli(part.predecessor_available_milli);
  proposal.set_on_order_milli(part.on_order_milli);
  proposal.set_need_milli(levels.need_milli);
  proposal.set_pack_quantity_milli(PackOf(part));
  const int64_t least = part.offer.has_value() ? part.offer->minimum_quantity_milli : 0;
  proposal.set_proposed_milli(InPacks(std::max(levels.need_milli, least), proposal.pack_quantity_milli()));
  proposal.set_quantity_milli(proposal.proposed_milli());
  proposal.set_urgent_point_milli(levels.urgent_point_milli);
  proposal.set_urgent(part.available_milli + part.predecessor_available_milli <= levels.urgent_point_milli);
  if (part.offer.has_value()) {
    proposal.set_supplier_id(part.offer->supplier_id);
    proposal.set_supplier_name(part.offer->supplier_name);
    proposal.set_unit_price_amount(part.offer->unit_price_amount);
  }
  proposal.set_amount(chassis::Extend(proposal.unit_price_amount(), proposal.quantity_milli()));
  return proposal;
}

void Explain(const v1::ReplenishmentRun& run, v1::ReplenishmentProposal& proposal) {
  const std::string daily = Decimal(proposal.daily_micro(), kMicro);
  const std::string average = Decimal(proposal.average_daily_micro(), kMicro);
  const std::string season = Factor(proposal.season_basis_points());
  const std::string safety = Pieces(proposal.safety_stock_milli());
  const std::string reorder = Pieces(proposal.reorder_point_milli());
  const std::string factor = Factor(run.safety_factor_basis_points());
  const int64_t available = proposal.available_milli() + proposal.predecessor_available_milli();
  std::string zh = absl::StrCat(
      "日均需求 ", average, " = 近3个月 ", Pieces(proposal.demand_3_months_milli()), "/", proposal.days_3_months(),
      "天×", run.demand_weight_3_months(), "% + 近6个月 ", Pieces(proposal.demand_6_months_milli()), "/",
      proposal.days_6_months(), "天×", run.demand_weight_6_months(), "% + 近12个月 ",
      Pieces(proposal.demand_12_months_milli()), "/", proposal.days_12_months(), "天×", run.demand_weight_12_months(),
      "%；季节系数 ", season, "，计划日均 ", daily, "。安全库存 ", safety, " = ", factor, "×", daily, "×",
      run.safety_days(), "天。再订货点 ", reorder, " = ", daily, "×(周期", run.cycle_days(), "天+到货",
      proposal.lead_time_days(), "天)+", safety, "。需求 ", Pieces(proposal.need_milli()), " = ", reorder, "+欠货 ",
      Pieces(proposal.backorder_milli()), "-可用 ", Pieces(available), "-在途 ", Pieces(proposal.on_order_milli()),
      "；按包装 ", Pieces(proposal.pack_quantity_milli()), " 取整为 ", Pieces(proposal.proposed_milli()), "。");
  std::string en = absl::StrCat(
      "Average per day ", average, " = 3 months ", Pieces(proposal.demand_3_months_milli()), " / ",
      proposal.days_3_months(), " days x ", run.demand_weight_3_months(), "% + 6 months ",
      Pieces(proposal.demand_6_months_milli()), " / ", proposal.days_6_months(), " days x ",
      run.demand_weight_6_months(), "% + 12 months ", Pieces(proposal.demand_12_months_milli()), " / ",
      proposal.days_12_months(), " days x ", run.demand_weight_12_months(), "%; season ", season, ", planned per day ",
      daily, ". Safety stock ", safety, " = ", factor, " x ", daily, " x ", run.safety_days(), " days. Reorder point ",
      reorder, " = ", daily, " x (cycle ", run.cycle_days(), " + lead time ", proposal.lead_time_days(), " days) + ",
      safety, ". Need ", Pieces(proposal.need_milli()), " = ", reorder, " + backorders ",
      Pieces(proposal.backorder_milli()), " - available ", Pieces(available), " - on order ",
      Pieces(proposal.on_order_milli()), "; in packs of ", Pieces(proposal.pack_quantity_milli()), ": ",
      Pieces(proposal.proposed_milli()), ".");
  if (proposal.predecessor_available_milli() != 0) {
    absl::StrAppend(&zh, "可用含被替代件 ", Pieces(proposal.predecessor_available_milli()), "。");
    absl::StrAppend(&en, " Available includes ", Pieces(proposal.predecessor_available_milli()),
                    " of the parts it took the place of.");
  }
  if (proposal.urgent()) {
    absl::StrAppend(&zh, "急件：可用 ", Pieces(available), " 不高于 ", Pieces(proposal.urgent_point_milli()),
                    "（安全库存+半个到货期需求）。");
    absl::StrAppend(&en, " Urgent: available ", Pieces(available), " is not above ",
                    Pieces(proposal.urgent_point_milli()), " (safety stock + half the demand of the lead time).");
  }
  if (!proposal.change_reason().empty()) {
    absl::StrAppend(&zh, "人工改为 ", Pieces(proposal.quantity_milli()), "：", proposal.change_reason(), "。");
    absl::StrAppend(&en, " Changed to ", Pieces(proposal.quantity_milli()), ": ", proposal.change_reason(), ".");
  }
  proposal.set_explanation_zh(std::move(zh));
  proposal.set_explanation_en(std::move(en));
}

absl::Status CheckPack(const v1::ReplenishmentProposal& proposal, int64_t quantity_milli) {
  if (quantity_milli % proposal.pack_quantity_milli() == 0) return absl::OkStatus();
  return chassis::Refuse(v1::PLANNING_ERROR_REASON_PROPOSAL_PACK)
      .With("part", proposal.part_number())
      .With("pack", Pieces(proposal.pack_quantity_milli()))
      .With("quantity", Pieces(quantity_milli))
      .At("quantity_milli", "须为包装量的整数倍", "must be a multiple of the pack");
}

absl::Status Decide(v1::ReplenishmentProposal& proposal, int64_t quantity_milli) {
  proposal.set_quantity_milli(quantity_milli);
  proposal.set_amount(chassis::Extend(proposal.unit_price_amount(), quantity_milli));
  const auto state =
      quantity_milli == 0 ? v1::ReplenishmentProposal::STATE_LEFT_OUT : v1::ReplenishmentProposal::STATE_PROPOSED;
  if (proposal.state() == state) return absl::OkStatus();
  return chassis::MoveTo(proposal, state);
}

absl::Status CheckOrderable(const v1::ReplenishmentRun& run, const std::vector<v1::ReplenishmentProposal>& proposals) {
  constexpr size_t kNamedMax = 10;
  std::vector<std::string> homeless;
  for (const v1::ReplenishmentProposal& proposal : proposals) {
    if (proposal.supplier_id().empty()) homeless.push_back(proposal.part_number());
  }
  if (!homeless.empty()) {
    const size_t count = homeless.size();
    homeless.resize(std::min(count, kNamedMax));
    return chassis::Refuse(v1::PLANNING_ERROR_REASON_PROPOSAL_WITHOUT_SUPPLIER)
        .With("count", count)
        .With("parts", absl::StrJoin(homeless, ", "))
        .At("replenishment_run_id", "有配件没有供应商", "has parts nobody is known to supply");
  }
  if (!proposals.empty()) return absl::OkStatus();
  return chassis::Refuse(v1::PLANNING_ERROR_REASON_NOTHING_TO_ORDER)
      .With("number", run.number())
      .At("replenishment_run_id", "没有要订的配件", "has nothing to order");
}

std::vector<std::vector<v1::ReplenishmentProposal>> OrdersOf(const std::vector<v1::ReplenishmentProposal>& proposals) {
  std::map<std::string, std::vector<v1::ReplenishmentProposal>> by_supplier;
  for (const v1::ReplenishmentProposal& proposal : proposals) by_supplier[proposal.supplier_id()].push_back(proposal);
  std::vector<std::vector<v1::ReplenishmentProposal>> orders;
  for (const auto& [supplier_id, lines] : by_supplier) {
    for (size_t i = 0; i < lines.size(); ++i) {
      if (i % kOrderLinesMax == 0) orders.emplace_back();
      orders.back().push_back(lines[i]);
    }
  }
  return orders;
}

namespace {

// What a proposal is in the run's counts: nothing once it is left out.
void Weigh(const v1::ReplenishmentProposal& proposal, int64_t weight, v1::ReplenishmentRun& run) {
  if (proposal.state() == v1::ReplenishmentProposal::STATE_LEFT_OUT) return;
  run.set_proposal_count(run.proposal_count() + weight);
  if (proposal.urgent()) run.set_urgent_count(run.urgent_count() + weight);
  if (proposal.supplier_id().empty()) run.set_without_supplier_count(run.without_supplier_count() + weight);
  run.set_amount(run.amount() + weight * proposal.amount());
}

}  // namespace

void Count(const v1::ReplenishmentProposal& proposal, v1::ReplenishmentRun& run) { Weigh(proposal, 1, run); }

void Recount(const v1::ReplenishmentProposal& before, const v1::ReplenishmentProposal& after,
             v1::ReplenishmentRun& run) {
  Weigh(before, -1, run);
  Weigh(after, 1, run);
}

int64_t InPacks(int64_t quantity_milli, int64_t pack_milli) {
  return (quantity_milli + pack_milli - 1) / pack_milli * pack_milli;
}

std::string Decimal(int64_t value, int64_t units_per_whole) {
  const bool negative = value < 0;
  const uint64_t magnitude = negative ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  const uint64_t whole = magnitude / static_cast<uint64_t>(units_per_whole);
  std::string text = absl::StrCat(negative ? "-" : "", whole);
  const uint64_t rest = magnitude % static_cast<uint64_t>(units_per_whole);
  if (rest == 0) return text;
  std::string digits = absl::StrCat(rest + static_cast<uint64_t>(units_per_whole)).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return absl::StrCat(text, ".", digits);
}

}  // namespace parts
