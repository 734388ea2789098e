// Messages as JSON text: for LONGTEXT columns and for the before and after of the command log. Names are the proto's
// (snake_case), integers are numbers, enums their names, times RFC 3339; what it writes it reads, and what
// protobuf's own JSON writes it reads as well. It walks the message by reflection, because protobuf's converter
// costs about twenty times as much and runs for every command.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace chassis::records {

enum class Personal { kKept, kLeftOut };

// The whole message; only fields that are set.
void AppendJson(const google::protobuf::Message& message, Personal personal, std::string& out);
// One field's value, also when it is unset: default, [] or null.
void AppendFieldJson(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field,
                     Personal personal, std::string& out);
void AppendJsonString(std::string_view text, std::string& out);

// Sets `field` of `message` from its JSON value. Fields the message does not know are skipped: a newer version wrote
// them.
absl::Status ReadFieldJson(std::string_view json, const google::protobuf::FieldDescriptor* field,
                           google::protobuf::Message& message);

}  // namespace chassis::records
