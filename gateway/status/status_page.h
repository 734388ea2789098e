// The status page of the admin door: one HTML page without script, in Chinese or English, of what Prometheus says of
// the suite and what this gateway knows itself. Pure: figures in, text out; every text that comes from outside is
// escaped, and only http and https addresses become links.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "gateway/status/suite_figures.h"
#include "prometheus/metric_family.h"

namespace gateway::status {

// What the content security policy of its answer must be: styles inside the page, and nothing else.
inline constexpr char kStatusPagePolicy[] =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct StatusPage {
  std::string_view language;                  // "zh-CN" or "en"
  std::string prometheus_url;                 // "": none is configured
  std::string documents_url;                  // what stands before docs/operations.md in a link; "": paths stay text
  const SuiteFigures* suite = nullptr;        // null with a url: no answer in time
  std::vector<prometheus::MetricFamily> own;  // of this process
  bool ready = false;
  absl::Time now;
};
std::string Html(const StatusPage& page);

}  // namespace gateway::status
