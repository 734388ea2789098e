// The whole API as one OpenAPI 3.1 document, made from its descriptors and nothing else: what stands in a .proto stands
// here, so the document cannot fall behind the services.
#pragma once

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.pb.h"
#include "nlohmann/json.hpp"

namespace gateway::openapi {

// `files` in order of dependency and with source info, as protoc --include_imports --include_source_info writes them.
// The same files give the same document, byte for byte. Fails on descriptors that do not fit together and on
// google.api.http rules that OpenAPI cannot express, naming the method.
absl::StatusOr<nlohmann::ordered_json> Document(const google::protobuf::FileDescriptorSet& files);

}  // namespace gateway::openapi
