// Classes of parts, the indicators and their formulas, and which store could help which (P-11, P-18). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "aftersales/parts/v1/indicators.pb.h"
#include "parts-svc/demand/part_facts.h"
#include "parts-svc/replenishment/replenishment_rules.h"

namespace parts {

inline constexpr int kIndicatorMonthsMax = 36;

// The part's figures but its ABC class, which takes the others. `levels_of` holds the policy's figures.
v1::PartFigure FigureOf(const PartFacts& part, const v1::ReplenishmentRun& levels_of, const v1::PartsPolicy& policy,
                        absl::Time now, const absl::TimeZone& zone);

// The class of a part when those of higher consumption make up `amount_before` of `total_amount`: A as long as the ones
// before it have not reached the policy's share, so the largest is always in it; C without consumption.
v1::PartFigure::AbcClass AbcClassOf(int64_t consumption_amount, int64_t amount_before, int64_t total_amount,
                                    const v1::PartsPolicy& policy);

// Adds a part measured to the evaluation's counts.
void Count(const v1::PartFigure& figure, v1::PartEvaluation& evaluation);
// Ranks the part next in the order of falling consumption; answers its class.
v1::PartFigure::AbcClass Rank(int64_t consumption_amount, const v1::PartsPolicy& policy,
                              v1::PartEvaluation& evaluation);

// The months asked for, as first days; the defaults filled. MONTHS_REVERSED.
struct MonthSpan {
  absl::CivilMonth from;
  absl::CivilMonth to;
};
absl::StatusOr<MonthSpan> PeriodOf(const std::string& from_month, const std::string& to_month,
                                   absl::CivilMonth current);

// What the indicators are made of.
struct StockShare {
  int64_t part_count = 0;
  int64_t value_amount = 0;
};
struct IndicatorFacts {
  std::vector<v1::StockMonth> months;  // every month of the store up to the period's last, in order
  StockShare active, slow, dead;
  int64_t promised_line_count = 0;  // of purchase orders
  int64_t on_time_line_count = 0;
  int64_t counted_line_count = 0;  // of stocktakes
  int64_t deviating_line_count = 0;
};
// All of them, in the order in which they are shown.
std::vector<v1::Indicator> IndicatorsOf(const IndicatorFacts& facts, const MonthSpan& period, absl::CivilDay today);

// Average of the value at the beginning of `from` and at the end of each month up to `to`.
int64_t AverageStockValue(const std::vector<v1::StockMonth>& months, absl::CivilMonth from, absl::CivilMonth to);

// What a part lacks here, and what another store could spare of it.
struct Lack {
  std::string part_id;
  std::string part_number;
  int64_t shortage_milli = 0;
  int64_t step_milli = 1000;
};
struct Spare {
  std::string store_id;
  std::string part_number;
  int64_t surplus_milli = 0;
  int64_t idle_days = 0;
};
// Proposals for one store: what lies idle longest first, each spare used once.
std::vector<v1::TransferProposal> MatchTransfers(const std::vector<Lack>& lacks, std::vector<Spare> spares);

void Explain(v1::TransferProposal& proposal);

// A field of a CSV line: quoted where it must be. Text that a spreadsheet would take for a formula is made plain.
std::string CsvField(std::string_view text);

}  // namespace parts
