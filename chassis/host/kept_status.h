// A status with its payloads (the refusal) as bytes for a column, and back exactly.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace chassis {

std::string StatusBytes(const absl::Status& status);
absl::Status StatusFrom(const std::string& bytes);

}  // namespace chassis
