// The google.api.http rules of a method in the words of OpenAPI: a path with named parameters, the operation's verb,
// and which field of the request each parameter fills.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace gateway::openapi {

struct PathVariable {
  std::string parameter;   // "customerId": letters and digits, unique within its path
  std::string field_path;  // "customer.customer_id"; empty for a bare `*` or `**` of the template
  const google::protobuf::FieldDescriptor* field = nullptr;
  // What the value must match when it is more than one plain segment, "" otherwise.
  std::string pattern;
};

struct Binding {
  std::string verb;  // "get", "post" ...: a verb OpenAPI knows
  std::string path;  // "/v1/stores/{storeId}/customers/{customerId}:merge"
  std::vector<PathVariable> variables;
  std::string body;           // "", "*" or the name of a field
  std::string response_body;  // "" or the name of a field of the answer
};

// The rule and its additional bindings, in their order; empty when the method has no rule. Fails, naming the method, on
// a malformed template, on a variable, body or response_body that names no field, and on a custom verb OpenAPI has no
// place for.
absl::StatusOr<std::vector<Binding>> BindingsOf(const google::protobuf::MethodDescriptor* method);

}  // namespace gateway::openapi
