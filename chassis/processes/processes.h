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
  // In the transaction that ends the process.
  std::function<absl::Status(UnitOfWork&, const ProcessContext&)> finish;
  std::function<absl::Status(UnitOfWork&, const ProcessContext&, const absl::Status& why)> abandon;
};

class Processes {
 public:
  virtual ~Processes() = default;
  virtual void Define(ProcessDefinition definition) = 0;
  // Drives one process as far as it goes before the deadline. OK: finished. The step's refusal: undone.
  // UNAVAILABLE: still under way, the worker goes on.
  virtual absl::Status Drive(const std::string& store_id, const std::string& process_id, absl::Time deadline,
                             const PeerCallContext& context) = 0;
  // Who holds the lease of a process started here; empty: nobody, the worker takes it up.
  virtual std::string holder() const { return ""; }
};

}  // namespace chassis
