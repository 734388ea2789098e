// Which parts a technician may ask for (W-07): what the order holds for its lines and nobody asked for yet. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "aftersales/parts/v1/events.pb.h"
#include "aftersales/parts/v1/order_parts.pb.h"
#include "aftersales/workshop/v1/repair_plan.pb.h"
#include "workshop-svc/job/job_rules.h"

namespace workshop {

namespace parts = aftersales::parts::v1;

// Work is under way or about to be: the time to plan and to ask for parts.
absl::Status RequirePlannable(const v1::Job& job);

// The request as far as the order holds it. `asked` are the order's open requests. PART_NOT_ON_ORDER,
// QUANTITY_OVER_ORDER; ids of the lines are left empty.
absl::StatusOr<v1::PartRequest> PartRequestFrom(const v1::RequestPartsRequest& request, const v1::Job& job,
                                                const parts::OrderParts& order_parts,
                                                const std::vector<v1::PartRequest>& asked);
// Books an issue of the parts counter on the order's open requests, oldest first; fulfilled ones are closed. What
// nobody asked for here is the counter's own business.
void BookIssue(const parts::PartsIssued& issue, std::vector<v1::PartRequest>& requests);
// PARTS_ISSUED once the counter has handed anything out.
absl::Status CancelPartRequest(v1::PartRequest& request);

}  // namespace workshop
