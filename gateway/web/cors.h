// Which browser pages of other origins may read the door's answers: exact origins from a list, no wildcards, no
// cookies. A page of another origin learns nothing; what it may do at all is decided by tokens, not here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/web/exchange.h"

namespace gateway::web {

class Cors {
 public:
  // "https://desk.example,https://app.example:8443"; empty: none. Refuses anything that is no origin, "*" and "null".
  static absl::StatusOr<Cors> Make(std::string_view origins);

  static bool IsPreflight(const HttpRequest& request);
  // 204 for an origin of the list, 403 for others. `allowed_methods` as in an Allow header.
  HttpAnswer Preflight(const HttpRequest& request, std::string_view allowed_methods) const;
  // What goes into every other answer.
  Fields FieldsFor(const HttpRequest& request) const;

 private:
  bool Allows(std::string_view origin) const;

  std::vector<std::string> origins_;
};

}  // namespace gateway::web
