// The rules of google.api.http, compiled against the descriptors: which method a rule belongs to, which fields its
// path, body and answer are. What a rule says wrongly stops the start-up, so that nothing is left to find at a request.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gateway/rest/path_template.h"
#include "gateway/rest/transcoder.h"
#include "google/api/http.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace gateway::rest {

struct Binding {
  enum class Body { kNone, kAll, kField };
  using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

  const RestMethod* method = nullptr;
  std::string http_method;    // "PATCH"; "*" takes any
  std::string path_template;  // as the rule writes it
  std::vector<FieldPath> variables;
  Body body = Body::kNone;
  const google::protobuf::FieldDescriptor* body_field = nullptr;
  // PATCH: the request's own update_mask, derived when it is absent (AIP-134) from what the JSON says of
  // `masked_field`, the record itself.
  const google::protobuf::FieldDescriptor* mask_field = nullptr;
  const google::protobuf::FieldDescriptor* masked_field = nullptr;
  // The answer in JSON is this field alone; `answer_type` is then a type that has no other.
  const google::protobuf::FieldDescriptor* response_field = nullptr;
  std::string answer_type;  // URL for the type resolver
};

// What a path was found to mean.
struct BoundPath {
  const Binding* binding = nullptr;
  std::vector<PathMatcher::Value> values;
};

class Bindings {
 public:
  // `pool` gets the answer types that response_body needs beside the API's own.
  static absl::StatusOr<std::unique_ptr<Bindings>> Make(const google::protobuf::FileDescriptorSet& files,
                                                        google::protobuf::DescriptorPool& pool);

  const PathMatcher& matcher() const { return matcher_; }
  const Binding& binding(int rule) const { return *bindings_[static_cast<size_t>(rule)]; }
  const std::vector<RestMethod>& methods() const { return methods_; }

 private:
  absl::Status AddMethod(const google::protobuf::MethodDescriptor& described, google::protobuf::DescriptorPool& pool);
  absl::Status AddRule(const RestMethod& method, const google::api::HttpRule& rule,
                       google::protobuf::DescriptorPool& pool);

  std::vector<RestMethod> methods_;
  std::vector<std::unique_ptr<Binding>> bindings_;
  PathMatcher matcher_;
};

// "customer.customer_id".
std::string Joined(const Binding::FieldPath& path);

}  // namespace gateway::rest
