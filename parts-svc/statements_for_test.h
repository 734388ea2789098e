// Every statement a test provoked finds its rows by an index: the server is asked to explain each. `Base` is a fixture
// on a database; the test calls RecordStatementsForTest(true) before it begins.
#pragma once

#include <string>
#include <vector>

#include "parts-svc/parts_for_test.h"
#include "tests/harness/plans.h"

namespace parts {

template <typename Base>
class StatementsOf : public Base {
 protected:
  std::vector<std::string> ReadWhole(const std::string& statement) {
    std::vector<std::string> tables;
    EXPECT_TRUE(this->schema_->pool()
                    .Read(absl::InfiniteFuture(),
                          [&](chassis::sql::Session& session) -> absl::Status {
                            tables =
                                harness::TablesReadWhole(session, statement, harness::SampleValues(statement, kStore));
                            return absl::OkStatus();
                          })
                    .ok());
    return tables;
  }
  // Ends the recording and explains what was recorded; answers how many statements that were.
  int ExplainedWithIndex() {
    chassis::sql::RecordStatementsForTest(false);
    int explained = 0;
    for (const std::string& statement : chassis::sql::RecordedStatementsForTest()) {
      if (statement.rfind("SELECT", 0) != 0 && statement.rfind("UPDATE", 0) != 0) continue;
      EXPECT_EQ(ReadWhole(statement), std::vector<std::string>()) << statement;
      ++explained;
    }
    return explained;
  }
};

}  // namespace parts
