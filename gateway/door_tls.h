// Encryption towards clients. The certificate directory holds ca.crt, tls.crt and tls.key, as a Kubernetes TLS secret
// does; it is watched, so certificates rotate without a restart.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gateway {

// kAsked: who shows one must show a good one.
enum class ClientCertificate { kNotAsked, kAsked, kRequired };

// An empty directory means no encryption.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> DoorCredentials(const std::string& directory,
                                                                         ClientCertificate client);

// Names the first of the three files that cannot be read. The gRPC library itself would start without and fail every
// handshake. An empty directory is in order.
absl::Status CheckCertificates(const std::string& directory);

}  // namespace gateway
