// The board of duties (G-05): what is owed by when, who owes it, what came of it. Rooms owe and complete duties
// through their unit of work; people through the office's DutyService; what is overdue is brought to the supervisor
// the rule names.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/common/v1/duty.pb.h"
#include "chassis/host/unit_of_work.h"
#include "chassis/identity/identity.h"
#include "chassis/records/table.h"
#include "chassis/telemetry/metrics.h"

namespace chassis {

class Host;

// An overdue duty is escalated again after this long, as often as it takes.
inline constexpr absl::Duration kEscalateAgainAfter = absl::Hours(4);

class DutyBoard {
 public:
  using Duty = aftersales::common::v1::Duty;

  DutyBoard(const privacy::Cipher& cipher, telemetry::Metrics& metrics);

  // Kind, handbook id, subject, due time and somebody who owes it; a duty without them is a defect of ours.
  static absl::Status Owable(const Duty& duty);

  // People close and hand on duties. Allowed: the assignee, whoever holds assignee_role or escalation_role, and the
  // managers of the store.
  absl::StatusOr<Duty> Complete(UnitOfWork& work, const identity::Identity& caller, const std::string& duty_id,
                                const std::string& outcome);
  absl::StatusOr<Duty> Waive(UnitOfWork& work, const std::string& duty_id, const std::string& reason);
  absl::StatusOr<Duty> Reassign(UnitOfWork& work, const std::string& duty_id, const std::string& assignee,
                                const std::string& reason);

  // Duties of this kind are done by doing what they remind of: the command named ends them, and nobody can complete
  // them by hand. A kind nobody named is a person's to complete. While furnishing.
  void EndsBy(std::string_view kind, std::string_view command);

  // For UnitOfWork: the open duties of this kind and subject, including those owed in the same command.
  absl::Status CloseAll(UnitOfWork& work, std::string_view kind, std::string_view subject_id, Duty::State state,
                        std::string_view outcome);
  absl::Status InsertOwed(UnitOfWork& work);
  void CountDone(const std::string& kind, bool in_time);

  // Brings overdue duties to their supervisors: counts up, publishes DutyEscalated. Returns how many.
  absl::StatusOr<int64_t> EscalateOverdue(Host& host);

  const records::Table<Duty>& table() const { return table_; }

 private:
  absl::Status Close(UnitOfWork& work, Duty& duty, Duty::State state, std::string_view outcome);

  const records::Table<Duty> table_;
  telemetry::Metrics& metrics_;
  std::map<std::string, std::string, std::less<>> ended_by_;
  std::mutex mutex_;
  std::map<std::pair<std::string, bool>, prometheus::Counter*> done_;
};

}  // namespace chassis
