// An HTTP/1.1 server: connections, their limits of time and size, and what of HTTP's grammar is let in. What is served
// is the Site's. Each lane is one thread with its connections and one completion queue for the calls they make.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/web/exchange.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"

namespace gateway::web {

struct ServerLimits {
  int64_t connections_max = 0;
  int64_t connections_per_address_max = 0;
  int64_t header_bytes_max = 0;   // request line and fields
  absl::Duration header_timeout;  // handshake; first to last byte of a header
  absl::Duration body_timeout;    // patience with a body, to which its bytes add at the least rate
  absl::Duration write_timeout;   // the same for an answer, or a piece of one
  int64_t least_bytes_per_second = 0;
  absl::Duration idle_timeout;  // between requests
};

// Counts of the connections; whoever gives none has none.
struct ServerMetrics {
  prometheus::Gauge* connections = nullptr;
  prometheus::Counter* full_in_all = nullptr;
  prometheus::Counter* full_for_address = nullptr;
  prometheus::Counter* malformed = nullptr;
  prometheus::Counter* slow = nullptr;
};

// Whether clients are asked for a certificate that ca.crt of the TLS directory vouches for.
enum class AskForCertificate { kNo, kYes };

class Server {
 public:
  struct Settings {
    std::string listen;  // host:port; port 0 chooses one
    int64_t lanes = 1;
    std::string tls_directory;  // empty: no TLS
    AskForCertificate ask = AskForCertificate::kNo;
    ServerLimits limits;
    ServerMetrics metrics;
  };
  // Listens when it returns. `site` outlives it.
  static absl::StatusOr<std::unique_ptr<Server>> Open(const Settings& settings, Site& site);
  // Without Stop before: closes everything at once.
  virtual ~Server() = default;

  virtual int port() const = 0;
  virtual int64_t connections() const = 0;
  // From now on answers say `Connection: close`, so that clients come back elsewhere.
  virtual void Leave() = 0;
  // Listens no more and closes what idles. Returns at once.
  virtual void Drain() = 0;
  // Waits for the exchanges under way until `end`, breaks the rest off, ends the threads. Once; implies Drain.
  virtual void Stop(absl::Time end) = 0;
};

}  // namespace gateway::web
