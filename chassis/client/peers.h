// Calls to the other services. The method follows from the request's type: each request message belongs to exactly
// one RPC. Deadline from the caller, one retry layer with a budget, only for UNAVAILABLE and only for queries or
// requests that carry a request_id; mTLS; round robin over all addresses.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace chassis {

struct PeerCallContext {
  absl::Time deadline;
  std::string on_behalf_of;  // subject of the person, for the peer's audit
  std::string language;      // "zh-CN" or "en"
  std::string trace_parent;
};

class Peers {
 public:
  virtual ~Peers() = default;

  // A refusal by the peer comes back as a status with the peer's refusal inside (RefusalIn works on it).
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const PeerCallContext& context, const Request& request) {
    Response response;
    absl::Status status = CallMessage(context, request, response);
    if (!status.ok()) return status;
    return response;
  }
  virtual absl::Status CallMessage(const PeerCallContext& context, const google::protobuf::Message& request,
                                   google::protobuf::Message& response) = 0;
};

}  // namespace chassis
