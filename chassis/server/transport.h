// The gRPC server around the pipeline. No generated service classes: one grpc::Service per proto service gets its
// methods added from the descriptors, all of them served by the same type-erased handler. Sync API: handlers block
// on SQL, and there the callback API is slower by an order of magnitude (docs/decisions/0002).
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/server/pipeline.h"
#include "chassis/server/rpcs.h"

namespace chassis {

struct TransportSettings {
  std::string listen = "127.0.0.1:0";
  std::string tls_directory;
  std::string health_listen;  // health alone, without TLS; empty: none
  int threads_max = 256;
  int message_bytes_max = 1 << 20;
  int streams_max = 256;
  absl::Duration connection_age_max = absl::Minutes(5);
  bool reflection = false;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual int port() const = 0;
  // Health services "" and "readiness"; "liveness" is serving as long as the server is.
  virtual void SetReady(bool ready) = 0;
  // Accepts nothing new, lets running calls finish until `grace` has passed, then cancels them. Never from a handler.
  virtual void Shutdown(absl::Duration grace) = 0;
};

absl::StatusOr<std::unique_ptr<Transport>> StartTransport(const Rpcs& rpcs, Pipeline& pipeline,
                                                          const TransportSettings& settings);

}  // namespace chassis
