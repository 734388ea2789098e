// What a request must be before a handler sees it, from the `rules` options of its fields. A plan is compiled once
// per message type; checking walks it and collects every violation, each with its path.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "aftersales/common/v1/errors.pb.h"
#include "google/protobuf/message.h"

namespace chassis {

// OK, or ERROR_REASON_INVALID_FIELD naming every bad field (the first 20), e.g. "lines[2].quantity_milli".
// A request with an `update_mask` needs only the masked fields of its resource to be complete.
absl::Status Validate(const google::protobuf::Message& request);

// Compiles the plan ahead of the first call.
void PrepareValidation(const google::protobuf::Descriptor* request);

}  // namespace chassis
