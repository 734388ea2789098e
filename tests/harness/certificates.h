// Certificates for a suite whose every channel is encrypted, made anew for each test program as `./dev up` makes its
// own.
#pragma once

#include <string>

namespace harness {

// A directory with a certificate for each service, the gateway and one client, of one authority: what Suite takes as
// `tls_root`. Made in `directory`, which exists; returned for the caller's convenience.
std::string MakeCertificates(const std::string& directory);

}  // namespace harness
