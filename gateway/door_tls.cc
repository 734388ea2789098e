#include "gateway/door_tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "chassis/client/tls.h"
#include "chassis/status/status.h"

namespace gateway {
namespace {

constexpr unsigned kLookEverySeconds = 10;

}  // namespace

absl::Status CheckCertificates(const std::string& directory) {
  if (directory.empty()) return absl::OkStatus();
  for (const char* name : {"/ca.crt", "/tls.crt", "/tls.key"}) {
    const std::string file = directory + name;
    if (access(file.c_str(), R_OK) != 0) return absl::NotFoundError(absl::StrCat("cannot read ", file));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> DoorCredentials(const std::string& directory,
                                                                         ClientCertificate client) {
  RETURN_IF_ERROR(CheckCertificates(directory));
  if (directory.empty() || client == ClientCertificate::kRequired) return chassis::ServerCredentialsFrom(directory);
  const bool asked = client == ClientCertificate::kAsked;
  using Watcher = grpc::experimental::FileWatcherCertificateProvider;
  grpc::experimental::TlsServerCredentialsOptions options(
      asked ? std::make_shared<Watcher>(directory + "/tls.key", directory + "/tls.crt", directory + "/ca.crt",
                                        kLookEverySeconds)
            : std::make_shared<Watcher>(directory + "/tls.key", directory + "/tls.crt", kLookEverySeconds));
  options.watch_identity_key_cert_pairs();
  if (asked) options.watch_root_certs();
  options.set_cert_request_type(asked ? GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY
                                      : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace gateway
