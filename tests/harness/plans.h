// How the server would find a statement's rows: for the tests that hold every statement to an index.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chassis/sql/session.h"

namespace harness {

// The tables `statement` would read whole because no index could find its rows; those made on the way (derived ones)
// do not count. Speaks MariaDB's and MySQL's EXPLAIN. An error of the server fails the test.
std::vector<std::string> TablesReadWhole(chassis::sql::Session& session, std::string_view statement,
                                         const std::vector<chassis::sql::Value>& values = {});

// A value for each `?` of the statement, good enough to explain it: 1 for a LIMIT, a day or a time where a name before
// it says so, else the bytes of `id`.
std::vector<chassis::sql::Value> SampleValues(std::string_view statement, const std::string& id);

}  // namespace harness
