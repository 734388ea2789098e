// The SQL of stocktakes; see stocktake_store.h.
#include "parts-svc/stocktake/stocktake_store.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "chassis/status/state.h"
#include "parts-svc/ledger/ledger_store.h"
#include "parts-svc/location/location_rules.h"
#include "parts-svc/stocktake/stocktake_duties.h"

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

constexpr size_t kIdsPerStatementMax = 500;

std::string ClassName(v1::Stocktake::PartClass part_class) {
  return std::string(chassis::StateName(v1::Stocktake::PartClass_descriptor(), part_class));
}

std::vector<std::string> PartIdsOf(const std::vector<v1::StocktakeLine>& lines) {
  std::set<std::string> ids;
  for (const v1::StocktakeLine& line : lines) ids.insert(line.part_id());
  return {ids.begin(), ids.end()};
}

// Walks over `ids` in portions a statement can bear, in order, so that locks are taken in order.
absl::Status InPortions(const std::vector<std::string>& ids,
                        const std::function<absl::Status(const std::vector<std::string>&)>& body) {
  for (size_t start = 0; start < ids.size(); start += kIdsPerStatementMax) {
    const size_t end = std::min(ids.size(), start + kIdsPerStatementMax);
    RETURN_IF_ERROR(body({ids.begin() + static_cast<int64_t>(start), ids.begin() + static_cast<int64_t>(end)}));
  }
  return absl::OkStatus();
}

// The conditions of a scope on `b` (balance), `l` (location) and `f` (figures of the part).
void AddScope(const v1::Stocktake& stocktake, std::string& where, std::vector<Value>& values) {
  if (!stocktake.warehouse_id().empty()) {
    absl::StrAppend(&where, " AND l.warehouse_id = ?");
    values.push_back(ToValue(Uuid{stocktake.warehouse_id()}));
  }
  if (!stocktake.location_ids().empty()) {
    absl::StrAppend(&where, " AND b.location_id IN (", Placeholders(stocktake.location_ids_size()), ")");
    for (const std::string& id : stocktake.location_ids()) values.push_back(ToValue(Uuid{id}));
  } else {
    // What a service station keeps is counted when somebody goes there on purpose.
    absl::StrAppend(&where, " AND l.kind <> 'CONSIGNMENT'");
  }
  if (!stocktake.part_ids().empty()) {
    absl::StrAppend(&where, " AND b.part_id IN (", Placeholders(stocktake.part_ids_size()), ")");
    for (const std::string& id : stocktake.part_ids()) values.push_back(ToValue(Uuid{id}));
  }
  if (stocktake.part_class() != v1::Stocktake::PART_CLASS_UNSPECIFIED) {
    absl::StrAppend(&where, " AND COALESCE(f.abc_class, 'C') = ?");
    values.push_back(ClassName(stocktake.part_class()));
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::StocktakeLine>> StocktakeStore::Sheet(UnitOfWork& work, const v1::Stocktake& stocktake) {
  std::string where =
      "b.store_id = ? AND b.on_hand_milli > 0 AND l.kind IN ('STOCK', 'QUARANTINE', 'WORKING_STOCK', "
      "'CONSIGNMENT')";
  std::vector<Value> values = {ToValue(Uuid{work.store_id()})};
  AddScope(stocktake, where, values);
  values.push_back(int64_t{kSheetLinesMax + 1});
  ASSIGN_OR_RETURN(
      const Rows rows,
      work.sql().QueryValues(
          absl::StrCat("SELECT b.part_id, b.location_id, b.on_hand_milli, l.code, p.part_number, p.name_zh, p.name_en, "
                       "p.tracking FROM stock_balance b JOIN location l ON l.store_id = b.store_id AND l.location_id = "
                       "b.location_id JOIN part p ON p.store_id = b.store_id AND p.part_id = b.part_id LEFT JOIN "
                       "part_figure f ON f.store_id = b.store_id AND f.part_id = b.part_id WHERE ",
                       where, " ORDER BY l.code, p.part_number LIMIT ?"),
          values));
  std::vector<v1::StocktakeLine> lines(rows.size());
  std::set<std::string> tracked;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    lines[i].set_part_id(row.Id("part_id"));
    lines[i].set_part_number(row.Text("part_number"));
    lines[i].set_name_zh(row.Text("name_zh"));
    lines[i].set_name_en(row.Text("name_en"));
    lines[i].set_location_id(row.Id("location_id"));
    lines[i].set_location_code(row.Text("code"));
    lines[i].set_snapshot_milli(row.Int("on_hand_milli"));
    const std::string tracking = row.Text("tracking");
    if (tracking == "BATCH" || tracking == "SERIAL") tracked.insert(row.Id("part_id"));
  }
  RETURN_IF_ERROR(SplitByBatch(work, lines, {tracked.begin(), tracked.end()}));
  return lines;
}

absl::Status StocktakeStore::SplitByBatch(UnitOfWork& work, std::vector<v1::StocktakeLine>& lines,
                                          const std::vector<std::string>& tracked) {
  std::map<std::pair<std::string, std::string>, std::map<std::string, int64_t>> batches;  // part, bin -> batch
  RETURN_IF_ERROR(InPortions(tracked, [&](const std::vector<std::string>& part_ids) -> absl::Status {
    const std::string from = absl::StrCat(" FROM stock_movement WHERE store_id = ? AND part_id IN (",
                                          Placeholders(part_ids.size()), ") AND batch_code <> ''");
    std::vector<Value> values = WithIds(work.store_id(), part_ids);
    const std::vector<Value> half = values;
    values.insert(values.end(), half.begin(), half.end());
    ASSIGN_OR_RETURN(const Rows rows,
                     work.sql().QueryValues(
                         absl::StrCat("SELECT part_id, location_id, batch_code, CAST(SUM(quantity) AS SIGNED) AS "
                                      "on_hand_milli FROM (SELECT part_id, to_location_id AS location_id, batch_code, "
                                      "quantity_milli AS quantity",
                                      from, " UNION ALL SELECT part_id, from_location_id, batch_code, -quantity_milli",
                                      from, ") moved GROUP BY part_id, location_id, batch_code"),
                         values));
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].Int("on_hand_milli") <= 0) continue;
      batches[{rows[i].Id("part_id"), rows[i].Id("location_id")}][rows[i].Text("batch_code")] =
          rows[i].Int("on_hand_milli");
    }
    return absl::OkStatus();
  }));
  if (batches.empty()) return absl::OkStatus();
  std::vector<v1::StocktakeLine> split;
  for (const v1::StocktakeLine& line : lines) {
    const auto found = batches.find({line.part_id(), line.location_id()});
    if (found == batches.end()) {
      split.push_back(line);
      continue;
    }
    for (const auto& [batch_code, on_hand] : found->second) {
      v1::StocktakeLine& of_batch = split.emplace_back(line);
      of_batch.set_batch_code(batch_code);
      of_batch.set_snapshot_milli(on_hand);
    }
  }
  lines = std::move(split);
  return absl::OkStatus();
}

absl::StatusOr<bool> StocktakeStore::PartInScope(UnitOfWork& work, const v1::Stocktake& stocktake,
                                                 const std::string& part_id) {
  const auto& parts = stocktake.part_ids();
  if (!parts.empty()) return std::find(parts.begin(), parts.end(), part_id) != parts.end();
  if (stocktake.part_class() == v1::Stocktake::PART_CLASS_UNSPECIFIED) return true;
  ASSIGN_OR_RETURN(const Rows rows,
                   work.sql().Query("SELECT abc_class FROM part_figure WHERE store_id = ? AND part_id = ?",
                                    Uuid{work.store_id()}, Uuid{part_id}));
  return (rows.empty() ? "C" : rows[0].Text("abc_class")) == ClassName(stocktake.part_class());
}

absl::StatusOr<v1::Stocktake> StocktakeStore::Share(UnitOfWork& work, const std::string& stocktake_id) {
  ASSIGN_OR_RETURN(auto found,
                   stocktakes_.Select(work.sql(), "WHERE store_id = ? AND stocktake_id = ? LOCK IN SHARE MODE",
                                      Uuid{work.store_id()}, Uuid{stocktake_id}));
  if (found.empty()) return chassis::NotFound("stocktake", stocktake_id);
  return std::move(found[0]);
}

absl::StatusOr<std::vector<v1::StocktakeLine>> StocktakeStore::LockLines(UnitOfWork& work,
                                                                         const std::string& stocktake_id,
                                                                         const std::vector<std::string>& line_ids) {
  std::vector<v1::StocktakeLine> lines;
  lines.reserve(line_ids.size());  // the mapper keeps pointers to them
  std::vector<Value> values = {ToValue(Uuid{work.store_id()}), ToValue(Uuid{stocktake_id})};
  for (const std::string& id : line_ids) values.push_back(ToValue(Uuid{id}));
  RETURN_IF_ERROR(
      lines_.mapper().Select(work.sql(),
                             absl::StrCat("WHERE store_id = ? AND stocktake_id = ? AND stocktake_line_id IN (",
                                          Placeholders(line_ids.size()), ") ORDER BY stocktake_line_id FOR UPDATE"),
                             values, [&]() -> google::protobuf::Message* { return &lines.emplace_back(); }));
  return lines;
}

absl::StatusOr<std::vector<v1::StocktakeLine>> StocktakeStore::LockAllLines(UnitOfWork& work,
                                                                            const std::string& stocktake_id) {
  return lines_.Select(work.sql(), "WHERE store_id = ? AND stocktake_id = ? ORDER BY stocktake_line_id FOR UPDATE",
                       Uuid{work.store_id()}, Uuid{stocktake_id});
}

absl::StatusOr<int64_t> StocktakeStore::OpenLineCount(UnitOfWork& work, const std::string& stocktake_id) {
  ASSIGN_OR_RETURN(const Rows rows,
                   work.sql().Query("SELECT COUNT(*) AS n FROM stocktake_line WHERE store_id = ? AND stocktake_id = ? "
                                    "AND state IN ('OPEN', 'RECOUNT')",
                                    Uuid{work.store_id()}, Uuid{stocktake_id}));
  return rows[0].Int("n");
}

absl::StatusOr<bool> StocktakeStore::Counted(UnitOfWork& work, const std::string& stocktake_id,
                                             const std::string& subject) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      work.sql().Query("SELECT line_number FROM stocktake_line WHERE store_id = ? AND stocktake_id = ? AND "
                       "(counter = ? OR first_counter = ?) LIMIT 1",
                       Uuid{work.store_id()}, Uuid{stocktake_id}, subject, subject));
  return !rows.empty();
}

absl::StatusOr<OnShelves> StocktakeStore::LockShelves(UnitOfWork& work, const std::vector<v1::StocktakeLine>& lines) {
  OnShelves on_shelves;
  RETURN_IF_ERROR(InPortions(PartIdsOf(lines), [&](const std::vector<std::string>& part_ids) -> absl::Status {
    ASSIGN_OR_RETURN(
        const Rows rows,
        work.sql().QueryValues(
            absl::StrCat("SELECT part_id, location_id, on_hand_milli FROM stock_balance WHERE store_id = ? "
                         "AND part_id IN (",
                         Placeholders(part_ids.size()), ") ORDER BY part_id, location_id FOR UPDATE"),
            WithIds(work.store_id(), part_ids)));
    for (size_t i = 0; i < rows.size(); ++i) {
      on_shelves[{rows[i].Id("part_id"), rows[i].Id("location_id"), ""}] = rows[i].Int("on_hand_milli");
    }
    return absl::OkStatus();
  }));
  // With the balances locked the ledger stands still, too: the batches are added up from it.
  std::set<std::string> tracked;
  for (const v1::StocktakeLine& line : lines) {
    if (!line.batch_code().empty()) tracked.insert(line.part_id());
  }
  std::vector<v1::StocktakeLine> of_batches;
  for (const v1::StocktakeLine& line : lines) {
    if (line.batch_code().empty()) continue;
    v1::StocktakeLine& whole = of_batches.emplace_back();
    whole.set_part_id(line.part_id());
    whole.set_location_id(line.location_id());
  }
  RETURN_IF_ERROR(SplitByBatch(work, of_batches, {tracked.begin(), tracked.end()}));
  for (const v1::StocktakeLine& batch : of_batches) {
    if (!batch.batch_code().empty()) on_shelves[ShelfOf(batch)] = batch.snapshot_milli();
  }
  return on_shelves;
}

absl::StatusOr<std::vector<v1::StockMovement>> StocktakeStore::MovementsSince(
    UnitOfWork& work, const std::vector<v1::StocktakeLine>& lines, absl::Time since) {
  std::vector<v1::StockMovement> movements;
  RETURN_IF_ERROR(InPortions(PartIdsOf(lines), [&](const std::vector<std::string>& part_ids) -> absl::Status {
    std::vector<Value> values = WithIds(work.store_id(), part_ids);
    values.push_back(since);
    ASSIGN_OR_RETURN(const Rows rows,
                     work.sql().QueryValues(
                         absl::StrCat("SELECT part_id, from_location_id, to_location_id, batch_code, quantity_milli, "
                                      "create_time FROM stock_movement WHERE store_id = ? AND part_id IN (",
                                      Placeholders(part_ids.size()), ") AND create_time > ?"),
                         values));
    for (size_t i = 0; i < rows.size(); ++i) {
      v1::StockMovement& movement = movements.emplace_back();
      movement.set_part_id(rows[i].Id("part_id"));
      movement.set_from_location_id(rows[i].Id("from_location_id"));
      movement.set_to_location_id(rows[i].Id("to_location_id"));
      movement.set_batch_code(rows[i].Text("batch_code"));
      movement.set_quantity_milli(rows[i].Int("quantity_milli"));
      *movement.mutable_create_time() = chassis::ToProto(rows[i].Time("create_time"));
    }
    return absl::OkStatus();
  }));
  return movements;
}

absl::Status StocktakeStore::Freeze(UnitOfWork& work, const std::string& stocktake_id,
                                    const std::vector<v1::StocktakeLine>& lines) {
  std::set<std::string> bins;
  for (const v1::StocktakeLine& line : lines) bins.insert(line.location_id());
  return InPortions({bins.begin(), bins.end()}, [&](const std::vector<std::string>& location_ids) -> absl::Status {
    std::vector<v1::Location> places;
    places.reserve(location_ids.size());
    RETURN_IF_ERROR(
        locations_.mapper().Select(work.sql(),
                                   absl::StrCat("WHERE store_id = ? AND location_id IN (",
                                                Placeholders(location_ids.size()), ") ORDER BY location_id FOR UPDATE"),
                                   WithIds(work.store_id(), location_ids),
                                   [&]() -> google::protobuf::Message* { return &places.emplace_back(); }));
    for (const v1::Location& before : places) {
      if (!before.frozen_by_stocktake_id().empty()) return Frozen(before, "stocktake_id");
      v1::Location after = before;
      after.set_frozen_by_stocktake_id(stocktake_id);
      RETURN_IF_ERROR(locations_.Update(work, before, after));
    }
    return absl::OkStatus();
  });
}

absl::Status StocktakeStore::Thaw(UnitOfWork& work, const std::string& stocktake_id) {
  ASSIGN_OR_RETURN(
      const auto places,
      locations_.Select(work.sql(), "WHERE store_id = ? AND frozen_by_stocktake_id = ? ORDER BY location_id FOR UPDATE",
                        Uuid{work.store_id()}, Uuid{stocktake_id}));
  for (const v1::Location& before : places) {
    v1::Location after = before;
    after.clear_frozen_by_stocktake_id();
    RETURN_IF_ERROR(locations_.Update(work, before, after));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> StocktakeStore::HoldersOf(UnitOfWork& work,
                                                                   const std::vector<std::string>& part_ids) {
  std::set<std::string> holders;
  RETURN_IF_ERROR(InPortions(part_ids, [&](const std::vector<std::string>& some) -> absl::Status {
    ASSIGN_OR_RETURN(const Rows rows,
                     work.sql().QueryValues(absl::StrCat("SELECT DISTINCT reservation_id FROM reservation_line WHERE "
                                                         "store_id = ? AND part_id IN (",
                                                         Placeholders(some.size()), ") AND reserved_milli > 0"),
                                            WithIds(work.store_id(), some)));
    for (size_t i = 0; i < rows.size(); ++i) holders.insert(rows[i].Id("reservation_id"));
    return absl::OkStatus();
  }));
  return std::vector<std::string>{holders.begin(), holders.end()};
}

absl::StatusOr<std::vector<StocktakeStore::LastCount>> StocktakeStore::LastCounts(Session& session,
                                                                                  v1::Stocktake::PartClass part_class) {
  ASSIGN_OR_RETURN(const Rows stores, session.Query("SELECT store_id FROM store"));
  std::vector<LastCount> counts;
  for (size_t i = 0; i < stores.size(); ++i) {
    const std::string store_id = stores[i].Id("store_id");
    ASSIGN_OR_RETURN(
        const Rows opened,
        session.Query("SELECT MIN(create_time) AS opened FROM warehouse WHERE store_id = ?", Uuid{store_id}));
    if (opened[0].IsNull("opened")) continue;
    ASSIGN_OR_RETURN(
        const Rows posted,
        session.Query("SELECT MAX(post_time) AS posted FROM stocktake WHERE store_id = ? AND state = 'POSTED' "
                      "AND ((kind = 'FULL' AND warehouse_id IS NULL) OR part_class = ?)",
                      Uuid{store_id}, ClassName(part_class)));
    counts.push_back({store_id, std::max(opened[0].Time("opened"), posted[0].Time("posted"))});
  }
  return counts;
}

absl::StatusOr<bool> StocktakeStore::IsReminded(Session& session, const std::string& store_id,
                                                const std::string& subject_id) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT duty_id FROM duty WHERE store_id = ? AND subject_id = ? AND kind = ? AND state = "
                    "'OPEN' LIMIT 1",
                    Uuid{store_id}, Uuid{subject_id}, kStocktakeDueDuty));
  return !rows.empty();
}

}  // namespace parts
