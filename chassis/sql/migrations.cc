// DDL is not transactional on either server, so progress is kept per statement: a run that stopped in the middle of
// a file goes on with the statement it stopped at. One rule checks everything that was applied: the digest of the
// statements counted as done must be the digest of the same number of statements in the file.
#include "chassis/sql/migrations.h"

#include <openssl/sha.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "chassis/status/status.h"

namespace chassis::sql {
namespace {

// A statement that runs longer than this would let a second writer in; none of ours comes near it.
constexpr int kLeaseSeconds = 300;

constexpr char kCreateMigrations[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    "set_name VARCHAR(40) NOT NULL, number INT NOT NULL, name VARCHAR(200) NOT NULL, "
    "statements_done INT NOT NULL, complete TINYINT(1) NOT NULL, checksum BINARY(32) NOT NULL, "
    "apply_time DATETIME(6) NOT NULL, PRIMARY KEY (set_name, number)"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";
constexpr char kCreateLease[] =
    "CREATE TABLE IF NOT EXISTS schema_lease ("
    "name VARCHAR(40) NOT NULL, holder VARCHAR(80) NOT NULL, expire_time DATETIME(6) NOT NULL, PRIMARY KEY (name)"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";

// Statements end with ";" at the end of a line; lines that are comments are left out, so they may be edited later.
std::vector<std::string> Statements(const std::string& text) {
  std::vector<std::string> statements;
  std::string statement;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripTrailingAsciiWhitespace(line);
    const absl::string_view start = absl::StripLeadingAsciiWhitespace(line);
    if (start.empty() || start.substr(0, 2) == "--") continue;
    absl::StrAppend(&statement, statement.empty() ? "" : "\n", line);
    if (line.back() != ';') continue;
    statement.pop_back();
    statements.push_back(std::move(statement));
    statement.clear();
  }
  if (!statement.empty()) statements.push_back(std::move(statement));
  return statements;
}

std::string DigestOf(const std::vector<std::string>& statements, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, statements[i], ";\n");
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

struct Applied {
  size_t statements_done = 0;
  bool complete = false;
  std::string checksum;
};
using AppliedByNumber = std::map<std::pair<std::string, int>, Applied>;

absl::StatusOr<AppliedByNumber> LoadApplied(Session& session) {
  AppliedByNumber applied;
  ASSIGN_OR_RETURN(Rows tables, session.Query("SELECT 1 AS found FROM information_schema.tables "
                                              "WHERE table_schema = DATABASE() AND table_name = 'schema_migration'"));
  if (tables.empty()) return applied;
  ASSIGN_OR_RETURN(Rows rows,
                   session.Query("SELECT set_name, number, statements_done, complete, checksum FROM schema_migration"));
  for (size_t i = 0; i < rows.size(); ++i) {
    applied[{rows[i].Text("set_name"), static_cast<int>(rows[i].Int("number"))}] = {
        static_cast<size_t>(rows[i].Int("statements_done")), rows[i].Int("complete") != 0, rows[i].Text("checksum")};
  }
  return applied;
}

absl::Status CheckUnchanged(const Migration& migration, const std::vector<std::string>& statements,
                            const Applied& applied) {
  const bool counts =
      applied.complete ? applied.statements_done == statements.size() : applied.statements_done <= statements.size();
  if (counts && DigestOf(statements, applied.statements_done) == applied.checksum) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("migration ", migration.set, "/", migration.name,
                                                    " was changed after it was applied; write a new one instead"));
}

// The right to change the schema, given back at the end. Time is the database's, so hosts need not agree.
class SchemaLease {
 public:
  SchemaLease(Session& session, std::string holder) : session_(session), holder_(std::move(holder)) {}
  ~SchemaLease() {
    if (held_)
      session_.Execute("DELETE FROM schema_lease WHERE name = 'migrate' AND holder = ?", holder_).IgnoreError();
  }
  // Takes or prolongs it.
  absl::Status Hold() {
    ASSIGN_OR_RETURN(int64_t inserted, session_.Execute("INSERT IGNORE INTO schema_lease (name, holder, expire_time) "
                                                        "VALUES ('migrate', ?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)",
                                                        holder_, kLeaseSeconds));
    if (inserted == 0) {
      ASSIGN_OR_RETURN(int64_t taken,
                       session_.Execute("UPDATE schema_lease SET holder = ?, expire_time = UTC_TIMESTAMP(6) + "
                                        "INTERVAL ? SECOND WHERE name = 'migrate' AND "
                                        "(holder = ? OR expire_time < UTC_TIMESTAMP(6))",
                                        holder_, kLeaseSeconds, holder_));
      if (taken == 0)
        return absl::UnavailableError("another process is migrating this schema; try again when it is done");
    }
    held_ = true;
    return absl::OkStatus();
  }

 private:
  Session& session_;
  const std::string holder_;
  bool held_ = false;
};

absl::Status Apply(Session& session, SchemaLease& lease, const Migration& migration,
                   const std::vector<std::string>& statements, size_t done) {
  for (size_t next = done; next < statements.size() || next == done; ++next) {
    RETURN_IF_ERROR(lease.Hold());
    if (next < statements.size()) {
      if (auto changed = session.Execute(statements[next]); !changed.ok()) {
        return absl::Status(changed.status().code(),
                            absl::StrCat("migration ", migration.set, "/", migration.name, ", statement ", next + 1,
                                         ": ", changed.status().message()));
      }
    }
    const size_t count = std::min(next + 1, statements.size());
    const bool complete = count == statements.size();
    ASSIGN_OR_RETURN(
        int64_t kept,
        session.Execute("REPLACE INTO schema_migration (set_name, number, name, statements_done, complete, "
                        "checksum, apply_time) VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6))",
                        migration.set, migration.number, migration.name, static_cast<int64_t>(count), complete,
                        Bytes{DigestOf(statements, count)}));
    (void)kept;
    if (complete) break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Migration>> LoadMigrations(const std::string& set, const std::string& directory) {
  std::error_code error;
  std::map<int, Migration> by_number;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".sql") continue;
    int number = 0;
    if (name.size() < 6 || name[4] != '_' || !absl::SimpleAtoi(name.substr(0, 4), &number)) {
      return absl::InvalidArgumentError(absl::StrCat(entry.path().string(), " is not named NNNN_what.sql"));
    }
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    if (!by_number.emplace(number, Migration{set, number, name, text.str()}).second) {
      return absl::InvalidArgumentError(absl::StrCat("two migrations of ", set, " have the number ", number));
    }
  }
  if (error) return absl::NotFoundError(absl::StrCat("no migrations in ", directory, ": ", error.message()));
  std::vector<Migration> migrations;
  for (auto& [number, migration] : by_number) migrations.push_back(std::move(migration));
  return migrations;
}

absl::StatusOr<std::vector<std::string>> Migrate(Pool& pool, const std::vector<Migration>& migrations,
                                                 const std::function<void(std::string_view)>& progress) {
  std::vector<std::string> names;
  absl::Status status = pool.Read(absl::InfiniteFuture(), [&](Session& session) -> absl::Status {
    RETURN_IF_ERROR(session.Execute(kCreateMigrations).status());
    RETURN_IF_ERROR(session.Execute(kCreateLease).status());
    ASSIGN_OR_RETURN(Rows me, session.Query("SELECT UUID() AS holder"));
    SchemaLease lease(session, me[0].Text("holder"));
    RETURN_IF_ERROR(lease.Hold());
    ASSIGN_OR_RETURN(AppliedByNumber applied, LoadApplied(session));
    for (const Migration& migration : migrations) {
      const std::vector<std::string> statements = Statements(migration.text);
      size_t done = 0;
      if (const auto known = applied.find({migration.set, migration.number}); known != applied.end()) {
        RETURN_IF_ERROR(CheckUnchanged(migration, statements, known->second));
        if (known->second.complete) continue;
        done = known->second.statements_done;
      }
      if (progress) {
        progress(absl::StrCat(migration.set, "/", migration.name, ": ", statements.size() - done, " statements"));
      }
      RETURN_IF_ERROR(Apply(session, lease, migration, statements, done));
      names.push_back(absl::StrCat(migration.set, "/", migration.name));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return names;
}

absl::StatusOr<std::vector<std::string>> Pending(Pool& pool, const std::vector<Migration>& migrations) {
  std::vector<std::string> names;
  absl::Status status = pool.Read(absl::InfiniteFuture(), [&](Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(AppliedByNumber applied, LoadApplied(session));
    for (const Migration& migration : migrations) {
      const auto known = applied.find({migration.set, migration.number});
      if (known != applied.end() && known->second.complete) continue;
      names.push_back(absl::StrCat(migration.set, "/", migration.name));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return names;
}

}  // namespace chassis::sql
