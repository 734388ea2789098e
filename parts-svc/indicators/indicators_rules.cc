// Classes, indicators, transfer proposals; see indicators_rules.h.
#include "parts-svc/indicators/indicators_rules.h"

#include <algorithm>
#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "aftersales/parts/v1/planning_errors.pb.h"
#include "chassis/status/refusal.h"
#include "chassis/time/amounts.h"

namespace parts {
namespace {

constexpr int64_t kMicroPerMilli = 1000;
constexpr int kTurnoverMonths = 12;

int64_t NotBelowZero(int64_t value) { return std::max<int64_t>(value, 0); }

v1::PartFigure::XyzClass XyzClassOf(const DemandSpread& spread, const v1::PartsPolicy& policy) {
  if (spread.mean_milli == 0) return v1::PartFigure::XYZ_CLASS_Z;
  if (spread.variation_basis_points <= policy.class_x_basis_points()) return v1::PartFigure::XYZ_CLASS_X;
  if (spread.variation_basis_points <= policy.class_y_basis_points()) return v1::PartFigure::XYZ_CLASS_Y;
  return v1::PartFigure::XYZ_CLASS_Z;
}

v1::PartFigure::StockClass StockClassOf(int64_t on_hand_milli, int64_t idle_days, const v1::PartsPolicy& policy) {
  if (on_hand_milli == 0) return v1::PartFigure::STOCK_CLASS_NONE;
  if (idle_days >= policy.dead_stock_days()) return v1::PartFigure::STOCK_CLASS_DEAD;
  if (idle_days >= policy.slow_moving_days()) return v1::PartFigure::STOCK_CLASS_SLOW;
  return v1::PartFigure::STOCK_CLASS_ACTIVE;
}

int64_t IdleDays(const PartFacts& part, absl::Time now, const absl::TimeZone& zone) {
  absl::Time since = part.last_demand_time;
  if (since == absl::InfinitePast()) since = part.first_receipt_time;
  if (since == absl::InfinitePast()) since = part.create_time;
  return NotBelowZero(absl::ToCivilDay(now, zone) - absl::ToCivilDay(since, zone));
}

struct Sums {
  int64_t requested = 0, served = 0, lost = 0, cost = 0, special_cost = 0;
};
Sums SumOf(const std::vector<v1::StockMonth>& months, absl::CivilMonth from, absl::CivilMonth to) {
  Sums sums;
  for (const v1::StockMonth& month : months) {
    const absl::CivilMonth one = MonthOn(month.month());
    if (one < from || one > to) continue;
    sums.requested += month.requested_line_count();
    sums.served += month.served_line_count();
    sums.lost += month.lost_line_count();
    sums.cost += month.cost_amount();
    sums.special_cost += month.special_order_cost_amount();
  }
  return sums;
}

struct Words {
  const char* key;
  const char* name_zh;
  const char* name_en;
  v1::Indicator::Unit unit;
  const char* formula_zh;
  const char* formula_en;
  const char* handbook;
};

v1::Indicator Figure(const Words& words, int64_t numerator, int64_t denominator, std::string_view method,
                     const std::string& filter) {
  v1::Indicator indicator;
  indicator.set_key(words.key);
  indicator.set_name_zh(words.name_zh);
  indicator.set_name_en(words.name_en);
  indicator.set_unit(words.unit);
  indicator.set_numerator(numerator);
  indicator.set_denominator(denominator);
  indicator.set_formula_zh(words.formula_zh);
  indicator.set_formula_en(words.formula_en);
  indicator.set_handbook(words.handbook);
  indicator.set_drill_down_method(std::string(method));
  indicator.set_drill_down_filter(filter);
  if (denominator <= 0) return indicator;
  const bool ratio =
      words.unit == v1::Indicator::UNIT_BASIS_POINTS || words.unit == v1::Indicator::UNIT_TIMES_BASIS_POINTS;
  indicator.set_value(chassis::MulDiv(numerator, ratio ? chassis::kBasisPoints : 1, denominator));
  return indicator;
}

std::string MonthFilter(absl::CivilMonth from, absl::CivilMonth to) {
  return absl::StrCat("month >= \"", FirstDay(from), "\" AND month <= \"", FirstDay(to), "\"");
}

constexpr char kMonths[] = "DemandService/ListStockMonths";
constexpr char kFigures[] = "IndicatorService/ListPartFigures";

constexpr Words kFillRate = {"fill_rate",
                             "配件满足率",
                             "Fill rate at first request",
                             v1::Indicator::UNIT_BASIS_POINTS,
                             "首次需求即由库存全部满足的行数 ÷ 需求行数（含失销）",
                             "lines fully served from stock at first request / lines requested, lost sales included",
                             "P-18"};
constexpr Words kLostLines = {"lost_sales",
                              "失销行数",
                              "Lost sales, lines",
                              v1::Indicator::UNIT_COUNT,
                              "期间登记的失销行数",
                              "lines of lost sales recorded in the period",
                              "P-11"};
constexpr Words kStockValue = {"stock_value",
                               "库存金额",
                               "Stock value",
                               v1::Indicator::UNIT_AMOUNT,
                               "期末库存按移动平均价",
                               "value at moving average at the end of the period",
                               "P-18"};
constexpr Words kAverageValue = {"average_stock_value",
                                 "平均库存金额",
                                 "Average stock value",
                                 v1::Indicator::UNIT_AMOUNT,
                                 "12 个月期初与各月末库存金额的平均",
                                 "average of the value at the beginning of the 12 months and at the end of each",
                                 "P-11"};
constexpr Words kTurnover = {"turnover",
                             "库存周转率",
                             "Turnover",
                             v1::Indicator::UNIT_TIMES_BASIS_POINTS,
                             "12 个月出库成本 ÷ 平均库存金额",
                             "cost of parts sold in 12 months / average stock value",
                             "P-18"};
constexpr Words kTrueTurnover = {"true_turnover",
                                 "真实周转率",
                                 "True turnover",
                                 v1::Indicator::UNIT_TIMES_BASIS_POINTS,
                                 "12 个月出库成本（不含专订件）÷ 平均库存金额",
                                 "cost of parts sold in 12 months, special orders left out / average stock value",
                                 "P-18"};
constexpr Words kCoverDays = {"days_of_cover",
                              "库存可用天数",
                              "Days of cover",
                              v1::Indicator::UNIT_DAYS,
                              "期末库存金额 × 天数 ÷ 12 个月出库成本",
                              "stock value x days / cost of parts sold in 12 months",
                              "P-11"};
constexpr Words kSlow = {"slow_stock",
                         "滞销库存金额",
                         "Slow stock",
                         v1::Indicator::UNIT_AMOUNT,
                         "超过滞销天数无需求的库存金额",
                         "value of what nobody asked for during the slow-moving limit's days",
                         "P-11"};
constexpr Words kDead = {"dead_stock",
                         "呆滞库存金额",
                         "Dead stock",
                         v1::Indicator::UNIT_AMOUNT,
                         "12 个月（按门店设定）无需求的库存金额",
                         "value of what nobody asked for in 12 months (the store's limit)",
                         "P-18"};
constexpr Words kDeadShare = {"dead_stock_share",
                              "呆滞库存占比",
                              "Share of dead stock",
                              v1::Indicator::UNIT_BASIS_POINTS,
                              "呆滞库存金额 ÷ 库存金额",
                              "value of dead stock / stock value",
                              "P-18"};
constexpr Words kSpecialShare = {"special_order_share",
                                 "专订件占比",
                                 "Share of special orders",
                                 v1::Indicator::UNIT_BASIS_POINTS,
                                 "专订件出库成本 ÷ 出库成本",
                                 "cost of special orders / cost of parts sold",
                                 "P-11"};
constexpr Words kDelivery = {"supplier_on_time",
                             "供应商准时率",
                             "Supplier delivery reliability",
                             v1::Indicator::UNIT_BASIS_POINTS,
                             "按承诺日期全部到货的订单行 ÷ 应到订单行",
                             "order lines complete by the promised date / order lines promised",
                             "P-18"};
constexpr Words kAccuracy = {"count_accuracy",
                             "盘点准确率",
                             "Count accuracy",
                             v1::Indicator::UNIT_BASIS_POINTS,
                             "无差异的盘点行 ÷ 盘点行",
                             "lines counted without a difference / lines counted",
                             "P-18"};

}  // namespace

v1::PartFigure FigureOf(const PartFacts& part, const v1::ReplenishmentRun& levels_of, const v1::PartsPolicy& policy,
                        absl::Time now, const absl::TimeZone& zone) {
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  const StockLevels levels = LevelsOf(part, levels_of, today);
  const DemandSpread spread = SpreadOf(part.history, today);
  v1::PartFigure figure;
  figure.set_part_id(part.part_id);
  figure.set_part_number(part.part_number);
  int64_t consumption = 0;
  for (int i = 0; i < 12; ++i) consumption += part.history.cost_amount[i];
  figure.set_consumption_amount(NotBelowZero(consumption));
  figure.set_monthly_mean_milli(spread.mean_milli);
  figure.set_monthly_deviation_milli(spread.deviation_milli);
  figure.set_variation_basis_points(static_cast<int32_t>(spread.variation_basis_points));
  figure.set_xyz_class(XyzClassOf(spread, policy));
  figure.set_daily_micro(levels.daily_micro);
  figure.set_on_hand_milli(part.on_hand_milli);
  figure.set_available_milli(part.available_milli);
  figure.set_on_order_milli(part.on_order_milli);
  figure.set_value_amount(part.value_amount);
  figure.set_idle_days(IdleDays(part, now, zone));
  figure.set_stock_class(StockClassOf(part.on_hand_milli, figure.idle_days(), policy));
  if (levels.daily_micro > 0) figure.set_cover_days(part.available_milli * kMicroPerMilli / levels.daily_micro);
  if (part.superseded) return figure;
  figure.set_shortage_milli(NotBelowZero(levels.need_milli));
  const int64_t kept = chassis::MulDiv(levels.daily_micro, policy.slow_moving_days(), kMicroPerMilli) +
                       levels.safety_stock_milli + part.backorder_milli - part.predecessor_available_milli;
  const int64_t spare = NotBelowZero(part.available_milli - NotBelowZero(kept));
  figure.set_surplus_milli(spare / part.step_milli * part.step_milli);
  return figure;
}

v1::PartFigure::AbcClass AbcClassOf(int64_t consumption_amount, int64_t amount_before, int64_t total_amount,
                                    const v1::PartsPolicy& policy) {
  if (consumption_amount <= 0) return v1::PartFigure::ABC_CLASS_C;
  const auto reached = [&](int64_t share) {
    return static_cast<__int128>(amount_before) * chassis::kBasisPoints >= static_cast<__int128>(total_amount) * share;
  };
  if (!reached(policy.class_a_basis_points())) return v1::PartFigure::ABC_CLASS_A;
  return reached(policy.class_b_basis_points()) ? v1::PartFigure::ABC_CLASS_C : v1::PartFigure::ABC_CLASS_B;
}

void Count(const v1::PartFigure& figure, v1::PartEvaluation& evaluation) {
  evaluation.set_measured_count(evaluation.measured_count() + 1);
  evaluation.set_consumption_amount(evaluation.consumption_amount() + figure.consumption_amount());
  if (figure.stock_class() == v1::PartFigure::STOCK_CLASS_SLOW) evaluation.set_slow_count(evaluation.slow_count() + 1);
  if (figure.stock_class() == v1::PartFigure::STOCK_CLASS_DEAD) evaluation.set_dead_count(evaluation.dead_count() + 1);
}

v1::PartFigure::AbcClass Rank(int64_t consumption_amount, const v1::PartsPolicy& policy,
                              v1::PartEvaluation& evaluation) {
  const auto abc_class =
      AbcClassOf(consumption_amount, evaluation.ranked_amount(), evaluation.consumption_amount(), policy);
  evaluation.set_ranked_count(evaluation.ranked_count() + 1);
  evaluation.set_ranked_amount(evaluation.ranked_amount() + consumption_amount);
  if (abc_class == v1::PartFigure::ABC_CLASS_A) {
    evaluation.set_class_a_count(evaluation.class_a_count() + 1);
  } else if (abc_class == v1::PartFigure::ABC_CLASS_B) {
    evaluation.set_class_b_count(evaluation.class_b_count() + 1);
  } else {
    evaluation.set_class_c_count(evaluation.class_c_count() + 1);
  }
  return abc_class;
}

absl::StatusOr<MonthSpan> PeriodOf(const std::string& from_month, const std::string& to_month,
                                   absl::CivilMonth current) {
  MonthSpan period;
  period.to = to_month.empty() ? current : MonthOn(to_month);
  period.from = from_month.empty() ? period.to - (kTurnoverMonths - 1) : MonthOn(from_month);
  const int months = MonthsBetween(period.from, period.to) + 1;
  if (months >= 1 && months <= kIndicatorMonthsMax) return period;
  return chassis::Refuse(v1::PLANNING_ERROR_REASON_MONTHS_REVERSED)
      .With("from", FirstDay(period.from))
      .With("to", FirstDay(period.to))
      .With("max", kIndicatorMonthsMax)
      .At("from_month", "期间无效", "does not begin a period that holds");
}

int64_t AverageStockValue(const std::vector<v1::StockMonth>& months, absl::CivilMonth from, absl::CivilMonth to) {
  std::map<int, int64_t> change;  // by months after `from`
  int64_t value = 0;
  for (const v1::StockMonth& month : months) {
    const absl::CivilMonth one = MonthOn(month.month());
    if (one < from) {
      value += month.value_change_amount();
    } else if (one <= to) {
      change[MonthsBetween(from, one)] += month.value_change_amount();
    }
  }
  int64_t sum = value;
  const int count = MonthsBetween(from, to) + 1;
  for (int i = 0; i < count; ++i) {
    value += change[i];
    sum += value;
  }
  return chassis::MulDiv(sum, 1, count + 1);
}

std::vector<v1::Indicator> IndicatorsOf(const IndicatorFacts& facts, const MonthSpan& period, absl::CivilDay today) {
  const Sums sums = SumOf(facts.months, period.from, period.to);
  const absl::CivilMonth year_begin = period.to - (kTurnoverMonths - 1);
  const Sums year = SumOf(facts.months, year_begin, period.to);
  const int64_t average = AverageStockValue(facts.months, year_begin, period.to);
  int64_t value = 0;
  for (const v1::StockMonth& month : facts.months) {
    if (MonthOn(month.month()) <= period.to) value += month.value_change_amount();
  }
  const int64_t days = std::min(today + 1, absl::CivilDay(period.to + 1)) - absl::CivilDay(year_begin);
  const std::string in_period = MonthFilter(period.from, period.to);
  const std::string in_year = MonthFilter(year_begin, period.to);
  const int64_t figures_value = facts.active.value_amount + facts.slow.value_amount + facts.dead.value_amount;
  const std::string promised = absl::StrCat("expected_date >= \"", FirstDay(period.from), "\"");
  return {
      Figure(kFillRate, sums.served, sums.requested, kMonths, in_period),
      Figure(kLostLines, sums.lost, 1, "DemandService/ListLostSales", ""),
      Figure(kStockValue, value, 1, "LedgerService/ListPartStocks", ""),
      Figure(kAverageValue, average, 1, kMonths, in_year),
      Figure(kTurnover, year.cost, average, kMonths, in_year),
      Figure(kTrueTurnover, year.cost - year.special_cost, average, kMonths, in_year),
      Figure(kCoverDays, chassis::MulDiv(value, NotBelowZero(days), 1), year.cost, kMonths, in_year),
      Figure(kSlow, facts.slow.value_amount, 1, kFigures, "stock_class = \"SLOW\""),
      Figure(kDead, facts.dead.value_amount, 1, kFigures, "stock_class = \"DEAD\""),
      Figure(kDeadShare, facts.dead.value_amount, figures_value, kFigures, "stock_class = \"DEAD\""),
      Figure(kSpecialShare, sums.special_cost, sums.cost, "SpecialOrderService/ListSpecialOrders", ""),
      Figure(kDelivery, facts.on_time_line_count, facts.promised_line_count, "PurchaseOrderService/ListPurchaseOrders",
             promised),
      Figure(kAccuracy, facts.counted_line_count - facts.deviating_line_count, facts.counted_line_count,
             "StocktakeService/ListStocktakes", "state = \"POSTED\""),
  };
}

std::vector<v1::TransferProposal> MatchTransfers(const std::vector<Lack>& lacks, std::vector<Spare> spares) {
  std::stable_sort(spares.begin(), spares.end(), [](const Spare& a, const Spare& b) {
    if (a.part_number != b.part_number) return a.part_number < b.part_number;
    if (a.idle_days != b.idle_days) return a.idle_days > b.idle_days;
    if (a.surplus_milli != b.surplus_milli) return a.surplus_milli > b.surplus_milli;
    return a.store_id < b.store_id;
  });
  std::vector<v1::TransferProposal> proposals;
  for (const Lack& lack : lacks) {
    // A fraction of a step lacking is a whole step missing; what is spare is whole steps already.
    int64_t missing = InPacks(lack.shortage_milli, lack.step_milli);
    auto spare = std::lower_bound(spares.begin(), spares.end(), lack.part_number,
                                  [](const Spare& one, const std::string& number) { return one.part_number < number; });
    for (; spare != spares.end() && spare->part_number == lack.part_number && missing > 0; ++spare) {
      const int64_t quantity = std::min(missing, spare->surplus_milli / lack.step_milli * lack.step_milli);
      if (quantity <= 0) continue;
      v1::TransferProposal& proposal = proposals.emplace_back();
      proposal.set_from_store_id(spare->store_id);
      proposal.set_part_id(lack.part_id);
      proposal.set_part_number(lack.part_number);
      proposal.set_quantity_milli(quantity);
      proposal.set_shortage_milli(lack.shortage_milli);
      proposal.set_surplus_milli(spare->surplus_milli);
      proposal.set_idle_days(spare->idle_days);
      proposal.set_state(v1::TransferProposal::STATE_OPEN);
      spare->surplus_milli -= quantity;
      missing -= quantity;
    }
  }
  return proposals;
}

void Explain(v1::TransferProposal& proposal) {
  const std::string quantity = Decimal(proposal.quantity_milli(), chassis::kMilli);
  const std::string shortage = Decimal(proposal.shortage_milli(), chassis::kMilli);
  const std::string surplus = Decimal(proposal.surplus_milli(), chassis::kMilli);
  proposal.set_explanation_zh(absl::StrCat("本店低于再订货点 ", shortage, "；调出店富余 ", surplus, "，已 ",
                                           proposal.idle_days(), " 天无需求。建议调拨 ", quantity, "。"));
  proposal.set_explanation_en(absl::StrCat("This store lacks ", shortage, " to its reorder point; the other has ",
                                           surplus, " too many and nobody asked for it in ", proposal.idle_days(),
                                           " days. Move ", quantity, "."));
}

std::string CsvField(std::string_view text) {
  std::string field(text);
  const bool number = field.find_first_not_of("-0123456789.") == std::string::npos;
  if (!field.empty() && !number && std::string_view("=+-@\t").find(field[0]) != std::string_view::npos) {
    field.insert(0, "'");
  }
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace parts
