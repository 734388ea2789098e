// Messages and enums as JSON schemas of components/schemas, in their proto3 JSON form. A message has two: what a caller
// may send (rules, read-only fields) and what comes back (every field that has no presence is always there; personal
// data may be masked, so rules do not bind it). Schemas are made when something refers to them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace gateway::openapi {

class Schemas {
 public:
  enum class Use { kRequest, kAnswer };

  // Of one field, with description; a list is an array.
  nlohmann::ordered_json Field(const google::protobuf::FieldDescriptor* field, Use use);
  // {"$ref": ...} to an answer.
  nlohmann::ordered_json Answer(const google::protobuf::Descriptor* message);
  // {"$ref": ...} to the part of a request that is sent as body: all fields but those whose paths stand in `bound`.
  nlohmann::ordered_json Body(const google::protobuf::Descriptor* message, const std::set<std::string>& bound);
  // The one field of a request that is its body.
  nlohmann::ordered_json BodyField(const google::protobuf::FieldDescriptor* field, const std::set<std::string>& bound);
  // {"$ref": ...} to one line of a streamed answer: {"result": ...} or {"error": ...}.
  nlohmann::ordered_json Line(const google::protobuf::Descriptor* message);

  // All that were referred to, and what they refer to, by name.
  std::map<std::string, nlohmann::ordered_json> Take();

 private:
  struct Wanted {
    const google::protobuf::Descriptor* message = nullptr;
    const google::protobuf::EnumDescriptor* values = nullptr;
    Use use = Use::kAnswer;
    bool partial = false;
  };
  // What of a message is left out or need not be complete.
  struct Cut {
    std::set<std::string> bound;  // "store_id", "customer.customer_id"
    bool partial = false;
  };

  nlohmann::ordered_json Reference(const std::string& name, Wanted wanted);
  nlohmann::ordered_json Message(const google::protobuf::Descriptor* message, Use use, bool partial);
  nlohmann::ordered_json Object(const google::protobuf::Descriptor* message, Use use, const Cut& cut);
  nlohmann::ordered_json FieldOf(const google::protobuf::FieldDescriptor* field, Use use, const Cut& inner);
  nlohmann::ordered_json Entry(const google::protobuf::FieldDescriptor* field, Use use, const Cut& inner);

  std::map<std::string, nlohmann::ordered_json> made_;
  std::set<std::string> named_;
  std::vector<std::pair<std::string, Wanted>> wanted_;
};

// "aftersales.crm.v1.Customer" -> "crm.v1.Customer".
std::string SchemaName(const std::string& full_name);
// {"$ref": "#/components/<kind>/<name>"}
nlohmann::ordered_json ComponentRef(std::string_view kind, std::string_view name);

}  // namespace gateway::openapi
