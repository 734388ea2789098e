// The duties of transfers.
#pragma once

namespace parts {

inline constexpr char kTransferRequestDuty[] = "transfer_request";        // P-13
inline constexpr char kTransferInTransitDuty[] = "transfer_in_transit";   // P-13
inline constexpr char kTransferDifferenceDuty[] = "transfer_difference";  // P-13

}  // namespace parts
