// The transition table of an aggregate is the `state` option on the values of its State enum; this reads it.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace chassis {

// Moves `document.state` to `target` if the table allows it; otherwise ERROR_REASON_WRONG_STATE naming the state
// it is in and those from which the move would be possible. `document` has an enum field `state`.
absl::Status MoveTo(google::protobuf::Message& document, int target);

// Refuses unless `document.state` is one of `allowed`.
absl::Status RequireState(const google::protobuf::Message& document, std::initializer_list<int> allowed);

// "SIGNED" for STATE_SIGNED: how states stand in tables, metrics and messages.
std::string_view StateName(const google::protobuf::EnumDescriptor* states, int value);

}  // namespace chassis
