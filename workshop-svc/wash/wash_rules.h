// The wash (W-10): when it may begin, and what its result means. Pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "aftersales/workshop/v1/wash.pb.h"
#include "workshop-svc/job/job_rules.h"

namespace workshop {

// WASH_NOT_WANTED, FINAL_INSPECTION_MISSING, WASH_UNDER_WAY (or done), ORDER_NOT_OPEN.
absl::Status RequireWashable(const v1::WorkshopOrder& order, bool washing);
v1::Wash NewWash(const v1::WorkshopOrder& order, const std::string& wash_id, const std::string& subject);
bool IsCleanEverywhere(const v1::WashResult& result);
// CLEAN finishes the order's wash and parks the vehicle (PARKING_PLACE_MISSING); else the wash has failed.
absl::Status Finish(v1::Wash& wash, v1::WorkshopOrder& order, const v1::FinishWashRequest& request,
                    const std::string& subject, absl::Time now);
// FINAL_INSPECTION_MISSING.
absl::Status Park(v1::WorkshopOrder& order, const std::string& parking_place);

}  // namespace workshop
