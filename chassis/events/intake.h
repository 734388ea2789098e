// Events of other services, applied exactly once: the position reached in a publisher's feed is kept in this
// service's schema and moves in the same transaction as the effect, so a crash or a second replica repeats nothing.
//
//   intake.On<workshop::v1::JobCompleted>([&](UnitOfWork& work, const Event& event,
//                                             const workshop::v1::JobCompleted& fact) { ... });
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "aftersales/common/v1/event.pb.h"
#include "chassis/host/unit_of_work.h"

namespace chassis {

class EventIntake {
 public:
  using Handler = std::function<absl::Status(UnitOfWork&, const aftersales::common::v1::Event&)>;

  struct Entry {
    std::string publisher;  // package of the service whose feed carries it: "aftersales.workshop.v1"
    Handler handler;
  };

  // The handler runs in the transaction that moves the position. A refusal or error stops this publisher's intake,
  // is logged, counted (event_intake_blocked) and tried again with backoff: nothing is skipped. So a handler refuses
  // only what can heal; a fact that no longer matters returns OK.
  template <typename Payload>
  void On(std::function<absl::Status(UnitOfWork&, const aftersales::common::v1::Event&, const Payload&)> handler) {
    OnFrom<Payload>(Payload::descriptor()->file()->package(), std::move(handler));
  }
  // For payloads that several services publish: only those of this publisher.
  template <typename Payload>
  void OnFrom(std::string publisher,
              std::function<absl::Status(UnitOfWork&, const aftersales::common::v1::Event&, const Payload&)> handler) {
    entries_[Payload::descriptor()->full_name()].push_back(
        {std::move(publisher),
         [handler = std::move(handler)](UnitOfWork& work, const aftersales::common::v1::Event& event) {
           Payload payload;
           if (!event.payload().UnpackTo(&payload)) return absl::InternalError("event payload does not parse");
           return handler(work, event, payload);
         }});
  }
  // By full name of the payload's type. Several handlers of one type run in the order they were given.
  const std::map<std::string, std::vector<Entry>>& entries() const { return entries_; }

 private:
  std::map<std::string, std::vector<Entry>> entries_;
};

}  // namespace chassis
