// A process is a command whose effect spans services: releasing a repair order reserves parts in one service and
// creates jobs in another. Its row holds the state; the handler drives the steps at once, a worker finishes what a
// crash interrupted, compensations undo what was done when a step is refused for good.
//
//   processes.Define({"release_repair_order",
//                     {{"reserve_parts", reserve, unreserve}, {"create_jobs", create, cancel}},
//                     finish, abandon});
//
// A step may run more than once, so it gives its peer context.StepRequestId(). A step's answer:
//   OK                                          the next step follows
//   UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, INTERNAL, RESOURCE_EXHAUSTED, CANCELLED   tried again later
//   anything else                               refused for good: the steps before it are compensated, newest first
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "chassis/client/peers.h"

namespace chassis {

class Host;
class UnitOfWork;

struct ProcessContext {
  Host& host;
  std::string process_id;
  std::string store_id;
  std::string subject_id;
  std::string data;  // serialized message given to UnitOfWork::Start
  std::string on_behalf_of;
  std::string step;
  PeerCallContext peer;  // with a deadline for this step

  // Stable for this process and step; another for its compensation.
  std::string StepRequestId(std::string_view suffix = "") const;
  template <typename T>
  T Data() const {
    T message;
    message.ParseFromString(data);
    return message;
  }
};

struct ProcessStep {
  std::string name;
  std::function<absl::Status(ProcessContext&)> run;
  std::function<absl::Status(ProcessContext&)> compensate;  // may be empty: nothing to undo
};

struct ProcessDefinition {
  std::string kind;
  std::vector<ProcessStep> steps;
  // In the transaction that ends the process. What they give to UnitOfWork::Answer is the reply to the command that
  // started it; without that it is the reply the command had, or the refusal that undid it.
  std::function<absl::Status(UnitOfWork&, const ProcessContext&)> finish;
  std::function<absl::Status(UnitOfWork&, const ProcessContext&, const absl::Status& why)> abandon;
};

struct BegunProcess {
  std::string store_id;
  std::string process_id;
  std::string kind;
  std::string subject_id;
  std::string data;
  std::string on_behalf_of;
  std::string command_id;
  absl::Time lease_until;
};

class Processes {
 public:
  virtual ~Processes() = default;
  virtual void Define(ProcessDefinition definition) = 0;
  // Drives one process as far as it goes before the deadline. OK: finished, or undone with an answer of its own. The
  // step's refusal: undone. UNAVAILABLE: still under way, the worker goes on. `answer`, when given, receives the bytes
  // its end gave to UnitOfWork::Answer, "" without any.
  virtual absl::Status Drive(const std::string& store_id, const std::string& process_id, absl::Time deadline,
                             const PeerCallContext& context, std::string* answer = nullptr) = 0;
  // A process whose start was just committed by this instance, which holds its lease: whoever drives it now need not
  // read what was written a moment ago.
  virtual void Begun(BegunProcess) {}
  // Who holds the lease of a process started here; empty: nobody, the worker takes it up.
  virtual std::string holder() const { return ""; }
};

}  // namespace chassis
