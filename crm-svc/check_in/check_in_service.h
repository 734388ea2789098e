// What the adviser sees when a vehicle arrives: read from the other rooms' stores.
#pragma once

#include "aftersales/crm/v1/check_in.pb.h"
#include "chassis/server/service.h"
#include "crm-svc/customer/customer_store.h"
#include "crm-svc/history/history_store.h"
#include "crm-svc/vehicle/vehicle_store.h"

namespace crm {

class CheckInService {
 public:
  CheckInService(chassis::Rooms& rooms, const CustomerStore& customers, const VehicleStore& vehicles,
                 const HistoryStore& history);

  absl::StatusOr<aftersales::crm::v1::CheckInSummary> GetSummary(
      chassis::Call& call, const aftersales::crm::v1::GetCheckInSummaryRequest& request);

 private:
  absl::StatusOr<aftersales::crm::v1::Vehicle> FindVehicle(
      chassis::sql::Session& session, const aftersales::crm::v1::GetCheckInSummaryRequest& request) const;

  const CustomerStore& customers_;
  const VehicleStore& vehicles_;
  const HistoryStore& history_;
};

}  // namespace crm
