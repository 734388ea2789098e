// Example values for requests: like those of a real store, the same in every build, and such that they pass the rules
// of their fields.
#pragma once

#include <set>
#include <string>

#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace gateway::openapi {

// A value of the field's type; a list has one entry.
nlohmann::ordered_json SampleOf(const google::protobuf::FieldDescriptor* field);
// A request body: what is required, and something that says what the call is about when nothing is. Fields whose path
// stands in `bound` come from elsewhere.
nlohmann::ordered_json SampleBody(const google::protobuf::Descriptor* message, const std::set<std::string>& bound);
// `state = "WAITING"` over a field callers may filter by, "" when the record has none.
std::string SampleFilter(const google::protobuf::Descriptor* record);

}  // namespace gateway::openapi
