// The SQL of the stock ledger; see ledger_store.h.
#include "parts-svc/ledger/ledger_store.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aftersales/parts/v1/errors.pb.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using chassis::sql::Placeholders;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::Uuid;
using chassis::sql::Value;

constexpr char kStockColumns[] =
    "SELECT part_id, version, part_number, on_hand_milli, reserved_milli, short_milli, owned_milli, value_amount "
    "FROM part_stock WHERE store_id = ? AND part_id IN (";

StocksByPart ReadStocks(const Rows& rows, const std::string& store_id) {
  StocksByPart stocks;
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::PartStock& stock = stocks[rows[i].Id("part_id")];
    stock.set_store_id(store_id);
    stock.set_part_id(rows[i].Id("part_id"));
    stock.set_etag(absl::StrCat(rows[i].Int("version")));
    stock.set_part_number(rows[i].Text("part_number"));
    stock.set_on_hand_milli(rows[i].Int("on_hand_milli"));
    stock.set_reserved_milli(rows[i].Int("reserved_milli"));
    stock.set_short_milli(rows[i].Int("short_milli"));
    stock.set_owned_milli(rows[i].Int("owned_milli"));
    stock.set_value_amount(rows[i].Int("value_amount"));
    Derive(stock);
  }
  return stocks;
}

std::vector<v1::StockBalance> ReadBalances(const Rows& rows, const std::string& store_id) {
  std::vector<v1::StockBalance> balances(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    balances[i].set_store_id(store_id);
    balances[i].set_part_id(rows[i].Id("part_id"));
    balances[i].set_location_id(rows[i].Id("location_id"));
    balances[i].set_on_hand_milli(rows[i].Int("on_hand_milli"));
    balances[i].set_location_code(rows[i].Text("code"));
    balances[i].set_location_kind(rows[i].Text("kind"));
  }
  return balances;
}

// The command is refused whatever follows. Its rows go back first, so that what is missing is counted as it stands
// without it, and nobody waits for the locks meanwhile.
absl::Status GiveUp(UnitOfWork& work) { return work.sql().Execute("ROLLBACK").status(); }

// One UPDATE for many parts: every changed column adds "what belongs to this part".
class ByPart {
 public:
  explicit ByPart(const StockDeltas& deltas) : deltas_(deltas) {}

  std::string Choice(int64_t (*of)(const StockDelta&)) {
    if (deltas_.size() == 1) {
      values_.push_back(of(deltas_.begin()->second));
      return "?";
    }
    std::string text = "CASE part_id";
    for (const auto& [part_id, delta] : deltas_) {
      absl::StrAppend(&text, " WHEN ? THEN ?");
      values_.push_back(chassis::sql::ToValue(Uuid{part_id}));
      values_.push_back(of(delta));
    }
    return text + " END";
  }
  bool Touches(int64_t (*of)(const StockDelta&)) const {
    for (const auto& [part_id, delta] : deltas_) {
      if (of(delta) != 0) return true;
    }
    return false;
  }
  std::vector<Value>& values() { return values_; }

 private:
  const StockDeltas& deltas_;
  std::vector<Value> values_;
};

struct StockColumn {
  const char* name;
  int64_t (*of)(const StockDelta&);
};
constexpr StockColumn kStockDeltaColumns[] = {
    {"on_hand_milli", [](const StockDelta& delta) { return delta.on_hand_milli; }},
    {"reserved_milli", [](const StockDelta& delta) { return delta.reserved_milli; }},
    {"short_milli", [](const StockDelta& delta) { return delta.short_milli; }},
    {"owned_milli", [](const StockDelta& delta) { return delta.owned_milli; }},
    {"value_amount", [](const StockDelta& delta) { return delta.value_amount; }},
};

}  // namespace

std::vector<Value> WithIds(const std::string& store_id, const std::vector<std::string>& ids) {
  std::vector<Value> values;
  values.reserve(ids.size() + 1);
  values.push_back(chassis::sql::ToValue(Uuid{store_id}));
  for (const std::string& id : ids) values.push_back(chassis::sql::ToValue(Uuid{id}));
  return values;
}

LedgerStore::LedgerStore(const chassis::privacy::Cipher& cipher)
    : movements_(cipher), documents_(cipher), stocks_(cipher) {}

absl::Status LedgerStore::Open(Session& session, const std::string& store_id, const std::vector<v1::Part>& parts) {
  if (parts.empty()) return absl::OkStatus();
  std::vector<Value> values;
  for (const v1::Part& part : parts) {
    values.push_back(chassis::sql::ToValue(Uuid{store_id}));
    values.push_back(chassis::sql::ToValue(Uuid{part.part_id()}));
    values.push_back(part.part_number());
    for (int zero = 0; zero < 5; ++zero) values.push_back(int64_t{0});
    values.push_back(int64_t{1});
  }
  return session
      .ExecuteValues(absl::StrCat("INSERT INTO part_stock (store_id, part_id, part_number, on_hand_milli, "
                                  "reserved_milli, short_milli, owned_milli, value_amount, version) VALUES ",
                                  chassis::sql::RowPlaceholders(parts.size(), 9)),
                     values)
      .status();
}

absl::Status LedgerStore::Post(UnitOfWork& work, std::vector<v1::StockMovement>& movements, const Places& places,
                               const FieldsByPart& fields, const StockDeltas& more) {
  Effect effect = EffectOf(movements, places);
  Add(effect.stocks, more);
  RETURN_IF_ERROR(movements_.InsertAll(work, movements));
  RETURN_IF_ERROR(TakeFromBins(work, effect.balances));
  RETURN_IF_ERROR(PutIntoBins(work, effect.balances));
  return Apply(work, effect.stocks, fields);
}

absl::Status LedgerStore::Apply(UnitOfWork& work, const StockDeltas& all, const FieldsByPart& fields) {
  StockDeltas deltas;
  for (const auto& [part_id, delta] : all) {
    if (!delta.IsNothing()) deltas.emplace(part_id, delta);
  }
  if (deltas.empty()) return absl::OkStatus();
  ByPart by_part(deltas);
  std::string sql = "UPDATE part_stock SET ";
  for (const StockColumn& column : kStockDeltaColumns) {
    if (by_part.Touches(column.of)) {
      absl::StrAppend(&sql, column.name, " = ", column.name, " + ", by_part.Choice(column.of), ", ");
    }
  }
  absl::StrAppend(&sql, "version = version + 1 WHERE store_id = ? AND part_id IN (", Placeholders(deltas.size()), ")");
  by_part.values().push_back(chassis::sql::ToValue(Uuid{work.store_id()}));
  for (const auto& [part_id, delta] : deltas) by_part.values().push_back(chassis::sql::ToValue(Uuid{part_id}));
  // The one condition that makes overselling impossible, whoever else is at it.
  absl::StrAppend(&sql, " AND on_hand_milli - reserved_milli >= ", by_part.Choice([](const StockDelta& delta) {
    return delta.NeededMilli();
  }));
  ASSIGN_OR_RETURN(const int64_t changed, work.sql().ExecuteValues(sql, by_part.values()));
  if (changed == static_cast<int64_t>(deltas.size())) return absl::OkStatus();
  return NameShortParts(work, deltas, fields);
}

absl::Status LedgerStore::NameShortParts(UnitOfWork& work, const StockDeltas& deltas, const FieldsByPart& fields) {
  std::vector<std::string> part_ids;
  for (const auto& [part_id, delta] : deltas) part_ids.push_back(part_id);
  RETURN_IF_ERROR(GiveUp(work));
  ASSIGN_OR_RETURN(const StocksByPart stocks, Stocks(work.sql(), work.store_id(), part_ids));
  std::vector<std::string> parts, wanted, available, at;
  for (const auto& [part_id, delta] : deltas) {
    const auto stock = stocks.find(part_id);
    if (stock == stocks.end()) return absl::InternalError(absl::StrCat("part ", part_id, " has no stock row"));
    if (stock->second.available_milli() >= delta.NeededMilli()) continue;
    parts.push_back(stock->second.part_number());
    wanted.push_back(absl::StrCat(delta.NeededMilli()));
    available.push_back(absl::StrCat(stock->second.available_milli()));
    if (const auto field = fields.find(part_id); field != fields.end()) at.push_back(field->second);
  }
  if (parts.empty()) return absl::AbortedError("stock came in between the two statements");
  chassis::Refusal refusal = chassis::Refuse(v1::ERROR_REASON_INSUFFICIENT_STOCK)
                                 .With("part", absl::StrJoin(parts, ", "))
                                 .With("wanted", absl::StrJoin(wanted, ", "))
                                 .With("available", absl::StrJoin(available, ", "));
  for (const std::string& field : at) std::move(refusal).At(field, "可用库存不足", "is more than there is available");
  return refusal;
}

absl::Status LedgerStore::TakeFromBins(UnitOfWork& work, const BalanceDeltas& deltas) {
  std::vector<Value> choices, keys, needs;
  std::string choice = "CASE", where;
  for (const auto& [bin, delta] : deltas) {
    if (delta >= 0) continue;
    const Value part = chassis::sql::ToValue(Uuid{bin.part_id});
    const Value location = chassis::sql::ToValue(Uuid{bin.location_id});
    absl::StrAppend(&choice, " WHEN part_id = ? AND location_id = ? THEN ?");
    choices.insert(choices.end(), {part, location, Value(-delta)});
    absl::StrAppend(&where, where.empty() ? "" : " OR ", "(part_id = ? AND location_id = ? AND on_hand_milli >= ?)");
    keys.insert(keys.end(), {part, location, Value(-delta)});
  }
  if (where.empty()) return absl::OkStatus();
  std::vector<Value> values = choices;
  values.push_back(chassis::sql::ToValue(Uuid{work.store_id()}));
  values.insert(values.end(), keys.begin(), keys.end());
  ASSIGN_OR_RETURN(
      const int64_t changed,
      work.sql().ExecuteValues(absl::StrCat("UPDATE stock_balance SET on_hand_milli = on_hand_milli - ", choice,
                                            " END, version = version + 1 WHERE store_id = ? AND (", where, ")"),
                               values));
  if (changed * 3 == static_cast<int64_t>(keys.size())) return absl::OkStatus();
  return NameShortBin(work, deltas);
}

absl::Status LedgerStore::NameShortBin(UnitOfWork& work, const BalanceDeltas& deltas) {
  RETURN_IF_ERROR(GiveUp(work));
  for (const auto& [bin, delta] : deltas) {
    if (delta >= 0) continue;
    ASSIGN_OR_RETURN(const Rows rows,
                     work.sql().Query("SELECT l.code, s.part_number, COALESCE(b.on_hand_milli, 0) AS on_hand_milli "
                                      "FROM location l JOIN part_stock s ON s.store_id = l.store_id AND s.part_id = ? "
                                      "LEFT JOIN stock_balance b ON b.store_id = l.store_id AND b.part_id = s.part_id "
                                      "AND b.location_id = l.location_id WHERE l.store_id = ? AND l.location_id = ?",
                                      Uuid{bin.part_id}, Uuid{work.store_id()}, Uuid{bin.location_id}));
    if (rows.empty()) return absl::InternalError("a movement names a bin or part that does not exist");
    if (rows[0].Int("on_hand_milli") >= -delta) continue;
    return chassis::Refuse(v1::ERROR_REASON_BIN_SHORT)
        .With("location", rows[0].Text("code"))
        .With("part", rows[0].Text("part_number"))
        .With("on_hand", rows[0].Int("on_hand_milli"))
        .With("wanted", -delta)
        .At("lines", "库位中没有这么多", "ask for more than the bin holds");
  }
  return absl::AbortedError("the bin was filled between the two statements");
}

absl::Status LedgerStore::PutIntoBins(UnitOfWork& work, const BalanceDeltas& deltas) {
  std::vector<Value> values;
  size_t rows = 0;
  for (const auto& [bin, delta] : deltas) {
    if (delta <= 0) continue;
    values.push_back(chassis::sql::ToValue(Uuid{work.store_id()}));
    values.push_back(chassis::sql::ToValue(Uuid{bin.part_id}));
    values.push_back(chassis::sql::ToValue(Uuid{bin.location_id}));
    values.push_back(delta);
    values.push_back(int64_t{1});
    ++rows;
  }
  if (rows == 0) return absl::OkStatus();
  return work.sql()
      .ExecuteValues(absl::StrCat("INSERT INTO stock_balance (store_id, part_id, location_id, on_hand_milli, version) "
                                  "VALUES ",
                                  chassis::sql::RowPlaceholders(rows, 5),
                                  " ON DUPLICATE KEY UPDATE on_hand_milli = on_hand_milli + VALUES(on_hand_milli), "
                                  "version = version + 1"),
                     values)
      .status();
}

absl::StatusOr<StocksByPart> LedgerStore::LockStocks(UnitOfWork& work, const std::vector<std::string>& part_ids) {
  if (part_ids.empty()) return StocksByPart();
  ASSIGN_OR_RETURN(const Rows rows, work.sql().QueryValues(absl::StrCat(kStockColumns, Placeholders(part_ids.size()),
                                                                        ") ORDER BY part_id FOR UPDATE"),
                                                           WithIds(work.store_id(), part_ids)));
  return ReadStocks(rows, work.store_id());
}

absl::StatusOr<StocksByPart> LedgerStore::Stocks(Session& session, const std::string& store_id,
                                                 const std::vector<std::string>& part_ids) {
  if (part_ids.empty()) return StocksByPart();
  ASSIGN_OR_RETURN(const Rows rows, session.QueryValues(absl::StrCat(kStockColumns, Placeholders(part_ids.size()), ")"),
                                                        WithIds(store_id, part_ids)));
  return ReadStocks(rows, store_id);
}

absl::StatusOr<std::map<std::string, int64_t>> LedgerStore::AvailableForQueue(
    UnitOfWork& work, const std::vector<std::string>& part_ids) {
  std::map<std::string, int64_t> available;
  if (part_ids.empty()) return available;
  ASSIGN_OR_RETURN(const Rows rows,
                   work.sql().QueryValues(
                       absl::StrCat("SELECT part_id, on_hand_milli - reserved_milli AS available_milli FROM part_stock "
                                    "WHERE store_id = ? AND part_id IN (",
                                    Placeholders(part_ids.size()),
                                    ") AND short_milli > 0 AND on_hand_milli > reserved_milli ORDER BY part_id "
                                    "FOR UPDATE"),
                       WithIds(work.store_id(), part_ids)));
  for (size_t i = 0; i < rows.size(); ++i) available[rows[i].Id("part_id")] = rows[i].Int("available_milli");
  return available;
}

absl::StatusOr<std::vector<v1::StockBalance>> LedgerStore::LockBalances(UnitOfWork& work,
                                                                        const std::vector<std::string>& part_ids) {
  std::vector<v1::StockBalance> balances;
  if (part_ids.empty()) return balances;
  // Without the locations: a join would lock the bins themselves, and with them every other part that lies there.
  ASSIGN_OR_RETURN(const Rows rows,
                   work.sql().QueryValues(absl::StrCat("SELECT part_id, location_id, on_hand_milli FROM stock_balance "
                                                       "WHERE store_id = ? AND part_id IN (",
                                                       Placeholders(part_ids.size()),
                                                       ") AND on_hand_milli > 0 ORDER BY part_id, location_id "
                                                       "FOR UPDATE"),
                                          WithIds(work.store_id(), part_ids)));
  for (size_t i = 0; i < rows.size(); ++i) {
    v1::StockBalance& balance = balances.emplace_back();
    balance.set_store_id(work.store_id());
    balance.set_part_id(rows[i].Id("part_id"));
    balance.set_location_id(rows[i].Id("location_id"));
    balance.set_on_hand_milli(rows[i].Int("on_hand_milli"));
  }
  return balances;
}

absl::StatusOr<std::vector<v1::StockBalance>> LedgerStore::Balances(Session& session, const std::string& store_id,
                                                                    const std::string& part_id) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT b.part_id, b.location_id, b.on_hand_milli, l.code, l.kind "
                                 "FROM stock_balance b JOIN location l ON l.store_id = b.store_id AND "
                                 "l.location_id = b.location_id WHERE b.store_id = ? AND b.part_id = ? "
                                 "AND b.on_hand_milli > 0 ORDER BY l.code",
                                 Uuid{store_id}, Uuid{part_id}));
  return ReadBalances(rows, store_id);
}

absl::StatusOr<std::vector<BatchInBin>> LedgerStore::Batches(Session& session, const std::string& store_id,
                                                             const std::vector<std::string>& part_ids,
                                                             const std::vector<std::string>& batch_codes) {
  if (part_ids.empty()) return std::vector<BatchInBin>();
  const std::string where =
      absl::StrCat(" FROM stock_movement WHERE store_id = ? AND part_id IN (", Placeholders(part_ids.size()), ") AND ",
                   batch_codes.empty() ? "batch_code <> ''"
                                       : absl::StrCat("batch_code IN (", Placeholders(batch_codes.size()), ")"));
  std::vector<Value> half = WithIds(store_id, part_ids);
  for (const std::string& code : batch_codes) half.push_back(code);
  std::vector<Value> values = half;
  values.insert(values.end(), half.begin(), half.end());
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(
                       absl::StrCat("SELECT part_id, batch_code, location_id, CAST(SUM(quantity) AS SIGNED) AS "
                                    "on_hand_milli FROM (SELECT part_id, batch_code, to_location_id AS location_id, "
                                    "quantity_milli AS quantity",
                                    where, " UNION ALL SELECT part_id, batch_code, from_location_id, -quantity_milli",
                                    where, ") moved GROUP BY part_id, batch_code, location_id"),
                       values));
  std::vector<BatchInBin> batches(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    batches[i] = {rows[i].Id("part_id"), rows[i].Text("batch_code"), rows[i].Id("location_id"),
                  rows[i].Int("on_hand_milli")};
  }
  return batches;
}

absl::StatusOr<Content> LedgerStore::ContentOf(Session& session, const std::string& store_id,
                                               const std::string& location_id) {
  // A balance that was never anything has no row, and none is ever deleted.
  ASSIGN_OR_RETURN(const Rows rows,
                   session.Query("SELECT on_hand_milli FROM stock_balance WHERE store_id = ? AND location_id = ? "
                                 "ORDER BY on_hand_milli DESC LIMIT 1",
                                 Uuid{store_id}, Uuid{location_id}));
  if (rows.empty()) return Content::kNeverUsed;
  return rows[0].Int("on_hand_milli") > 0 ? Content::kHoldsStock : Content::kEmptied;
}

absl::StatusOr<std::vector<v1::StockMovement>> LedgerStore::MovementsOf(Session& session, const std::string& store_id,
                                                                        const std::string& document_id) {
  return movements_.Select(session, "WHERE store_id = ? AND document_id = ? ORDER BY stock_movement_id", Uuid{store_id},
                           Uuid{document_id});
}

}  // namespace parts
