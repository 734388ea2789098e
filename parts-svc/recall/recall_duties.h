// Duties of the recall room.
#pragma once

#include "absl/time/time.h"
#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/parts/v1/recall.pb.h"

namespace parts {

inline constexpr char kRecallPartsDuty[] = "recall_parts_missing";  // P-17

// The parts manager orders what a campaign's open vehicles need and nobody has ordered.
aftersales::common::v1::Duty MissingPartsDuty(const aftersales::parts::v1::RecallCampaign& campaign,
                                              absl::Time due_time);

}  // namespace parts
