// The wall: the connector's types and exceptions come this far. Each connection keeps its prepared statements,
// because preparing again costs as much as running (docs/decisions, cpp-facts).
#include "chassis/sql/connection.h"

#include <cppconn/connection.h>
#include <cppconn/datatype.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <algorithm>
#include <cstdio>
#include <list>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "chassis/sql/dialect.h"
#include "chassis/sql/server_error.h"
#include "chassis/status/text.h"

namespace chassis::sql {
namespace {

constexpr size_t kCachedStatementsMax = 256;
constexpr int kConnectTimeoutSeconds = 5;
// Beyond the server's own statement timeout: a server that does not answer at all.
constexpr int kReadTimeoutMarginSeconds = 5;

enum class CellKind { kInteger, kUnsigned, kDecimal, kText, kBytes, kTime };

CellKind KindOf(::sql::ResultSetMetaData& meta, unsigned int column) {
  switch (meta.getColumnType(column)) {
    case ::sql::DataType::BIT:
    case ::sql::DataType::TINYINT:
    case ::sql::DataType::SMALLINT:
    case ::sql::DataType::MEDIUMINT:
    case ::sql::DataType::INTEGER:
    case ::sql::DataType::BIGINT:
    case ::sql::DataType::YEAR:
      return meta.isSigned(column) ? CellKind::kInteger : CellKind::kUnsigned;
    case ::sql::DataType::DECIMAL:
    case ::sql::DataType::NUMERIC:
      return CellKind::kDecimal;
    case ::sql::DataType::BINARY:
    case ::sql::DataType::VARBINARY:
    case ::sql::DataType::LONGVARBINARY:
      return CellKind::kBytes;
    case ::sql::DataType::TIMESTAMP:
      return CellKind::kTime;
    default:
      return CellKind::kText;
  }
}

// "YYYY-MM-DD HH:MM:SS[.ffffff]" in UTC.
std::optional<absl::Time> ParseDateTime(std::string_view text) {
  auto digits = [&](size_t at, size_t count) {
    int value = 0;
    for (size_t i = at; i < at + count; ++i) {
      if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  const int year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
  const int hour = digits(11, 2), minute = digits(14, 2), second = digits(17, 2);
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
  int64_t microseconds = 0;
  if (text.size() > 20 && text[19] == '.') {
    for (size_t i = 20; i < 26; ++i) {
      const int digit = i < text.size() ? digits(i, 1) : 0;
      if (digit < 0) return std::nullopt;
      microseconds = microseconds * 10 + digit;
    }
  }
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second), absl::UTCTimeZone()) +
         absl::Microseconds(microseconds);
}

// Whole microseconds, cut off: what DATETIME(6) can hold.
std::string FormatDateTime(absl::Time time) {
  const absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const int64_t microseconds = absl::ToInt64Microseconds(time - absl::FromCivil(civil, absl::UTCTimeZone()));
  char text[40];
  std::snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d:%02d.%06d", static_cast<int>(civil.year()), civil.month(),
                civil.day(), civil.hour(), civil.minute(), civil.second(), static_cast<int>(microseconds));
  return text;
}

bool FitsDateTime(absl::Time time) {
  static const absl::Time kFirst = absl::FromCivil(absl::CivilSecond(1000, 1, 1), absl::UTCTimeZone());
  static const absl::Time kEnd = absl::FromCivil(absl::CivilSecond(10000, 1, 1), absl::UTCTimeZone());
  return time >= kFirst && time < kEnd;
}

struct CachedStatement {
  std::string sql;
  std::unique_ptr<::sql::PreparedStatement> prepared;
  // The shape of its result, worked out on the first run; again when the number of columns changed (a migration ran
  // while a `SELECT *` was cached).
  std::shared_ptr<const std::vector<std::string>> columns;
  std::vector<CellKind> kinds;
};

class StatementCache {
 public:
  explicit StatementCache(std::shared_ptr<StatementCounts> counts) : counts_(std::move(counts)) {}
  ~StatementCache() { counts_->KeepsPrepared(-static_cast<int64_t>(by_use_.size())); }
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;

  CachedStatement* Find(std::string_view sql) {
    const auto found = by_text_.find(sql);
    if (found == by_text_.end()) return nullptr;
    counts_->FoundPrepared();
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return &by_use_.front();
  }
  CachedStatement* Add(std::string_view sql, std::unique_ptr<::sql::PreparedStatement> prepared) {
    if (by_use_.size() >= kCachedStatementsMax) Drop(by_use_.back().sql);
    by_use_.push_front({std::string(sql), std::move(prepared), nullptr, {}});
    counts_->Prepared();
    counts_->KeepsPrepared(1);
    by_text_.emplace(by_use_.front().sql, by_use_.begin());
    return &by_use_.front();
  }
  void Drop(std::string_view sql) {
    const auto found = by_text_.find(sql);
    if (found == by_text_.end()) return;
    const auto entry = found->second;
    by_text_.erase(found);  // before the text its key points into
    by_use_.erase(entry);
    counts_->KeepsPrepared(-1);
  }

 private:
  const std::shared_ptr<StatementCounts> counts_;
  std::list<CachedStatement> by_use_;
  absl::flat_hash_map<std::string_view, std::list<CachedStatement>::iterator> by_text_;
};

class ServerConnection : public Connection {
 public:
  ServerConnection(std::unique_ptr<::sql::Connection> connection, std::shared_ptr<StatementCounts> counts)
      : connection_(std::move(connection)), statements_(std::move(counts)) {}

  // A first look at the server and the settings every session has.
  absl::Status Prepare(const Endpoint& endpoint, const PoolLimits& limits) {
    return Guarded("", [&]() -> absl::Status {
      if (!endpoint.ca_file.empty() && TextOf("SHOW SESSION STATUS LIKE 'Ssl_cipher'", 2).empty()) {
        // The connector falls back to plaintext without a word.
        return absl::UnavailableError("the database connection is not encrypted although a CA is configured");
      }
      std::unique_ptr<::sql::Statement> statement(connection_->createStatement());
      statement->execute("SET NAMES utf8mb4 COLLATE utf8mb4_bin");
      statement->execute(
          SessionSettings(TextOf("SELECT VERSION()", 1), limits.statement_timeout, limits.lock_wait_timeout));
      statement->execute("SET autocommit = 1");
      return absl::OkStatus();
    });
  }

  absl::StatusOr<Rows> QueryValues(std::string_view sql, const std::vector<Value>& values) override {
    Rows rows;
    absl::Status status = Guarded(sql, [&]() -> absl::Status {
      CachedStatement& statement = Prepared(sql);
      if (absl::Status bound = Bind(*statement.prepared, values); !bound.ok()) return bound;
      std::unique_ptr<::sql::ResultSet> result(statement.prepared->executeQuery());
      return Drain(statement, *result, rows);
    });
    if (!status.ok()) return status;
    return rows;
  }

  absl::StatusOr<int64_t> ExecuteValues(std::string_view sql, const std::vector<Value>& values) override {
    int64_t changed = 0;
    absl::Status status = Guarded(sql, [&]() -> absl::Status {
      CachedStatement& statement = Prepared(sql);
      if (absl::Status bound = Bind(*statement.prepared, values); !bound.ok()) return bound;
      changed = statement.prepared->executeUpdate();
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return changed;
  }

  Mode mode() const override { return mode_; }
  absl::Status SetMode(Mode mode) override {
    return Guarded("SET autocommit", [&] {
      Say(mode == Mode::kAutocommit ? "SET autocommit = 1" : "SET autocommit = 0");
      mode_ = mode;
      return absl::OkStatus();
    });
  }
  absl::Status Commit() override {
    return Guarded("COMMIT", [&] {
      Say("COMMIT");
      return absl::OkStatus();
    });
  }
  absl::Status Rollback() override {
    return Guarded("ROLLBACK", [&] {
      Say("ROLLBACK");
      return absl::OkStatus();
    });
  }
  bool Ping() override {
    bool alive = false;
    absl::Status status = Guarded("ping", [&] {
      alive = connection_->isValid();
      return absl::OkStatus();
    });
    return status.ok() && alive;
  }
  bool broken() const override { return guard_.broken(); }

 private:
  template <typename Body>
  absl::Status Guarded(std::string_view sql, Body&& body) {
    try {
      return body();
    } catch (const ::sql::SQLException& error) {
      guard_.Observe(error.getErrorCode());
      if (SpoilsStatement(error.getErrorCode())) statements_.Drop(sql);
      return StatusOf(error.getErrorCode(), error.what(), sql);
    } catch (const std::exception& error) {
      guard_.ObserveUnknown();
      return absl::InternalError(absl::StrCat("database client: ", error.what(), " in: ", Absl(sql.substr(0, 300))));
    }
  }

  // The connector's own commit(), rollback() and setAutoCommit() do not look at what the server answers: a COMMIT that
  // was lost with the server passes for done. A statement throws.
  void Say(const char* sql) {
    if (plain_ == nullptr) plain_.reset(connection_->createStatement());
    plain_->execute(sql);
  }

  std::string TextOf(const char* sql, unsigned int column) {
    std::unique_ptr<::sql::Statement> statement(connection_->createStatement());
    std::unique_ptr<::sql::ResultSet> result(statement->executeQuery(sql));
    std::string text;
    while (result->next()) text = result->getString(column).asStdString();
    return text;
  }

  CachedStatement& Prepared(std::string_view sql) {
    if (CachedStatement* known = statements_.Find(sql)) return *known;
    std::unique_ptr<::sql::PreparedStatement> prepared(
        connection_->prepareStatement(::sql::SQLString(sql.data(), sql.size())));
    return *statements_.Add(sql, std::move(prepared));
  }

  static absl::Status Bind(::sql::PreparedStatement& prepared, const std::vector<Value>& values) {
    unsigned int place = 0;
    for (const Value& value : values) {
      ++place;
      if (const auto* number = std::get_if<int64_t>(&value)) {
        prepared.setInt64(place, *number);
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        prepared.setString(place, *text);
      } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
        // Not setBlob, which sends every value in packets of its own.
        prepared.setString(place, bytes->data);
      } else if (const auto* time = std::get_if<absl::Time>(&value)) {
        if (!FitsDateTime(*time)) {
          return absl::InternalError(absl::StrCat("argument ", place, " is no time a DATETIME(6) can hold"));
        }
        prepared.setString(place, FormatDateTime(*time));
      } else {
        prepared.setNull(place, ::sql::DataType::SQLNULL);
      }
    }
    return absl::OkStatus();
  }

  // Every row is read even when one of them is refused: an undrained result poisons the connection.
  static absl::Status Drain(CachedStatement& statement, ::sql::ResultSet& result, Rows& rows) {
    ::sql::ResultSetMetaData& meta = *result.getMetaData();
    const unsigned int count = meta.getColumnCount();
    if (statement.columns == nullptr || statement.kinds.size() != count) Learn(statement, meta, count);
    rows.columns_ = statement.columns;
    rows.cells_.reserve(result.rowsCount());
    absl::Status status;
    while (result.next()) {
      std::vector<Value>& cells = rows.cells_.emplace_back();
      cells.reserve(count);
      for (unsigned int column = 1; column <= count; ++column) {
        absl::StatusOr<Value> cell = Read(result, column, statement.kinds[column - 1]);
        if (!cell.ok()) {
          status.Update(absl::InternalError(
              absl::StrCat("column ", (*statement.columns)[column - 1], ": ", cell.status().message())));
          cell = Null{};
        }
        cells.push_back(*std::move(cell));
      }
    }
    return status;
  }

  static void Learn(CachedStatement& statement, ::sql::ResultSetMetaData& meta, unsigned int count) {
    auto columns = std::make_shared<std::vector<std::string>>();
    statement.kinds.clear();
    for (unsigned int column = 1; column <= count; ++column) {
      columns->push_back(meta.getColumnLabel(column).asStdString());
      statement.kinds.push_back(KindOf(meta, column));
    }
    statement.columns = std::move(columns);
  }

  static absl::StatusOr<Value> Read(::sql::ResultSet& result, unsigned int column, CellKind kind) {
    if (result.isNull(column)) return Value(Null{});
    switch (kind) {
      case CellKind::kInteger:
        return Value(static_cast<int64_t>(result.getInt64(column)));
      case CellKind::kUnsigned: {
        const uint64_t number = result.getUInt64(column);
        if (number > static_cast<uint64_t>(INT64_MAX)) return absl::OutOfRangeError("does not fit 64 bits with sign");
        return Value(static_cast<int64_t>(number));
      }
      case CellKind::kDecimal: {
        // SUM() of integers is a DECIMAL without places; with places it stays text, never floating point.
        std::string text = result.getString(column).asStdString();
        int64_t number = 0;
        if (absl::SimpleAtoi(text, &number)) return Value(number);
        if (!absl::StrContains(text, '.')) return absl::OutOfRangeError("does not fit 64 bits");
        return Value(std::move(text));
      }
      case CellKind::kBytes:
        return Value(Bytes{result.getString(column).asStdString()});
      case CellKind::kTime: {
        const std::string text = result.getString(column).asStdString();
        const std::optional<absl::Time> time = ParseDateTime(text);
        if (!time) return absl::OutOfRangeError(absl::StrCat("is no time: ", text));
        return Value(*time);
      }
      case CellKind::kText:
        break;
    }
    return Value(result.getString(column).asStdString());
  }

  std::unique_ptr<::sql::Connection> connection_;
  std::unique_ptr<::sql::Statement> plain_;  // goes before the connection, like
  StatementCache statements_;                // what was prepared on it
  BrokenGuard guard_;
  Mode mode_ = Mode::kAutocommit;
};

// get_driver_instance is not thread-safe; a static local is.
::sql::Driver& TheDriver() {
  static ::sql::Driver* driver = ::sql::mysql::get_driver_instance();
  return *driver;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connect(const Endpoint& endpoint, const PoolLimits& limits,
                                                    std::shared_ptr<StatementCounts> counts) {
  ::sql::ConnectOptionsMap options;
  options["hostName"] = ::sql::SQLString(absl::StrCat("tcp://", endpoint.host, ":", endpoint.port));
  options["userName"] = ::sql::SQLString(endpoint.user);
  options["password"] = ::sql::SQLString(endpoint.password);
  if (!endpoint.schema.empty()) options["schema"] = ::sql::SQLString(endpoint.schema);
  options["OPT_CONNECT_TIMEOUT"] = kConnectTimeoutSeconds;
  if (limits.statement_timeout > absl::ZeroDuration() && limits.statement_timeout < absl::InfiniteDuration()) {
    const auto seconds = static_cast<int>(absl::ToInt64Seconds(absl::Ceil(limits.statement_timeout, absl::Seconds(1))));
    options["OPT_READ_TIMEOUT"] = seconds + kReadTimeoutMarginSeconds;
    options["OPT_WRITE_TIMEOUT"] = seconds + kReadTimeoutMarginSeconds;
  }
  if (!endpoint.ca_file.empty()) {
    options["sslCA"] = ::sql::SQLString(endpoint.ca_file);
    options["sslVerify"] = true;
  }
  try {
    std::unique_ptr<::sql::Connection> raw(TheDriver().connect(options));
    auto connection = std::make_unique<ServerConnection>(std::move(raw), std::move(counts));
    if (absl::Status status = connection->Prepare(endpoint, limits); !status.ok()) return status;
    return connection;
  } catch (const ::sql::SQLException& error) {
    return absl::UnavailableError(
        absl::StrCat("no connection to the database: error ", error.getErrorCode(), ": ", error.what()));
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("no connection to the database: ", error.what()));
  }
}

}  // namespace chassis::sql
