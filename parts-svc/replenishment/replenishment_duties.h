// What planning owes by a time (G-05). The kinds are metric labels: a closed set.
#pragma once

namespace parts {

inline constexpr char kReplenishmentApprovalDuty[] = "replenishment_approval";  // P-06

}  // namespace parts
