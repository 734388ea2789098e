// What Prometheus answers over its HTTP API, taken apart: the instant vector of a query and the alerts. Strangers do
// not get here, but nothing it says is trusted: shapes are checked, texts are left as they are for whoever shows them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/status/figures.h"

namespace gateway::status {

struct Alert {
  std::string name;
  std::string severity;  // "page", "ticket"; "" without
  std::string summary;
  std::string runbook;  // its annotation runbook_url
  std::map<std::string, std::string> labels;
  absl::Time since;
};

// The body of GET /api/v1/query. Samples that are no number are left out. UNAVAILABLE with Prometheus' own words when
// it refuses the query, INTERNAL when this is no answer of Prometheus.
absl::StatusOr<Figures> ReadFigures(std::string_view body);
// The body of GET /api/v1/alerts: those that fire, the gravest and oldest first. Errors as above.
absl::StatusOr<std::vector<Alert>> ReadAlerts(std::string_view body);

}  // namespace gateway::status
