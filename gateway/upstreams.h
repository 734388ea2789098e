// The services behind the door: two channels each, balanced over all its addresses. A channel that cannot connect fails
// its calls at once with UNAVAILABLE instead of holding them. Streams have the second channel to themselves: a
// connection carries a limited number of calls, and streams that stay open must not use it up for the others.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gateway {

struct UpstreamAddress {
  std::string package;  // "aftersales.parts.v1"
  std::string target;   // "127.0.0.1:7003", "dns:///parts-svc:8443"
};
// "aftersales.parts.v1=127.0.0.1:7003,aftersales.crm.v1=dns:///crm-svc:8443". An entry without "=" goes on with the
// addresses of the one before it: "aftersales.parts.v1=ipv4:10.0.0.1:1,10.0.0.2:1".
absl::StatusOr<std::vector<UpstreamAddress>> ParseUpstreams(std::string_view setting);

class Upstream {
 public:
  struct Limits {
    absl::Duration connect_timeout;
    int64_t message_bytes_max = 0;
  };
  Upstream(const UpstreamAddress& address, const std::string& tls_directory, Limits limits);

  const std::string& package() const { return package_; }
  grpc::GenericStub& calls() { return calls_; }
  grpc::GenericStub& streams() { return streams_; }
  bool Connected() { return channel_->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY; }

 private:
  std::string package_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub calls_;
  grpc::GenericStub streams_;
};

}  // namespace gateway
