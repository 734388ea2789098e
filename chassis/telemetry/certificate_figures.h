// When the certificates a process works with run out: tls_certificate_expiry_timestamp_seconds, read from the files at
// each scrape, because that is what is put in their place.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "prometheus/collectable.h"

namespace chassis::telemetry {

// Of directories with tls.crt and ca.crt, as the setting tls-directory names one; empty names are passed over. Shows
// the earliest end of all certificates in the files of one kind: file="tls", file="ca". A file that cannot be read
// shows nothing.
std::shared_ptr<prometheus::Collectable> CertificateFigures(std::vector<std::string> directories);

}  // namespace chassis::telemetry
