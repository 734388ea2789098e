// What procurement owes by a time (G-05). The kinds are metric labels: a closed set.
#pragma once

namespace parts {

inline constexpr char kLateOrderDuty[] = "purchase_order_late";          // P-08
inline constexpr char kOrderApprovalDuty[] = "purchase_order_approval";  // P-08
inline constexpr char kSpecialOrderDuty[] = "special_order_waiting";     // P-08
inline constexpr char kContractEndDuty[] = "purchase_contract_ending";   // P-08
inline constexpr char kSupplierPaperDuty[] = "supplier_paper_expiring";  // P-07

}  // namespace parts
