// Query parameters to the fields of a request: rule (c) of google/api/http.proto. Everything neither the path nor the
// body gives, by dotted names in either spelling.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "gateway/rest/binding.h"
#include "gateway/rest/strict_json.h"
#include "gateway/rest/transcoder.h"
#include "gateway/rest/wire.h"

namespace gateway::rest {

struct ParameterTask {
  enum class BodyGiven { kNo, kYes };

  const Binding* binding = nullptr;
  const std::vector<BoundField>* bound = nullptr;
  const Policy* policy = nullptr;
  BodyGiven body_given = BodyGiven::kNo;
};

struct ParametersGiven {
  bool update_mask = false;
};

// Appends to `wire`. Refusals name the parameter as it was spelled.
absl::StatusOr<ParametersGiven> ReadParameters(std::string_view query, const ParameterTask& task, WireWriter& wire);

}  // namespace gateway::rest
