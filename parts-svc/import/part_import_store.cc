// The SQL of imports; see part_import_store.h.
#include "parts-svc/import/part_import_store.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "chassis/status/state.h"
#include "parts-svc/ledger/ledger_store.h"

namespace parts {
namespace {

using chassis::UnitOfWork;
using chassis::sql::Bytes;
using chassis::sql::Null;
using chassis::sql::Placeholders;
using chassis::sql::RowPlaceholders;
using chassis::sql::Rows;
using chassis::sql::Session;
using chassis::sql::ToValue;
using chassis::sql::Uuid;
using chassis::sql::Value;

// Larger statements are slower: the server walks all values of a prepared statement several times, and these still lie
// in its processor's cache.
constexpr size_t kValuesPerStatement = 2400;
constexpr size_t kNumbersPerStatement = 500;

constexpr char kOfImport[] = " store_id = ? AND part_import_id = ? ";

std::vector<Value> KeyOf(const v1::PartImport& import) {
  return {ToValue(Uuid{import.store_id()}), ToValue(Uuid{import.part_import_id()})};
}

// Calls `body` for at most `size` of `items` at a time.
template <typename Item, typename Body>
absl::Status InGroups(const std::vector<Item>& items, size_t size, Body&& body) {
  for (size_t first = 0; first < items.size(); first += size) {
    const auto begin = items.begin() + static_cast<int64_t>(first);
    const size_t count = std::min(size, items.size() - first);
    RETURN_IF_ERROR(body(std::vector<Item>(begin, begin + static_cast<int64_t>(count))));
  }
  return absl::OkStatus();
}

absl::Status Insert(Session& session, std::string_view into, size_t columns, const std::vector<Value>& values) {
  const size_t rows_max = kValuesPerStatement / columns;
  const size_t rows = values.size() / columns;
  for (size_t first = 0; first < rows; first += rows_max) {
    const size_t count = std::min(rows_max, rows - first);
    const auto begin = values.begin() + static_cast<int64_t>(first * columns);
    RETURN_IF_ERROR(
        session
            .ExecuteValues(absl::StrCat("INSERT INTO ", std::string(into), " VALUES ", RowPlaceholders(count, columns)),
                           {begin, begin + static_cast<int64_t>(count * columns)})
            .status());
  }
  return absl::OkStatus();
}

std::string NameOf(v1::Part::Unit unit) { return std::string(chassis::StateName(v1::Part::Unit_descriptor(), unit)); }
std::string NameOf(v1::Part::Tracking tracking) {
  return std::string(chassis::StateName(v1::Part::Tracking_descriptor(), tracking));
}

void AddLine(const v1::PartImport& import, const StagedLine& line, const std::string& price_id,
             std::vector<Value>& values) {
  const v1::Part& part = line.part;
  values.push_back(ToValue(Uuid{import.store_id()}));
  values.push_back(ToValue(Uuid{import.part_import_id()}));
  values.push_back(ToValue(line.line_number));
  values.push_back(OutcomeName(line.outcome));
  values.push_back(ToValue(Uuid{part.part_id()}));
  for (const std::string* text : {&part.part_number(), &part.name_zh(), &part.name_en(), &part.brand()}) {
    values.push_back(*text);
  }
  values.push_back(ToValue(part.original()));
  values.push_back(NameOf(part.unit()));
  values.push_back(ToValue(part.step_milli()));
  values.push_back(part.has_tax_basis_points() ? ToValue(part.tax_basis_points()) : Value(Null{}));
  values.push_back(ToValue(part.safety_critical()));
  values.push_back(ToValue(part.high_value()));
  values.push_back(ToValue(part.shelf_life_days()));
  values.push_back(NameOf(part.tracking()));
  values.push_back(part.category());
  values.push_back(ToValue(part.pack_quantity_milli()));
  values.push_back(ToValue(part.old_part_tracked()));
  values.push_back(line.successor_number);
  values.push_back(line.retail_price_amount.has_value() ? ToValue(*line.retail_price_amount) : Value(Null{}));
  values.push_back(ToValue(Uuid{price_id}));
  values.push_back(line.before_json.empty() ? Value(Null{}) : Value(line.before_json));
}
constexpr char kLineColumns[] =
    "part_import_line (store_id, part_import_id, line_number, outcome, part_id, part_number, name_zh, name_en, brand, "
    "original, unit, step_milli, tax_basis_points, safety_critical, high_value, shelf_life_days, tracking, category, "
    "pack_quantity_milli, old_part_tracked, successor_number, retail_price_amount, part_price_id, before_json)";
constexpr size_t kLineColumnCount = 24;

// The catalogue's columns an import may change, by the file's column.
constexpr const char* kChangeable[] = {
    "name_zh",         "name_en",         "brand",      "original",        "tax_basis_points",
    "category",        "safety_critical", "high_value", "shelf_life_days", "pack_quantity_milli",
    "old_part_tracked"};

}  // namespace

absl::StatusOr<std::optional<v1::PartImport>> PartImportStore::LockByUpload(UnitOfWork& work,
                                                                            const std::string& request_id) {
  ASSIGN_OR_RETURN(std::vector<v1::PartImport> found,
                   table_.Select(work.sql(), "WHERE store_id = ? AND upload_request_id = ? FOR UPDATE",
                                 Uuid{work.store_id()}, Uuid{request_id}));
  if (found.empty()) return std::optional<v1::PartImport>();
  return std::optional<v1::PartImport>(std::move(found.front()));
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> PartImportStore::Open(Session& session,
                                                                                       absl::Time abandoned_before) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      session.Query("SELECT store_id, part_import_id FROM part_import WHERE state IN ('CHECKING', "
                    "'LOADING') OR (state = 'UPLOADING' AND create_time < ?) ORDER BY create_time LIMIT 20",
                    abandoned_before));
  std::vector<std::pair<std::string, std::string>> open;
  for (size_t i = 0; i < rows.size(); ++i) open.emplace_back(rows[i].Id("store_id"), rows[i].Id("part_import_id"));
  return open;
}

absl::Status PartImportStore::AddChunk(Session& session, const v1::PartImport& import, int64_t offset,
                                       const std::string& data) {
  return session
      .Execute("INSERT INTO part_import_chunk (store_id, part_import_id, start_offset, data) VALUES (?, ?, ?, ?)",
               Uuid{import.store_id()}, Uuid{import.part_import_id()}, offset, Bytes{data})
      .status();
}

absl::StatusOr<std::string> PartImportStore::Text(Session& session, const v1::PartImport& import, int64_t offset,
                                                  size_t bytes) {
  std::string text;
  // The piece that holds `offset`, and those behind it.
  ASSIGN_OR_RETURN(
      Rows rows, session.Query("SELECT start_offset, data FROM part_import_chunk WHERE store_id = ? AND part_import_id "
                               "= ? AND start_offset <= ? ORDER BY start_offset DESC LIMIT 1",
                               Uuid{import.store_id()}, Uuid{import.part_import_id()}, offset));
  while (!rows.empty()) {
    const int64_t start = rows[0].Int("start_offset");
    const std::string data = rows[0].Text("data");
    const int64_t skip = std::max<int64_t>(offset - start, 0);
    if (skip < static_cast<int64_t>(data.size())) text.append(data, skip);
    if (text.size() >= bytes) break;
    ASSIGN_OR_RETURN(rows, session.Query("SELECT start_offset, data FROM part_import_chunk WHERE store_id = ? AND "
                                         "part_import_id = ? AND start_offset > ? ORDER BY start_offset LIMIT 1",
                                         Uuid{import.store_id()}, Uuid{import.part_import_id()}, start));
  }
  return text;
}

absl::Status PartImportStore::DropChunks(Session& session, const v1::PartImport& import) {
  return session.ExecuteValues(absl::StrCat("DELETE FROM part_import_chunk WHERE", kOfImport), KeyOf(import)).status();
}

absl::StatusOr<std::map<std::string, int>> PartImportStore::LinesOf(Session& session, const v1::PartImport& import,
                                                                    const std::vector<std::string>& part_numbers) {
  std::map<std::string, int> lines;
  RETURN_IF_ERROR(InGroups(part_numbers, kNumbersPerStatement, [&](const std::vector<std::string>& some) {
    std::vector<Value> values = KeyOf(import);
    values.insert(values.end(), some.begin(), some.end());
    const absl::StatusOr<Rows> rows =
        session.QueryValues(absl::StrCat("SELECT part_number, line_number FROM part_import_line WHERE", kOfImport,
                                         "AND part_number IN (", Placeholders(some.size()), ")"),
                            values);
    if (!rows.ok()) return rows.status();
    for (size_t i = 0; i < rows->size(); ++i) {
      lines[(*rows)[i].Text("part_number")] = static_cast<int>((*rows)[i].Int("line_number"));
    }
    return absl::OkStatus();
  }));
  return lines;
}

absl::Status PartImportStore::AddLines(UnitOfWork& work, const v1::PartImport& import,
                                       const std::vector<StagedLine>& lines) {
  std::vector<Value> fitments, references;
  std::vector<Value> values;
  values.reserve(lines.size() * kLineColumnCount);
  for (const StagedLine& line : lines) AddLine(import, line, line.new_price ? work.NewId() : "", values);
  RETURN_IF_ERROR(Insert(work.sql(), kLineColumns, kLineColumnCount, values));
  const auto begin_child = [&](std::vector<Value>& values, const StagedLine& line, int position) {
    for (Value& key : KeyOf(import)) values.push_back(std::move(key));
    values.push_back(ToValue(line.line_number));
    values.push_back(ToValue(position));
  };
  for (const StagedLine& line : lines) {
    const bool loaded = line.outcome == StagedLine::Outcome::kNew || line.outcome == StagedLine::Outcome::kChanged;
    if (!loaded) continue;
    for (int i = 0; i < line.part.fitments_size(); ++i) {
      const v1::PartFitment& fitment = line.part.fitments(i);
      begin_child(fitments, line, i);
      for (const std::string* text :
           {&fitment.model_code(), &fitment.vin_prefix(), &fitment.serial_from(), &fitment.serial_to()}) {
        fitments.push_back(*text);
      }
    }
    for (int i = 0; i < line.part.cross_references_size(); ++i) {
      begin_child(references, line, i);
      references.push_back(line.part.cross_references(i).brand());
      references.push_back(line.part.cross_references(i).reference_number());
    }
  }
  RETURN_IF_ERROR(Insert(work.sql(),
                         "part_import_fitment (store_id, part_import_id, line_number, position, model_code, "
                         "vin_prefix, serial_from, serial_to)",
                         8, fitments));
  return Insert(work.sql(),
                "part_import_reference (store_id, part_import_id, line_number, position, brand, reference_number)", 6,
                references);
}

absl::Status PartImportStore::AddErrors(UnitOfWork& work, const v1::PartImport& import, const LineErrors& errors) {
  std::vector<Value> values;
  std::map<int, int> numbers;
  for (const auto& error : errors) {
    for (Value& key : KeyOf(import)) values.push_back(std::move(key));
    values.push_back(ToValue(error.line_number()));
    values.push_back(ToValue(++numbers[error.line_number()]));
    values.push_back(int64_t{1});
    for (const std::string* text : {&error.field(), &error.rule(), &error.zh(), &error.en()}) values.push_back(*text);
  }
  return Insert(work.sql(),
                "part_import_error (store_id, part_import_id, line_number, error_number, version, field, rule, zh, en)",
                9, values);
}

absl::Status PartImportStore::MarkBad(Session& session, const v1::PartImport& import, const std::set<int>& lines) {
  return InGroups(std::vector<int>(lines.begin(), lines.end()), kNumbersPerStatement,
                  [&](const std::vector<int>& some) {
                    std::vector<Value> values = KeyOf(import);
                    for (const int line : some) values.push_back(ToValue(line));
                    return session
                        .ExecuteValues(absl::StrCat("UPDATE part_import_line SET outcome = 'BAD' WHERE", kOfImport,
                                                    "AND line_number IN (", Placeholders(some.size()), ")"),
                                       values)
                        .status();
                  });
}

absl::StatusOr<LineErrors> PartImportStore::FirstErrors(Session& session, const v1::PartImport& import) {
  std::vector<Value> values = KeyOf(import);
  values.push_back(int64_t{kErrorsShown});
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat("SELECT line_number, field, rule, zh, en FROM part_import_error "
                                                    "WHERE",
                                                    kOfImport, "ORDER BY line_number, error_number LIMIT ?"),
                                       values));
  LineErrors errors;
  for (size_t i = 0; i < rows.size(); ++i) {
    errors.push_back(LineError(static_cast<int>(rows[i].Int("line_number")), rows[i].Text("field"),
                               rows[i].Text("rule"), rows[i].Text("zh"), rows[i].Text("en")));
  }
  return errors;
}

absl::StatusOr<std::vector<WantedSuccessor>> PartImportStore::WantedSuccessors(Session& session,
                                                                               const v1::PartImport& import) {
  ASSIGN_OR_RETURN(const Rows rows,
                   session.QueryValues(absl::StrCat("SELECT line_number, part_number, part_id, successor_number FROM "
                                                    "part_import_line WHERE",
                                                    kOfImport,
                                                    "AND successor_number <> '' AND outcome <> 'BAD' ORDER BY "
                                                    "line_number"),
                                       KeyOf(import)));
  std::vector<WantedSuccessor> wanted;
  for (size_t i = 0; i < rows.size(); ++i) {
    wanted.push_back({static_cast<int>(rows[i].Int("line_number")), rows[i].Text("part_number"), rows[i].Id("part_id"),
                      rows[i].Text("successor_number")});
  }
  return wanted;
}

absl::Status PartImportStore::AddGoodLines(Session& session, const v1::PartImport& import,
                                           const std::vector<std::string>& part_numbers,
                                           std::map<std::string, std::string>& ids_by_number,
                                           std::set<std::string>& made_here) {
  return InGroups(part_numbers, kNumbersPerStatement, [&](const std::vector<std::string>& some) {
    std::vector<Value> values = KeyOf(import);
    values.insert(values.end(), some.begin(), some.end());
    const absl::StatusOr<Rows> rows =
        session.QueryValues(absl::StrCat("SELECT part_number, part_id, outcome FROM part_import_line WHERE", kOfImport,
                                         "AND outcome <> 'BAD' AND part_number IN (", Placeholders(some.size()), ")"),
                            values);
    if (!rows.ok()) return rows.status();
    for (size_t i = 0; i < rows->size(); ++i) {
      const std::string number = (*rows)[i].Text("part_number");
      ids_by_number[number] = (*rows)[i].Id("part_id");
      if ((*rows)[i].Text("outcome") == "NEW") made_here.insert(number);
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<Loaded> PartImportStore::Load(UnitOfWork& work, const v1::PartImport& import, const LineRange& range) {
  const std::vector<std::string> columns = absl::StrSplit(import.columns(), ',');
  const auto given = [&](std::string_view column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  };
  constexpr char kInRange[] = " l.store_id = ? AND l.part_import_id = ? AND l.line_number > ? AND l.line_number <= ? ";
  std::vector<Value> values = KeyOf(import);
  values.push_back(ToValue(range.after));
  values.push_back(ToValue(range.last));
  const auto run = [&](std::string_view before_range, std::string_view after_range,
                       std::vector<Value> first = {}) -> absl::StatusOr<int64_t> {
    first.insert(first.end(), values.begin(), values.end());
    return work.sql().ExecuteValues(absl::StrCat(std::string(before_range), kInRange, std::string(after_range)), first);
  };

  Loaded loaded;
  RETURN_IF_ERROR(run("UPDATE part_import_line l JOIN part p ON p.store_id = l.store_id AND p.part_number = "
                      "l.part_number SET l.outcome = 'CHANGED', l.part_id = p.part_id WHERE",
                      "AND l.outcome = 'NEW'")
                      .status());
  ASSIGN_OR_RETURN(const int64_t created,
                   run("INSERT INTO part (store_id, part_id, version, part_number, name_zh, name_en, brand, original, "
                       "unit, step_milli, tax_basis_points, safety_critical, high_value, shelf_life_days, tracking, "
                       "category, pack_quantity_milli, old_part_tracked, create_time) SELECT l.store_id, l.part_id, 1, "
                       "l.part_number, l.name_zh, l.name_en, l.brand, l.original, l.unit, l.step_milli, "
                       "l.tax_basis_points, l.safety_critical, l.high_value, l.shelf_life_days, l.tracking, "
                       "l.category, l.pack_quantity_milli, l.old_part_tracked, ? FROM part_import_line l WHERE",
                       "AND l.outcome = 'NEW'", {ToValue(work.now())}));
  loaded.created = static_cast<int32_t>(created);
  RETURN_IF_ERROR(run("INSERT INTO part_stock (store_id, part_id, part_number, on_hand_milli, reserved_milli, "
                      "short_milli, owned_milli, value_amount, version) SELECT l.store_id, l.part_id, l.part_number, "
                      "0, 0, 0, 0, 0, 1 FROM part_import_line l WHERE",
                      "AND l.outcome = 'NEW'")
                      .status());
  std::string set = "p.version = p.version + 1";
  for (const char* column : kChangeable) {
    if (given(column)) absl::StrAppend(&set, ", p.", column, " = l.", column);
  }
  ASSIGN_OR_RETURN(const int64_t updated,
                   run(absl::StrCat("UPDATE part p JOIN part_import_line l ON l.store_id = p.store_id AND l.part_id = "
                                    "p.part_id SET ",
                                    set, " WHERE"),
                       "AND l.outcome = 'CHANGED'"));
  loaded.updated = static_cast<int32_t>(updated);
  const struct {
    const char* column;
    const char* table;
    const char* staged;
    const char* fields;
  } children[] = {{"models", "part_fitment", "part_import_fitment", "model_code, vin_prefix, serial_from, serial_to"},
                  {"cross_references", "part_cross_reference", "part_import_reference", "brand, reference_number"}};
  for (const auto& child : children) {
    if (!given(child.column)) continue;
    RETURN_IF_ERROR(run(absl::StrCat("DELETE c FROM ", child.table,
                                     " c JOIN part_import_line l ON l.store_id = c.store_id AND l.part_id = c.part_id "
                                     "WHERE"),
                        "AND l.outcome = 'CHANGED'")
                        .status());
    RETURN_IF_ERROR(run(absl::StrCat("INSERT INTO ", child.table, " (store_id, part_id, position, ", child.fields,
                                     ") SELECT l.store_id, l.part_id, c.position, c.",
                                     absl::StrJoin(absl::StrSplit(child.fields, ", "), ", c."),
                                     " FROM part_import_line l JOIN ", child.staged,
                                     " c ON c.store_id = l.store_id AND c.part_import_id = l.part_import_id AND "
                                     "c.line_number = l.line_number WHERE"),
                        "AND l.outcome IN ('NEW', 'CHANGED')")
                        .status());
  }
  ASSIGN_OR_RETURN(const int64_t prices,
                   run("INSERT INTO part_price (store_id, part_price_id, version, part_id, price_level, "
                       "unit_price_amount, effective_time, reason, actor, create_time) SELECT l.store_id, "
                       "l.part_price_id, 1, l.part_id, 'RETAIL', l.retail_price_amount, ?, ?, ?, ? FROM "
                       "part_import_line l WHERE",
                       "AND l.outcome <> 'BAD' AND l.part_price_id IS NOT NULL",
                       {ToValue(work.now()), ToValue(import.reason()), ToValue(import.actor()), ToValue(work.now())}));
  loaded.prices = static_cast<int32_t>(prices);
  ASSIGN_OR_RETURN(const Rows same,
                   work.sql().QueryValues(absl::StrCat("SELECT COUNT(*) AS n FROM part_import_line l WHERE", kInRange,
                                                       "AND l.outcome = 'SAME'"),
                                          values));
  loaded.unchanged = static_cast<int32_t>(same[0].Int("n"));
  return loaded;
}

absl::Status PartImportStore::LoadSuccessors(UnitOfWork& work, const v1::PartImport& import) {
  return work.sql()
      .Execute(
          "UPDATE part p JOIN part_import_line l ON l.store_id = p.store_id AND l.part_id = p.part_id JOIN part s "
          "ON s.store_id = l.store_id AND s.part_number = l.successor_number SET p.successor_part_id = s.part_id, "
          "p.version = p.version + 1 WHERE l.store_id = ? AND l.part_import_id = ? AND l.outcome <> 'BAD' AND "
          "l.successor_number <> '' AND (p.successor_part_id IS NULL OR p.successor_part_id <> s.part_id)",
          Uuid{import.store_id()}, Uuid{import.part_import_id()})
      .status();
}

absl::StatusOr<std::vector<v1::Part>> PartImportStore::PartsAfter(Session& session,
                                                                  const chassis::records::Table<v1::Part>& parts,
                                                                  const std::string& store_id,
                                                                  const std::string& category,
                                                                  const std::string& after_number, int limit) {
  if (category.empty()) {
    return parts.Select(session, "WHERE store_id = ? AND part_number > ? ORDER BY part_number LIMIT ?", Uuid{store_id},
                        after_number, limit);
  }
  return parts.Select(session, "WHERE store_id = ? AND category = ? AND part_number > ? ORDER BY part_number LIMIT ?",
                      Uuid{store_id}, category, after_number, limit);
}

}  // namespace parts
