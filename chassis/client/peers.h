// Calls to the other services. The method follows from the request's type: each request message belongs to exactly
// one RPC. Deadline from the caller, one retry layer with a budget, only for UNAVAILABLE and only for queries or
// requests that carry a request_id; mTLS; round robin over all addresses.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/telemetry/metrics.h"
#include "chassis/time/clock.h"
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
  // For requests that every service shares (the office): `method` is "aftersales.parts.v1.EventService/ReadEvents".
  // These are queries.
  virtual absl::Status CallNamed(const PeerCallContext& context, std::string_view method,
                                 const google::protobuf::Message& request, google::protobuf::Message& response) {
    static_cast<void>(context), static_cast<void>(request), static_cast<void>(response);
    return absl::UnimplementedError(std::string(method));
  }
};

struct PeerSettings {
  // "aftersales.parts.v1=dns:///parts:8443,aftersales.crm.v1=..."
  std::string targets;
  std::string tls_directory;
};
// `token` is asked for before every call: the caller's own, valid for a while yet. `clock` is the one deadlines in
// contexts are measured by.
absl::StatusOr<std::unique_ptr<Peers>> MakePeers(const PeerSettings& settings, std::function<std::string()> token,
                                                 const Clock& clock, Sleeper& sleeper, telemetry::Metrics& metrics);

}  // namespace chassis
