// Every statement a test provoked finds its rows by an index: the server is asked to explain each. `Base` is a fixture
// on a database; the test calls RecordStatementsForTest(true) before it begins.
#pragma once

#include <string>
#include <vector>

#include "parts-svc/parts_for_test.h"

namespace parts {

template <typename Base>
class StatementsOf : public Base {
 protected:
  // Rows of EXPLAIN that read a table without an index to find the rows by.
  std::vector<std::string> Unindexed(const std::string& statement) {
    std::vector<chassis::sql::Value> values;
    for (size_t at = statement.find('?'); at != std::string::npos; at = statement.find('?', at + 1)) {
      const bool limit = at >= 6 && statement.compare(at - 6, 6, "LIMIT ") == 0;
      values.push_back(limit ? chassis::sql::Value(int64_t{1})
                             : chassis::sql::Value(chassis::sql::Bytes{chassis::sql::UuidBytes(kStore)}));
    }
    std::vector<std::string> unindexed;
    const absl::Status status =
        this->schema_->pool().Read(absl::InfiniteFuture(), [&](chassis::sql::Session& session) -> absl::Status {
          ASSIGN_OR_RETURN(const chassis::sql::Rows plan, session.QueryValues("EXPLAIN " + statement, values));
          for (size_t i = 0; i < plan.size(); ++i) {
            const std::string table = plan[i].Text("table");
            const bool derived = table.empty() || table[0] == '<';
            if (!derived && plan[i].IsNull("possible_keys") && plan[i].IsNull("key")) unindexed.push_back(table);
          }
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status << "\n" << statement;
    return unindexed;
  }
  // Ends the recording and explains what was recorded; answers how many statements that were.
  int ExplainedWithIndex() {
    chassis::sql::RecordStatementsForTest(false);
    int explained = 0;
    for (const std::string& statement : chassis::sql::RecordedStatementsForTest()) {
      if (statement.rfind("SELECT", 0) != 0 && statement.rfind("UPDATE", 0) != 0) continue;
      EXPECT_EQ(Unindexed(statement), std::vector<std::string>()) << statement;
      ++explained;
    }
    return explained;
  }
};

}  // namespace parts
