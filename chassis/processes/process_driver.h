// Drives processes: runs their steps under a row lease, keeps after each step how far they are, undoes what was done
// when a step is refused for good, and ends them in one transaction with what the room has to say about it. A
// `kill -9` at any point loses nothing: the step under way is run again with the same request id.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/host/host.h"
#include "chassis/processes/processes.h"

namespace chassis {

// A step has less time than the lease, which each step renews: whoever lost the lease finds out before it writes.
inline constexpr absl::Duration kProcessLease = absl::Seconds(15);
inline constexpr absl::Duration kProcessStepMax = absl::Seconds(10);

class ProcessDriver : public Processes {
 public:
  ProcessDriver();

  // The host brings everything else together, so it exists only after this; before the first Drive.
  void AttachTo(Host& host) { host_ = &host; }

  void Define(ProcessDefinition definition) override;
  absl::Status Drive(const std::string& store_id, const std::string& process_id, absl::Time deadline,
                     const PeerCallContext& context, std::string* answer = nullptr) override;
  void Begun(BegunProcess begun) override;
  std::string holder() const override { return holder_; }

  // Picks up what is due: interrupted by a crash, or waiting to be tried again. Returns how many it drove.
  absl::StatusOr<int64_t> TurnOnce();
  // Sets saga_running per kind and state, and saga_oldest_age_seconds per kind.
  absl::Status Measure();

 private:
  struct State;
  enum class Ending { kFinished, kUndone };

  // Takes the row and its lease; nothing when somebody else has it.
  absl::StatusOr<std::optional<State>> Take(const std::string& store_id, const std::string& process_id,
                                            absl::Time deadline);
  // What this instance began a moment ago, if it is that.
  std::optional<State> TakeBegun(const std::string& process_id);
  absl::Status Advance(State& state, absl::Time deadline, const PeerCallContext& context);
  sql::Value SealedRefusal(const State& state) const;
  // How far it is, and a fresh lease.
  absl::Status Keep(State& state);
  // Steps may run again, so how far it is need not be kept after each: only when the lease would not last for another.
  absl::Status RenewLease(State& state);
  // How a process ended that somebody else brought to its end.
  absl::Status AnswerOf(const State& state, absl::Time deadline, std::string* answer);
  absl::Status End(State& state, const ProcessDefinition& definition, Ending ending);
  absl::Status Postpone(const State& state, const absl::Status& why);
  ProcessContext ContextOf(const State& state, std::string step, absl::Time deadline,
                           const PeerCallContext& context) const;

  Host* host_ = nullptr;
  const std::string holder_;
  std::map<std::string, ProcessDefinition> definitions_;
  std::mutex mutex_;
  std::set<std::string> driven_;  // process ids under way in this instance
  std::map<std::string, BegunProcess> begun_;
  struct Gauges {
    prometheus::Gauge* running = nullptr;
    prometheus::Gauge* compensating = nullptr;
    prometheus::Gauge* oldest_age = nullptr;
  };
  std::map<std::string, Gauges> gauges_;
};

}  // namespace chassis
