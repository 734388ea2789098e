// The SQL of evaluations and indicators; see indicators_store.h.
#include "parts-svc/indicators/indicators_store.h"

#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using chassis::sql::Placeholders;
using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::ToValue;
using chassis::sql::Uuid;
using chassis::sql::Value;

constexpr char kAfterAll[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";
constexpr int64_t kLacksMax = 5000;

// "SLOW" for STOCK_CLASS_SLOW: how enums stand in tables.
std::string Stored(const std::string& name, size_t prefix) { return name.substr(prefix); }

}  // namespace

absl::StatusOr<std::vector<IndicatorsStore::Going>> IndicatorsStore::Running(Session& session) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT store_id, part_evaluation_id FROM part_evaluation WHERE "
                                                  "state IN ('MEASURING', 'RANKING')"));
  std::vector<Going> going;
  for (size_t i = 0; i < rows.size(); ++i) {
    going.push_back({rows[i].Id("store_id"), rows[i].Id("part_evaluation_id")});
  }
  return going;
}

absl::StatusOr<std::optional<v1::PartEvaluation>> IndicatorsStore::Latest(Session& session,
                                                                          const std::string& store_id) {
  ASSIGN_OR_RETURN(
      const auto found,
      evaluations_.Select(session, "WHERE store_id = ? ORDER BY create_time DESC LIMIT 1", Uuid{store_id}));
  if (found.empty()) return std::optional<v1::PartEvaluation>();
  return std::optional<v1::PartEvaluation>(found[0]);
}

absl::Status IndicatorsStore::SaveFigures(UnitOfWork& work, const std::vector<v1::PartFigure>& figures) {
  if (figures.empty()) return absl::OkStatus();
  std::vector<Value> values;
  for (const v1::PartFigure& figure : figures) {
    values.push_back(ToValue(Uuid{work.store_id()}));
    values.push_back(ToValue(Uuid{figure.part_id()}));
    values.push_back(int64_t{1});
    values.push_back(figure.part_number());
    values.push_back(ToValue(Uuid{figure.part_evaluation_id()}));
    values.push_back(work.now());
    values.push_back(std::string("C"));
    values.push_back(Stored(v1::PartFigure::XyzClass_Name(figure.xyz_class()), sizeof("XYZ_CLASS_") - 1));
    values.push_back(Stored(v1::PartFigure::StockClass_Name(figure.stock_class()), sizeof("STOCK_CLASS_") - 1));
    for (const int64_t number :
         {figure.consumption_amount(), figure.monthly_mean_milli(), figure.monthly_deviation_milli(),
          int64_t{figure.variation_basis_points()}, figure.daily_micro(), figure.on_hand_milli(),
          figure.available_milli(), figure.on_order_milli(), figure.value_amount()}) {
      values.push_back(number);
    }
    values.push_back(figure.has_cover_days() ? ToValue(figure.cover_days()) : ToValue(chassis::sql::Null{}));
    for (const int64_t number : {figure.idle_days(), figure.shortage_milli(), figure.surplus_milli()}) {
      values.push_back(number);
    }
  }
  constexpr size_t kColumns = 22;
  return work.sql()
      .ExecuteValues(
          absl::StrCat("INSERT INTO part_figure (store_id, part_id, version, part_number, part_evaluation_id, "
                       "evaluate_time, abc_class, xyz_class, stock_class, consumption_amount, monthly_mean_milli, "
                       "monthly_deviation_milli, variation_basis_points, daily_micro, on_hand_milli, available_milli, "
                       "on_order_milli, value_amount, cover_days, idle_days, shortage_milli, surplus_milli) VALUES ",
                       chassis::sql::RowPlaceholders(figures.size(), kColumns),
                       " ON DUPLICATE KEY UPDATE version = version + 1, part_number = VALUES(part_number), "
                       "part_evaluation_id = VALUES(part_evaluation_id), evaluate_time = VALUES(evaluate_time), "
                       "xyz_class = VALUES(xyz_class), stock_class = VALUES(stock_class), "
                       "consumption_amount = VALUES(consumption_amount), "
                       "monthly_mean_milli = VALUES(monthly_mean_milli), "
                       "monthly_deviation_milli = VALUES(monthly_deviation_milli), "
                       "variation_basis_points = VALUES(variation_basis_points), daily_micro = VALUES(daily_micro), "
                       "on_hand_milli = VALUES(on_hand_milli), available_milli = VALUES(available_milli), "
                       "on_order_milli = VALUES(on_order_milli), value_amount = VALUES(value_amount), "
                       "cover_days = VALUES(cover_days), idle_days = VALUES(idle_days), "
                       "shortage_milli = VALUES(shortage_milli), surplus_milli = VALUES(surplus_milli)"),
          values)
      .status();
}

absl::StatusOr<std::vector<IndicatorsStore::Ranked>> IndicatorsStore::RankedAfter(Session& session,
                                                                                  const std::string& store_id,
                                                                                  std::optional<int64_t> last_amount,
                                                                                  const std::string& last_part_id,
                                                                                  int64_t count_max) {
  const int64_t amount = last_amount.value_or(std::numeric_limits<int64_t>::max());
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT part_id, consumption_amount, abc_class FROM part_figure WHERE store_id = ? AND "
                    "consumption_amount <= ? AND (consumption_amount < ? OR part_id < ?) ORDER BY "
                    "consumption_amount DESC, part_id DESC LIMIT ?",
                    Uuid{store_id}, amount, amount, Uuid{last_part_id.empty() ? std::string(kAfterAll) : last_part_id},
                    count_max));
  std::vector<Ranked> ranked;
  for (size_t i = 0; i < rows.size(); ++i) {
    ranked.push_back({rows[i].Id("part_id"), rows[i].Int("consumption_amount"), rows[i].Text("abc_class")});
  }
  return ranked;
}

absl::Status IndicatorsStore::SetAbcClass(UnitOfWork& work, v1::PartFigure::AbcClass abc_class,
                                          const std::vector<std::string>& part_ids) {
  if (part_ids.empty()) return absl::OkStatus();
  std::vector<Value> values = {Stored(v1::PartFigure::AbcClass_Name(abc_class), sizeof("ABC_CLASS_") - 1)};
  for (const Value& id : WithIds(work.store_id(), part_ids)) values.push_back(id);
  return work.sql()
      .ExecuteValues(absl::StrCat("UPDATE part_figure SET abc_class = ?, version = version + 1 WHERE store_id = ? AND "
                                  "part_id IN (",
                                  Placeholders(part_ids.size()), ")"),
                     values)
      .status();
}

absl::StatusOr<IndicatorFacts> IndicatorsStore::Facts(Session& session, const std::string& store_id,
                                                      const MonthSpan& period, const absl::TimeZone& zone,
                                                      absl::CivilDay today) {
  IndicatorFacts facts;
  ASSIGN_OR_RETURN(facts.months, months_.Select(session, "WHERE store_id = ? AND month <= ? ORDER BY month",
                                                Uuid{store_id}, FirstDay(period.to)));
  ASSIGN_OR_RETURN(const Rows shares,
                   session.Query("SELECT stock_class, COUNT(*) AS parts, CAST(SUM(value_amount) AS SIGNED) AS value "
                                 "FROM part_figure WHERE store_id = ? GROUP BY stock_class",
                                 Uuid{store_id}));
  for (size_t i = 0; i < shares.size(); ++i) {
    const std::string stock_class = shares[i].Text("stock_class");
    StockShare* share = stock_class == "ACTIVE" ? &facts.active
                        : stock_class == "SLOW" ? &facts.slow
                        : stock_class == "DEAD" ? &facts.dead
                                                : nullptr;
    if (share != nullptr) *share = {shares[i].Int("parts"), shares[i].Int("value")};
  }
  // As procurement scores a supplier; what is promised for later is nobody's failure yet.
  const absl::CivilDay last = std::min(absl::CivilDay(period.to + 1) - 1, today);
  ASSIGN_OR_RETURN(
      const Rows lines,
      session.Query("SELECT COUNT(*) AS promised, CAST(COALESCE(SUM(CASE WHEN complete_date IS NOT NULL AND "
                    "complete_date <= promised_date THEN 1 ELSE 0 END), 0) AS SIGNED) AS on_time FROM "
                    "purchase_order_line WHERE store_id = ? AND promised_date BETWEEN ? AND ? AND "
                    "quantity_milli > cancelled_milli",
                    Uuid{store_id}, FirstDay(period.from), absl::FormatCivilTime(last)));
  facts.promised_line_count = lines[0].Int("promised");
  facts.on_time_line_count = lines[0].Int("on_time");
  ASSIGN_OR_RETURN(
      const Rows counts,
      session.Query("SELECT CAST(COALESCE(SUM(line_count), 0) AS SIGNED) AS counted, "
                    "CAST(COALESCE(SUM(deviating_line_count), 0) AS SIGNED) AS deviating FROM stocktake "
                    "WHERE store_id = ? AND post_time >= ? AND post_time < ? AND state = 'POSTED'",
                    Uuid{store_id}, absl::FromCivil(period.from, zone), absl::FromCivil(period.to + 1, zone)));
  facts.counted_line_count = counts[0].Int("counted");
  facts.deviating_line_count = counts[0].Int("deviating");
  return facts;
}

absl::StatusOr<std::vector<Lack>> IndicatorsStore::Lacks(Session& session, const std::string& store_id) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT f.part_id, f.part_number, f.shortage_milli, p.step_milli FROM part_figure f "
                    "JOIN part p ON p.store_id = f.store_id AND p.part_id = f.part_id WHERE f.store_id = ? "
                    "AND f.shortage_milli > 0 ORDER BY f.shortage_milli DESC, f.part_id LIMIT ?",
                    Uuid{store_id}, kLacksMax));
  std::vector<Lack> lacks;
  for (size_t i = 0; i < rows.size(); ++i) {
    lacks.push_back(
        {rows[i].Id("part_id"), rows[i].Text("part_number"), rows[i].Int("shortage_milli"), rows[i].Int("step_milli")});
  }
  return lacks;
}

absl::StatusOr<std::vector<Spare>> IndicatorsStore::SparesOf(Session& session, const std::string& store_id,
                                                             const std::string& from_store_id,
                                                             const std::vector<std::string>& store_ids) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT s.part_number, s.surplus_milli, s.idle_days FROM part_figure n JOIN part_figure "
                    "s ON s.store_id = ? AND s.part_number = n.part_number WHERE n.store_id = ? AND "
                    "n.shortage_milli > 0 AND s.surplus_milli > 0",
                    Uuid{from_store_id}, Uuid{store_id}));
  std::map<std::string, Spare> spares;
  for (size_t i = 0; i < rows.size(); ++i) {
    spares[rows[i].Text("part_number")] = {from_store_id, rows[i].Text("part_number"), rows[i].Int("surplus_milli"),
                                           rows[i].Int("idle_days")};
  }
  if (spares.empty()) return std::vector<Spare>();
  for (const std::string& other : store_ids) {
    if (other == store_id) continue;  // its own open ones give way
    ASSIGN_OR_RETURN(
        const Rows promised,
        session.Query("SELECT part_number, CAST(SUM(quantity_milli) AS SIGNED) AS promised FROM "
                      "transfer_proposal WHERE store_id = ? AND from_store_id = ? AND state = 'OPEN' GROUP "
                      "BY part_number",
                      Uuid{other}, Uuid{from_store_id}));
    for (size_t i = 0; i < promised.size(); ++i) {
      const auto found = spares.find(promised[i].Text("part_number"));
      if (found != spares.end()) found->second.surplus_milli -= promised[i].Int("promised");
    }
  }
  std::vector<Spare> left;
  for (auto& [number, spare] : spares) {
    if (spare.surplus_milli > 0) left.push_back(std::move(spare));
  }
  return left;
}

absl::StatusOr<bool> IndicatorsStore::IsTransferFrom(Session& session, const std::string& store_id,
                                                     const std::string& transfer_id, const std::string& from_store_id) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT transfer_id FROM transfer WHERE store_id = ? AND transfer_id = ? AND "
                                 "other_store_id = ? AND side = 'RECEIVING'",
                                 Uuid{store_id}, Uuid{transfer_id}, Uuid{from_store_id}));
  return !rows.empty();
}

absl::Status IndicatorsStore::OutdateOpen(UnitOfWork& work) {
  return work.sql()
      .Execute(
          "UPDATE transfer_proposal SET state = 'OUTDATED', version = version + 1 WHERE store_id = ? AND state = "
          "'OPEN'",
          Uuid{work.store_id()})
      .status();
}

}  // namespace parts
