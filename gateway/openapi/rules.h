// What a field must be, from its options and its name, as chassis/server/validation keeps it: the same answer for the
// schema, the example and the words beside them.
#pragma once

#include <string>
#include <string_view>

#include "aftersales/options/v1/options.pb.h"
#include "google/protobuf/descriptor.h"

namespace gateway::openapi {

// Of the services' validation: what holds where a field says nothing itself.
inline constexpr int kTextCharactersMax = 4000;
inline constexpr int kBytesMax = 65536;
inline constexpr int kItemsMax = 1000;

const aftersales::options::v1::Rules& RulesOf(const google::protobuf::FieldDescriptor* field);
// With the rule that names ending in `id` are UUIDs.
aftersales::options::v1::Format FormatOf(const google::protobuf::FieldDescriptor* field);
// Of a caller: what the service fills cannot be demanded.
bool IsRequired(const google::protobuf::FieldDescriptor* field);
// Filled by the service alone: refused in a Create, ignored or refused in an Update.
bool IsReadOnly(const google::protobuf::FieldDescriptor* field);
// The resource of a request that carries an update_mask: only what the mask names must be complete.
bool IsPartial(const google::protobuf::FieldDescriptor* field);

// JSON schema `pattern` of a format, "" when `format` or nothing says it better.
std::string_view PatternFor(aftersales::options::v1::Format format);
// JSON schema `format`: "uuid", "date", or "".
std::string_view SchemaFormatFor(aftersales::options::v1::Format format);

}  // namespace gateway::openapi
