// Several GETs at once within one limit of time and size, for a server that is configured and near. Nothing is
// followed: no redirect, no other protocol.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gateway::status {

struct FetchLimits {
  absl::Duration whole;     // for all of them together
  size_t answer_bytes_max;  // of one
  size_t at_once_max = 4;
};

// Body by body, as asked; of answers that are no 200, too, since they say why. UNAVAILABLE: nobody answered in time or
// the answer is too large. Blocks until `whole` has passed at most, much less once `stopped`.
std::vector<absl::StatusOr<std::string>> FetchAll(const std::vector<std::string>& urls, const FetchLimits& limits,
                                                  const std::atomic<bool>& stopped);
// http or https, with a host, without user, password, query and fragment: a setting's value, checked at start-up.
absl::Status CheckBaseUrl(const std::string& url);
// As a value in a query.
std::string PercentEncoded(const std::string& text);

}  // namespace gateway::status
