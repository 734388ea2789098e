// A JSON body to the wire bytes of a message, after the JSON mapping of proto3 and stricter than protobuf's own reader:
// what is misspelt, given twice, out of range or not JSON is refused and its place named. One pass, no tree; nesting is
// bounded, and nothing of the content comes back in a refusal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/rest/text.h"
#include "gateway/rest/wire.h"
#include "google/protobuf/descriptor.h"

namespace gateway::rest {

// A field the path of the request has already given. A body may repeat it, but not say otherwise.
struct BoundField {
  std::vector<const google::protobuf::FieldDescriptor*> path;  // from the request message
  std::string wire;                                            // tag and value of the last
};

struct JsonTask {
  enum class Unknown { kRefuse, kIgnore };

  const google::protobuf::Descriptor* request = nullptr;
  // The field the JSON is the value of; nullptr: it is the whole request.
  const google::protobuf::FieldDescriptor* body_field = nullptr;
  const google::protobuf::DescriptorPool* pool = nullptr;  // where google.protobuf.Any finds its types
  const std::vector<BoundField>* bound = nullptr;
  Unknown unknown = Unknown::kRefuse;
  int depth_max = 64;
  // Takes the paths of the fields the body names, relative to `masked_field` of the request ("address.city"), but not
  // those bound and not those for which `in_mask` says no; none when the body gives `mask_field` itself. nullptr: not
  // wanted.
  std::vector<std::string>* mask = nullptr;
  const google::protobuf::FieldDescriptor* mask_field = nullptr;
  const google::protobuf::FieldDescriptor* masked_field = nullptr;
  bool (*in_mask)(const google::protobuf::FieldDescriptor& field) = nullptr;
};

struct JsonProblem {
  std::string path;  // "lines[2].quantityMilli"; "$" for the whole text
  Wrong wrong;
  std::optional<size_t> at_byte;  // where the text is no JSON at all
};

// What parsers of protobuf follow (theirs is 100), with room for the messages a request is wrapped in.
inline constexpr size_t kMessageDepthMax = 96;
// Tokens of one google.protobuf.Any, which is kept until its type is known.
inline constexpr size_t kAnyTokensMax = 20'000;

// Before the name of a type in URLs.
inline constexpr char kTypeUrlPrefix[] = "type.googleapis.com";

// Appends to `wire`; on a problem what was appended is of no use.
[[nodiscard]] std::optional<JsonProblem> ReadJson(std::string_view text, const JsonTask& task, WireWriter& wire);

}  // namespace gateway::rest
