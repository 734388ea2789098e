// The query string of a request as names and values. What they mean for a message is decided by the transcoder.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/rest/text.h"

namespace gateway::rest {

struct QueryProblem {
  std::string name;  // as it may be shown; "" when it is the name itself that is malformed
  Wrong wrong;
};

// Calls `each` with the decoded name and value of every pair in order; it returns false to end. Pairs are separated by
// '&', empty ones ignored; '+' is a space; a name without '=' has the value "". Escapes must be well-formed and give
// UTF-8. nullopt when all is well, also when `each` ended it.
[[nodiscard]] std::optional<QueryProblem> ForEachParameter(
    std::string_view query, const std::function<bool(const std::string& name, const std::string& value)>& each);

}  // namespace gateway::rest
