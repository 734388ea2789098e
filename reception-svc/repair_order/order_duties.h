// Duties that belong to a repair order (G-05): who owes what by when. Kinds are a closed set, because they label
// metrics.
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "aftersales/common/v1/duty.pb.h"
#include "aftersales/reception/v1/repair_order.pb.h"

namespace reception {

inline constexpr std::string_view kProgressCheckDuty = "progress_check";
inline constexpr std::string_view kPickUpNoticeDuty = "pick_up_notice";
inline constexpr std::string_view kDelayNoticeDuty = "delay_notice";
inline constexpr std::string_view kAddOnAnswerDuty = "add_on_answer";
inline constexpr std::string_view kVehicleDifferenceDuty = "vehicle_difference";  // W-04
inline constexpr std::string_view kTakeBackDuty = "take_back";
inline constexpr std::string_view kDiscountApprovalDuty = "discount_approval";    // G-06
inline constexpr std::string_view kTechnicalSupportDuty = "technical_support";
inline constexpr std::string_view kReceivableDuty = "receivable_due";

// A duty of the order's adviser about the order; overdue it goes to the service manager.
aftersales::common::v1::Duty AdviserDuty(const aftersales::reception::v1::RepairOrder& order, std::string_view kind,
                                         std::string_view handbook, absl::Time due);
// The customer is told the new time before the agreed one passes, and soon.
aftersales::common::v1::Duty DelayDuty(const aftersales::reception::v1::RepairOrder& order, absl::Time now);

}  // namespace reception
