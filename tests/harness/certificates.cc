#include "tests/harness/certificates.h"

#include <fstream>
#include <sstream>

#include "tests/harness/processes.h"

namespace harness {

std::string MakeCertificates(const std::string& directory) {
  // As long as in production, where alerts watch what is left of them.
  const std::string script = R"(
    set -e; cd "$0"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=test-ca -keyout ca.key -out ca.crt
    for name in reception workshop parts crm gateway client; do
      mkdir "$name"; cp ca.crt "$name"
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name-svc" -keyout "$name/tls.key" -out csr
      openssl x509 -req -in csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 90 -out "$name/tls.crt" \
        -extfile <(printf 'subjectAltName=DNS:localhost,DNS:%s-svc,IP:127.0.0.1\n' "$name")
    done)";
  const std::string log = directory + "/openssl.log";
  if (RunToEnd({"/bin/bash", "-c", script, directory}, log) != 0) {
    std::ifstream file(log);
    std::ostringstream text;
    text << file.rdbuf();
    FailHarness(text.str());
  }
  return directory;
}

}  // namespace harness
