// RPCs of the follow-ups (C-05), and their planning when a vehicle is delivered.
#pragma once

#include "aftersales/crm/v1/customer.pb.h"
#include "aftersales/reception/v1/events.pb.h"
#include "chassis/server/service.h"
#include "crm-svc/follow_up/follow_up_store.h"

namespace crm {

class FollowUpService {
 public:
  explicit FollowUpService(chassis::Rooms& rooms);

  absl::StatusOr<aftersales::crm::v1::FollowUp> RecordAttempt(
      chassis::Call& call, const aftersales::crm::v1::RecordFollowUpAttemptRequest& request);
  absl::StatusOr<aftersales::crm::v1::FollowUp> Reassign(chassis::Call& call,
                                                         const aftersales::crm::v1::ReassignFollowUpRequest& request);

  // Both follow-ups of a delivery, each with its duty. `agent` looks after the customer; empty: any agent.
  absl::Status Plan(chassis::UnitOfWork& work, const aftersales::reception::v1::VehicleDelivered& delivered,
                    const std::string& agent) const;

 private:
  absl::Status AfterEnd(chassis::UnitOfWork& work, const aftersales::common::v1::Store& store,
                        const aftersales::crm::v1::FollowUp& ended) const;

  FollowUpStore store_;
};

}  // namespace crm
