// TLS of the web door, from a directory with tls.crt and tls.key as a Kubernetes TLS secret has them: TLS 1.2 and
// later, HTTP/1.1 by ALPN. Clients may be asked for a certificate that ca.crt vouches for; who shows none is as
// welcome. The files are read again when they change; a pair that does not fit is logged and the one before stays.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "gateway/web/server.h"

namespace gateway::web {

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Ssl = std::unique_ptr<SSL, SslDeleter>;

// Names of the certificate the client has shown and the library has verified, as machine_clients.h writes them; none
// without one.
std::vector<std::string> ClientNames(SSL* ssl);

class ServerTls {
 public:
  static absl::StatusOr<std::unique_ptr<ServerTls>> Load(const std::string& directory, AskForCertificate ask);

  // The server's end of a connection on this socket, with the certificate as it is now. Any thread.
  Ssl New(int socket) ABSL_LOCKS_EXCLUDED(mutex_);
  // Looks whether the files changed. One thread.
  void LookAgain() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Context = std::unique_ptr<SSL_CTX, SslDeleter>;

  ServerTls(std::string directory, AskForCertificate ask) : directory_(std::move(directory)), ask_(ask) {}
  absl::StatusOr<Context> Read() const;
  // Changes when either file does, or the link to their directory.
  std::string Stamp() const;

  const std::string directory_;
  const AskForCertificate ask_;
  std::string stamp_;
  absl::Mutex mutex_;
  Context context_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gateway::web
