#include "chassis/client/tls.h"

#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace chassis {
namespace {

constexpr unsigned kLookEverySeconds = 10;

std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider> Watch(const std::string& directory) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      directory + "/tls.key", directory + "/tls.crt", directory + "/ca.crt", kLookEverySeconds);
}

}  // namespace

std::shared_ptr<grpc::ServerCredentials> ServerCredentialsFrom(const std::string& directory) {
  if (directory.empty()) return grpc::InsecureServerCredentials();
  grpc::experimental::TlsServerCredentialsOptions options(Watch(directory));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> ChannelCredentialsFrom(const std::string& directory) {
  if (directory.empty()) return grpc::InsecureChannelCredentials();
  // These options serve one set of credentials only: used twice they crash (gRPC 1.51).
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watch(directory));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_verify_server_certs(true);
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace chassis
