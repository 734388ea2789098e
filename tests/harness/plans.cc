#include "tests/harness/plans.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "chassis/status/status.h"
#include "chassis/status/text.h"
#include "gtest/gtest.h"

namespace harness {
namespace {

using chassis::sql::Row;
using chassis::sql::Value;

constexpr size_t kNameBefore = 24;  // how far before its `?` a column is named

// MySQL's own format is a tree of text, so the table of columns has to be asked for (MariaDB knows only that one); and
// it refuses to explain a change with values of another type than the columns', unless it is told to be lenient.
absl::StatusOr<chassis::sql::Rows> Explain(chassis::sql::Session& session, std::string_view statement,
                                           const std::vector<Value>& values) {
  ASSIGN_OR_RETURN(const chassis::sql::Rows server,
                   session.Query("SELECT VERSION() AS version, @@SESSION.sql_mode AS sql_mode"));
  if (absl::StrContains(server[0].Text("version"), "MariaDB")) {
    return session.QueryValues(absl::StrCat("EXPLAIN ", chassis::Absl(statement)), values);
  }
  RETURN_IF_ERROR(session.Execute("SET SESSION sql_mode = ''").status());
  auto plan = session.QueryValues(absl::StrCat("EXPLAIN FORMAT=TRADITIONAL ", chassis::Absl(statement)), values);
  RETURN_IF_ERROR(session.Execute("SET SESSION sql_mode = ?", server[0].Text("sql_mode")).status());
  return plan;
}

bool ReadsWhole(const Row& step) {
  const std::string table = step.Text("table");
  // Work in the background takes every store in turn: the list of the stores is read whole on purpose.
  if (table.empty() || table[0] == '<' || table == "store") return false;
  const std::string type = step.Text("type");
  return (type == "ALL" || type == "index") && step.IsNull("possible_keys");
}

}  // namespace

std::vector<std::string> TablesReadWhole(chassis::sql::Session& session, std::string_view statement,
                                         const std::vector<Value>& values) {
  const auto plan = Explain(session, statement, values);
  EXPECT_TRUE(plan.ok()) << plan.status() << "\n" << statement;
  std::vector<std::string> tables;
  for (size_t i = 0; plan.ok() && i < plan->size(); ++i) {
    if (ReadsWhole((*plan)[i])) tables.push_back((*plan)[i].Text("table"));
  }
  return tables;
}

std::vector<Value> SampleValues(std::string_view statement, const std::string& id) {
  std::vector<Value> values;
  for (size_t at = statement.find('?'); at != std::string_view::npos; at = statement.find('?', at + 1)) {
    const std::string before(statement.substr(at < kNameBefore ? 0 : at - kNameBefore, std::min(at, kNameBefore)));
    if (absl::EndsWith(before, "LIMIT ")) {
      values.push_back(int64_t{1});
    } else if (absl::StrContains(before, "month") || absl::StrContains(before, "date")) {
      values.push_back(std::string("2026-11-01"));
    } else if (absl::StrContains(before, "time")) {
      values.push_back(absl::FromUnixSeconds(1795222800));
    } else {
      values.push_back(chassis::sql::Bytes{chassis::sql::UuidBytes(id)});
    }
  }
  return values;
}

}  // namespace harness
