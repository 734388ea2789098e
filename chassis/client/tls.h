// Mutual TLS between the processes of the suite, from a directory with ca.crt, tls.crt and tls.key. The files are
// watched, so certificates are renewed without a restart; replace the directory by an atomic symlink, so that no
// reader sees half of a change. An empty directory means no TLS: for tests on loopback only.
#pragma once

#include <memory>
#include <string>

#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"

namespace chassis {

std::shared_ptr<grpc::ServerCredentials> ServerCredentialsFrom(const std::string& directory);
std::shared_ptr<grpc::ChannelCredentials> ChannelCredentialsFrom(const std::string& directory);

}  // namespace chassis
