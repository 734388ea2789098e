// The verification in the background (G-03): every store of this service is verified again after a while, one per turn,
// on one replica, and table `ledger_verification` keeps what was found. Whoever looks at the figures sees tampering and
// broken books without having asked.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/office/office.h"
#include "chassis/telemetry/census.h"

namespace chassis {

class Host;

// A store in which something differed, or could not be verified, is looked at again after this: what was mended shows
// within the hour.
inline constexpr absl::Duration kVerifyAgainAfter = absl::Hours(1);

class Verification {
 public:
  // `verify` recomputes the ledgers of one store; each store is verified about every `interval`.
  Verification(Host& host, LedgerVerifier verify, absl::Duration interval);

  // Verifies the first store that is due, if any is. What differs is looked at twice: between two statements of a check
  // the store goes on working. Returns how many stores were verified.
  absl::StatusOr<int64_t> Turn();

  // verification_differences and verification_timestamp_seconds.
  static std::vector<Census::Family> Figures();

 private:
  // "" when none is.
  absl::StatusOr<std::string> NextDue();
  absl::Status VerifyStore(const std::string& store_id);

  Host& host_;
  const LedgerVerifier verify_;
  const absl::Duration interval_;
  std::map<std::string, absl::Time> failed_;  // stores that could not be verified, and when that was
};

}  // namespace chassis
