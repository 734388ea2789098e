// Answers and errors as JSON: protobuf's own printer over the API's descriptors, with unset values printed, names in
// lowerCamelCase and enums by name; errors in the form of AIP-193.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gateway/rest/binding.h"
#include "gateway/rest/transcoder.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/type_resolver.h"
#include "google/rpc/status.pb.h"

namespace gateway::rest {

class Answers {
 public:
  explicit Answers(const google::protobuf::DescriptorPool& pool);

  absl::StatusOr<std::string> Json(const Binding& binding, std::string_view message) const;
  // {"error":{...}}; a detail nobody here knows keeps its type and goes out as base64.
  std::string ErrorJson(const google::rpc::Status& status) const;

 private:
  std::string DetailJson(const google::protobuf::Any& detail) const;

  std::unique_ptr<google::protobuf::util::TypeResolver> answers_;
  std::unique_ptr<google::protobuf::util::TypeResolver> api_;
  // google.rpc's details are linked into this program whether the API mentions them or not.
  std::unique_ptr<google::protobuf::util::TypeResolver> linked_;
};

absl::StatusOr<FilePart> FileOf(const RestMethod& method, std::string_view message);

}  // namespace gateway::rest
