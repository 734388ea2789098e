// Events of other services, applied exactly once: the position reached in a publisher's feed is kept in this
// service's schema and moves in the same transaction as the effect, so a crash or a second replica repeats nothing.
//
//   intake.On<workshop::v1::JobCompleted>([&](UnitOfWork& work, const Event& event,
//                                             const workshop::v1::JobCompleted& fact) { ... });
#pragma once

#include <functional>
#include <map>
#include <string>

#include "aftersales/common/v1/event.pb.h"
#include "chassis/host/unit_of_work.h"

namespace chassis {

class EventIntake {
 public:
  using Handler = std::function<absl::Status(UnitOfWork&, const aftersales::common::v1::Event&)>;

  // The handler runs in the transaction that moves the position. A refusal or error stops this publisher's intake,
  // is logged, counted (event_intake_blocked) and tried again with backoff: nothing is skipped. So a handler refuses
  // only what can heal; a fact that no longer matters returns OK.
  template <typename Payload>
  void On(std::function<absl::Status(UnitOfWork&, const aftersales::common::v1::Event&, const Payload&)> handler) {
    handlers_[Payload::descriptor()->full_name()] = [handler](UnitOfWork& work,
                                                              const aftersales::common::v1::Event& event) {
      Payload payload;
      if (!event.payload().UnpackTo(&payload)) return absl::InternalError("event payload does not parse");
      return handler(work, event, payload);
    };
  }
  const std::map<std::string, Handler>& handlers() const { return handlers_; }

 private:
  std::map<std::string, Handler> handlers_;
};

}  // namespace chassis
