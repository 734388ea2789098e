// One method under one of its bindings as an OpenAPI operation: parameters, body, answers, refusals, who may call it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "aftersales/options/v1/options.pb.h"
#include "gateway/openapi/bindings.h"
#include "gateway/openapi/reasons.h"
#include "gateway/openapi/schemas.h"
#include "google/protobuf/descriptor.h"
#include "nlohmann/json.hpp"

namespace gateway::openapi {

// The posts of the handbook as tokens name them, with their Chinese names from the comments of options.proto.
class Roles {
 public:
  explicit Roles(const google::protobuf::DescriptorPool& pool);

  // "service_adviser"
  static std::string TokenName(int role);
  // "服务顾问 `service_adviser`"
  std::string Shown(int role) const;
  nlohmann::ordered_json SecurityScheme() const;

 private:
  std::vector<std::pair<int, std::string>> words_;  // number and comment
};

class Operations {
 public:
  Operations(Schemas& schemas, const Reasons& reasons, const Roles& roles)
      : schemas_(schemas), reasons_(reasons), roles_(roles) {}

  // Without tags and operationId.
  nlohmann::ordered_json Of(const google::protobuf::MethodDescriptor* method, const Binding& binding);

  // Keys of the examples the operations made so far refer to.
  const std::set<std::string>& reasons_shown() const { return reasons_shown_; }

 private:
  nlohmann::ordered_json Parameters(const google::protobuf::MethodDescriptor* method, const Binding& binding);
  nlohmann::ordered_json RequestBody(const google::protobuf::MethodDescriptor* method, const Binding& binding);
  nlohmann::ordered_json Success(const google::protobuf::MethodDescriptor* method, const Binding& binding);
  nlohmann::ordered_json Responses(const google::protobuf::MethodDescriptor* method, const Binding& binding);
  nlohmann::ordered_json Refused(int http, const std::vector<const Reason*>& reasons);
  std::string Description(const google::protobuf::MethodDescriptor* method) const;

  Schemas& schemas_;
  const Reasons& reasons_;
  const Roles& roles_;
  std::set<std::string> reasons_shown_;
};

}  // namespace gateway::openapi
