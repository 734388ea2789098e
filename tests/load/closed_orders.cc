#include "tests/load/closed_orders.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "chassis/time/clock.h"
#include "tests/demo/main_job.h"
#include "tests/harness/processes.h"

namespace load {
namespace {

using chassis::sql::Session;

// Copies are written in pieces, so that no transaction grows without bound.
constexpr int64_t kCopiesPerStatement = 10'000;

// More new rows than that are not this order's: a planning run that met it counted every part of the store.
constexpr int64_t kRowsOfAnOrderMax = 100;

// Tables that hold what happened, not what is: nobody who takes an order reads them but by the key of one row.
const std::set<std::string> kLogs = {"command_log", "audit_seal", "outbox", "process", "signed_document"};

// What a long column of a log holds once only its trace is wanted. `changes` must stay JSON.
std::string ShortContent(const std::string& column, const std::string& quoted) {
  if (column == "reply") return "NULL";  // as the retention of replies leaves it
  if (column == "changes") return "'[]'";
  return "LEFT(r." + quoted + ", 16)";
}

}  // namespace

ClosedOrders::ClosedOrders(harness::Suite& suite, demo::Stage& stage, const aftersales::common::v1::Store& store,
                           Detail detail)
    : suite_(suite), detail_(detail), known_("load_" + suite.SchemaName("reception")) {
  Execute("reception", "CREATE DATABASE " + known_);
  Execute("reception", absl::StrCat("CREATE TABLE ", known_, ".id (id BINARY(16) PRIMARY KEY) ENGINE=InnoDB"));
  NoteIds();
  demo::PlayMainJob(stage, store);
  FindTables();
}

int64_t ClosedOrders::FillUpTo(int64_t orders) {
  int64_t written = 0;
  for (const Table& table : tables_) {
    const int64_t step = table.log ? detail_.logs_every : 1;
    for (int64_t from = orders_; from < orders; from += kCopiesPerStatement) {
      const int64_t to = std::min(from + kCopiesPerStatement, orders) - 1;
      // Keys that hold no id of the order (a day's cash close, a bay's slot) exist once: IGNORE leaves them alone.
      written += Execute(table.service,
                         absl::StrCat("INSERT IGNORE INTO ", suite_.SchemaName(table.service), ".`", table.name, "` (",
                                      table.columns, ") SELECT ", table.expressions, " FROM seq_", from, "_to_", to,
                                      "_step_", step, " s JOIN ", known_, ".`", table.service, "_", table.name, "` r"));
    }
    Query(table.service, absl::StrCat("ANALYZE TABLE ", suite_.SchemaName(table.service), ".`", table.name, "`"));
  }
  orders_ = std::max(orders_, orders);
  return written;
}

int64_t ClosedOrders::Bytes() {
  int64_t bytes = 0;
  for (const char* service : harness::kServices) {
    bytes += Query(service,
                   "SELECT CAST(SUM(DATA_LENGTH + INDEX_LENGTH) AS SIGNED) AS n FROM information_schema.TABLES WHERE "
                   "TABLE_SCHEMA = DATABASE()")[0]
                 .IntOr("n", 0);
  }
  return bytes;
}

void ClosedOrders::NoteIds() {
  for (const char* service : harness::kServices) {
    const auto columns = Query(service,
                               "SELECT TABLE_NAME AS t, COLUMN_NAME AS c FROM information_schema.COLUMNS WHERE "
                               "TABLE_SCHEMA = DATABASE() AND COLUMN_TYPE = 'binary(16)'");
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string column = columns[i].Text("c");
      Execute(service, absl::StrCat("INSERT IGNORE INTO ", known_, ".id SELECT DISTINCT `", column, "` FROM `",
                                    columns[i].Text("t"), "` WHERE `", column, "` IS NOT NULL"));
    }
  }
}

void ClosedOrders::FindTables() {
  for (const char* service : harness::kServices) {
    const auto names = Query(service,
                             "SELECT DISTINCT TABLE_NAME AS t FROM information_schema.COLUMNS WHERE "
                             "TABLE_SCHEMA = DATABASE() AND COLUMN_NAME = 'store_id' ORDER BY t");
    for (size_t i = 0; i < names.size(); ++i) {
      Table table = Describe(service, names[i].Text("t"));
      if (table.rows == 0) continue;
      table.log = kLogs.contains(table.name);
      if (!table.log && table.rows > kRowsOfAnOrderMax) continue;
      rows_per_order_ += static_cast<double>(table.rows) / static_cast<double>(table.log ? detail_.logs_every : 1);
      tables_.push_back(std::move(table));
    }
  }
}

ClosedOrders::Table ClosedOrders::Describe(const std::string& service, const std::string& name) {
  Table table{.service = service, .name = name, .columns = "", .expressions = ""};
  const auto columns = Query(
      service, absl::StrCat("SELECT COLUMN_NAME AS c, COLUMN_TYPE AS type, CHARACTER_MAXIMUM_LENGTH AS longest FROM "
                            "information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '",
                            name, "' ORDER BY ORDINAL_POSITION"));
  const auto is_id = [&](size_t i) {
    return columns[i].Text("type") == "binary(16)" && columns[i].Text("c") != "store_id";
  };
  // Unique keys without an id: one of their texts must differ.
  std::set<std::string> texts;
  const auto keys = Query(
      service,
      absl::StrCat("SELECT INDEX_NAME AS k, SUM(COLUMN_NAME <> 'store_id' AND c.COLUMN_TYPE = 'binary(16)') AS ids, "
                   "MAX(IF(c.DATA_TYPE = 'varchar', COLUMN_NAME, '')) AS text FROM information_schema.STATISTICS JOIN "
                   "information_schema.COLUMNS c USING (TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME) WHERE TABLE_SCHEMA = "
                   "DATABASE() AND TABLE_NAME = '",
                   name, "' AND NON_UNIQUE = 0 GROUP BY INDEX_NAME"));
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].IntOr("ids", 0) == 0) texts.insert(keys[i].Text("text"));
  }
  std::string fresh;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string column = columns[i].Text("c");
    const std::string quoted = "`" + column + "`";
    std::string expression = "r." + quoted;
    if (is_id(i)) {
      // Time and most of the random bits stay, so that the copies lie beside each other as real orders of a time do.
      expression = absl::StrCat("IF(r.`new_", column, "`, CONCAT(LEFT(r.", quoted,
                                ", 10), UNHEX(LPAD(HEX(s.seq), 12, '0'))), r.", quoted, ")");
      // A vehicle and a customer of its own each, whom nobody needs to look up.
      const bool always = column == "vehicle_id" || column == "customer_id";
      const std::string is_new =
          absl::StrCat("(t.", quoted, " IS NOT NULL AND t.", quoted, " NOT IN (SELECT id FROM ", known_, ".id))");
      absl::StrAppend(&fresh, fresh.empty() ? "" : " OR ", is_new);
      new_columns_.push_back({column, always ? absl::StrCat("t.", quoted, " IS NOT NULL") : is_new});
    } else if (detail_.contents == Detail::Contents::kShort && kLogs.contains(name) &&
               columns[i].Text("type").starts_with("long")) {
      expression = ShortContent(column, quoted);
    } else if (texts.count(column)) {
      expression = absl::StrCat("CONCAT(LEFT(r.", quoted, ", ", columns[i].IntOr("longest", 40) - 9, "), '-', s.seq)");
    }
    absl::StrAppend(&table.columns, i == 0 ? "" : ", ", quoted);
    absl::StrAppend(&table.expressions, i == 0 ? "" : ", ", expression);
  }
  std::string flags;
  for (const auto& [column, is_new] : new_columns_) absl::StrAppend(&flags, ", ", is_new, " AS `new_", column, "`");
  new_columns_.clear();
  if (fresh.empty()) return table;
  // Duties that are still open would be owed a hundred thousand times.
  const std::string closed = name == "duty" ? " AND t.state <> 'OPEN'" : "";
  const std::string original = absl::StrCat(known_, ".`", service, "_", name, "`");
  Execute(service, absl::StrCat("CREATE TABLE ", original, " AS SELECT t.*", flags, " FROM `", name, "` t WHERE (",
                                fresh, ")", closed));
  table.rows = Query(service, absl::StrCat("SELECT COUNT(*) AS n FROM ", original))[0].Int("n");
  return table;
}

int64_t ClosedOrders::Execute(const std::string& service, const std::string& statement) {
  int64_t changed = 0;
  chassis::sql::PoolLimits limits;
  limits.connections = 1;
  limits.statement_timeout = absl::Minutes(30);
  static chassis::SystemClock clock;
  static chassis::SystemSleeper sleeper;
  auto& pool = pools_[service];
  if (!pool) pool = chassis::sql::MakePool(suite_.EndpointOf(service), limits, clock, sleeper);
  const absl::Status done = pool->Read(absl::Now() + absl::Minutes(30), [&](Session& session) {
    const auto result = session.Execute(statement);
    changed = result.value_or(0);
    return result.status();
  });
  if (!done.ok()) throw demo::StepFailed(absl::StrCat(done.ToString(), "\n  ", statement.substr(0, 2000)));
  return changed;
}

chassis::sql::Rows ClosedOrders::Query(const std::string& service, const std::string& statement) {
  chassis::sql::Rows rows;
  const absl::Status done =
      suite_.Database(service).Read(absl::Now() + absl::Minutes(10), [&](Session& session) -> absl::Status {
        auto found = session.Query(statement);
        if (!found.ok()) return found.status();
        rows = *std::move(found);
        return absl::OkStatus();
      });
  if (!done.ok()) throw demo::StepFailed(absl::StrCat(done.ToString(), "\n  ", statement));
  return rows;
}

}  // namespace load
