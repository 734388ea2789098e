// The SQL of the demand history; see demand_store.h.
#include "parts-svc/demand/demand_store.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "parts-svc/catalogue/catalogue_rules.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/location/location_rules.h"

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

constexpr char kInsertDemand[] =
    "INSERT INTO part_demand (store_id, part_id, month, version, order_milli, sale_milli, special_order_milli, "
    "lost_milli, cost_amount, special_order_cost_amount, received_milli, requested_line_count, served_line_count, "
    "lost_line_count, last_demand_time, first_receipt_time) ";

constexpr char kAddDemand[] =
    " ON DUPLICATE KEY UPDATE part_demand.order_milli = part_demand.order_milli + VALUES(order_milli), "
    "part_demand.sale_milli = part_demand.sale_milli + VALUES(sale_milli), "
    "part_demand.special_order_milli = part_demand.special_order_milli + VALUES(special_order_milli), "
    "part_demand.lost_milli = part_demand.lost_milli + VALUES(lost_milli), "
    "part_demand.cost_amount = part_demand.cost_amount + VALUES(cost_amount), "
    "part_demand.special_order_cost_amount = part_demand.special_order_cost_amount + "
    "VALUES(special_order_cost_amount), "
    "part_demand.received_milli = part_demand.received_milli + VALUES(received_milli), "
    "part_demand.requested_line_count = part_demand.requested_line_count + VALUES(requested_line_count), "
    "part_demand.served_line_count = part_demand.served_line_count + VALUES(served_line_count), "
    "part_demand.lost_line_count = part_demand.lost_line_count + VALUES(lost_line_count), "
    "part_demand.last_demand_time = GREATEST(COALESCE(part_demand.last_demand_time, VALUES(last_demand_time)), "
    "COALESCE(VALUES(last_demand_time), part_demand.last_demand_time)), "
    "part_demand.first_receipt_time = LEAST(COALESCE(part_demand.first_receipt_time, VALUES(first_receipt_time)), "
    "COALESCE(VALUES(first_receipt_time), part_demand.first_receipt_time)), "
    "part_demand.version = part_demand.version + 1";

// What was drawn or delivered for a document that had it ordered for itself.
constexpr char kIsSpecialOrder[] =
    "(EXISTS (SELECT 1 FROM issue_line il JOIN special_order so ON so.store_id = il.store_id AND "
    "so.reservation_id = il.reservation_id AND so.reservation_line_id = il.reservation_line_id AND "
    "so.state <> 'CANCELLED' WHERE il.store_id = m.store_id AND il.issue_id = m.document_id AND "
    "il.issue_line_id = m.document_line_id) OR "
    "EXISTS (SELECT 1 FROM sale_delivery_line d JOIN special_order so ON so.store_id = d.store_id AND so.part_id = "
    "d.part_id AND so.state <> 'CANCELLED' JOIN reservation_line rl ON rl.store_id = so.store_id AND rl.reservation_id "
    "= "
    "so.reservation_id AND rl.reservation_line_id = so.reservation_line_id AND rl.holder_line_id = d.sale_line_id "
    "WHERE "
    "d.store_id = m.store_id AND d.sale_delivery_id = m.document_id AND d.sale_delivery_line_id = m.document_line_id))";

// Movements of the window into (+1) or out of (-1) the hands of orders and buyers. Arguments: the two accounts, twice;
// store, begin, end, the two accounts, twice.
std::string Consumption(std::string_view more_columns) {
  return absl::StrCat(
      "SELECT m.store_id, m.part_id, m.create_time, m.quantity_milli, m.cost_amount, m.from_location_id, "
      "m.to_location_id, "
      "CASE WHEN m.to_location_id IN (?, ?) THEN 1 WHEN m.from_location_id IN (?, ?) THEN -1 ELSE 0 END AS way",
      std::string(more_columns),
      " FROM stock_movement m WHERE m.store_id = ? AND m.create_time >= ? AND "
      "m.create_time < ?");
}

std::string QuotedOwnedKinds() {
  std::string kinds;
  const auto* type = v1::Location::Kind_descriptor();
  for (int i = 0; i < type->value_count(); ++i) {
    if (!IsOwned(static_cast<v1::Location::Kind>(type->value(i)->number()))) continue;
    absl::StrAppend(&kinds, kinds.empty() ? "'" : ", '", type->value(i)->name().substr(5), "'");
  }
  return kinds;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> DemandStore::StoreIds(Session& session) {
  ASSIGN_OR_RETURN(const Rows rows, session.Query("SELECT store_id FROM store ORDER BY store_id"));
  std::vector<std::string> store_ids;
  for (size_t i = 0; i < rows.size(); ++i) store_ids.push_back(rows[i].Id("store_id"));
  return store_ids;
}

absl::StatusOr<std::optional<absl::Time>> DemandStore::Position(Session& session, const std::string& store_id) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT position_time FROM demand_position WHERE store_id = ?", Uuid{store_id}));
  if (rows.empty()) return std::optional<absl::Time>();
  return std::optional<absl::Time>(rows[0].Time("position_time"));
}

absl::StatusOr<std::optional<absl::Time>> DemandStore::NextEvent(Session& session, const std::string& store_id,
                                                                 absl::Time from) {
  std::optional<absl::Time> next;
  for (const char* sql :
       {"SELECT MIN(create_time) AS first_time FROM stock_movement WHERE store_id = ? AND create_time >= ?",
        "SELECT MIN(create_time) AS first_time FROM reservation WHERE store_id = ? AND create_time >= ?",
        "SELECT MIN(create_time) AS first_time FROM lost_sale WHERE store_id = ? AND create_time >= ?"}) {
    ASSIGN_OR_RETURN(const Rows rows, session.Query(sql, Uuid{store_id}, from));
    if (rows[0].IsNull("first_time")) continue;
    const absl::Time first = rows[0].Time("first_time");
    if (!next.has_value() || first < *next) next = first;
  }
  return next;
}

absl::StatusOr<bool> DemandStore::Take(UnitOfWork& work, absl::Time from, absl::Time to) {
  ASSIGN_OR_RETURN(const Rows rows,
                   work.sql().Query("SELECT position_time FROM demand_position WHERE store_id = ? FOR UPDATE",
                                    Uuid{work.store_id()}));
  if (rows.empty()) {
    ASSIGN_OR_RETURN(const int64_t inserted,
                     work.sql().Execute("INSERT IGNORE INTO demand_position (store_id, position_time) VALUES (?, ?)",
                                        Uuid{work.store_id()}, to));
    return inserted == 1;
  }
  if (rows[0].Time("position_time") != from) return false;
  RETURN_IF_ERROR(
      work.sql()
          .Execute("UPDATE demand_position SET position_time = ? WHERE store_id = ?", to, Uuid{work.store_id()})
          .status());
  return true;
}

absl::Status DemandStore::Pass(UnitOfWork& work, absl::Time from, absl::Time to) {
  return Take(work, from, to).status();
}

absl::Status DemandStore::Count(UnitOfWork& work, const CountWindow& window) {
  ASSIGN_OR_RETURN(const bool ours, Take(work, window.begin, window.end));
  if (!ours) return absl::OkStatus();
  RETURN_IF_ERROR(CountMovements(work, window));
  RETURN_IF_ERROR(CountLostSales(work, window));
  RETURN_IF_ERROR(CountLines(work, window));
  return CountMonth(work, window);
}

absl::Status DemandStore::CountMovements(UnitOfWork& work, const CountWindow& window) {
  const std::string& store_id = work.store_id();
  const Value workshop = ToValue(Uuid{AccountId(store_id, v1::Location::KIND_WORKSHOP)});
  const Value customer = ToValue(Uuid{AccountId(store_id, v1::Location::KIND_CUSTOMER)});
  const Value supplier = ToValue(Uuid{AccountId(store_id, v1::Location::KIND_SUPPLIER)});
  const Value opening = ToValue(Uuid{AccountId(store_id, v1::Location::KIND_OPENING)});
  const Value transfer = ToValue(Uuid{AccountId(store_id, v1::Location::KIND_TRANSFER)});
  const std::string sql = absl::StrCat(
      kInsertDemand,
      "SELECT ?, moved.part_id, ?, 1, SUM(moved.way * moved.to_orders * moved.quantity_milli), "
      "SUM(moved.way * (1 - moved.to_orders) * moved.quantity_milli), "
      "SUM(moved.way * moved.special * moved.quantity_milli), 0, SUM(moved.way * moved.cost_amount), "
      "SUM(moved.way * moved.special * moved.cost_amount), SUM(moved.received * moved.quantity_milli), 0, 0, 0, "
      "MAX(CASE WHEN moved.way = 1 THEN moved.create_time END), "
      "MIN(CASE WHEN moved.received = 1 THEN moved.create_time END) FROM (",
      Consumption(
          absl::StrCat(", CASE WHEN ? IN (m.from_location_id, m.to_location_id) THEN 1 ELSE 0 END AS to_orders, "
                       "CASE WHEN m.from_location_id IN (?, ?, ?) THEN 1 ELSE 0 END AS received, ",
                       kIsSpecialOrder, " AS special")),
      ") moved WHERE moved.way <> 0 OR moved.received = 1 GROUP BY moved.part_id", kAddDemand);
  return work.sql()
      .ExecuteValues(sql, {ToValue(Uuid{store_id}), window.month, workshop, customer, workshop, customer, workshop,
                           supplier, opening, transfer, ToValue(Uuid{store_id}), window.begin, window.end})
      .status();
}

absl::Status DemandStore::CountLostSales(UnitOfWork& work, const CountWindow& window) {
  // A reservation given up was asked for as a line already.
  return work.sql()
      .Execute(absl::StrCat(kInsertDemand,
                            "SELECT ?, lost.part_id, ?, 1, 0, 0, 0, SUM(lost.quantity_milli), 0, 0, 0, "
                            "SUM(CASE WHEN lost.cause = 'GIVEN_UP' THEN 0 ELSE 1 END), 0, COUNT(*), "
                            "MAX(lost.create_time), NULL FROM lost_sale lost WHERE lost.store_id = ? AND "
                            "lost.create_time >= ? AND lost.create_time < ? GROUP BY lost.part_id",
                            kAddDemand),
               Uuid{work.store_id()}, window.month, Uuid{work.store_id()}, window.begin, window.end)
      .status();
}

absl::Status DemandStore::CountLines(UnitOfWork& work, const CountWindow& window) {
  return work.sql()
      .Execute(
          absl::StrCat(kInsertDemand,
                       "SELECT ?, l.part_id, ?, 1, 0, 0, 0, 0, 0, 0, 0, COUNT(*), "
                       "SUM(CASE WHEN l.first_short_milli = 0 THEN 1 ELSE 0 END), 0, NULL, NULL FROM reservation r "
                       "JOIN reservation_line l ON l.store_id = r.store_id AND l.reservation_id = r.reservation_id "
                       "WHERE r.store_id = ? AND r.create_time >= ? AND r.create_time < ? AND "
                       "l.first_short_milli IS NOT NULL GROUP BY l.part_id",
                       kAddDemand),
          Uuid{work.store_id()}, window.month, Uuid{work.store_id()}, window.begin, window.end)
      .status();
}

absl::Status DemandStore::CountMonth(UnitOfWork& work, const CountWindow& window) {
  const std::string& store_id = work.store_id();
  const Value workshop = ToValue(Uuid{AccountId(store_id, v1::Location::KIND_WORKSHOP)});
  const Value customer = ToValue(Uuid{AccountId(store_id, v1::Location::KIND_CUSTOMER)});
  const Value store = ToValue(Uuid{store_id});
  ASSIGN_OR_RETURN(
      const Rows moved,
      work.sql().QueryValues(
          absl::StrCat(
              "SELECT CAST(COALESCE(SUM(moved.way * moved.cost_amount), 0) AS SIGNED) AS cost_amount, "
              "CAST(COALESCE(SUM(moved.way * moved.special * moved.cost_amount), 0) AS SIGNED) AS special_amount, "
              "CAST(COALESCE(SUM((moved.to_owned - moved.from_owned) * moved.cost_amount), 0) AS SIGNED) AS "
              "value_amount FROM (",
              Consumption(absl::StrCat(", ", kIsSpecialOrder,
                                       " AS special, EXISTS (SELECT 1 FROM location p WHERE p.store_id = "
                                       "m.store_id AND p.location_id = m.to_location_id AND p.kind IN (",
                                       QuotedOwnedKinds(),
                                       ")) AS to_owned, EXISTS (SELECT 1 FROM location p WHERE p.store_id = "
                                       "m.store_id AND p.location_id = m.from_location_id AND p.kind IN (",
                                       QuotedOwnedKinds(), ")) AS from_owned")),
              // A derived table of its own by its LIMIT: MariaDB 10.11.18 takes no sum over subqueries merged into it.
              " LIMIT 9223372036854775807) moved GROUP BY moved.store_id"),
          {workshop, customer, workshop, customer, store, window.begin, window.end}));
  const bool any = !moved.empty();
  ASSIGN_OR_RETURN(
      const Rows lines,
      work.sql().Query("SELECT COUNT(*) AS requested, CAST(COALESCE(SUM(CASE WHEN l.first_short_milli = 0 "
                       "THEN 1 ELSE 0 END), 0) AS SIGNED) AS served FROM reservation r JOIN "
                       "reservation_line l ON l.store_id = r.store_id AND l.reservation_id = "
                       "r.reservation_id WHERE r.store_id = ? AND r.create_time >= ? AND r.create_time < ? "
                       "AND l.first_short_milli IS NOT NULL",
                       Uuid{store_id}, window.begin, window.end));
  ASSIGN_OR_RETURN(const Rows lost,
                   work.sql().Query("SELECT COUNT(*) AS lost, CAST(COALESCE(SUM(CASE WHEN cause = 'GIVEN_UP' THEN 0 "
                                    "ELSE 1 END), 0) AS SIGNED) AS requested FROM lost_sale WHERE store_id = ? AND "
                                    "create_time >= ? AND create_time < ?",
                                    Uuid{store_id}, window.begin, window.end));
  return work.sql()
      .Execute(
          "INSERT INTO stock_month (store_id, month, version, requested_line_count, served_line_count, "
          "lost_line_count, "
          "cost_amount, special_order_cost_amount, value_change_amount) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?) "
          "ON DUPLICATE KEY UPDATE requested_line_count = requested_line_count + VALUES(requested_line_count), "
          "served_line_count = served_line_count + VALUES(served_line_count), "
          "lost_line_count = lost_line_count + VALUES(lost_line_count), cost_amount = cost_amount + "
          "VALUES(cost_amount), "
          "special_order_cost_amount = special_order_cost_amount + VALUES(special_order_cost_amount), "
          "value_change_amount = value_change_amount + VALUES(value_change_amount), version = version + 1",
          Uuid{store_id}, window.month, lines[0].Int("requested") + lost[0].Int("requested"), lines[0].Int("served"),
          lost[0].Int("lost"), any ? moved[0].Int("cost_amount") : 0, any ? moved[0].Int("special_amount") : 0,
          any ? moved[0].Int("value_amount") : 0)
      .status();
}

absl::StatusOr<std::vector<std::string>> DemandStore::Predecessors(Session& session, const std::string& store_id,
                                                                   const std::string& part_id) {
  std::vector<std::string> all, level = {part_id};
  for (int depth = 0; depth < kChainLengthMax && !level.empty(); ++depth) {
    ASSIGN_OR_RETURN(const Rows rows,
                     session.QueryValues(absl::StrCat("SELECT part_id FROM part WHERE store_id = ? AND "
                                                      "successor_part_id IN (",
                                                      Placeholders(level.size()), ") ORDER BY part_number"),
                                         WithIds(store_id, level)));
    level.clear();
    for (size_t i = 0; i < rows.size(); ++i) level.push_back(rows[i].Id("part_id"));
    all.insert(all.end(), level.begin(), level.end());
  }
  return all;
}

absl::StatusOr<std::vector<v1::PartDemand>> DemandStore::MonthsOf(Session& session, const std::string& store_id,
                                                                  const std::vector<std::string>& part_ids,
                                                                  const std::string& from_month) {
  std::vector<Value> values = WithIds(store_id, part_ids);
  values.push_back(from_month);
  std::vector<v1::PartDemand> rows;
  // The mapper keeps pointers until it is done.
  std::vector<std::unique_ptr<v1::PartDemand>> found;
  RETURN_IF_ERROR(demands_.mapper().Select(
      session, absl::StrCat("WHERE store_id = ? AND part_id IN (", Placeholders(part_ids.size()), ") AND month >= ?"),
      values,
      [&]() -> google::protobuf::Message* { return found.emplace_back(std::make_unique<v1::PartDemand>()).get(); }));
  std::map<std::string, v1::PartDemand> by_month;
  for (const auto& row : found) {
    v1::PartDemand& sum = by_month[row->month()];
    if (sum.month().empty()) {
      sum = *row;
      sum.set_part_id(part_ids.front());
      sum.clear_etag();
      continue;
    }
    sum.set_order_milli(sum.order_milli() + row->order_milli());
    sum.set_sale_milli(sum.sale_milli() + row->sale_milli());
    sum.set_special_order_milli(sum.special_order_milli() + row->special_order_milli());
    sum.set_lost_milli(sum.lost_milli() + row->lost_milli());
    sum.set_cost_amount(sum.cost_amount() + row->cost_amount());
    sum.set_special_order_cost_amount(sum.special_order_cost_amount() + row->special_order_cost_amount());
    sum.set_received_milli(sum.received_milli() + row->received_milli());
    sum.set_requested_line_count(sum.requested_line_count() + row->requested_line_count());
    sum.set_served_line_count(sum.served_line_count() + row->served_line_count());
    sum.set_lost_line_count(sum.lost_line_count() + row->lost_line_count());
  }
  for (auto& [month, sum] : by_month) rows.push_back(std::move(sum));
  return rows;
}

absl::StatusOr<std::vector<DemandStore::Sums>> DemandStore::Compare(Session& session, const std::string& store_id) {
  std::vector<Sums> all;
  ASSIGN_OR_RETURN(const std::optional<absl::Time> position, Position(session, store_id));
  if (!position.has_value()) return all;
  std::map<std::string, Sums> by_part;
  ASSIGN_OR_RETURN(const Rows counted,
                   session.Query("SELECT part_id, CAST(SUM(order_milli) AS SIGNED) AS orders, CAST(SUM(sale_milli) AS "
                                 "SIGNED) AS sales, CAST(SUM(lost_milli) AS SIGNED) AS lost FROM part_demand WHERE "
                                 "store_id = ? GROUP BY part_id",
                                 Uuid{store_id}));
  for (size_t i = 0; i < counted.size(); ++i) {
    Sums& sums = by_part[counted[i].Id("part_id")];
    sums.counted_order_milli = counted[i].Int("orders");
    sums.counted_sale_milli = counted[i].Int("sales");
    sums.counted_lost_milli = counted[i].Int("lost");
  }
  // By account: its index finds what went there.
  for (const bool orders : {true, false}) {
    const std::string account = AccountId(store_id, orders ? v1::Location::KIND_WORKSHOP : v1::Location::KIND_CUSTOMER);
    for (const bool out : {true, false}) {
      ASSIGN_OR_RETURN(
          const Rows rows,
          session.Query(
              absl::StrCat("SELECT part_id, CAST(SUM(quantity_milli) AS SIGNED) AS quantity FROM "
                           "stock_movement WHERE store_id = ? AND ",
                           out ? "to_location_id" : "from_location_id", " = ? AND create_time < ? GROUP BY part_id"),
              Uuid{store_id}, Uuid{account}, *position));
      for (size_t i = 0; i < rows.size(); ++i) {
        Sums& sums = by_part[rows[i].Id("part_id")];
        (orders ? sums.order_milli : sums.sale_milli) += (out ? 1 : -1) * rows[i].Int("quantity");
      }
    }
  }
  ASSIGN_OR_RETURN(const Rows lost,
                   session.Query("SELECT part_id, CAST(SUM(quantity_milli) AS SIGNED) AS quantity FROM lost_sale WHERE "
                                 "store_id = ? AND create_time < ? GROUP BY part_id",
                                 Uuid{store_id}, *position));
  for (size_t i = 0; i < lost.size(); ++i) by_part[lost[i].Id("part_id")].lost_milli = lost[i].Int("quantity");
  for (auto& [part_id, sums] : by_part) {
    sums.part_id = part_id;
    all.push_back(sums);
  }
  return all;
}

}  // namespace parts
