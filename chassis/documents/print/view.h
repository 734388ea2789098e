// What a caller may see of a document that is printed. A form leaves the service as one text, too late for the
// pipeline to mask anything in it; so the document is masked before it becomes a form, by the same rule (G-02).
#pragma once

#include <initializer_list>

#include "absl/status/status.h"
#include "chassis/server/call.h"
#include "google/protobuf/message.h"

namespace chassis::print {

// Masks the personal data of `documents` unless the access option of the RPC that takes `request` shows it to one of
// the caller's roles in clear; then the read is audited before this returns, once for all of them.
absl::Status ShowAsAllowed(Call& call, const google::protobuf::Message& request,
                           std::initializer_list<google::protobuf::Message*> documents);

}  // namespace chassis::print
