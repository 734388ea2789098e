// What the status page asks Prometheus: a fixed list of questions, each one query, and the alerts that fire. No
// recording rule is needed, so any Prometheus that fetches the suite's metrics can answer.
#pragma once

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/status/figures.h"
#include "gateway/status/prometheus_answers.h"

namespace gateway::status {

enum class Question {
  kTargets,      // by job: processes Prometheus knows
  kUp,           // by job: of which it can fetch
  kVersions,     // by service, version
  kRequests,     // by job: calls a second
  kFailures,     // by job: of which failed by our own fault
  kSlow,         // by job: seconds 99 of 100 unary calls stay below
  kOutbox,       // by job: events not yet in the feed
  kOutboxAge,    // by job: seconds the oldest of them waits
  kIntake,       // by job, publisher: events not yet taken in
  kBlocked,      // by job, publisher: intakes that stand still
  kSagas,        // by job, kind, state
  kSagaAge,      // by job, kind: seconds
  kDuties,       // by store, kind: overdue ones, the most first
  kDutiesInAll,  // all overdue ones
  kBackupAge,    // by job: seconds since the last good backup
  kVerifyAge,    // by job: seconds since the store looked at longest ago
  kDifferences,  // by job: what verification found
  kCertificate,  // by job: seconds until the first of its certificates expires
};
inline constexpr size_t kQuestionCount = 18;
inline constexpr int kDutiesShown = 12;

struct SuiteFigures {
  absl::Time asked_time;
  // Not OK: nothing was answered, with the reason.
  absl::Status status;
  std::array<absl::StatusOr<Figures>, kQuestionCount> answers;
  absl::StatusOr<std::vector<Alert>> alerts;

  // Those that were not answered have none.
  const Figures& Of(Question question) const;
  // How many questions, alerts included, were not answered.
  int unanswered() const;
};

// Asks the Prometheus at `url`; blocks two seconds at most, much less once `stopped`.
SuiteFigures AskPrometheus(const std::string& url, const std::atomic<bool>& stopped);

}  // namespace gateway::status
