// Holds every table against its message: for the test that keeps migrations and protos together.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "chassis/sql/session.h"
#include "google/protobuf/descriptor.h"

namespace chassis::records {

// Differences between the messages with a table option in `package` and the schema `session` is connected to:
// missing or superfluous columns, wrong types, wrong primary key, missing index behind a filterable field, a state
// column whose CHECK does not list the states. Empty: they agree.
absl::StatusOr<std::vector<std::string>> TableDifferences(sql::Session& session, const std::string& package);

}  // namespace chassis::records
