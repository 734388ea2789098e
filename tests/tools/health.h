// Asks a process for its readiness over the standard gRPC health service.
#pragma once

#include <string>

namespace tools {

// True when `grpc.health.v1.Health/Check` for "readiness" answers SERVING within a second.
bool IsReady(const std::string& target, const std::string& tls_directory);

}  // namespace tools
