// The SQL of what planning needs to know of every part; see facts_store.h.
#include "parts-svc/demand/facts_store.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {
namespace {

using chassis::sql::Placeholders;
using chassis::sql::Row;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;
using chassis::sql::Value;

constexpr char kBeforeAll[] = "00000000-0000-0000-0000-000000000000";

using FactsById = std::map<std::string, PartFacts*>;

// Parts of the page by their own id, and by the ids of those whose place they took.
struct Chains {
  FactsById heads;
  FactsById predecessors;
  std::vector<std::string> predecessor_ids;

  PartFacts* Of(const std::string& part_id) const {
    if (const auto found = heads.find(part_id); found != heads.end()) return found->second;
    const auto found = predecessors.find(part_id);
    return found == predecessors.end() ? nullptr : found->second;
  }
};

absl::StatusOr<Chains> ChainsOf(Session& session, const std::string& store_id, std::vector<PartFacts>& page) {
  Chains chains;
  std::vector<std::string> level;
  for (PartFacts& part : page) {
    if (part.superseded) continue;
    chains.heads[part.part_id] = &part;
    level.push_back(part.part_id);
  }
  for (int depth = 0; depth < kChainLengthMax && !level.empty(); ++depth) {
    ASSIGN_OR_RETURN(
        const Rows rows,
        session.QueryValues(absl::StrCat("SELECT part_id, successor_part_id FROM part WHERE store_id = ? AND "
                                         "successor_part_id IN (",
                                         Placeholders(level.size()), ")"),
                            WithIds(store_id, level)));
    level.clear();
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string part_id = rows[i].Id("part_id");
      PartFacts* newest = chains.Of(rows[i].Id("successor_part_id"));
      if (newest == nullptr || !chains.predecessors.emplace(part_id, newest).second) continue;
      chains.predecessor_ids.push_back(part_id);
      level.push_back(part_id);
    }
  }
  return chains;
}

// Runs `sql`, which ends in a condition on part ids, for the page's range of ids and for the predecessors by name.
// `take` gets each row.
absl::Status ForAll(Session& session, const std::string& store_id, const std::vector<PartFacts>& page,
                    const Chains& chains, const std::string& select, const std::string& column, const std::string& tail,
                    const std::vector<Value>& tail_values, const std::function<void(const Row&)>& take) {
  const auto run = [&](const std::string& condition, std::vector<Value> values,
                       const std::function<void(const Row&)>& each) -> absl::Status {
    values.insert(values.end(), tail_values.begin(), tail_values.end());
    ASSIGN_OR_RETURN(const Rows rows, session.QueryValues(absl::StrCat(select, condition, tail), values));
    for (size_t i = 0; i < rows.size(); ++i) each(rows[i]);
    return absl::OkStatus();
  };
  // A predecessor may lie within the page's range, too; it is taken by its name.
  RETURN_IF_ERROR(run(absl::StrCat(column, " >= ? AND ", column, " <= ?"),
                      WithIds(store_id, {page.front().part_id, page.back().part_id}), [&](const Row& row) {
                        if (chains.predecessors.count(row.Id("part_id")) == 0) take(row);
                      }));
  if (chains.predecessor_ids.empty()) return absl::OkStatus();
  return run(absl::StrCat(column, " IN (", Placeholders(chains.predecessor_ids.size()), ")"),
             WithIds(store_id, chains.predecessor_ids), take);
}

}  // namespace

absl::StatusOr<std::vector<PartFacts>> FactsStore::Page(Session& session, const std::string& store_id,
                                                        const std::string& after_part_id, absl::Time now,
                                                        const absl::TimeZone& zone) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT p.part_id, p.part_number, p.name_zh, p.name_en, p.step_milli, p.pack_quantity_milli, "
                    "p.successor_part_id, p.create_time, s.on_hand_milli, s.reserved_milli, s.short_milli, "
                    "s.value_amount FROM part p JOIN part_stock s ON s.store_id = p.store_id AND s.part_id = p.part_id "
                    "WHERE p.store_id = ? AND p.part_id > ? ORDER BY p.part_id LIMIT ?",
                    Uuid{store_id}, Uuid{after_part_id.empty() ? kBeforeAll : after_part_id}, kPartsPerPage));
  std::vector<PartFacts> page(rows.size());
  if (page.empty()) return page;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    PartFacts& part = page[i];
    part.part_id = row.Id("part_id");
    part.part_number = row.Text("part_number");
    part.name_zh = row.Text("name_zh");
    part.name_en = row.Text("name_en");
    part.step_milli = row.Int("step_milli");
    part.pack_quantity_milli = row.Int("pack_quantity_milli");
    part.superseded = !row.IsNull("successor_part_id");
    part.create_time = row.Time("create_time");
    part.on_hand_milli = row.Int("on_hand_milli");
    part.available_milli = row.Int("on_hand_milli") - row.Int("reserved_milli");
    part.value_amount = row.Int("value_amount");
    if (!part.superseded) part.backorder_milli = row.Int("short_milli");
    part.history.known_since = absl::ToCivilDay(part.create_time, zone);
  }
  ASSIGN_OR_RETURN(const Chains chains, ChainsOf(session, store_id, page));
  if (!chains.predecessor_ids.empty()) {
    ASSIGN_OR_RETURN(
        const Rows before,
        session.QueryValues(absl::StrCat("SELECT p.part_id, p.create_time, s.on_hand_milli, s.reserved_milli, "
                                         "s.short_milli FROM part p JOIN part_stock s ON s.store_id = p.store_id AND "
                                         "s.part_id = p.part_id WHERE p.store_id = ? AND p.part_id IN (",
                                         Placeholders(chains.predecessor_ids.size()), ")"),
                            WithIds(store_id, chains.predecessor_ids)));
    for (size_t i = 0; i < before.size(); ++i) {
      PartFacts& newest = *chains.Of(before[i].Id("part_id"));
      newest.predecessor_available_milli += before[i].Int("on_hand_milli") - before[i].Int("reserved_milli");
      newest.backorder_milli += before[i].Int("short_milli");
      newest.history.known_since =
          std::min(newest.history.known_since, absl::ToCivilDay(before[i].Time("create_time"), zone));
    }
  }
  const absl::CivilMonth current = MonthOf(now, zone);
  RETURN_IF_ERROR(
      ForAll(session, store_id, page, chains,
             "SELECT part_id, month, order_milli + sale_milli - special_order_milli + lost_milli AS demand_milli, "
             "cost_amount - special_order_cost_amount AS cost_amount FROM part_demand FORCE INDEX (PRIMARY) WHERE "
             "store_id = ? "
             "AND ",
             "part_id", " AND month >= ?", {FirstDay(current - kHistoryMonths)}, [&](const Row& row) {
               PartFacts* part = chains.Of(row.Id("part_id"));
               const int ago = MonthsBetween(MonthOn(row.Text("month")), current);
               if (part == nullptr || ago < 0) return;
               part->history.demand_milli[ago] += row.Int("demand_milli");
               part->history.cost_amount[ago] += row.Int("cost_amount");
             }));
  RETURN_IF_ERROR(ForAll(
      session, store_id, page, chains,
      "SELECT l.part_id, CAST(SUM(l.open_milli) AS SIGNED) AS open_milli FROM purchase_order_line l JOIN "
      "purchase_order "
      "o ON o.store_id = l.store_id AND o.purchase_order_id = l.purchase_order_id WHERE l.store_id = ? AND ",
      "l.part_id", " AND l.open_milli > 0 AND o.state NOT IN ('CLOSED', 'CANCELLED', 'REJECTED') GROUP BY l.part_id",
      {}, [&](const Row& row) {
        if (PartFacts* part = chains.Of(row.Id("part_id"))) part->on_order_milli += row.Int("open_milli");
      }));
  // What another store has promised or sent comes, too.
  RETURN_IF_ERROR(ForAll(
      session, store_id, page, chains,
      "SELECT l.part_id, CAST(SUM(CASE t.state WHEN 'APPROVED' THEN l.approved_milli ELSE l.shipped_milli END - "
      "l.received_milli) AS SIGNED) AS open_milli FROM transfer t JOIN transfer_line l ON l.store_id = t.store_id AND "
      "l.transfer_id = t.transfer_id WHERE t.store_id = ? AND ",
      "l.part_id", " AND t.side = 'RECEIVING' AND t.state IN ('APPROVED', 'SHIPPED', 'RECEIVING') GROUP BY l.part_id",
      {}, [&](const Row& row) {
        if (PartFacts* part = chains.Of(row.Id("part_id"))) part->on_order_milli += row.Int("open_milli");
      }));
  return page;
}

absl::Status FactsStore::AddOffers(Session& session, const std::string& store_id, std::vector<PartFacts>& page) {
  if (page.empty()) return absl::OkStatus();
  FactsById by_id;
  for (PartFacts& part : page) by_id[part.part_id] = &part;
  // The preferred offer first, then the cheapest.
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(
                       "SELECT o.part_id, o.supplier_id, s.display_name, o.unit_price_amount, o.pack_quantity_milli, "
                       "o.minimum_quantity_milli, COALESCE(o.lead_time_days, s.lead_time_days) AS lead_time_days "
                       "FROM supplier_part o JOIN supplier s ON s.store_id = o.store_id AND s.supplier_id = "
                       "o.supplier_id WHERE o.store_id = ? AND o.part_id >= ? AND o.part_id <= ? AND s.state = "
                       "'APPROVED' ORDER BY o.part_id, o.preferred DESC, o.unit_price_amount, o.supplier_id",
                       WithIds(store_id, {page.front().part_id, page.back().part_id})));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const auto found = by_id.find(row.Id("part_id"));
    if (found == by_id.end() || found->second->offer.has_value()) continue;
    Offer& offer = found->second->offer.emplace();
    offer.supplier_id = row.Id("supplier_id");
    offer.supplier_name = row.Text("display_name");
    offer.unit_price_amount = row.Int("unit_price_amount");
    offer.pack_quantity_milli = row.Int("pack_quantity_milli");
    offer.minimum_quantity_milli = row.Int("minimum_quantity_milli");
    if (!row.IsNull("lead_time_days")) offer.lead_time_days = static_cast<int32_t>(row.Int("lead_time_days"));
  }
  return absl::OkStatus();
}

absl::Status FactsStore::AddIdleTimes(Session& session, const std::string& store_id, std::vector<PartFacts>& page) {
  if (page.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Chains chains, ChainsOf(session, store_id, page));
  FactsById own;
  for (PartFacts& part : page) own[part.part_id] = &part;
  const auto note = [](PartFacts* part, const Row& row) {
    if (part == nullptr) return;
    part->last_demand_time = std::max(part->last_demand_time, row.Time("last_demand_time"));
    const absl::Time received = row.Time("first_receipt_time");
    if (received == absl::InfinitePast()) return;
    part->first_receipt_time =
        part->first_receipt_time == absl::InfinitePast() ? received : std::min(part->first_receipt_time, received);
  };
  return ForAll(session, store_id, page, chains,
                "SELECT part_id, MAX(last_demand_time) AS last_demand_time, MIN(first_receipt_time) AS "
                "first_receipt_time FROM part_demand FORCE INDEX (PRIMARY) WHERE store_id = ? AND ",
                "part_id", " GROUP BY part_id", {}, [&](const Row& row) {
                  const std::string part_id = row.Id("part_id");
                  const auto found = own.find(part_id);
                  if (found != own.end()) note(found->second, row);
                  // The newest part is as lively as those before it.
                  if (const auto newest = chains.predecessors.find(part_id); newest != chains.predecessors.end()) {
                    PartFacts* part = newest->second;
                    part->last_demand_time = std::max(part->last_demand_time, row.Time("last_demand_time"));
                  }
                });
}

absl::StatusOr<int64_t> FactsStore::PartCount(Session& session, const std::string& store_id) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT COUNT(*) AS n FROM part WHERE store_id = ?", Uuid{store_id}));
  return rows[0].Int("n");
}

}  // namespace parts
