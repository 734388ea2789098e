// The vehicle's warranty as CRM knows it, with today's date and the order's odometer (R-21, C-02).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "aftersales/crm/v1/check_in.pb.h"
#include "chassis/server/call.h"
#include "reception-svc/coverage/coverage_rules.h"

namespace reception {

absl::StatusOr<aftersales::crm::v1::CheckInSummary> AskSummary(chassis::Call& call, const std::string& vehicle_id);
absl::StatusOr<WarrantyFacts> AskWarranty(chassis::Call& call, const std::string& vehicle_id, int32_t odometer_km);

}  // namespace reception
