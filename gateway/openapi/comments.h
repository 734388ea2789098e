// The comments of the protos as text for readers: paragraphs without line ends of the source, and the handbook rows
// they name. Descriptors must come from a pool built with source info.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace gateway::openapi {

// Text of a comment as protoc keeps it, every line with its leading space.
std::string Reflowed(std::string_view comment);

// What stands above and behind the declaration, "" when nothing does.
std::string TextOf(const google::protobuf::SourceLocation& location);
template <typename D>
std::string CommentOf(const D* descriptor) {
  google::protobuf::SourceLocation location;
  return descriptor->GetSourceLocation(&location) ? TextOf(location) : "";
}

// Of a service that says nothing itself: what its file says at the top.
std::string ServiceComment(const google::protobuf::ServiceDescriptor* service);

// "... Handbook: R-10, G-12." -> {"R-10", "G-12"}, in the order of the text.
std::vector<std::string> HandbookRows(std::string_view text);

// A value the comment shows: e.g. "ABS" or one that begins with a quotation mark. "" when it shows none.
std::string ShownValue(std::string_view text);

// "RecordArrival" -> "Record arrival"; "key_tag_number" -> "Key tag number".
std::string Humanized(std::string_view name);

// "customer.customer_id" -> "customer.customerId", as proto3 JSON spells fields.
std::string JsonPath(std::string_view field_path);

}  // namespace gateway::openapi
