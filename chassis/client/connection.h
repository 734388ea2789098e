// One target of calls: a channel over all its addresses, and the way a request goes through it: deadline, token,
// trace, language, retries, metrics, errors made values again. Peers (service to service) and SuiteClient (programs
// that are clients only) are thin around it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chassis/telemetry/metrics.h"
#include "chassis/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace chassis {

struct CallOptions {
  absl::Duration timeout = absl::Seconds(15);  // real time, all attempts together
  std::string token;
  std::string language;
  std::string trace_parent;
  std::string on_behalf_of;
  std::string request_name;  // x-request-id
};

class Connection {
 public:
  // `service` names the target in errors; `target` is a gRPC name such as "dns:///parts:8443". `metrics` may be null.
  static std::unique_ptr<Connection> To(std::string service, const std::string& target,
                                        const std::string& tls_directory, Sleeper& sleeper,
                                        telemetry::Metrics* metrics);
  virtual ~Connection() = default;

  // Repeats on UNAVAILABLE, a few times and within the budget, what may be repeated: queries and whatever has a
  // request_id. Errors are refusals (error_mapping.h, FromWire).
  virtual absl::Status Call(const google::protobuf::MethodDescriptor* method, const CallOptions& options,
                            const google::protobuf::Message& request, google::protobuf::Message& response) = 0;
  // A server stream until it ends or `take` returns false. Not repeated. `prototype` is of the response's type.
  virtual absl::Status Watch(const google::protobuf::MethodDescriptor* method, const CallOptions& options,
                             const google::protobuf::Message& request, const google::protobuf::Message& prototype,
                             const std::function<bool(const google::protobuf::Message&)>& take) = 0;
  // A client stream: sends what `next` returns until that is null, and takes the answer. Not repeated: who uploads
  // resumes where the service stands.
  virtual absl::Status Upload(const google::protobuf::MethodDescriptor* method, const CallOptions& options,
                              const std::function<const google::protobuf::Message*()>& next,
                              google::protobuf::Message& response) = 0;
};

}  // namespace chassis
